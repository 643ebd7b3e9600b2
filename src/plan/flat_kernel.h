// The exact plan in two halves, for work of equal energy with a resume charge, for several pivots
// at once, a pivot in each lane of a vector. For sweep_flat.cc.
//
// A window that holds the pivot is a left part that ends before it and a right part that begins at
// it; only k, the count of work slots in the left part, joins them. Costs by k, infinite where
// there is no such plan. The left part grows at its front:
//   open[k]    its first slot runs, and that run's start is not charged yet
//   closed[k]  its first slot does not run, and every start is charged
//   best[k]    the first start is free, wherever it is
// and the right part at its end: run[k], its last slot runs, and idle[k], it does not. All of it
// twice: given that the slot before the pivot runs, and given that it may (then whoever runs at the
// pivot is charged). As in lanes_kernel.h a strip of counts stays in registers while time runs.
// Left strips go up in k and right ones down, so each left strip is computed twice: what it passes
// on is kept.
#pragma once

#include <cstddef>

namespace lowtide::plan {

struct FlatGroup {
  // g/kWh; slot x from the pivot, -window .. window, of lane l: intensity[x * lanes + l].
  const float* intensity;
  float in_each;  // kWh
  float resume;   // kWh
  std::size_t count;
  std::size_t slack;
  float* scratch;  // flat_scratch() floats, aligned to 64 bytes
  // After, for left = 1 .. window - 1: least[left * lanes + l] is the least grams of the window
  // with that many slots before the pivot, at least one of them at work. Aligned likewise.
  float* least;
};
void sweep_group(const FlatGroup& group);
// About 2 x count x slack.
[[nodiscard]] std::size_t flat_scratch(std::size_t count, std::size_t slack);

}  // namespace lowtide::plan
