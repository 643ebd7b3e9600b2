// The vector instruction sets of this CPU that the kernels of this folder are built for.
//
// Kernels are written once, with Highway's headers (hwy/foreach_target.h), and compiled for each
// target below; one program runs on any x86-64 or arm64. The best target is chosen at run time,
// here and not by libhwy: loading that library adds 3 ms to every start of lowtide, `lowtide run`
// included (it calibrates a timer), and Debian has no static one. Nothing of it is linked. Tests
// force each target in turn; the choice is the whole program's, so nobody may plan while it is
// changed.
#pragma once

#include <string>
#include <vector>

namespace lowtide::plan {

// Names, best first: "avx512" and "avx2" (levels 4 and 3 of x86-64), "basic" (what every CPU has:
// one lane on x86-64, Neon on arm64).
[[nodiscard]] std::vector<std::string> vector_targets();

// From now on the kernels use this one; empty: the best again. False: not one of vector_targets().
bool force_vector_target(const std::string& name);

enum class VectorTarget { basic, avx2, avx512 };
[[nodiscard]] VectorTarget vector_target_in_use();

// One function, compiled for each target; null where the compiler makes none.
template <typename Function>
struct Kernel {
  Function basic;
  Function avx2;
  Function avx512;

  [[nodiscard]] Function in_use() const {
    const VectorTarget target = vector_target_in_use();
    if (target == VectorTarget::avx512 && avx512 != nullptr) return avx512;
    return target != VectorTarget::basic && avx2 != nullptr ? avx2 : basic;
  }
};

// After the code that is compiled for each target, under HWY_ONCE, where Highway's HWY_EXPORT would
// stand: constexpr auto kSum = LOWTIDE_KERNEL(sum); .. kSum.in_use()(a, b)
#define LOWTIDE_KERNEL(function)                                                         \
  ::lowtide::plan::Kernel<decltype(&HWY_STATIC_DISPATCH(function))> {                    \
    &HWY_STATIC_DISPATCH(function), HWY_CHOOSE_AVX2(function), HWY_CHOOSE_AVX3(function) \
  }

}  // namespace lowtide::plan
