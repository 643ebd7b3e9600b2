#include "plan/sweep.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "plan/pieces.h"
#include "plan/sweep_kernels.h"

namespace lowtide::plan {
namespace {

// Starts a piece: small enough to spread evenly and to stay in the cache.
constexpr std::size_t kPiece = 4096;

}  // namespace

std::vector<Carbon> baseline_for_all(std::span<const Intensity> intensity,
                                     std::span<const Energy> work, const SweepOptions& options) {
  const std::vector<double> c = grams_per_kwh_of(intensity);
  const std::vector<double> p = kwh_of(work);
  std::vector<Carbon> out(starts_of(c.size(), p.size()));
  // A gap needs no care: NaN stays NaN in a sum, times zero too.
  const auto piece = [&](std::size_t begin, std::size_t end) {
    std::vector<double> sums(end - begin);
    correlate(std::span(c).subspan(begin, sums.size() + p.size() - 1), p, sums);
    for (std::size_t t = begin; t < end; ++t) out[t] = grams(sums[t - begin]);
  };
  if (!in_pieces(options, out.size(), kPiece, piece)) out.clear();
  return out;
}

std::vector<std::vector<Carbon>> flexible_start_for_all(std::span<const Carbon> baseline,
                                                        std::span<const std::size_t> slacks) {
  // A minimum does not keep NaN; less than every sum is what takes its place meanwhile.
  constexpr double kGap = -std::numeric_limits<double>::infinity();
  std::vector<double> rung(baseline.size());
  std::transform(baseline.begin(), baseline.end(), rung.begin(),
                 [](Carbon b) { return std::isnan(as_grams(b)) ? kGap : as_grams(b); });
  std::vector<std::size_t> order(slacks.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return slacks[a] < slacks[b]; });

  std::vector<std::vector<Carbon>> out(slacks.size());
  std::size_t reach = 1;  // rung[t] is the least of the `reach` starts from t
  std::vector<double> least;
  for (const std::size_t i : order) {
    if (slacks[i] >= rung.size()) break;
    const std::size_t width = slacks[i] + 1;
    for (; 2 * reach <= width; reach *= 2) {
      lesser_ahead(rung.data(), reach, std::span(rung).first(rung.size() - 2 * reach + 1));
    }
    least.resize(rung.size() - slacks[i]);
    lesser_ahead(rung.data(), width - reach, least);
    out[i].resize(least.size());
    std::transform(least.begin(), least.end(), out[i].begin(),
                   [](double g) { return grams(g == kGap ? kNoResult : g); });
  }
  return out;
}

}  // namespace lowtide::plan
