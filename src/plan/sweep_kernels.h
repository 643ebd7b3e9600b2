// The inner loops of sweep.h, in plain numbers: g/kWh and kWh in, grams out. For src/plan and its
// benchmark. None allocates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace lowtide::plan {

// out[t] = sum over j of work[j] * intensity[t + j]; intensity has out.size() + work.size() - 1.
void correlate(std::span<const double> intensity, std::span<const double> work,
               std::span<double> out);

// out[t] = the lesser of a[t] and a[t + ahead]; a has out.size() + ahead; out may be a.
void lesser_ahead(const double* a, std::size_t ahead, std::span<double> out);

// Elements that may be read past the end of what is named here: whole vectors are.
inline constexpr std::size_t kPadding = 16;

// Windows one after the other, of which the slots up to a rank are chosen: sums[t] is the sum of
// work times intensity over the chosen slots in order, resumes[t] how often they go on after a gap.
struct ChosenSlots {
  const std::int32_t* rank;  // of the first window's first slot on, padded
  const float* intensity;    // likewise
  const float* work;         // padded with zeros
  std::size_t window;
};
void walk_chosen(const ChosenSlots& slots, std::span<const std::int32_t> last_rank,
                 std::span<float> sums, std::span<std::uint32_t> resumes);

// How many doubles a vector holds: tests make sure by it that each target was really run.
[[nodiscard]] std::size_t doubles_in_vector();

}  // namespace lowtide::plan
