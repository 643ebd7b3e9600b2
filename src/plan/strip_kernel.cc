#include "plan/strip_kernel.h"

#include <cstring>
#include <limits>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "plan/strip_kernel.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h, which includes this file once more for each target.
#include <hwy/highway.h>

#include "plan/vector_targets.h"

HWY_BEFORE_NAMESPACE();
namespace lowtide::plan::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<double, 8>;
using V = hn::Vec<D>;
using M = hn::Mask<D>;
constexpr std::size_t kLanes = hn::MaxLanes(D());
// Vectors in a strip: as many as leave room in the registers for two states of each and the work.
constexpr std::size_t kVectors = kLanes == 4 ? 4 : 8;
constexpr std::size_t kWidth = kVectors * kLanes;
constexpr double kInfinite = std::numeric_limits<double>::infinity();

std::size_t width_on() { return kWidth; }
std::size_t place_on(std::size_t number) { return number % kVectors * kLanes + number / kVectors; }

// One vector moved on by a lane: the last count of each lane's row goes to the next lane, and the
// neighbour's into the first.
struct Moved {
  V lanes;
  double last;  // what the next strip is handed
};
HWY_INLINE Moved move_on(V last_of_rows, double neighbour) {
  const D d;
  HWY_ALIGN std::int64_t from[kLanes];
  for (std::size_t i = 0; i < kLanes; ++i) {
    from[i] = static_cast<std::int64_t>((i + kLanes - 1) % kLanes);
  }
  const V turned = hn::TableLookupLanes(last_of_rows, hn::SetTableIndices(d, from));
  return {hn::IfThenElse(hn::FirstN(d, 1), hn::Set(d, neighbour), turned), hn::GetLane(turned)};
}

// Calls f for each vector from the last to the first, so that what a vector is made of is not
// overwritten yet; unrolled, so that the states are registers.
template <typename F, std::size_t... I>
HWY_INLINE void from_last_to_first(F f, std::index_sequence<I...>) {
  (f(kVectors - 1 - I), ...);
}
template <typename F>
HWY_INLINE void from_last_to_first(F f) {
  from_last_to_first(f, std::make_index_sequence<kVectors>());
}

// The bits of a strip's decisions in one slot. Vectors of 8 lanes have a byte each, smaller ones
// share.
class SlotBits {
 public:
  HWY_INLINE explicit SlotBits(std::uint8_t* to) : to_(to) {}
  HWY_INLINE void keep(M mask, std::size_t vector) {
    if constexpr (kLanes == 8) {
      hn::StoreMaskBits(D(), mask, to_ + vector);
    } else {
      std::uint8_t bits = 0;
      hn::StoreMaskBits(D(), mask, &bits);
      shared_ |= static_cast<std::uint64_t>(bits) << (vector * kLanes);
    }
  }
  HWY_INLINE void done() const {
    if constexpr (kLanes != 8) std::memcpy(to_, &shared_, kWidth / 8);
  }

 private:
  std::uint8_t* to_;
  std::uint64_t shared_ = 0;
};

HWY_INLINE void load_work(const double* work, V (&vectors)[kVectors]) {
  HWY_ALIGN double placed[kWidth];
  for (std::size_t i = 0; i < kWidth; ++i) placed[place_on(i)] = work[i];
  for (std::size_t i = 0; i < kVectors; ++i) vectors[i] = hn::Load(D(), placed + i * kLanes);
}

HWY_INLINE double one_of(const V (&states)[kVectors], std::size_t place) {
  HWY_ALIGN double all[kWidth];
  for (std::size_t i = 0; i < kVectors; ++i) hn::Store(states[i], D(), all + i * kLanes);
  return all[place];
}

// The states of earlier slots: idle as of `restore` slots ago, run as of a least pause ago.
class Rings {
 public:
  HWY_INLINE explicit Rings(const Strip& strip)
      : idle_length_(strip.restore + 1),
        run_length_(strip.min_pause),
        idle_(strip.rings),
        run_(strip.rings + idle_length_ * kWidth) {
    for (std::size_t i = 0; i < (idle_length_ + run_length_) * kWidth; ++i) idle_[i] = kInfinite;
  }
  HWY_INLINE void turn(std::size_t u, const V* run, const V* idle) {
    double* idle_now = idle_ + u % idle_length_ * kWidth;
    double* run_now = run_ + u % run_length_ * kWidth;
    for (std::size_t i = 0; i < kVectors; ++i) {
      hn::StoreU(idle[i], D(), idle_now + i * kLanes);
      hn::StoreU(run[i], D(), run_now + i * kLanes);
    }
    idle_then_ = idle_ + (u + 1) % idle_length_ * kWidth;  // u - restore
    run_then_ = run_ + (u + 1) % run_length_ * kWidth;     // u + 1 - least pause
  }
  HWY_INLINE V idle_then(std::size_t i) const { return hn::LoadU(D(), idle_then_ + i * kLanes); }
  HWY_INLINE V run_then(std::size_t i) const { return hn::LoadU(D(), run_then_ + i * kLanes); }

 private:
  std::size_t idle_length_;
  std::size_t run_length_;
  double* idle_;
  double* run_;
  const double* idle_then_ = nullptr;
  const double* run_then_ = nullptr;
};
// Where no earlier slot is asked for: the states themselves.
class NoRings {
 public:
  HWY_INLINE explicit NoRings(const Strip&) {}
  HWY_INLINE void turn(std::size_t, const V* run, const V* idle) { run_ = run, idle_ = idle; }
  HWY_INLINE V idle_then(std::size_t i) const { return idle_[i]; }
  HWY_INLINE V run_then(std::size_t i) const { return run_[i]; }

 private:
  const V* run_ = nullptr;
  const V* idle_ = nullptr;
};

// The neighbour's last count, idle, before its state would be read back.
HWY_INLINE double neighbour_idle(const Strip& strip, std::size_t u) {
  const bool restored = u >= strip.from + strip.restore;
  return restored ? strip.idle_in[u - strip.restore] : kInfinite;
}

// `kHeld`: slots without work, or stopping, cost something.
template <typename Earlier, bool kHeld>
HWY_INLINE void sweep(const Strip& strip) {
  const D d;
  V run[kVectors];
  V idle[kVectors];
  V work[kVectors];
  load_work(strip.work, work);
  for (std::size_t i = 0; i < kVectors; ++i) run[i] = idle[i] = hn::Set(d, kInfinite);
  Earlier earlier(strip);
  std::uint8_t* resumed = strip.resumed;
  std::uint8_t* paused = strip.paused;
  for (std::size_t u = strip.from; u < strip.to; ++u) {
    earlier.turn(u, run, idle);
    const Moved run_moved = move_on(run[kVectors - 1], strip.run_in[u]);
    const Moved idle_moved = move_on(earlier.idle_then(kVectors - 1), neighbour_idle(strip, u));
    strip.run_out[u] = run_moved.last;
    strip.idle_out[u] = move_on(idle[kVectors - 1], kInfinite).last;
    const V c = hn::Set(d, strip.intensity[u]);
    const V resume = hn::Set(d, strip.resume[u]);
    const V hold = hn::Set(d, strip.hold[u]);
    const V pause = hn::Set(d, strip.pause[u + 1]);
    SlotBits resumed_bits(resumed);
    SlotBits paused_bits(paused);
    from_last_to_first([&](std::size_t i) HWY_ATTR {
      const V go_on = i > 0 ? run[i - 1] : run_moved.lanes;
      const V begin = hn::Add(i > 0 ? earlier.idle_then(i - 1) : idle_moved.lanes, resume);
      const V stay = kHeld ? hn::Add(idle[i], hold) : idle[i];
      const V stop = kHeld ? hn::Add(earlier.run_then(i), pause) : earlier.run_then(i);
      idle[i] = hn::Min(stay, stop);
      run[i] = hn::MulAdd(work[i], c, hn::Min(go_on, begin));
      resumed_bits.keep(hn::Lt(begin, go_on), i);
      paused_bits.keep(hn::Lt(stop, stay), i);
    });
    if (strip.forbidden[u] != 0) {
      for (V& state : run) state = hn::Set(d, kInfinite);
    }
    resumed_bits.done();
    paused_bits.done();
    resumed += kWidth / 8;
    paused += kWidth / 8;
    if (strip.watched != nullptr) strip.watched[u] = one_of(run, strip.watched_place);
  }
  strip.run_out[strip.to] = move_on(run[kVectors - 1], kInfinite).last;
  strip.idle_out[strip.to] = move_on(idle[kVectors - 1], kInfinite).last;
}

void sweep_strip_on(const Strip& strip) {
  if (strip.restore > 0 || strip.min_pause > 1) return sweep<Rings, true>(strip);
  if (strip.held) return sweep<NoRings, true>(strip);
  sweep<NoRings, false>(strip);
}

void sweep_free_strip_on(const Strip& strip) {
  const D d;
  V run[kVectors];
  V work[kVectors];
  load_work(strip.work, work);
  for (V& state : run) state = hn::Set(d, kInfinite);
  std::uint8_t* worked = strip.resumed;
  for (std::size_t u = strip.from; u < strip.to; ++u) {
    const Moved moved = move_on(run[kVectors - 1], strip.run_in[u]);
    strip.run_out[u] = moved.last;
    const V c = hn::Set(d, strip.intensity[u]);
    SlotBits bits(worked);
    if (strip.forbidden[u] == 0) {
      from_last_to_first([&](std::size_t i) HWY_ATTR {
        const V before = i > 0 ? run[i - 1] : moved.lanes;
        const V does_work = hn::MulAdd(work[i], c, before);
        bits.keep(hn::Lt(does_work, run[i]), i);
        run[i] = hn::Min(run[i], does_work);
      });
    }
    bits.done();
    worked += kWidth / 8;
    if (strip.watched != nullptr) strip.watched[u] = one_of(run, strip.watched_place);
  }
  strip.run_out[strip.to] = move_on(run[kVectors - 1], kInfinite).last;
}

}  // namespace lowtide::plan::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lowtide::plan {

constexpr auto kSweepStrip = LOWTIDE_KERNEL(sweep_strip_on);
constexpr auto kSweepFreeStrip = LOWTIDE_KERNEL(sweep_free_strip_on);
constexpr auto kWidth = LOWTIDE_KERNEL(width_on);
constexpr auto kPlace = LOWTIDE_KERNEL(place_on);

void sweep_strip(const Strip& strip) { kSweepStrip.in_use()(strip); }
void sweep_free_strip(const Strip& strip) { kSweepFreeStrip.in_use()(strip); }
std::size_t strip_width() { return kWidth.in_use()(); }
std::size_t strip_place(std::size_t number) { return kPlace.in_use()(number); }

}  // namespace lowtide::plan
#endif
