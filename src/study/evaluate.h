// Every start of a job in a region, for all windows, policies, charges and start rules of a study.
// Pure.
//
// A piece is a job in a region: what threads take, what progress counts and what a study that was
// cut off has kept. All starts are computed by the planner's kernels (plan/sweep.h), rules pick
// from them; only the exact plan of a profile that is not flat, or of few starts, is made start by
// start. Memory a piece: 16 bytes a start and policy.
#pragma once

#include <vector>

#include "study/study.h"

namespace lowtide::study {

struct Piece {
  std::size_t region = 0;
  std::size_t job = 0;
};
// The longest first, so that threads end together.
[[nodiscard]] std::vector<Piece> pieces_of(const Study& study);

// Cells by window, then policy, resume and rule, in the study's order.
[[nodiscard]] std::vector<Cell> evaluate(const Study& study, Piece piece);

// By job, region, window, policy, resume and rule: pieces come as their threads are done.
void put_in_order(std::vector<Cell>& cells);

// The mean over regions of cells of one job, window, policy, resume and rule: percents, resumes,
// starts and grams alike, each region counts once. Cells that have no start are left out. The cells
// are in order, and so are the means.
struct MeanCell {
  Cell of;  // `region` means nothing
  std::size_t regions = 0;
  double starts = 0;  // mean
};
[[nodiscard]] std::vector<MeanCell> means_of(const std::vector<Cell>& cells);

}  // namespace lowtide::study
