// All that a plan has to say, as values: what the text and the JSON of `lowtide plan` show alike.
// app/plan_answer.h fills it. Carbon includes the PUE; energy is IT energy, without it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "plan/decide.h"
#include "series/run.h"

namespace lowtide::show {

// What is planned.
struct PlanJob {
  std::string run;           // id of the run that it is like; empty: none
  std::string name;          // of that run
  std::size_t gpus = 0;      // that it was charged
  std::string from;          // "run 5c01", "file p.csv", "300 W throughout"
  std::vector<Energy> work;  // of each work slot
  Duration length{};         // of the work; the last slot may be partly filled
  Energy energy;
  [[nodiscard]] Power mean_power() const { return energy / length; }
};

// The least that an hour of the window is known by: what was, or what the user gave for it; what a
// provider said of it; lowtide's own forecast; a typical year or an annual mean.
enum class KnownBy { values, forecast, own_forecast, typical };

// What says what a saving may come to: other years of this zone, or, assumed, of zones like it; the
// errors of earlier forecasts.
enum class BoundsBasis { held_out, pooled, forecast_errors };

// What a saving may come to: its 10 % and 90 % quantiles. It is trusted where `gate` is above zero.
struct SavingBounds {
  double low = 0;  // fractions
  double high = 0;
  double gate = 0;
};

// An outcome in time: whole slots, but that a first run of slot 0 begins when it may.
struct TimedOutcome {
  std::vector<Interval> runs;
  std::optional<SavingBounds> bounds;  // absent: not known
};

// Is the chosen plan better than running now? Absent: no series says so.
struct SignTest {
  std::optional<bool> marginal;
  std::optional<bool> average;
  std::string other_source;  // of the series of the other signal; else why there is none
  // What the plan saves on that series against running now, a fraction; absent: not known.
  std::optional<double> other_saving = std::nullopt;
};

struct AgreedPlan {
  plan::ParetoPlan plan;
  std::vector<Interval> runs;
};

// The plan that is announced: the best policy's, or the one on which two signals agree.
struct ChosenPlan {
  std::vector<Interval> runs;
  std::optional<double> saving;           // against now, a fraction, on the signal that decides
  std::optional<double> money_per_tonne;  // as plan::Outcome has it
  std::optional<SavingBounds> bounds;
};

// The best plan of the same job in one region.
struct RegionPlan {
  std::string key;  // "azure:westus2", or a zone
  std::string name;
  plan::Policy policy = plan::Policy::now;
  Carbon job;  // of the plan, charges included
  Carbon transfer;
  Carbon total;
  std::optional<double> saving_vs_home;  // a fraction of what the plan at home emits
  std::vector<Interval> runs;
  bool home = false;
};
struct RegionOut {
  std::string key;
  std::string why;
};

enum class Verdict { shift, run_now, unsure, too_dear };

struct PlanView {
  IntensityUsed used;                        // its series is left empty
  Utc at;                                    // the job could begin
  Interval window;                           // whole slots: slot 0 is the one that holds `at`
  std::vector<Intensity> intensity;          // of each slot, without PUE
  KnownBy known_by = KnownBy::values;        // the window
  std::vector<bool> forbidden;               // empty: none
  std::vector<std::string> forbidden_hours;  // as given
  std::string window_asked;                  // "--within 24h"

  PlanJob job;
  std::optional<double> pue;  // absent: not included
  std::string pue_source;
  plan::Charges charges;
  bool resume_assumed = false;  // nobody gave a charge
  bool hold_known = true;       // false: embodied carbon of a held machine is left out
  bool pausable = false;
  std::optional<double> price_per_hour;
  std::string currency;  // a sign before a price; may be empty

  plan::Decision decision;
  std::vector<TimedOutcome> timed;          // as decision.outcomes
  std::string bounds_note;                  // what the bounds are made of, or why there are none
  std::optional<BoundsBasis> bounds_basis;  // absent: there are none
  SignTest sign;
  bool agree_asked = false;
  std::vector<AgreedPlan> pareto;
  std::optional<AgreedPlan> agreed;

  bool regions_asked = false;
  std::vector<RegionPlan> regions;  // that may take the job, home among them; the best first
  std::vector<RegionOut> regions_left_out;
  std::string transfer_note;  // what moving the data takes; empty: nothing is moved

  ChosenPlan chosen;
  Verdict verdict = Verdict::run_now;
  std::string command;        // as the contract has it
  std::string command_today;  // what this version can carry out; empty: nothing
  std::vector<std::string> notes;

  [[nodiscard]] std::size_t slack_slots() const { return intensity.size() - job.work.size(); }
  [[nodiscard]] const TimedOutcome& timed_of(plan::Policy policy) const {
    return timed[static_cast<std::size_t>(policy)];
  }
};

}  // namespace lowtide::show

template <>
struct lowtide::Spelling<lowtide::show::Verdict> {
  static constexpr auto table = std::to_array<std::pair<lowtide::show::Verdict, std::string_view>>(
      {{lowtide::show::Verdict::shift, "shift"},
       {lowtide::show::Verdict::run_now, "run-now"},
       {lowtide::show::Verdict::unsure, "unsure"},
       {lowtide::show::Verdict::too_dear, "too-dear"}});
};

template <>
struct lowtide::Spelling<lowtide::show::BoundsBasis> {
  static constexpr auto table =
      std::to_array<std::pair<lowtide::show::BoundsBasis, std::string_view>>(
          {{lowtide::show::BoundsBasis::held_out, "held-out"},
           {lowtide::show::BoundsBasis::pooled, "pooled"},
           {lowtide::show::BoundsBasis::forecast_errors, "forecast-errors"}});
};

template <>
struct lowtide::Spelling<lowtide::show::KnownBy> {
  static constexpr auto table = std::to_array<std::pair<lowtide::show::KnownBy, std::string_view>>(
      {{lowtide::show::KnownBy::values, "values"},
       {lowtide::show::KnownBy::forecast, "forecast"},
       {lowtide::show::KnownBy::own_forecast, "own-forecast"},
       {lowtide::show::KnownBy::typical, "typical"}});
};
