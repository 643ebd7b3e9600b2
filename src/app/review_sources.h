// What a review is made of: the job as it ran, and the intensity as it is known today and as it was
// published first.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "account/report.h"
#include "app/settings.h"
#include "base/result.h"
#include "plan/profile.h"
#include "record/acts.h"
#include "series/run.h"

namespace lowtide::app {

// The job's work by its own time, without what resuming took of it.
struct RanJob {
  plan::Profile work;
  Duration length{};
  Energy energy;
  std::vector<Interval> ran;  // stretches of work
  Duration unread{};          // of the length: the meter had a gap, its mean power is laid out
  // What a resume took on the mean, and over how many of them; absent: none was seen.
  std::optional<Energy> resume_took;
  std::size_t resumes_seen = 0;
  std::optional<Power> while_paused;  // what it was charged of; absent: not seen
};

// What is on record of the run's pauses.
struct Pauses {
  std::vector<Interval> spans;          // united
  std::vector<record::Learnt> lessons;  // of this run alone
  bool thaws = false;                   // a resume redoes nothing
};
// When the job was paused, by its transitions, oldest first; `end` is the run's.
[[nodiscard]] std::vector<Interval> paused_in(std::span<const record::Transition> transitions,
                                              Utc end);

// Errors of plan::profile_of(): there is no energy.
[[nodiscard]] Result<RanJob> ran_job(const account::Report& report, const Pauses& pauses);

// A series of the run over a longer time, as of today; where its source cannot say, what the run
// keeps, which ends with the run. `said`: why.
[[nodiscard]] IntensityUsed known_today(const RunRecord& run, const IntensityUsed& used,
                                        Interval over, Settings& settings,
                                        std::vector<std::string>& said);

// The same with the values that the cache learnt first. Error absent: no source of it is published
// anew, or none of it is kept.
[[nodiscard]] Result<IntensitySeries> first_published(const RunRecord& run,
                                                      const IntensityUsed& today, Interval over);

}  // namespace lowtide::app
