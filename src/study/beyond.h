// What the sweep over all starts cannot say, plan by plan at the starts that a rule picks: what a
// plan made on one signal does to another, what machine states and money make of it. Pure.
//
// Each plan is plan::decide()'s: the same policies, charges and cost as `lowtide plan`.
#pragma once

#include <optional>
#include <vector>

#include "plan/decide.h"
#include "study/evaluate.h"
#include "study/study.h"

namespace lowtide::study {

struct BeyondAsk {
  std::size_t rule = 0;                 // of the study: which starts
  std::vector<std::size_t> jobs;        // of the study
  std::vector<std::size_t> windows;     // likewise
  std::vector<plan::Machine> machines;  // at least one
  Duration resume{};                    // a resume costs so long of the job's mean power
  Duration restore{};                   // and takes so long, at mean power
  double idle_share = 0;                // held: idle power as a share of the job's mean power
  Carbon hold_per_gpu_hour;             // held: embodied carbon; a job without GPUs counts as one
  std::optional<double> price_per_gpu_hour;
  // The other signal by region, as StudyRegion::intensity; empty: none.
  std::vector<std::vector<Intensity>> other;
};

// Sums over the starts that counted, so that regions may be added up. Ratio of sums.
struct BeyondSums {
  std::size_t starts = 0;
  double now = 0;  // g
  double then = 0;
  double resumes = 0;
  std::size_t shifted = 0;       // starts whose plan is another than running now
  std::size_t other_starts = 0;  // whose window is known on the other signal too
  double other_now = 0;
  double other_then = 0;
  std::size_t other_worse = 0;  // of these, worse on the other signal than running now
  double extra_money = 0;       // in the price's currency
};

struct BeyondRow {
  std::size_t region = 0;
  std::size_t job = 0;
  std::size_t window = 0;
  plan::Machine machine = plan::Machine::stays_on;
  plan::Policy policy = plan::Policy::flexible_start;
  BeyondSums sums;

  [[nodiscard]] double saving_pct() const { return pct(sums.now, sums.then); }
  [[nodiscard]] double other_saving_pct() const { return pct(sums.other_now, sums.other_then); }
  [[nodiscard]] double other_worse_pct() const {
    return 100 * static_cast<double>(sums.other_worse) / static_cast<double>(sums.other_starts);
  }
  // Money beyond running now for each tonne avoided; NaN: nothing is avoided.
  [[nodiscard]] double money_per_tonne() const;

 private:
  static double pct(double now, double then);
};

// Flexible start, lowest slots and exact, by window, machine and policy. A policy that may not be
// carried out in a window (lowest slots with restore time) does not count there.
[[nodiscard]] std::vector<BeyondRow> beyond(const Study& study, const BeyondAsk& ask, Piece piece);

// Added up over regions; `region` of each means nothing.
[[nodiscard]] std::vector<BeyondRow> over_regions(const std::vector<BeyondRow>& rows);

}  // namespace lowtide::study
