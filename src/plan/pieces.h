// How the sweeps over every start cut their work, and their figures as plain numbers. For src/plan.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "plan/sweep.h"

namespace lowtide::plan {

inline constexpr double kNoResult = std::numeric_limits<double>::quiet_NaN();

// Calls do_piece(begin, end) for pieces of at most `most` out of `total`, by the options' spread
// and with progress; false when it was stopped.
[[nodiscard]] bool in_pieces(const SweepOptions& options, std::size_t total, std::size_t most,
                             const std::function<void(std::size_t, std::size_t)>& do_piece);

// Starts with a window of this many slots in a series.
[[nodiscard]] inline std::size_t starts_of(std::size_t series, std::size_t window) {
  return series < window || window == 0 ? 0 : series - window + 1;
}

template <typename Number = double>
[[nodiscard]] std::vector<Number> grams_per_kwh_of(std::span<const Intensity> intensity) {
  std::vector<Number> out;
  out.reserve(intensity.size());
  for (const Intensity c : intensity) out.push_back(static_cast<Number>(as_grams_per_kwh(c)));
  return out;
}
template <typename Number = double>
[[nodiscard]] std::vector<Number> kwh_of(std::span<const Energy> work) {
  std::vector<Number> out;
  out.reserve(work.size());
  for (const Energy e : work) out.push_back(static_cast<Number>(as_kwh(e)));
  return out;
}

// Floats that begin at a whole vector, whatever the vectors; not filled.
class AlignedFloats {
 public:
  explicit AlignedFloats(std::size_t count)
      : room_((count + kLongest) * sizeof(float)),
        values_(std::make_unique_for_overwrite<float[]>(count + kLongest)) {
    void* at = values_.get();
    begin_ =
        static_cast<float*>(std::align(kLongest * sizeof(float), count * sizeof(float), at, room_));
  }
  [[nodiscard]] float* begin() { return begin_; }

 private:
  static constexpr std::size_t kLongest = 16;
  std::size_t room_;
  std::unique_ptr<float[]> values_;
  float* begin_;
};

}  // namespace lowtide::plan
