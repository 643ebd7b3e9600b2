#include "plan/exact_strips.h"

namespace lowtide::plan {

StripSweep::StripSweep(const Problem& problem, bool with_plan)
    : rules_(problem),
      count_(problem.work.size()),
      window_(problem.intensity.size()),
      width_(strip_width()) {
  const bool free = rules_.is_free();
  for (std::size_t u = 0; u <= window_; ++u) {
    pause_.push_back(free ? 0 : rules_.pause_charge(u));
    if (u == window_) break;
    intensity_.push_back(as_grams_per_kwh(problem.intensity[u]));
    hold_.push_back(rules_.hold(u));
    resume_.push_back(rules_.resume_charge(u));
    forbidden_.push_back(problem.is_forbidden(u) ? 1 : 0);
  }
  for (const Energy energy : problem.work) work_.push_back(as_kwh(energy));
  work_.resize((count_ + width_ - 1) / width_ * width_);
  std::size_t bits_at = 0;
  for (std::size_t first = 0; first < count_; first += width_) {
    const std::size_t to = std::min(window_, first + width_ + problem.slack());
    strips_.push_back({first, first, to, bits_at});
    if (with_plan) bits_at += (to - first) * strip_bytes(width_);
  }
  const std::size_t line = strips_.front().to * strip_bytes(width_);
  resumed_.resize(std::max(bits_at, line));
  paused_.resize(free ? 0 : resumed_.size());
}

Ends StripSweep::sweep() {
  Border in{std::vector<double>(window_ + 1, kNever), std::vector<double>(window_ + 1, kNever)};
  Border out = in;
  // What the first strip takes for a run that goes on is waiting: the first start resumes nothing.
  in.run[0] = 0;
  for (std::size_t u = 0; u < window_; ++u) in.run[u + 1] = in.run[u] + hold_[u];
  for (const Laid& strip : strips_) {
    sweep_one(strip, in, out);
    std::swap(in, out);
  }
  Ends ends;
  for (std::size_t end = count_; end <= window_; ++end)
    ends.add(ends_[end - 1] + rules_.price_until(end), kNever);
  return ends;
}

void StripSweep::sweep_one(const Laid& strip, const Border& in, Border& out) {
  Strip job;
  job.work = work_.data() + strip.first;
  job.from = strip.from;
  job.to = strip.to;
  job.intensity = intensity_.data();
  job.hold = hold_.data();
  job.pause = pause_.data();
  job.resume = resume_.data();
  job.forbidden = forbidden_.data();
  job.run_in = in.run.data();
  job.idle_in = in.idle.data();
  job.run_out = out.run.data();
  job.idle_out = out.idle.data();
  job.held = rules_.is_held();
  job.restore = rules_.restore();
  job.min_pause = rules_.min_pause();
  job.resumed = resumed_.data() + strip.bits_at;
  job.paused = paused_.data() + strip.bits_at;
  if (&strip == &strips_.back()) {
    ends_.resize(window_);
    job.watched = ends_.data();
    job.watched_place = strip_place(count_ - 1 - strip.first);
  }
  if (rules_.is_free()) return sweep_free_strip(job);
  rings_.resize((job.restore + 1 + job.min_pause) * width_);
  job.rings = rings_.data();
  sweep_strip(job);
}

// The decision of count j in slot u - 1.
bool StripSweep::get(const std::vector<std::uint8_t>& bits, std::size_t u, std::size_t j) const {
  const Laid& strip = strips_[(j - 1) / width_];
  const std::size_t place = strip_place(j - 1 - strip.first);
  const std::size_t byte = strip.bits_at + (u - 1 - strip.from) * strip_bytes(width_) + place / 8;
  return ((bits[byte] >> (place % 8)) & 1) != 0;
}

Slots StripSweep::walk_back(const Ends& ends) const {
  Slots slots(count_);
  std::size_t u = count_ + ends.best();
  std::size_t j = count_;
  while (j > 0 && rules_.is_free()) {
    if (get(resumed_, u, j)) slots[--j] = u - 1;
    --u;
  }
  while (j > 0) {
    const bool begins = get(resumed_, u, j);
    slots[--j] = --u;
    if (!begins || j == 0) continue;
    u -= rules_.restore();
    while (!get(paused_, u, j)) --u;
    u -= rules_.min_pause();
  }
  return slots;
}

}  // namespace lowtide::plan
