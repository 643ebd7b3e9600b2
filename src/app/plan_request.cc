#include "app/plan_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "app/paths.h"
#include "app/plan_advice.h"
#include "app/plan_regions.h"
#include "app/provider_access.h"
#include "app/run_request.h"
#include "app/say.h"
#include "grid/sources.h"
#include "host/clock.h"
#include "show/text.h"

namespace lowtide::app {
namespace {

using Text = PlanFlags::Text;

// When nobody says how long it may wait.
constexpr const char* kUsualSlack = "24h";
// What a resume is taken to cost when nobody says: so much of the job's mean power.
constexpr Duration kUsualResume = std::chrono::minutes(5);

std::size_t slots_of(Duration length) {
  return static_cast<std::size_t>((length + kSlot - Duration(1)) / kSlot);
}

plan::OfMean of_mean_in(const PlanFlags& flags) {
  const auto is = [](const Text& text) { return text && is_of_mean(*text); };
  return {!flags.resume_energy || is(flags.resume_energy), is(flags.pause_energy),
          !flags.restore_power};
}

// Reads a flag that was given into `into`.
template <typename T, typename Parse, typename Into>
Result<void> take(const Text& text, const char* flag, Parse parse, Into into) {
  if (!text) return {};
  Result<T> value = parse(*text);
  if (!value) return tl::unexpected(in_flag(value.error(), flag));
  into(*value);
  return {};
}

Result<void> read_at(const PlanFlags& flags, PlanRequest& request) {
  request.at = host::SystemClock().utc();
  return take<Utc>(
      flags.at, "--at", [](const std::string& text) { return parse_utc(text); },
      [&](Utc time) { request.at = time; });
}

// The end that was asked for lies before the earliest there is.
Error too_early(const PlanRequest& request, const std::string& asked) {
  const Duration length = request.source.job.length;
  return {ErrorKind::no_plan,
          fmt::format("the job takes {} and ends at {} at the earliest", format_duration(length),
                      show::local_time(request.at + length).substr(0, 16)),
          "--finish-within " + asked, "give at least " + spell_duration(length)};
}

// Time to spare of a window: all of it, or what the job leaves of it.
Result<Duration> slack_of(const PlanRequest& request, const std::string& asked, bool finish) {
  const Duration length = request.source.job.length;
  const auto window = parse_window(asked, length);
  if (!window)
    return tl::unexpected(in_flag(window.error(), finish ? "--finish-within" : "--within"));
  if (finish && *window < length) return tl::unexpected(too_early(request, asked));
  if (finish) return *window - length;
  const bool share = asked.ends_with('%') || asked.ends_with('x');
  return share ? std::max(*window, kSlot) : *window;  // a share is a slot at least
}

Result<void> read_window(const PlanFlags& flags, PlanRequest& request) {
  const bool finish = flags.finish_within.has_value();
  const std::string asked = finish ? *flags.finish_within : flags.within.value_or(kUsualSlack);
  const char* flag = finish ? "--finish-within" : "--within";
  const auto slack = slack_of(request, asked, finish);
  if (!slack) return tl::unexpected(slack.error());
  request.slack = *slack;
  request.window_asked = fmt::format("{} {}", flag, asked);
  if (!finish && !flags.within) request.window_asked += ", as nothing else was asked";
  if (*slack > Duration::zero() && *slack < kSlot) {
    request.notes.push_back(
        fmt::format("the {} to spare are less than a slot of 5 min: the job can only run now",
                    format_duration(*slack)));
  }
  const Duration window = request.source.job.length + *slack;
  if (window <= kLongestWindow) return {};
  return fail(ErrorKind::usage, fmt::format("the window is {} long", format_duration(window)), flag,
              "a plan looks 366 days ahead at most");
}

// The state is read back in whole slots, with the energy of the time that it takes.
void add_restore(Duration length, Power power, plan::Charges& charges) {
  charges.restore_slots = slots_of(length);
  if (charges.restore_slots == 0) return;
  charges.restore_power = (power * length) / (kSlot * static_cast<int>(charges.restore_slots));
}

Result<void> read_pausing(const PlanFlags& flags, PlanRequest& request) {
  const Power mean = request.source.job.mean_power();
  plan::Charges& charges = request.charges;
  const auto energy = [&](const std::string& text) { return parse_energy(text, mean); };
  Duration restore{};
  Power restore_power = mean;
  const Result<void> all[] = {
      take<Energy>(flags.resume_energy, "--resume-energy", energy,
                   [&](Energy value) { charges.resume = value; }),
      take<Energy>(flags.pause_energy, "--pause-energy", energy,
                   [&](Energy value) { charges.pause = value; }),
      take<Duration>(flags.restore, "--restore", parse_length,
                     [&](Duration value) { restore = value; }),
      take<Power>(flags.restore_power, "--restore-power", parse_power,
                  [&](Power value) { restore_power = value; }),
      take<Duration>(
          flags.min_run, "--min-run", parse_length,
          [&](Duration value) { charges.min_run = std::max<std::size_t>(1, slots_of(value)); }),
      take<Duration>(flags.min_pause, "--min-pause", parse_length, [&](Duration value) {
        charges.min_pause = std::max<std::size_t>(1, slots_of(value));
      })};
  for (const Result<void>& done : all) {
    if (!done) return done;
  }
  add_restore(restore, restore_power, charges);
  request.of_mean = of_mean_in(flags);
  if (!flags.resume_energy && !flags.restore) {
    charges.resume = mean * kUsualResume;
    request.resume_assumed = true;
  }
  return {};
}

// Of a held machine nobody says what it draws while it waits.
Result<void> without_idle_power(const PlanFlags& flags, PlanRequest& request) {
  if (!flags.machine_by_default) {
    return fail(ErrorKind::usage, "what the held machine draws while it waits is not known",
                "--machine held", "give --idle-power W (0 leaves it out)");
  }
  request.charges.machine = plan::Machine::stays_on;
  request.charges.hold_per_hour = {};
  request.notes.emplace_back(
      "what the machine draws while the job is frozen is not known yet and not counted "
      "(--idle-power W says it); it is metered in this run, and counted from the next one on");
  return {};
}

// What is said of a held machine's charges, or of those of one that is not held.
Result<void> check_holding(const PlanFlags& flags, PlanRequest& request) {
  if (request.charges.machine != plan::Machine::held) {
    if (flags.idle_power || flags.hold) {
      request.notes.emplace_back("--idle-power and --hold-g count for --machine held alone");
    }
    return {};
  }
  if (!flags.idle_power && !request.source.idle) return without_idle_power(flags, request);
  request.hold_known = flags.hold || request.source.hold_per_hour;
  if (!request.hold_known) {
    request.notes.emplace_back(
        "the embodied carbon of the held machine is not known and left out (--hold-g)");
  }
  return {};
}

Result<void> read_holding(const PlanFlags& flags, PlanRequest& request) {
  plan::Charges& charges = request.charges;
  if (charges.machine == plan::Machine::held) {
    charges.idle_power = request.source.idle.value_or(Power{});
    charges.hold_per_hour = request.source.hold_per_hour.value_or(Carbon{});
  }
  const Result<void> all[] = {take<Power>(flags.idle_power, "--idle-power", parse_power,
                                          [&](Power value) { charges.idle_power = value; }),
                              take<Carbon>(flags.hold, "--hold-g", parse_grams_per_hour,
                                           [&](Carbon value) { charges.hold_per_hour = value; }),
                              take<Price>(flags.price, "--price", parse_price,
                                          [&](const Price& value) { request.price = value; })};
  for (const Result<void>& done : all) {
    if (!done) return done;
  }
  return check_holding(flags, request);
}

using Given = std::vector<std::pair<const char*, const PlanFlags::Text*>>;

std::string spelled(const Given& given) {
  std::string out;
  for (const auto& [flag, value] : given) {
    if (*value) out += std::string(" ") + flag + " " + shell_word(**value);
  }
  return out;
}

// What `run` has to be told of the plan, beside its window.
std::string options_to_repeat(const PlanFlags& flags) {
  std::string out;
  if (flags.machine != "stays-on") out += " --machine " + flags.machine;
  for (const std::string& hours : flags.forbidden) out += " --not " + shell_word(hours);
  return out + spelled({{"--idle-power", &flags.idle_power},
                        {"--hold-g", &flags.hold},
                        {"--price", &flags.price},
                        {"--agree", &flags.agree},
                        {"--other-signal", &flags.other_signal}});
}
std::string pause_options_to_repeat(const PlanFlags& flags) {
  return spelled({{"--resume-energy", &flags.resume_energy},
                  {"--pause-energy", &flags.pause_energy},
                  {"--restore", &flags.restore},
                  {"--restore-power", &flags.restore_power},
                  {"--min-run", &flags.min_run},
                  {"--min-pause", &flags.min_pause}});
}

Result<void> read_choices(const PlanFlags& flags, PlanRequest& request) {
  request.plan_options = options_to_repeat(flags);
  request.pause_options = pause_options_to_repeat(flags);
  request.pausable = flags.pausable;
  request.agree = flags.agree.has_value();
  if (flags.policy) request.only = read_word<plan::Policy>(*flags.policy);
  if (request.only > plan::Policy::flexible_start && !flags.pausable) {
    return fail(ErrorKind::usage, "pauses the job", "--policy " + *flags.policy, "add --pausable");
  }
  request.forbidden_asked = flags.forbidden;
  for (const std::string& text : flags.forbidden) {
    const auto hours = parse_hours(text);
    if (!hours) return tl::unexpected(in_flag(hours.error(), "--not"));
    request.forbidden.push_back(*hours);
  }
  return {};
}

// The series that the plan is not made on: as given, else the shipped average beside a marginal.
Result<void> open_other(const PlanFlags& flags, const grid::Place& place, PlanRequest& request) {
  const bool marginal = request.signal == Signal::marginal;
  const Signal signal = marginal ? Signal::average : Signal::marginal;
  if (!flags.other_signal && (!marginal || place.zone == "world")) return {};
  auto opened = grid::open_source(
      {flags.other_signal.value_or("typical"), place, signal, data_folder(), cache_path()});
  if (opened) {
    request.other = std::move(*opened);
  } else if (flags.other_signal) {
    Error error = opened.error();
    if (error.where.empty()) error.where = "--other-signal";
    return tl::unexpected(error);
  }
  return {};
}

// Flags before environment before config, and where a run is copied, its place.
Settings settings_of(const PlanFlags& flags, PlanRequest& request) {
  Settings settings = Settings::load(config_path());
  for (const auto& [key, value] : flags.settings) settings.set_flag(key, value);
  request.given = flags.settings;
  if (!settings.flag_set("location") && !request.source.location.empty()) {
    settings.set_flag("location", request.source.location);  // the job will run where it ran
    request.given.emplace_back("location", request.source.location);
  }
  return settings;
}

void take_pue(const AccountingOptions& options, bool asked, PlanRequest& request) {
  const bool as_in_run = !asked && request.source.pue;
  request.pue = as_in_run ? request.source.pue : options.pue;
  request.pue_source = as_in_run ? request.source.pue_source : options.pue_source;
}

void warn_of(const Settings& settings) {
  for (const std::string& text : settings.warnings()) warn(text);
}

Result<void> read_source(const PlanFlags& flags, PlanRequest& request) {
  Settings settings = settings_of(flags, request);
  auto made = make_source_request(settings);
  if (!flags.warned) warn_of(settings);
  if (!made) return tl::unexpected(made.error());
  if (!made->provider) {
    return fail(ErrorKind::absent, fmt::format("no intensity is known for {}", made->place.zone),
                "plan", "give --location or --intensity");
  }
  request.signal = made->record.options.headline;
  take_pue(made->record.options, settings.flag_set("pue"), request);
  if (auto done = open_other(flags, made->place, request); !done) return done;
  request.home = made->place;
  const grid::SourceRequest source =
      source_request(settings, made->record.options.intensity, made->place, request.signal);
  request.provider = std::make_unique<grid::Outlook>(source, std::move(made->provider), request.at);
  for (const std::string& note : request.provider->notes()) request.notes.push_back(note);
  if (request.source.signal.value_or(request.signal) != request.signal &&
      !settings.flag_set("signal")) {
    request.notes.push_back(fmt::format("the run is priced on the {} signal, this plan on the {}",
                                        spell(*request.source.signal), spell(request.signal)));
  }
  if (!request.agree || request.other) return {};
  return fail(ErrorKind::absent, "needs a series of each signal", "--agree both",
              "give the other one as --other-signal file:PATH");
}

}  // namespace

Result<PlanRequest> make_plan_request(const PlanFlags& flags) {
  PlanRequest request;
  request.charges.machine =
      read_word<plan::Machine>(flags.machine).value_or(plan::Machine::stays_on);
  auto source = planned_job(
      {flags.like, flags.duration, flags.power, flags.profile, request.charges.machine});
  if (!source) return tl::unexpected(source.error());
  request.source = std::move(*source);
  request.notes = request.source.notes;
  for (const auto read : {read_at, read_window, read_pausing, read_holding, read_choices,
                          read_source, read_regions}) {
    if (auto done = read(flags, request); !done) return tl::unexpected(done.error());
  }
  return request;
}

}  // namespace lowtide::app
