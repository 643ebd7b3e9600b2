// A hash of a run's state, all fields of it: equal states have equal hashes.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "act/state.h"

namespace lowtide::act {

class Hasher {
 public:
  // The finaliser of splitmix64 (Steele, Lea, Flood 2014).
  void mix(std::uint64_t value) {
    sum_ += 0x9e3779b97f4a7c15ULL + value;
    sum_ = (sum_ ^ (sum_ >> 30)) * 0xbf58476d1ce4e5b9ULL;
    sum_ = (sum_ ^ (sum_ >> 27)) * 0x94d049bb133111ebULL;
    sum_ ^= sum_ >> 31;
  }
  [[nodiscard]] std::uint64_t sum() const { return sum_; }

  template <typename T>
    requires(std::is_arithmetic_v<T> || std::is_enum_v<T>)
  void add(T value) {
    mix(static_cast<std::uint64_t>(value));
  }
  void add(double value) { mix(std::bit_cast<std::uint64_t>(value)); }
  void add(Duration value) { mix(static_cast<std::uint64_t>(value.count())); }
  template <typename Clock>
  void add(std::chrono::time_point<Clock, Duration> value) {
    add(value.time_since_epoch());
  }
  template <typename T>
  void add(const std::optional<T>& value) {
    add(value.has_value());
    if (value) add(*value);
  }
  void add(const Plan& plan) {
    add(plan.made);
    add(plan.runs.size());
    for (const Interval& run : plan.runs) add(run.begin), add(run.end);
    add(plan.saving);
    add(plan.why);
  }

 private:
  std::uint64_t sum_ = 0;
};

[[nodiscard]] inline std::uint64_t hash_of(const ActState& state) {
  Hasher hasher;
  const auto add = [&](const char* /*name*/, const auto& field) { hasher.add(field); };
  each_field_of_terms(state.terms, add);
  each_field_of_run(state, add);
  return hasher.sum();
}

}  // namespace lowtide::act
