// The exact plan of every start for work of equal energy with a resume charge, in two parts joined
// over the count: flat_kernel.h says how.
#include <algorithm>
#include <numeric>

#include "plan/flat_kernel.h"
#include "plan/lanes_kernel.h"
#include "plan/pieces.h"
#include "plan/sweep.h"

namespace lowtide::plan {
namespace {

// Each start whose window touches no gap has one pivot in its window.
struct Pivot {
  std::size_t slot;
  std::size_t last_start;
};

// The pivots of a group side by side, with room for what the kernel needs.
class Group {
 public:
  Group(std::span<const Intensity> intensity, const FlatWork& work, std::size_t slack)
      : intensity_(intensity),
        window_(work.count + slack),
        side_by_side_((2 * window_ + 1) * lanes_),
        scratch_(flat_scratch(work.count, slack)),
        least_(window_ * lanes_),
        group_{side_by_side_.begin() + window_ * lanes_,
               static_cast<float>(as_kwh(work.in_each)),
               static_cast<float>(as_kwh(work.resume)),
               work.count,
               slack,
               scratch_.begin(),
               least_.begin()} {}

  // Fewer pivots than lanes are filled up with the last one.
  void sweep(std::span<const Pivot> pivots) {
    float* out = side_by_side_.begin();
    for (std::size_t x = 0; x <= 2 * window_; ++x) {
      for (std::size_t lane = 0; lane < lanes_; ++lane) {
        *out++ = around(pivots[std::min(lane, pivots.size() - 1)].slot, x);
      }
    }
    sweep_group(group_);
  }
  // Infinite for left = 0.
  [[nodiscard]] double least(std::size_t left, std::size_t lane) {
    return static_cast<double>(least_.begin()[left * lanes_ + lane]);
  }

 private:
  // Slot x of the slots around the pivot. What no window holds that is asked for may be anything.
  [[nodiscard]] float around(std::size_t pivot, std::size_t x) const {
    const std::size_t slot = pivot + x;
    if (slot < window_ || slot - window_ >= intensity_.size()) return 0;
    const Intensity c = intensity_[slot - window_];
    return is_known(c) ? static_cast<float>(as_grams_per_kwh(c)) : 0;
  }

  std::span<const Intensity> intensity_;
  std::size_t window_;
  std::size_t lanes_ = starts_in_lanes();
  AlignedFloats side_by_side_;
  AlignedFloats scratch_;
  AlignedFloats least_;
  FlatGroup group_;
};

std::vector<Pivot> pivots_of(std::span<const Intensity> intensity, std::size_t window) {
  std::vector<Pivot> pivots;
  std::size_t begin = 0;
  for (std::size_t t = 0; t <= intensity.size(); ++t) {
    if (t < intensity.size() && is_known(intensity[t])) continue;
    for (std::size_t slot = begin + window - 1; slot < t; slot += window) {
      pivots.push_back({slot, std::min(slot, t - window)});
    }
    begin = t + 1;
  }
  return pivots;
}

}  // namespace

std::vector<Carbon> flat_exact_for_all(std::span<const Intensity> intensity, const FlatWork& work,
                                       std::size_t slack, const SweepOptions& options) {
  const std::size_t window = work.count + slack;
  if (work.count == 0 || starts_of(intensity.size(), window) == 0) return {};
  if (flat_scratch(work.count, slack) > kMostSweepBytes / sizeof(float)) return {};
  std::vector<Carbon> out(starts_of(intensity.size(), window), lowtide::grams(kNoResult));
  const std::vector<Pivot> pivots = pivots_of(intensity, window);
  // All work behind the pivot: windows that begin at it, one for each slack.
  std::vector<std::size_t> starts(pivots.size());
  std::transform(pivots.begin(), pivots.end(), starts.begin(),
                 [](const Pivot& pivot) { return pivot.slot; });
  std::vector<std::size_t> slacks(slack + 1);
  std::iota(slacks.begin(), slacks.end(), 0);
  const std::vector<Energy> energies(work.count, work.in_each);
  const auto behind = exact_for_starts(intensity, {energies, work.resume, slacks, starts},
                                       {.spread = options.spread});

  const auto piece = [&](std::size_t begin, std::size_t end) {
    const auto group = std::span(pivots).subspan(begin, end - begin);
    Group halves(intensity, work, slack);
    halves.sweep(group);
    for (std::size_t lane = 0; lane < group.size(); ++lane) {
      const Pivot& pivot = group[lane];
      for (std::size_t left = pivot.slot - pivot.last_start; left < window; ++left) {
        Carbon& cost = out[pivot.slot - left];
        cost = lowtide::grams(halves.least(left, lane));
        if (left <= slack) cost = std::min(cost, behind[slack - left][begin + lane]);
      }
    }
  };
  if (!in_pieces(options, pivots.size(), starts_in_lanes(), piece)) out.clear();
  return out;
}

}  // namespace lowtide::plan
