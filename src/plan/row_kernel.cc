#include "plan/row_kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "plan/row_kernel.cc"
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

// Calls lanes(j) for each vector of each block; it returns the mask whose bits are kept.
template <typename Lanes>
HWY_INLINE void for_each_block(Blocks blocks, std::uint64_t* bits, Lanes lanes) {
  const D d;
  const std::size_t width = hn::Lanes(d);
  for (std::size_t block = blocks.first; block <= blocks.last; ++block) {
    std::uint64_t word = 0;
    for (std::size_t at = 0; at < kBlock; at += width) {
      std::uint8_t some = 0;  // 8 lanes at most
      hn::StoreMaskBits(d, lanes(block * kBlock + at), &some);
      word |= static_cast<std::uint64_t>(some) << at;
    }
    *bits++ = word;
  }
}

void idle_step_on(const IdleStep& asked, Blocks blocks) {
  const IdleStep step = asked;  // no store to a row changes it
  const D d;
  const V hold = hn::Set(d, step.hold);
  const V pause = hn::Set(d, step.pause);
  for_each_block(blocks, step.paused, [=](std::size_t j) HWY_ATTR {
    const V stay = hn::Add(hn::LoadU(d, step.idle + j), hold);
    const V enter = hn::Add(hn::LoadU(d, step.ended + j), pause);
    hn::StoreU(hn::Min(stay, enter), d, step.next_idle + j);
    return hn::Lt(enter, stay);
  });
}

void run_step_on(const RunStep& asked, Blocks blocks) {
  const RunStep step = asked;  // no store to a row changes it
  const D d;
  const V c = hn::Set(d, step.intensity);
  for_each_block(blocks, step.begun, [=](std::size_t j) HWY_ATTR {
    const V go_on = hn::LoadU(d, step.run + j - 1);
    const V begin = hn::LoadU(d, step.begin + j - 1);
    const V work = hn::LoadU(d, step.work + j - 1);
    hn::StoreU(hn::MulAdd(work, c, hn::Min(go_on, begin)), d, step.next + j);
    return hn::Lt(begin, go_on);
  });
}

void long_run_step_on(const LongRunStep& asked, Blocks blocks) {
  const LongRunStep step = asked;  // no store to a row changes it
  const D d;
  const V c = hn::Set(d, step.intensity);
  for_each_block(blocks, step.grown, [=](std::size_t j) HWY_ATTR {
    const V work = hn::LoadU(d, step.work + j - 1);
    const V sum = hn::MulAdd(work, c, hn::LoadU(d, step.sums + j - 1));
    const V go_on = hn::MulAdd(work, c, hn::LoadU(d, step.run + j - 1));
    const V grown = hn::Add(hn::LoadU(d, step.begun + j), sum);
    hn::StoreU(sum, d, step.next_sums + j);
    hn::StoreU(hn::Min(go_on, grown), d, step.next + j);
    return hn::Lt(grown, go_on);
  });
}

void begin_step_on(const BeginStep& asked, Blocks blocks) {
  const BeginStep step = asked;  // no store to a row changes it
  const D d;
  const V resume = hn::Set(d, step.resume);
  for (std::size_t j = blocks.first * kBlock; j < (blocks.last + 1) * kBlock; j += hn::Lanes(d)) {
    const V begin = hn::Add(hn::LoadU(d, step.idle + j), resume);
    hn::StoreU(hn::Sub(begin, hn::LoadU(d, step.sums + j)), d, step.begun + j);
  }
}

}  // namespace lowtide::plan::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace lowtide::plan {

constexpr auto kIdleStep = LOWTIDE_KERNEL(idle_step_on);
constexpr auto kRunStep = LOWTIDE_KERNEL(run_step_on);
constexpr auto kLongRunStep = LOWTIDE_KERNEL(long_run_step_on);
constexpr auto kBeginStep = LOWTIDE_KERNEL(begin_step_on);

void idle_step(const IdleStep& step, Blocks blocks) { kIdleStep.in_use()(step, blocks); }
void run_step(const RunStep& step, Blocks blocks) { kRunStep.in_use()(step, blocks); }
void long_run_step(const LongRunStep& step, Blocks blocks) { kLongRunStep.in_use()(step, blocks); }
void begin_step(const BeginStep& step, Blocks blocks) { kBeginStep.in_use()(step, blocks); }

}  // namespace lowtide::plan
#endif
