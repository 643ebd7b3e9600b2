#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "app/grid_series.h"
#include "app/ledger_access.h"
#include "app/paths.h"
#include "app/provider_access.h"
#include "app/repricing.h"
#include "app/say.h"
#include "app/terminal.h"
#include "app/values.h"
#include "grid/ask.h"
#include "grid/conditional.h"
#include "grid/fetch.h"
#include "grid/kept_provider.h"
#include "grid/sources.h"
#include "host/clock.h"

namespace lowtide::app {
namespace {

using std::chrono::hours;

struct FetchFlags {
  std::string zone;
  std::string source;
  std::string signal = "average";
  std::string scope;
  std::string from;
  std::string to;
  std::string json;
  bool forecast = false;
  bool again = false;
};

constexpr int kProviderFailed = 5;

// What a provider says wrong is its failure, whatever it is called further down.
int status_of_fetch(const Error& error) {
  switch (error.kind) {
    case ErrorKind::usage:
      return kUsage;
    case ErrorKind::absent:
    case ErrorKind::denied:
      return 4;
    case ErrorKind::internal:
    case ErrorKind::no_plan:
      return 70;
    case ErrorKind::temporary:
    case ErrorKind::malformed:
    case ErrorKind::ended:
      return kProviderFailed;
  }
  return 70;
}

// "uk 3 of 27 chunks, about 12 s left" on stderr, where that is a terminal.
class Progress {
 public:
  explicit Progress(std::string what) : what_(std::move(what)) {}
  ~Progress() {
    if (drawn_) say("\r\x1b[K");
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  bool operator()(std::size_t done, std::size_t chunks) {
    if (!can_draw(STDERR_FILENO) || chunks == 0) return true;
    drawn_ = true;
    const Duration elapsed = std::chrono::steady_clock::now() - begin_;
    say("\r" +
        show::clip(show::progress_text(what_, done, chunks, elapsed),
                   show::columns(style_of(STDERR_FILENO)) - 1) +
        "\x1b[K");
    return true;
  }

 private:
  std::string what_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  bool drawn_ = false;
};

// One command: what is asked, of whom, and what came of it.
class Command {
 public:
  Command(const FetchFlags& flags, Settings settings, grid::Place place, grid::KeptSeries kept)
      : flags_(flags),
        settings_(std::move(settings)),
        place_(std::move(place)),
        kept_(std::move(kept)) {}

  int run() {
    const auto signals = signals_of(flags_.signal);
    if (!signals) return refuse(signals.error());
    now_ = host::SystemClock().utc();
    const auto over = span_of_flags(flags_.from, flags_.to, {now_ - hours(24 * 7), now_});
    if (!over) return refuse(over.error());
    over_ = *over;
    if (over_.begin >= now_) {
      return refuse({ErrorKind::usage, "is in the future", "--from",
                     "what is to come is a forecast: --forecast without --from"});
    }
    each(*signals);
    if (!views_.empty() || !flags_.json.empty()) finish();
    return status_;
  }

 private:
  // Of two signals one may have no provider: said, and a failure where neither has.
  void each(const std::vector<Signal>& signals) {
    std::vector<Error> without;
    for (const Signal signal : signals) {
      const auto sources = sources_for(signal);
      if (!sources) without.push_back(sources.error());
      for (const std::string& source : sources.value_or(std::vector<std::string>())) {
        one(source, signal);
      }
    }
    for (const Error& error : without) {
      if (without.size() < signals.size()) {
        warn(error.line());
      } else {
        fail_with(error);
      }
    }
  }

  // Of --source those that have the signal; else what is in force for the zone.
  Result<std::vector<std::string>> sources_for(Signal signal) {
    std::string list = flags_.source;
    if (list.empty()) {
      const auto in_force = sources_of(settings_, place_.zone, signal);
      if (!in_force) return tl::unexpected(in_force.error());
      list = *in_force;
    }
    std::vector<std::string> names = CLI::detail::split(list, ',');
    std::erase_if(names, [&](const std::string& name) { return !may_serve(name, signal); });
    if (!names.empty()) return names;
    return fail(ErrorKind::absent,
                fmt::format("no provider of a{} {} signal is {} for {}",
                            signal == Signal::average ? "n" : "", spell(signal),
                            flags_.source.empty() ? "set up" : "named", place_.zone),
                "grid fetch", "name one with --source: " + names_with(signal));
  }

  // open_client() says best what is wrong with a name; a list in force may name a file.
  [[nodiscard]] bool may_serve(const std::string& name, Signal signal) const {
    const grid::ClientKind* kind = grid::find_client(name);
    if (kind == nullptr) return !flags_.source.empty();
    return signal == Signal::average ? kind->average : kind->marginal;
  }

  static std::string names_with(Signal signal) {
    std::string all;
    for (const grid::ClientKind& kind : grid::client_kinds()) {
      if (signal == Signal::average ? !kind.average : !kind.marginal) continue;
      all += (all.empty() ? "" : ", ") + std::string(kind.name);
    }
    return all;
  }

  Result<std::string> zone_of(grid::Client& client, Signal signal) {
    const auto zone = client.zone_for(place_, signal);
    if (!zone) return zone;
    const std::string note = grid::zone_note(client.facts().name, grid::place_key(place_), signal);
    if (auto noted = kept_.note(note, *zone, now_); !noted) return tl::unexpected(noted.error());
    return zone;
  }

  void one(const std::string& source, Signal signal) {
    const std::unique_ptr<host::Http> http = host::open_http();
    grid::Conditional conditional(*http, kept_);
    const grid::Network network{&conditional, {}, host::sleep_for()};
    const auto client =
        grid::open_client(source, access_of(settings_, source), network, data_folder());
    if (!client) return fail_with(client.error());
    const auto zone = zone_of(**client, signal);
    if (!zone) return fail_with(zone.error());
    grid::Question question;
    question.zone = *zone;
    question.signal = signal;
    question.scope =
        settings_.get<Scope>("scope", Scope::lifecycle, parse_scope).value_or(Scope::lifecycle);
    question.over = {over_.begin, std::min(over_.end, now_)};
    if (flags_.forecast && flags_.from.empty()) {
      question.over = {now_, now_ + (*client)->facts().ahead};
    }
    const grid::Fetched fetched = fetch_all(**client, question);
    if (fetched.trouble) {
      fail_with(*fetched.trouble);
    } else {
      conditional.keep();
    }
    const std::size_t before = views_.size();
    add_views((*client)->facts(), question, fetched);
    if (views_.size() > before && !fetched.trouble && views_.back().view.points.empty()) {
      const grid::Asked about{source, (*client)->facts().title, question.zone, question.over};
      fail_with({ErrorKind::absent, "has no values there", about.line(),
                 fmt::format("check zone and span: docs/providers/{}.md", source)});
    }
  }

  // History up to now; with --forecast the newest, or those that were issued within a span.
  grid::Fetched fetch_all(grid::Client& client, const grid::Question& question) {
    using What = grid::FetchWish::What;
    const What what = !flags_.forecast      ? What::history
                      : flags_.from.empty() ? What::newest_forecast
                                            : What::issued_forecasts;
    Progress progress(
        fmt::format("{} {} {}", client.facts().name, question.zone, spell(question.signal)));
    return grid::fetch(
        client, kept_, question, {what, flags_.again, {}},
        [&](std::size_t done, std::size_t chunks) { return progress(done, chunks); });
  }

  void add_views(const grid::ClientFacts& facts, const grid::Question& question,
                 const grid::Fetched& fetched) {
    const Interval over = flags_.forecast && flags_.from.empty() ? question.over : over_;
    const auto keys = kept_.keys(facts.name, question.zone, question.signal);
    if (!keys) return fail_with(keys.error());
    show::KeptView view;
    view.key = {facts.name, question.zone, question.signal, std::nullopt, Gas::co2e, {}};
    view.over = over;
    for (const grid::SeriesKey& key : *keys) {
      // The wished scope, else the one that there is.
      if (!view.points.empty() && key.scope != question.scope) continue;
      auto found = kept_view(kept_, key, over);
      if (!found) return fail_with(found.error());
      if (!found->points.empty()) view = std::move(*found);
    }
    view.title = facts.title;
    view.licence = facts.licence;
    views_.push_back({std::move(view), fetched});
  }

  // The first trouble says how it ends; the rest is said too.
  void fail_with(const Error& error) {
    complain(error);
    if (status_ == 0) status_ = status_of_fetch(error);
  }

  void finish() {
    const auto bound = settings_.get<std::int64_t>("cache-size", 1'000'000'000, parse_bytes);
    if (bound) {
      if (const auto shrunk = kept_.shrink(*bound); !shrunk) warn(shrunk.error().line());
    }
    for (const std::string& line : settings_.warnings()) warn(line);
    const show::Style style = style_of(STDOUT_FILENO);
    std::string text;
    for (const show::FetchedView& each : views_) {
      text += (text.empty() ? "" : "\n") + show::fetched_text(each.view, each.fetched, now_, style);
    }
    text += complete_by_kept(settings_);
    int done = 0;
    if (flags_.json != "-") done = put(text);
    if (!flags_.json.empty()) {
      done = put(show::fetched_json(views_, now_), flags_.json == "-" ? "" : flags_.json);
    }
    if (status_ == 0) status_ = done;
  }

  const FetchFlags& flags_;
  Settings settings_;
  grid::Place place_;
  grid::KeptSeries kept_;
  Utc now_;
  Interval over_;
  std::vector<show::FetchedView> views_;
  int status_ = 0;
};

int fetch_command(const FetchFlags& flags) {
  Settings settings = Settings::load(config_path());
  if (!flags.scope.empty()) {
    if (const auto scope = parse_scope(flags.scope); !scope) {
      Error error = scope.error();
      error.where = "--scope";
      return refuse(error);
    }
    settings.set_flag("scope", flags.scope);
  }
  auto place = grid::find_place(flags.zone, data_folder());
  if (!place) {
    place.error().kind = ErrorKind::usage;
    return refuse(place.error());
  }
  const auto offline = settings.get<bool>("offline", false, parse_bool);
  if (offline && *offline) {
    return refuse({ErrorKind::denied, "the setting offline is on", "grid fetch",
                   "lowtide config set offline false"});
  }
  if (cache_path().empty()) {
    return refuse({ErrorKind::absent, "there is no home folder to keep series in", "grid fetch",
                   "set LOWTIDE_HOME"});
  }
  auto kept = grid::KeptSeries::open(cache_path());
  if (!kept) return refuse(kept.error());
  return Command(flags, std::move(settings), std::move(*place), std::move(*kept)).run();
}

}  // namespace

Result<Interval> span_of_flags(const std::string& from, const std::string& to, Interval otherwise) {
  Interval over = otherwise;
  for (const auto& [flag, text, time] :
       {std::tuple{"--to", &to, &over.end}, std::tuple{"--from", &from, &over.begin}}) {
    if (text->empty()) continue;
    const auto parsed = parse_utc(*text);
    if (!parsed) {
      Error error = parsed.error();
      error.kind = ErrorKind::usage;
      error.where = flag;
      return tl::unexpected(error);
    }
    *time = *parsed;
    if (time == &over.end) over.begin = over.end - otherwise.length();
  }
  if (!over.empty()) return over;
  return fail(ErrorKind::usage,
              fmt::format("{} is not after {}", format_utc(over.end), format_utc(over.begin)),
              "--to", "give a later --to, or an earlier --from");
}

Result<std::vector<Signal>> signals_of(const std::string& text) {
  if (text == "both") return std::vector{Signal::average, Signal::marginal};
  const auto one = read_word<Signal>(text);
  if (one) return std::vector{*one};
  return fail(ErrorKind::usage, in_quotes(text) + " is none of average, marginal, both",
              "--signal");
}

Result<show::KeptView> kept_view(grid::KeptSeries& kept, const grid::SeriesKey& key,
                                 Interval over) {
  show::KeptView view;
  view.key = key;
  view.over = over;
  auto models = kept.models(key, over);
  if (!models) return tl::unexpected(models.error());
  view.models = std::move(*models);
  if (!view.models.empty()) view.key.model = view.models.back();
  auto points = kept.read(key, over);
  if (!points) return tl::unexpected(points.error());
  view.points = std::move(*points);
  auto revisions = kept.revisions(key, over);
  if (!revisions) return tl::unexpected(revisions.error());
  view.revisions = std::move(*revisions);
  return view;
}

void add_grid_fetch(Cli& cli, CLI::App& grid) {
  const auto flags = std::make_shared<FetchFlags>();
  CLI::App& fetch = *grid.add_subcommand("fetch", "Bring a provider's series and keep it");
  fetch.callback([&cli, flags] { cli.action = [flags] { return fetch_command(*flags); }; });
  fetch.add_option("zone", flags->zone, "a zone, a cloud region or LAT,LON, as --location has it")
      ->required()
      ->type_name("ZONE");
  fetch.add_option("--source", flags->source, "providers, by comma (default: those of the zone)")
      ->type_name("NAME");
  fetch.add_option("--signal", flags->signal, "average, marginal or both (default: average)")
      ->type_name("SIGNAL");
  fetch.add_option("--scope", flags->scope, "lifecycle or direct, where a provider has both")
      ->type_name("SCOPE");
  fetch.add_option("--from", flags->from, "its begin (default: 7 days before its end)")
      ->type_name("TIME");
  fetch.add_option("--to", flags->to, "its end (default: now)")->type_name("TIME");
  fetch.add_flag("--forecast", flags->forecast,
                 "the newest forecast instead; with --from those issued since");
  fetch.add_flag("--again", flags->again, "also what is kept and final already");
  fetch.add_option("--json", flags->json, "write what came to FILE (lowtide.import/1); -: stdout")
      ->type_name("FILE");
  fetch.footer(
      "Each part is kept as soon as it is there: what is cut off goes on where it stopped, and "
      "what\n"
      "is final is not asked for again. Times are ISO 8601, in UTC unless they say otherwise.\n"
      "Exit status: 4 a provider is not set up or refuses, 5 it failed; what came before is kept.\n"
      "Examples:\n"
      "  lowtide grid fetch GB --source uk\n"
      "  lowtide grid fetch FR --signal both --from 2026-01-01 --to 2026-02-01");
}

}  // namespace lowtide::app
