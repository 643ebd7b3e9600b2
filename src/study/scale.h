// Every start of a flat job in one zone, for all lengths, slacks and both policies at once: what
// the means of study/evaluate.h are made of, as a table. Pure.
//
// A slot is as long as the caller's series has it (an hour, 5 minutes). What a start saves is in
// percent of what starting at once emits; nothing is charged for waiting and pausing, so that the
// energy of a slot cancels out. One zone at a time: 4 bytes a start and column, and 60 a slot.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "study/study.h"

namespace lowtide::study {

inline constexpr std::array kScalePolicies = {StudyPolicy::flexible_start,
                                              StudyPolicy::lowest_slots};

struct ScaleTime {
  std::string name;  // "6h"
  std::size_t slots = 1;
};
struct ScaleAxes {
  std::vector<ScaleTime> lengths;
  std::vector<ScaleTime> slacks;
};

// A length and a slack by their place in the axes.
struct ScaleColumn {
  std::size_t length = 0;
  std::size_t slack = 0;
  StudyPolicy policy = StudyPolicy::flexible_start;
};
// By length, then slack, then policy.
[[nodiscard]] std::vector<ScaleColumn> columns_of(const ScaleAxes& axes);

// The mean of each `count` slots; kMissing where one of them is, and what is left over at the end
// is left out.
[[nodiscard]] std::vector<Intensity> coarser(std::span<const Intensity> slots, std::size_t count);

// By column, then start: as many values as there are slots. Whole hundredths of a percent, 0 to
// 100, as float; NaN where the window leaves the series or touches a gap. A start that emits
// nothing has nothing to save: 0.
[[nodiscard]] std::vector<std::vector<float>> savings_of(std::span<const Intensity> intensity,
                                                         const ScaleAxes& axes);

}  // namespace lowtide::study
