// What a shift did, judged afterwards: against starting at once, against the best that could have
// been done, and why it was not that. Pure.
//
// With E(S; I, C) the cost of a schedule S under intensity I and charges C (plan::cost_of, the
// planner's own), and J(I, C) the cheapest schedule from submission to the deadline:
//
//   now        N = E(at once; known, measured)
//   actual     A = E(as it ran; known, measured)
//   hindsight  H = E(J(known, measured); known, measured)
//
// The regret A - H is told apart link by link, each schedule priced as A and H are, so that the
// parts that are known add up to it:
//
//   policy     A                           - E(J(forecast, planned))   gate, replanning, the world
//   forecast   E(J(forecast, planned))     - E(J(published, planned))  hours that were not known
//   charges    E(J(published, planned))    - E(J(published, measured)) what a resume really takes
//   revision   E(J(published, measured))   - H                         values published anew since
//
// A part may be negative: an error that came out well. A link that is not known is left out: its
// part has no figure and says why, and the forecast's covers it.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plan/problem.h"
#include "plan/profile.h"

namespace lowtide::study {

// A run that a plan moved, by slot. Slot 0 is that of its submission; intensities include the PUE.
struct Shifted {
  plan::Profile work;      // without what resumes took
  std::size_t window = 0;  // slots from submission to the deadline, at least those of the work
  bool pausable = false;   // else its start alone was free
  std::vector<bool> forbidden = {};  // of the window; empty: none
  std::vector<Intensity> known;      // as of today: of the window, longer where the job ended late
  std::vector<Intensity> published = {};  // of the window, as it was first; empty: not known
  std::vector<Intensity> forecast = {};   // of the window, of the first plan; empty: not kept
  plan::Charges planned;                  // by the first plan
  std::optional<plan::Charges> measured;  // by this run's own pauses; absent: not seen
  plan::Slots ran;                        // slot of each work slot
};

// A figure, or why there is none.
struct Judged {
  std::optional<Carbon> carbon;
  std::string why_not;  // empty where there is a figure
};

struct Review {
  Judged actual;
  Judged now;  // where that was forbidden: the earliest unbroken run
  Judged hindsight;
  plan::Slots now_slots;
  plan::Slots best_slots;  // of hindsight; empty: not known
  std::optional<Carbon> regret;
  Judged policy, forecast, charges, revision;
  // Why the schedule that ran could not have been planned (late, a pause that was too short), so
  // that hindsight may be above it; empty: it could.
  std::string not_a_plan;

  // Of starting at once; negative: it emitted more. Absent where one of the two is not known.
  [[nodiscard]] std::optional<Carbon> saved() const;
};

inline constexpr std::array kParts = {&Review::policy, &Review::forecast, &Review::charges,
                                      &Review::revision};

// Error malformed: no work, or a schedule of another length.
[[nodiscard]] Result<Review> review(const Shifted& run);

// The charges under which all schedules are priced: the measured ones, else the planned.
[[nodiscard]] const plan::Charges& charges_of(const Shifted& run);

// Which slots a job worked in that ran over these stretches, counted from that of `submitted`: each
// stretch takes whole slots from the one that it begins in, as a plan does, and so many that the
// work done by its end is rounded to whole slots. `work` slots in all.
[[nodiscard]] plan::Slots slots_of(std::span<const Interval> ran, Utc submitted, std::size_t work);

// How wrong an intensity may be: 95 % half-widths, fractions.
struct IntensityError {
  double low = 0;
  double high = 0;
};
struct SavedRange {
  Carbon low;
  Carbon high;
};
// Bounds of what `instead` emits more than `ran` does. An error of a slot cancels where both draw
// the same in it; the other slots' errors are taken to go together as badly as they can.
[[nodiscard]] SavedRange saved_range(const plan::Problem& problem, const plan::Slots& instead,
                                     const plan::Slots& ran, IntensityError error);

// What may be said of a difference to starting at once.
//   none          the same to rounding      within_error  its bounds contain zero
enum class Finding { less, more, none, within_error };
[[nodiscard]] Finding finding_of(Carbon saved, Carbon now, const std::optional<SavedRange>& range);

// Reviews of several runs of like signals, added up. A cost that one lacks the sum lacks too; a
// part that one lacks is in another of its parts.
[[nodiscard]] Review sum_of(std::span<const Review> reviews);

}  // namespace lowtide::study

template <>
struct lowtide::Spelling<lowtide::study::Finding> {
  using enum study::Finding;
  static constexpr auto table = std::to_array<std::pair<study::Finding, std::string_view>>(
      {{less, "less"}, {more, "more"}, {none, "none"}, {within_error, "within-error"}});
};
