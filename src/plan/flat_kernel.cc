#include "plan/flat_kernel.h"

#include <algorithm>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "plan/flat_kernel.cc"
#include <hwy/foreach_target.h>  // compiles this file once for each target
#include <hwy/highway.h>

#include "plan/vector_targets.h"

HWY_BEFORE_NAMESPACE();
namespace lowtide::plan::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

constexpr float kNever = std::numeric_limits<float>::infinity();
// What fits in the registers: 32 with AVX-512, else 16.
constexpr std::size_t kStrip = hn::MaxLanes(D()) > 8 ? 8 : 4;

// As in lanes_kernel.cc: costs are not negative, so their bits order as they do.
HWY_INLINE V lesser(V a, V b) {
  const hn::RebindToSigned<D> di;
  return hn::BitCast(D(), hn::Min(hn::BitCast(di, a), hn::BitCast(di, b)));
}

// Counts below + 1 .. below + width.
struct Strip {
  std::size_t below;
  std::size_t width;
};
// Narrow ones come first, so that the last ends with the last count.
std::size_t strips_of(std::size_t count) { return count / kStrip + count % kStrip; }
Strip strip_at(std::size_t number, std::size_t count) {
  const std::size_t narrow = count % kStrip;
  if (number < narrow) return {number, 1};
  return {narrow + (number - narrow) * kStrip, kStrip};
}

// The arrays of a family, one behind the other: for each strip what the left part passes on to it,
// by slack used; `best` of one strip; what the right part passes on.
class Scratch {
 public:
  explicit Scratch(const FlatGroup& group) : group_(group) {}
  [[nodiscard]] float* border(std::size_t strip) const {
    return group_.scratch + strip * (group_.slack + 1) * hn::Lanes(D());
  }
  [[nodiscard]] float* best() const { return border(strips_of(group_.count)); }
  [[nodiscard]] float* right() const {
    return best() + (group_.slack + kStrip) * kStrip * hn::Lanes(D());
  }

 private:
  const FlatGroup& group_;
};
std::size_t flat_scratch(std::size_t count, std::size_t slack) {
  const std::size_t borders = strips_of(count) * (slack + 1);
  return (borders + (slack + kStrip + 1) * (kStrip + 1)) * hn::Lanes(D());
}

// Step i has below + 1 + i slots. Keeps `best` of each count and step, or passes the strip's last
// on.
template <std::size_t kWidth, bool kKeepBest>
HWY_INLINE void left_strip(const FlatGroup& group, std::size_t below, const float* border,
                           float* out) {
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  const V never = hn::Set(d, kNever);
  const V energy = hn::Set(d, group.in_each);
  const V resume = hn::Set(d, group.resume);
  V open[kWidth];    // NOLINT: filled below
  V closed[kWidth];  // NOLINT: filled below
  V best[kWidth];    // NOLINT: filled below
  for (std::size_t j = 0; j < kWidth; ++j) open[j] = closed[j] = best[j] = never;
  const float* c_at = group.intensity - (below + 1) * lanes;  // of step 0
  const auto step = [&](std::size_t i, V before_first) HWY_ATTR {
    const V c = hn::Load(d, c_at - i * lanes);
    const V charge = hn::Mul(resume, hn::Load(d, c_at - i * lanes + lanes));
    for (std::size_t j = kWidth; j-- > 0;) {
      const V before = j > 0 ? lesser(open[j - 1], closed[j - 1]) : before_first;
      closed[j] = lesser(closed[j], hn::Add(open[j], charge));
      open[j] = hn::MulAdd(energy, c, before);
      if (!kKeepBest) continue;
      best[j] = lesser(best[j], open[j]);
      hn::Store(best[j], d, out + (i * kWidth + j) * lanes);
    }
    if (kKeepBest || i + 1 < kWidth) return;
    hn::Store(lesser(open[kWidth - 1], closed[kWidth - 1]), d, out + (i + 1 - kWidth) * lanes);
  };
  for (std::size_t i = 0; i <= group.slack; ++i) step(i, hn::Load(d, border + i * lanes));
  for (std::size_t i = group.slack + 1; i < group.slack + kWidth; ++i) step(i, never);
}

// How the right part begins in its highest count: with all work in the left part it has none to do.
struct Begin {
  float run;
  float idle;
  std::size_t step;  // the first that adds a slot
};
Begin begin_of(bool has_all_counts, bool running) {
  if (!has_all_counts) return {kNever, kNever, 0};
  return running ? Begin{0, kNever, 1} : Begin{kNever, 0, 1};
}

// Step i has count - below - width + i slots, and meets the left part of slack + width - 1 - i.
template <std::size_t kWidth>
HWY_INLINE void right_strip(const FlatGroup& group, std::size_t below, const Scratch& scratch,
                            const Begin& begin) {
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  const V never = hn::Set(d, kNever);
  const V energy = hn::Set(d, group.in_each);
  const V resume = hn::Set(d, group.resume);
  V run[kWidth];   // NOLINT: filled below
  V idle[kWidth];  // NOLINT: filled below
  for (std::size_t j = 0; j + 1 < kWidth; ++j) run[j] = idle[j] = never;
  run[kWidth - 1] = hn::Set(d, begin.run);
  idle[kWidth - 1] = hn::Set(d, begin.idle);
  const float* c_at =
      group.intensity + (group.count - below - kWidth) * lanes - lanes;  // of step 0
  float* border = scratch.right();
  const float* best = scratch.best() + (group.slack + kWidth - 1) * kWidth * lanes;
  float* least = group.least + (group.slack + below + kWidth) * lanes;

  // What the strip below adds to in this slot.
  const auto pass_on = [&](std::size_t i, V charge) HWY_ATTR {
    hn::Store(lesser(run[0], hn::Add(idle[0], charge)), d, border + (i - kWidth) * lanes);
  };
  const auto step = [&](std::size_t i, V before_last) HWY_ATTR {
    const V c = hn::Load(d, c_at + i * lanes);
    const V charge = hn::Mul(resume, c);
    if (i >= kWidth) pass_on(i, charge);
    V whole = never;
    for (std::size_t j = 0; j < kWidth; ++j) {
      const V before =
          j + 1 < kWidth ? lesser(run[j + 1], hn::Add(idle[j + 1], charge)) : before_last;
      idle[j] = lesser(idle[j], run[j]);
      run[j] = hn::MulAdd(energy, c, before);
      const V left = hn::Load(d, best - i * kWidth * lanes + j * lanes);
      whole = lesser(whole, hn::Add(lesser(run[j], idle[j]), left));
    }
    hn::Store(lesser(hn::Load(d, least - i * lanes), whole), d, least - i * lanes);
  };
  const std::size_t steps = group.slack + kWidth;
  for (std::size_t i = begin.step; i < steps; ++i) {
    step(i, i <= group.slack ? hn::Load(d, border + i * lanes) : never);
  }
  if (below > 0) pass_on(steps, hn::Mul(resume, hn::Load(d, c_at + steps * lanes)));
}

template <std::size_t kWidth>
HWY_INLINE void both_parts(const FlatGroup& group, std::size_t number, bool running) {
  const Scratch scratch(group);
  const std::size_t below = strip_at(number, group.count).below;
  left_strip<kWidth, true>(group, below, scratch.border(number), scratch.best());
  right_strip<kWidth>(group, below, scratch, begin_of(below + kWidth == group.count, running));
}

void sweep_family(const FlatGroup& group, bool running) {
  const Scratch scratch(group);
  const std::size_t lanes = hn::Lanes(D());
  // Nothing done yet: at the pivot as if a run went on to its left, else anywhere.
  std::fill_n(scratch.border(0), (group.slack + 1) * lanes, running ? kNever : 0.0F);
  std::fill_n(scratch.border(0), lanes, 0.0F);
  std::fill_n(scratch.right(), (group.slack + 1) * lanes, kNever);
  const std::size_t strips = strips_of(group.count);
  for (std::size_t number = 0; number + 1 < strips; ++number) {
    const Strip strip = strip_at(number, group.count);
    float* next = scratch.border(number + 1);
    if (strip.width == kStrip) {
      left_strip<kStrip, false>(group, strip.below, scratch.border(number), next);
    } else {
      left_strip<1, false>(group, strip.below, scratch.border(number), next);
    }
  }
  for (std::size_t number = strips; number-- > 0;) {
    if (strip_at(number, group.count).width == kStrip) {
      both_parts<kStrip>(group, number, running);
    } else {
      both_parts<1>(group, number, running);
    }
  }
}

void sweep_group(const FlatGroup& group) {
  std::fill_n(group.least, (group.count + group.slack) * hn::Lanes(D()), kNever);
  sweep_family(group, true);
  sweep_family(group, false);
}

}  // namespace lowtide::plan::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lowtide::plan {

constexpr auto kSweepGroup = LOWTIDE_KERNEL(sweep_group);
constexpr auto kFlatScratch = LOWTIDE_KERNEL(flat_scratch);

void sweep_group(const FlatGroup& group) { kSweepGroup.in_use()(group); }
std::size_t flat_scratch(std::size_t count, std::size_t slack) {
  return kFlatScratch.in_use()(count, slack);
}

}  // namespace lowtide::plan
#endif
