#include "plan/lanes_kernel.h"

#include <algorithm>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "plan/lanes_kernel.cc"
#include <hwy/foreach_target.h>  // compiles this file once for each target
#include <hwy/highway.h>

#include "plan/vector_targets.h"

HWY_BEFORE_NAMESPACE();
namespace lowtide::plan::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

// What fits in the registers: 32 with AVX-512, else 16.
constexpr std::size_t kFreeStrip = kLongestStrip;
constexpr std::size_t kChargedStrip = hn::MaxLanes(D()) > 8 ? 8 : 4;

// Costs are not negative, so their bits order as they do; CPUs have more units for whole numbers,
// and the others are busy with the sums.
HWY_INLINE V lesser(V a, V b) {
  const hn::RebindToSigned<D> di;
  return hn::BitCast(D(), hn::Min(hn::BitCast(di, a), hn::BitCast(di, b)));
}

// Work slots first .. first + kWidth - 1, without a charge.
template <std::size_t kWidth>
HWY_INLINE void free_strip(const LaneSweep& sweep, std::size_t first) {
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  V work[kWidth];   // NOLINT: filled below
  V least[kWidth];  // NOLINT: filled below
  for (std::size_t j = 0; j < kWidth; ++j) {
    work[j] = hn::Set(d, sweep.work[first + j]);
    least[j] = hn::Set(d, std::numeric_limits<float>::infinity());
  }
  const float* c_at = sweep.intensity + first * sweep.stride;
  const auto step = [&](std::size_t x) HWY_ATTR {
    const V c = hn::LoadU(d, c_at + x * sweep.stride);
    const V before = hn::Load(d, sweep.border + x * lanes);
    for (std::size_t j = kWidth - 1; j > 0; --j) {
      least[j] = hn::Min(least[j], hn::MulAdd(work[j], c, least[j - 1]));
    }
    least[0] = hn::Min(least[0], hn::MulAdd(work[0], c, before));
  };
  for (std::size_t x = 0; x + 1 < kWidth; ++x) step(x);
  for (std::size_t u = 0; u <= sweep.slack; ++u) {
    step(u + kWidth - 1);
    hn::Store(least[kWidth - 1], d, sweep.border + u * lanes);
  }
}

// The same with a charge. The border holds what the next work slot adds to, min(R, I + charge).
template <std::size_t kWidth>
HWY_INLINE void charged_strip(const LaneSweep& sweep, std::size_t first) {
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  V work[kWidth];  // NOLINT: filled below
  V run[kWidth];   // NOLINT: filled below
  V idle[kWidth];  // NOLINT: filled below
  for (std::size_t j = 0; j < kWidth; ++j) {
    work[j] = hn::Set(d, sweep.work[first + j]);
    run[j] = idle[j] = hn::Set(d, std::numeric_limits<float>::infinity());
  }
  const V resume = hn::Set(d, sweep.resume);
  // Behind the last work slot nothing is charged any more.
  const bool is_last = first + kWidth == sweep.work.size();
  const V resume_behind = is_last ? hn::Zero(d) : resume;
  const float* c_at = sweep.intensity + first * sweep.stride;
  const auto step = [&](std::size_t x, V c) HWY_ATTR {
    const V charge = hn::Mul(resume, c);
    for (std::size_t j = kWidth - 1; j > 0; --j) {
      const V before = lesser(run[j - 1], hn::Add(idle[j - 1], charge));
      idle[j] = lesser(idle[j], run[j]);
      run[j] = hn::MulAdd(work[j], c, before);
    }
    idle[0] = lesser(idle[0], run[0]);
    run[0] = hn::MulAdd(work[0], c, hn::Load(d, sweep.border + x * lanes));
  };
  for (std::size_t x = 0; x < kWidth; ++x) step(x, hn::LoadU(d, c_at + x * sweep.stride));
  for (std::size_t u = 0; u <= sweep.slack; ++u) {
    const std::size_t x = u + kWidth;
    const V c = hn::LoadU(d, c_at + x * sweep.stride);
    const V behind = lesser(run[kWidth - 1], hn::MulAdd(resume_behind, c, idle[kWidth - 1]));
    step(x, c);
    hn::Store(behind, d, sweep.border + u * lanes);
  }
}

void sweep_free(const LaneSweep& sweep) {
  std::size_t first = 0;
  const std::size_t count = sweep.work.size();
  for (; first + kFreeStrip <= count; first += kFreeStrip) free_strip<kFreeStrip>(sweep, first);
  for (; first + 4 <= count; first += 4) free_strip<4>(sweep, first);
  for (; first < count; ++first) free_strip<1>(sweep, first);
}

void sweep_charged(const LaneSweep& sweep) {
  std::size_t first = 0;
  const std::size_t count = sweep.work.size();
  for (; first + kChargedStrip <= count; first += kChargedStrip) {
    charged_strip<kChargedStrip>(sweep, first);
  }
  for (; first < count; ++first) charged_strip<1>(sweep, first);
}

void sweep_lanes(const LaneSweep& sweep) {
  // The first start is free, whenever it is.
  std::fill_n(sweep.border, (sweep.slack + kLongestStrip + 1) * hn::Lanes(D()), 0.0F);
  if (sweep.resume > 0) return sweep_charged(sweep);
  sweep_free(sweep);
}

std::size_t starts_in_lanes() { return hn::Lanes(D()); }

}  // namespace lowtide::plan::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lowtide::plan {

void sweep_lanes(const LaneSweep& sweep) {
  static constexpr auto kKernel = LOWTIDE_KERNEL(sweep_lanes);
  kKernel.in_use()(sweep);
}

std::size_t starts_in_lanes() {
  static constexpr auto kKernel = LOWTIDE_KERNEL(starts_in_lanes);
  return kKernel.in_use()();
}

}  // namespace lowtide::plan
#endif
