#include "plan/exact_rows.h"

namespace lowtide::plan {
namespace {

void fill(Row& row, Blocks blocks, double value) {
  std::fill(row.begin() + blocks.first * kBlock, row.begin() + (blocks.last + 1) * kBlock, value);
}

double grams_per_kwh_of(const Problem& problem, std::size_t u) {
  return as_grams_per_kwh(problem.intensity[u]);
}

}  // namespace

RowSweep::RowSweep(const Problem& problem, bool with_plan)
    : problem_(problem),
      rules_(problem),
      band_{problem.work.size(), problem.slack()},
      last_run_from_(band_.count - std::min(band_.count, rules_.min_run())),
      work_(band_.count, kBlock, 0.0),
      never_(band_.count, rules_.min_run() + kBlock, kNever),
      begin_(never_),
      idle_(rules_.restore() + 2, never_),
      run_(rules_.min_pause() + 1, never_),
      short_(2, never_),
      sums_(2, Row(band_.count, kBlock, 0.0)),
      begun_(rules_.min_run(), never_),
      paused_(band_, with_plan),
      begins_(band_, with_plan),
      grown_(band_, with_plan) {
  for (std::size_t j = 0; j < band_.count; ++j) work_[j] = as_kwh(problem.work[j]);
}

Ends RowSweep::sweep() {
  Ends ends;
  idle_.at(0)[0] = 0;
  for (std::size_t u = 0; u < problem_.intensity.size(); ++u) {
    const Blocks blocks = band_.blocks(u + 1);
    wait(u, blocks);
    if (problem_.is_forbidden(u)) {
      forbid(u, blocks);
    } else {
      begin(u);
      work_last_run(u, blocks);
      work_long(u, blocks);
    }
    if (u + 1 < band_.count) continue;
    const double price = rules_.price_until(u + 1);
    ends.add(run_.at(u + 1)[band_.count] + price, short_.at(u + 1)[band_.count] + price);
  }
  return ends;
}

void RowSweep::wait(std::size_t u, Blocks blocks) {
  const std::size_t ended = std::max(u + 1, rules_.min_pause()) - rules_.min_pause();
  idle_step({idle_.at(u).begin(), rules_.hold(u), run_.at(ended).begin(),
             rules_.pause_charge(u + 1), idle_.at(u + 1).begin(), paused_.line(u + 1)},
            blocks);
}

void RowSweep::forbid(std::size_t u, Blocks blocks) {
  fill(run_.at(u + 1), blocks, kNever);
  fill(short_.at(u + 1), blocks, kNever);
  fill(sums_.at(u + 1), blocks, 0.0);
  fill(begun_.at(u), band_.blocks(u), kNever);
}

void RowSweep::begin(std::size_t u) {
  const bool restored = u >= rules_.restore();
  Row& before_restore = restored ? idle_.at(u - rules_.restore()) : never_;
  const double resume = rules_.resume_charge(u);
  begin_step({before_restore.begin(), resume, sums_.at(u).begin(), begun_.at(u).begin()},
             band_.blocks(u));
  for (std::size_t j = last_run_from_; j < band_.count; ++j) begin_[j] = before_restore[j] + resume;
  if (band_.first_block(u) > 0) return;
  // The first start resumes nothing.
  begin_[0] = idle_.at(u)[0];
  begun_.at(u)[0] = begin_[0] - sums_.at(u)[0];
}

void RowSweep::work_last_run(std::size_t u, Blocks blocks) {
  blocks.first = std::max(blocks.first, last_run_from_ / kBlock);
  if (blocks.first > blocks.last) return;
  run_step(
      {short_.at(u).begin(), begin_.begin(), work_.begin(), grams_per_kwh_of(problem_, u),
       short_.at(u + 1).begin(), begins_.line(u + 1) + blocks.first - band_.first_block(u + 1)},
      blocks);
}

void RowSweep::work_long(std::size_t u, Blocks blocks) {
  const std::size_t length = rules_.min_run();
  const bool fits = u + 1 >= length && !rules_.any_forbidden(u + 1 - length, u + 1);
  Row& begun = fits ? begun_.at(u + 1 - length) : never_;
  long_run_step(
      {run_.at(u).begin(), sums_.at(u).begin(), work_.begin(), grams_per_kwh_of(problem_, u),
       begun.begin() - length, run_.at(u + 1).begin(), sums_.at(u + 1).begin(), grown_.line(u + 1)},
      blocks);
}

Slots RowSweep::walk_back(const Ends& ends) const {
  Slots slots(band_.count);
  std::size_t u = band_.count + ends.best();
  std::size_t j = band_.count;
  bool long_run = !ends.short_run[ends.best()];
  while (j > 0) {
    const bool grown = long_run && grown_.get(u, j);
    const bool begins = grown || (!long_run && begins_.get(u, j));
    for (std::size_t k = grown ? rules_.min_run() : 1; k > 0; --k) slots[--j] = --u;
    if (!begins || j == 0) continue;
    u -= rules_.restore();
    while (!paused_.get(u, j)) --u;
    u -= rules_.min_pause();
    long_run = true;
  }
  return slots;
}

}  // namespace lowtide::plan
