// All that a review has to say, as values: what the text and the JSON of `lowtide review` show
// alike. app/review_answer.h fills it. Carbon includes the PUE; energy is IT energy, without it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "account/report.h"
#include "base/time.h"
#include "plan/problem.h"
#include "series/run.h"
#include "show/plan_view.h"
#include "study/review.h"

namespace lowtide::show {

// What the first plan expected of the whole job.
struct ReviewPromise {
  Utc made;
  std::optional<double> saving;          // a fraction of starting at once
  std::optional<Carbon> cost, cost_now;  // absent: not kept
  std::string why;                       // act::PlanWhy
  std::string gate;                      // the gate's verdict; empty: not kept
  std::optional<SavingBounds> bounds;    // that the gate went by
  std::string source, model, kind;       // of the intensity to come
  std::optional<Utc> issued;             // of a forecast
};

// The job on one signal.
struct ReviewOn {
  IntensityUsed used;  // as of today, without its series
  study::Review review;
  std::optional<Carbon> emitted;  // by the run's report on this series; absent: not known
  study::Finding finding = study::Finding::none;
  std::optional<study::SavedRange> range;  // of what it emitted less; absent: not known
  std::string range_note;                  // what the range is made of, or why there is none
  std::optional<BoundsBasis> basis;        // of a typical year's

  // Against starting at once, a fraction; absent: not known.
  [[nodiscard]] std::optional<double> share(const std::optional<Carbon>& carbon) const {
    if (!carbon || !review.now.carbon || *review.now.carbon <= Carbon{}) return std::nullopt;
    return *carbon / *review.now.carbon;
  }
  // What the report has and a plan's whole slots do not: ends of slots, idle, pauses.
  [[nodiscard]] std::optional<Carbon> beside_plan() const {
    if (!emitted || !review.actual.carbon) return std::nullopt;
    return *emitted - *review.actual.carbon;
  }
};

struct ReviewView {
  std::string run;  // id of the record
  std::string name;
  std::string project;
  RunState state = RunState::finished;
  Utc read_at;  // the intensity is as it was known then
  Utc submitted;
  Utc deadline;
  std::vector<Interval> ran;   // the job's stretches of work
  std::vector<Interval> now;   // those of starting at once
  std::vector<Interval> best;  // and of hindsight; empty: not known
  int resumes = 0;             // of the schedule that ran
  std::string manner;          // act::Manner
  std::optional<double> pue;   // absent: not included
  std::string pue_source;
  std::optional<account::Boundary> boundary;
  Energy energy;      // of the work
  Duration length{};  // of it
  std::size_t work_slots = 0;

  std::optional<plan::Charges> planned;  // absent: not kept
  std::optional<Power> while_paused;     // charged then, and a cost here; absent: it is none
  std::optional<Energy> resume_took;     // on the mean, by this run's own pauses; absent: not seen
  std::size_t pauses_seen = 0;

  std::optional<ReviewPromise> promise;  // absent: no plan came
  ReviewOn decides;                      // on the signal that the plans were made on
  std::optional<ReviewOn> other;
  std::string other_note;  // why there is none
  std::vector<std::string> notes;
};

// Runs of a project that are of like signals and like boundary.
struct ReviewSum {
  Signal signal = Signal::average;
  std::optional<Scope> scope;
  Gas gas = Gas::co2e;
  std::optional<account::Boundary> boundary;
  std::vector<std::string> runs;
  study::Review review;
  study::Finding finding = study::Finding::none;
  std::optional<study::SavedRange> range;
  std::optional<Carbon> promised;  // less than at once, by all first plans; absent: one lacks it
};
struct NotReviewed {
  std::string run;
  std::string name;
  std::string why;
};
struct ProjectReview {
  std::string project;
  std::vector<ReviewView> runs;
  std::vector<ReviewSum> sums;  // the most runs first
  std::vector<NotReviewed> left_out;
};

}  // namespace lowtide::show
