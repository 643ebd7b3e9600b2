#include "plan/sweep_kernels.h"

#include <array>
#include <cstring>
#include <numeric>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "plan/sweep_kernels.cc"
#include <hwy/foreach_target.h>  // compiles this file once for each target
#include <hwy/highway.h>

#include "plan/vector_targets.h"

#ifndef LOWTIDE_PLAN_SWEEP_KERNELS_ONCE
#define LOWTIDE_PLAN_SWEEP_KERNELS_ONCE
namespace lowtide::plan {
namespace {

// For each 8 bits the places of those that are set, then of those that are not.
constexpr auto kSetBitsFirst = [] {
  std::array<std::array<std::int32_t, 8>, 256> table{};
  for (unsigned bits = 0; bits < table.size(); ++bits) {
    std::size_t to = 0;
    for (const unsigned wanted : {1U, 0U}) {
      for (int at = 0; at < 8; ++at) {
        if ((bits >> at & 1U) == wanted) table[bits][to++] = at;
      }
    }
  }
  return table;
}();

}  // namespace
}  // namespace lowtide::plan
#endif

HWY_BEFORE_NAMESPACE();
namespace lowtide::plan::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Doubles = hn::ScalableTag<double>;

using DoubleVector = hn::Vec<Doubles>;

// Work slots a vector apart look at the same vectors of intensity, one further on: kTurns of them
// share what is loaded.
constexpr std::size_t kTurns = hn::MaxLanes(Doubles()) > 4 ? 4 : 1;  // 32 or 16 registers

template <std::size_t kVectors>
HWY_INLINE void add_turns(const double* intensity, const double* work,
                          DoubleVector (&sums)[kVectors]) {
  const Doubles d;
  const std::size_t lanes = hn::Lanes(d);
  DoubleVector c[kVectors + kTurns - 1];  // NOLINT: filled below
  for (std::size_t v = 0; v < kVectors + kTurns - 1; ++v) {
    c[v] = hn::LoadU(d, intensity + v * lanes);
  }
  for (std::size_t turn = 0; turn < kTurns; ++turn) {
    const DoubleVector energy = hn::Set(d, work[turn * lanes]);
    for (std::size_t v = 0; v < kVectors; ++v) {
      sums[v] = hn::MulAdd(c[v + turn], energy, sums[v]);
    }
  }
}

// `kVectors` vectors of neighbouring starts in registers.
template <std::size_t kVectors>
HWY_INLINE void correlate_block(const double* HWY_RESTRICT intensity, std::span<const double> work,
                                double* HWY_RESTRICT out) {
  const Doubles d;
  const std::size_t lanes = hn::Lanes(d);
  DoubleVector sums[kVectors];  // NOLINT: filled below
  for (auto& sum : sums) sum = hn::Zero(d);
  const std::size_t whole = work.size() / (kTurns * lanes) * (kTurns * lanes);
  for (std::size_t j = 0; j < whole; j += kTurns * lanes) {
    for (std::size_t first = j; first < j + lanes; ++first) {
      add_turns<kVectors>(intensity + first, work.data() + first, sums);
    }
  }
  for (std::size_t j = whole; j < work.size(); ++j) {
    const DoubleVector energy = hn::Set(d, work[j]);
    for (std::size_t v = 0; v < kVectors; ++v) {
      sums[v] = hn::MulAdd(hn::LoadU(d, intensity + j + v * lanes), energy, sums[v]);
    }
  }
  for (std::size_t v = 0; v < kVectors; ++v) hn::StoreU(sums[v], d, out + v * lanes);
}

void correlate(const double* intensity, std::span<const double> work, std::span<double> out) {
  constexpr std::size_t kVectors = 8;
  const std::size_t lanes = hn::Lanes(Doubles());
  std::size_t t = 0;
  for (; t + kVectors * lanes <= out.size(); t += kVectors * lanes) {
    correlate_block<kVectors>(intensity + t, work, out.data() + t);
  }
  for (; t + lanes <= out.size(); t += lanes) {
    correlate_block<1>(intensity + t, work, out.data() + t);
  }
  for (; t < out.size(); ++t) {
    out[t] = std::inner_product(work.begin(), work.end(), intensity + t, 0.0);
  }
}

void lesser_ahead(const double* a, std::size_t ahead, std::span<double> out) {
  const Doubles d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t t = 0;
  for (; t + lanes <= out.size(); t += lanes) {
    const auto lesser = hn::Min(hn::LoadU(d, a + t), hn::LoadU(d, a + t + ahead));
    hn::StoreU(lesser, d, out.data() + t);
  }
  for (; t < out.size(); ++t) out[t] = a[t] < a[t + ahead] ? a[t] : a[t + ahead];
}

using Floats = hn::ScalableTag<float>;
using Ints = hn::ScalableTag<std::int32_t>;

// Read back as wide as it was written: a wider read would wait for the store.
template <typename Mask>
HWY_INLINE std::uint64_t bits_of(Mask mask) {
  static_assert(hn::MaxLanes(Ints()) <= 16);
  std::uint8_t bytes[8];  // NOLINT: written to as far as it is read
  hn::StoreMaskBits(Ints(), mask, bytes);
  if (hn::MaxLanes(Ints()) <= 8) return bytes[0];
  std::uint16_t bits = 0;
  std::memcpy(&bits, bytes, sizeof bits);
  return bits;
}

// The lanes whose bit is set at the front, in order; the others after them. Not Highway's Compress
// where it is made of a table: g++ 12 copies that table to the stack at each use.
template <typename Vector>
HWY_INLINE Vector packed(Vector lanes, hn::Mask<Floats> mask, std::uint64_t bits) {
  const Floats d;
  if constexpr (hn::MaxLanes(Floats()) > 8) {
    return hn::Compress(lanes, mask);
  } else if constexpr (hn::MaxLanes(Floats()) == 1) {
    return lanes;
  } else {
    const auto places = hn::LoadU(Ints(), kSetBitsFirst[bits].data());
    return hn::TableLookupLanes(lanes, hn::IndicesFromVec(d, places));
  }
}

// One window.
HWY_INLINE float walk_window(const ChosenSlots& slots, std::size_t t, std::int32_t last_rank,
                             std::uint32_t& resumes) {
  const Floats d;
  const Ints di;
  const std::size_t lanes = hn::Lanes(d);
  const auto behind = hn::Set(di, last_rank + 1);
  auto sum = hn::Zero(d);
  std::size_t done = 0;
  std::uint64_t before = 0;  // was the slot before chosen?
  std::uint32_t runs = 0;
  for (std::size_t x = 0; x < slots.window; x += lanes) {
    auto chosen = hn::Lt(hn::LoadU(di, slots.rank + t + x), behind);
    if (x + lanes > slots.window) chosen = hn::And(chosen, hn::FirstN(di, slots.window - x));
    const auto mask = hn::RebindMask(d, chosen);
    const auto kept = hn::IfThenElseZero(mask, hn::LoadU(d, slots.intensity + t + x));
    const std::uint64_t bits = bits_of(chosen);
    sum = hn::MulAdd(packed(kept, mask, bits), hn::LoadU(d, slots.work + done), sum);
    done += hwy::PopCount(bits);
    runs += static_cast<std::uint32_t>(hwy::PopCount(bits & ~(bits << 1 | before)));
    before = bits >> (lanes - 1);
  }
  resumes = runs - 1;
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

void walk_chosen(const ChosenSlots& slots, std::span<const std::int32_t> last_rank,
                 std::span<float> sums, std::span<std::uint32_t> resumes) {
  for (std::size_t t = 0; t < last_rank.size(); ++t) {
    sums[t] = walk_window(slots, t, last_rank[t], resumes[t]);
  }
}

std::size_t doubles_in_vector() { return hn::Lanes(Doubles()); }

}  // namespace lowtide::plan::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lowtide::plan {

void correlate(std::span<const double> intensity, std::span<const double> work,
               std::span<double> out) {
  static constexpr auto kKernel = LOWTIDE_KERNEL(correlate);
  kKernel.in_use()(intensity.data(), work, out);
}

void lesser_ahead(const double* a, std::size_t ahead, std::span<double> out) {
  static constexpr auto kKernel = LOWTIDE_KERNEL(lesser_ahead);
  kKernel.in_use()(a, ahead, out);
}

void walk_chosen(const ChosenSlots& slots, std::span<const std::int32_t> last_rank,
                 std::span<float> sums, std::span<std::uint32_t> resumes) {
  static constexpr auto kKernel = LOWTIDE_KERNEL(walk_chosen);
  kKernel.in_use()(slots, last_rank, sums, resumes);
}

std::size_t doubles_in_vector() {
  static constexpr auto kKernel = LOWTIDE_KERNEL(doubles_in_vector);
  return kKernel.in_use()();
}

}  // namespace lowtide::plan
#endif
