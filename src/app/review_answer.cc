#include "app/review_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "account/derive.h"
#include "app/plan_values.h"
#include "app/plan_window.h"
#include "app/review_basis.h"
#include "app/review_bounds.h"
#include "app/review_sources.h"
#include "app/tables.h"
#include "base/quote.h"
#include "plan/profile.h"
#include "show/plan_verdict.h"
#include "show/text.h"

namespace lowtide::app {
namespace {

// Of the newest lessons of a name: more than a run has pauses.
constexpr std::int64_t kLessons = 10'000;
// From a hundredth of the work on.
constexpr std::int64_t kGapsWorthANote = 100;

// All of a run but its intensities.
struct Shift {
  const RunRecord& run;
  ReviewBasis basis;
  RanJob job;
  std::optional<IntensitySeries> forecast;  // that the first plan was made on
  study::Shifted judged;                    // without intensities
  Interval over;                            // that the intensity is needed of
  [[nodiscard]] double pue() const { return run.options.pue.value_or(1); }
  [[nodiscard]] Interval window() const {
    return {over.begin, over.begin + slots_long(judged.window)};
  }
};

Error not_over(const RunRecord& run, const record::Act& act, const ReviewBasis& basis) {
  std::string what = act.standing == record::Standing::waiting  ? "still waits for its start"
                     : act.standing == record::Standing::paused ? "is paused"
                                                                : "still runs";
  if (basis.promise && basis.promise->saving.value_or(0) > show::kNothing) {
    what += "; its plan expects " + show::less_text(*basis.promise->saving) + " than at once";
  }
  return {ErrorKind::usage, what, "run " + record_id(run), "review it when it has ended"};
}

Result<record::Act> act_of(record::Acts& acts, const RunRecord& run) {
  auto act = acts.find(record_id(run));
  if (!act) return tl::unexpected(act.error());
  if (*act) return std::move(**act);
  return fail(ErrorKind::usage, "no plan moved it", "run " + record_id(run),
              "`lowtide compare " + record_id(run) + "` lays it over other hours");
}

Result<void> check_over(const RunRecord& run, const record::Act& act, const ReviewBasis& basis) {
  using record::Standing;
  if (act.standing == Standing::cancelled) {
    return fail(ErrorKind::usage, "was cancelled: there is no whole job to judge",
                "run " + record_id(run), "`lowtide report` has what it used");
  }
  if (act.standing != Standing::done || !run.end) return tl::unexpected(not_over(run, act, basis));
  if (basis.deadline) return {};
  return fail(ErrorKind::absent, "its deadline is not on record", "run " + record_id(run),
              "`lowtide compare` lays it over other hours");
}

Result<Pauses> pauses_of(record::Acts& acts, const RunRecord& run, act::Manner manner) {
  auto learnt = acts.learnt(run.name, spell(manner), kLessons);
  if (!learnt) return tl::unexpected(learnt.error());
  std::erase_if(*learnt, [&](const record::Learnt& one) {
    return one.when < run.submitted || one.when > *run.end;
  });
  const auto transitions = acts.transitions(record_id(run));
  if (!transitions) return tl::unexpected(transitions.error());
  return Pauses{paused_in(*transitions, *run.end), std::move(*learnt),
                manner == act::Manner::freeze};
}

// As it is charged: on a machine that stays on only what is above idle. Where that is nothing at
// all, what the run is charged.
Result<RanJob> job_of(const RunRecord& run, const Pauses& pauses, std::vector<std::string>& notes) {
  const bool stays_on = run.options.machine == MachineWhilePaused::stays_on;
  if (stays_on) {
    RunRecord above_idle = run;
    above_idle.options.idle = IdleRule::none;
    auto job = ran_job(account::derive(above_idle, shipped_tables()), pauses);
    if (job) return job;
  }
  auto job = ran_job(account::derive(run, shipped_tables()), pauses);
  if (!job) {
    return fail(ErrorKind::absent, "it has no energy on record to judge", "run " + record_id(run));
  }
  if (stays_on) {
    notes.emplace_back(
        "it used nothing above idle: what it is charged of idle is laid out instead");
  }
  return job;
}

std::vector<bool> forbidden_in(const Shift& shift, std::vector<std::string>& notes) {
  PlanRequest request;
  request.at = shift.run.submitted;
  request.source.job.work = shift.job.work;
  request.source.job.length = shift.job.length;
  for (const std::string& text : shift.basis.forbidden) {
    const auto hours = parse_hours(text);
    if (hours) request.forbidden.push_back(*hours);
    if (!hours) notes.push_back("hours " + in_quotes(text) + " cannot be read and bar nothing");
  }
  return forbidden_slots(request, shift.over.begin, shift.judged.window);
}

// What a frozen job was charged is a cost of its schedule: its machine was held for it.
bool pauses_count(const Shift& shift) {
  return shift.job.while_paused && shift.basis.manner == act::Manner::freeze &&
         shift.run.options.machine == MachineWhilePaused::held;
}

// By this run's own pauses.
std::optional<plan::Charges> measured_charges(const Shift& shift, plan::Charges charges) {
  const bool held = pauses_count(shift);
  if (held) {
    charges.machine = plan::Machine::held;
    charges.idle_power = *shift.job.while_paused;
  }
  if (!shift.job.resume_took) return held ? std::optional(charges) : std::nullopt;
  // All that a resume takes is in its energy, restoring too.
  charges.resume = *shift.job.resume_took;
  charges.restore_power = {};
  if (shift.basis.manner == act::Manner::freeze) {  // nothing is saved and nothing read back
    charges.pause = {};
    charges.restore_slots = 0;
  }
  return charges;
}

// Work, window and charges.
void lay_out(Shift& shift, std::vector<std::string>& notes) {
  const RunRecord& run = shift.run;
  study::Shifted& judged = shift.judged;
  judged.work = shift.job.work;
  const Duration slack =
      std::max(*shift.basis.deadline - run.submitted - shift.job.length, Duration{});
  judged.window = judged.work.size() + static_cast<std::size_t>(slack / kSlot);
  judged.pausable = shift.basis.manner != act::Manner::none;
  judged.ran = study::slots_of(shift.job.ran, run.submitted, judged.work.size());
  judged.planned = shift.basis.charges.value_or(plan::Charges{});
  judged.measured = measured_charges(shift, judged.planned);
  const std::size_t slots = std::max(judged.window, judged.ran.back() + 1);
  const Utc begin = slot_begin(run.submitted);
  shift.over = {begin, begin + slots_long(slots)};
  judged.forbidden = forbidden_in(shift, notes);
}

std::vector<Intensity> priced(const IntensitySeries& series, Interval over, double pue) {
  std::vector<Intensity> slots = plan::by_slot(series, over);
  for (Intensity& value : slots) value *= pue;
  return slots;
}

bool is_flat(const std::vector<Intensity>& slots) {
  return std::adjacent_find(slots.begin(), slots.end(), std::not_equal_to<>()) == slots.end();
}

// By the report's own rules, on this series.
std::optional<Carbon> emitted(const RunRecord& run, const IntensityUsed& today) {
  RunRecord again = run;
  again.options.headline = today.signal;
  again.intensity = {today};
  again.intensity.front().series = today.series.slice({*run.begin, *run.end});
  return account::derive(again, shipped_tables()).carbon.operational;
}

// What only the signal has that the plans were made on.
void add_links(const Shift& shift, const IntensityUsed& today, study::Shifted& judged,
               std::string& why_no_publication) {
  if (shift.forecast) judged.forecast = priced(*shift.forecast, shift.window(), shift.pue());
  const auto first = first_published(shift.run, today, shift.window());
  if (first) judged.published = priced(*first, shift.window(), shift.pue());
  if (!first) why_no_publication = first.error().message;
}

Result<show::ReviewOn> judge(const Shift& shift, const IntensityUsed& recorded, bool decides,
                             Settings& settings, std::vector<std::string>& notes) {
  show::ReviewOn on;
  on.used = known_today(shift.run, recorded, shift.over, settings, notes);
  study::Shifted judged = shift.judged;
  judged.known = priced(on.used.series, shift.over, shift.pue());
  if (decides && is_flat(judged.known)) {
    notes.emplace_back("the intensity is the same in the whole window: it says nothing of hours");
  }
  std::string why_no_publication;
  if (decides) add_links(shift, on.used, judged, why_no_publication);
  auto review = study::review(judged);
  if (!review) return tl::unexpected(review.error());
  on.review = std::move(*review);
  if (!why_no_publication.empty()) {
    on.review.revision = {std::nullopt, why_no_publication + ": forecast covers it"};
  }
  if (!shift.basis.charges) {
    on.review.charges = {std::nullopt, "what the plan took a resume to cost is not kept"};
  }
  on.emitted = emitted(shift.run, on.used);
  add_bounds({judged.known, judged.work, study::charges_of(judged)}, judged.ran, on);
  on.used.series = {};
  return on;
}

const IntensityUsed* series_of(const RunRecord& run, Signal signal) {
  const auto found = std::find_if(run.intensity.begin(), run.intensity.end(),
                                  [&](const IntensityUsed& used) { return used.signal == signal; });
  return found == run.intensity.end() ? nullptr : &*found;
}

Signal other_than(Signal signal) {
  return signal == Signal::average ? Signal::marginal : Signal::average;
}

// The series that the plans were made on; where the run keeps none of it, the other one.
Result<const IntensityUsed*> deciding(Shift& shift, std::vector<std::string>& notes) {
  const Signal planned = shift.basis.signal.value_or(shift.run.options.headline);
  if (const auto* own = series_of(shift.run, planned)) return own;
  const auto* other = series_of(shift.run, other_than(planned));
  if (other == nullptr) {
    return fail(ErrorKind::absent, "it keeps no intensity", "run " + record_id(shift.run), "");
  }
  notes.push_back(
      fmt::format("it was planned on {}, of which the run keeps no series", spell(planned)));
  shift.forecast.reset();
  return other;
}

std::vector<Interval> stretches(const Shift& shift, const plan::Slots& slots) {
  show::PlanView times;
  times.at = shift.run.submitted;
  times.window = shift.window();
  times.job.work = shift.job.work;
  times.job.length = shift.job.length;
  return runs_of(times, slots);
}

int resumes_of(const plan::Slots& slots) {
  int resumes = 0;
  for (std::size_t j = 1; j < slots.size(); ++j) resumes += slots[j] > slots[j - 1] + 1 ? 1 : 0;
  return resumes;
}

show::ReviewView view_of(const Shift& shift, const account::Report& report, Utc now) {
  const RunRecord& run = shift.run;
  show::ReviewView view;
  view.run = record_id(run);
  view.name = run.name;
  view.project = run.project;
  view.state = run.state;
  view.read_at = now;
  view.submitted = run.submitted;
  view.deadline = *shift.basis.deadline;
  view.ran = shift.job.ran;
  view.manner = spell(shift.basis.manner);
  view.pue = run.options.pue;
  view.pue_source = run.options.pue_source;
  view.boundary = report.energy.boundary;
  view.energy = shift.job.energy;
  view.length = shift.job.length;
  view.work_slots = shift.job.work.size();
  view.planned = shift.basis.charges;
  view.resume_took = shift.job.resume_took;
  if (pauses_count(shift)) view.while_paused = shift.job.while_paused;
  view.pauses_seen = shift.job.resumes_seen;
  view.promise = shift.basis.promise;
  return view;
}

void add_notes(const Shift& shift, const account::Report& report, Utc now, show::ReviewView& view) {
  const RunRecord& run = shift.run;
  if (run.state != RunState::finished) {
    view.notes.push_back(
        fmt::format("the run is {}: it is judged as far as it ran", spell(run.state)));
  }
  if (view.deadline > now) {
    view.notes.push_back(
        "its window ends " + show::local_time(view.deadline).substr(0, 16) +
        ": until then hindsight goes by hours to come; review it again after that");
  }
  if (view.decides.used.provisional) {
    view.notes.emplace_back("the intensity is provisional: not all of it is published for good");
  }
  if (!view.decides.review.not_a_plan.empty()) {
    view.notes.push_back("no plan could have been what ran (" + view.decides.review.not_a_plan +
                         "), so hindsight may be above it");
  }
  if (!view.now.empty() && view.now.front().begin >= slot_begin(view.submitted) + kSlot) {
    view.notes.push_back("at once it might not run (--not): that stands for the earliest start, " +
                         show::local_time(view.now.front().begin).substr(0, 16));
  }
  if (!view.promise) view.notes.emplace_back("no plan came, so nothing was promised");
  if (shift.job.unread * kGapsWorthANote > shift.job.length) {
    view.notes.push_back("the meter had gaps of " + format_duration(shift.job.unread) +
                         " while it ran: its mean power is laid out there");
  }
  if (report.energy.modelled_share.value_or(0) > 0) {
    view.notes.push_back(show::percent(*report.energy.modelled_share) +
                         " of the energy is modelled, in each row alike");
  }
}

Result<void> add_other(const Shift& shift, Settings& settings, show::ReviewView& view) {
  const Signal signal = other_than(view.decides.used.signal);
  const IntensityUsed* other = series_of(shift.run, signal);
  if (other == nullptr) {
    view.other_note = fmt::format("the run keeps no {} series", spell(signal));
    return {};
  }
  auto on = judge(shift, *other, false, settings, view.notes);
  if (!on) return tl::unexpected(on.error());
  view.other = std::move(*on);
  return {};
}

}  // namespace

Result<show::ReviewView> review_of(record::Acts& acts, const RunRecord& run, Settings& settings,
                                   Utc now) {
  const auto act = act_of(acts, run);
  if (!act) return tl::unexpected(act.error());
  auto plans = acts.plans(record_id(run));
  if (!plans) return tl::unexpected(plans.error());
  Shift shift{run, read_basis(*act, *plans), {}, {}, {}, {}};
  if (auto over = check_over(run, *act, shift.basis); !over) return tl::unexpected(over.error());
  const auto pauses = pauses_of(acts, run, shift.basis.manner);
  if (!pauses) return tl::unexpected(pauses.error());
  std::vector<std::string> notes;
  auto job = job_of(run, *pauses, notes);
  if (!job) return tl::unexpected(job.error());
  shift.job = std::move(*job);
  shift.basis.charges = charges_at(shift.basis, shift.job.energy / shift.job.length);
  if (!plans->empty()) shift.forecast = std::move(plans->front().forecast);
  const account::Report report = account::derive(run, shipped_tables());
  show::ReviewView view = view_of(shift, report, now);
  view.notes = std::move(notes);
  lay_out(shift, view.notes);
  const auto series = deciding(shift, view.notes);
  if (!series) return tl::unexpected(series.error());
  auto on = judge(shift, **series, true, settings, view.notes);
  if (!on) return tl::unexpected(on.error());
  view.decides = std::move(*on);
  view.resumes = resumes_of(shift.judged.ran);
  view.now = stretches(shift, view.decides.review.now_slots);
  view.best = stretches(shift, view.decides.review.best_slots);
  if (auto done = add_other(shift, settings, view); !done) return tl::unexpected(done.error());
  add_notes(shift, report, now, view);
  return view;
}

}  // namespace lowtide::app
