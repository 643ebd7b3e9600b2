#include "plan/vector_targets.h"

#include <array>
#include <atomic>

namespace lowtide::plan {
namespace {

constexpr std::array<const char*, 3> kNames = {"basic", "avx2", "avx512"};  // of VectorTarget

// __builtin_cpu_supports asks the system too: registers that it does not save are not had.
VectorTarget best_target() {
#if defined(__x86_64__)
  // Highway's code for AVX2 may use AES and carry-less products, which level 3 does not promise.
  const bool third = __builtin_cpu_supports("x86-64-v3") != 0 &&
                     __builtin_cpu_supports("aes") != 0 && __builtin_cpu_supports("pclmul") != 0;
  if (third && __builtin_cpu_supports("x86-64-v4") != 0) return VectorTarget::avx512;
  if (third) return VectorTarget::avx2;
#endif
  return VectorTarget::basic;
}

std::atomic<VectorTarget>& in_use() {
  static std::atomic<VectorTarget> target = best_target();
  return target;
}

}  // namespace

std::vector<std::string> vector_targets() {
  std::vector<std::string> names;
  for (int i = static_cast<int>(best_target()); i >= 0; --i) names.emplace_back(kNames.at(i));
  return names;
}

bool force_vector_target(const std::string& name) {
  in_use() = best_target();
  for (int i = static_cast<int>(best_target()); i >= 0; --i) {
    if (kNames.at(i) != name) continue;
    in_use() = static_cast<VectorTarget>(i);
    return true;
  }
  return name.empty();
}

VectorTarget vector_target_in_use() { return in_use().load(std::memory_order_relaxed); }

}  // namespace lowtide::plan
