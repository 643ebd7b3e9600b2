// Any bytes as a series, a job and its charges: the sweeps over every start say what plain loops
// say, with each kind of vectors that this CPU has.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <span>
#include <vector>

#include "plan/sweep.h"
#include "plan/sweep_reference.h"
#include "plan/vector_targets.h"

namespace {

using namespace lowtide;        // NOLINT: a test's file
using namespace lowtide::plan;  // NOLINT

// Equal but for rounding, and no result for the same starts.
void must_agree(std::span<const Carbon> got, std::span<const Carbon> want, double relative) {
  if (got.size() != want.size()) std::abort();
  for (std::size_t t = 0; t < got.size(); ++t) {
    const double one = as_grams(got[t]);
    const double other = as_grams(want[t]);
    if (std::isnan(one) != std::isnan(other)) std::abort();
    if (std::abs(one - other) > relative * other + 1e-9) std::abort();
  }
}

struct Asked {
  std::vector<Intensity> intensity;
  std::vector<Energy> work;
  std::vector<std::size_t> slacks;
  Energy resume;
};

constexpr std::size_t kMostSlots = 150;

// Four bytes of head, the work, then the series; 255 is a gap.
Asked read(std::span<const std::uint8_t> bytes) {
  Asked asked;
  const std::size_t work = 1 + bytes[0] % 48;
  asked.slacks = {bytes[1] % std::size_t{64}, bytes[2] % std::size_t{64}};
  asked.resume = kwh(bytes[3] / 64.0);
  bytes = bytes.subspan(4);
  for (std::size_t j = 0; j < work; ++j) {
    asked.work.push_back(kwh(j < bytes.size() ? bytes[j] / 100.0 : 1.0));
  }
  bytes = bytes.subspan(std::min(work, bytes.size()));
  for (const std::uint8_t value : bytes.first(std::min(bytes.size(), kMostSlots))) {
    asked.intensity.push_back(value == 255 ? kMissing : grams_per_kwh(value * 3.7));
  }
  return asked;
}

void compare(const Asked& asked) {
  constexpr double kDouble = 1e-12;
  constexpr double kFloat = 2e-5;
  const auto& [c, p, slacks, resume] = asked;
  const auto baseline = baseline_for_all(c, p);
  must_agree(baseline, reference::baseline_for_all(c, p), kDouble);
  const auto flexible = flexible_start_for_all(baseline, slacks);
  const auto plain = reference::flexible_start_for_all(baseline, slacks);
  for (std::size_t i = 0; i < slacks.size(); ++i) must_agree(flexible[i], plain[i], 0);

  const std::vector<Energy> flat(p.size(), kwh(0.6));
  const RankedSeries ranked(c);
  const auto lowest = lowest_slots_for_all(ranked, p, slacks[0]);
  const auto lowest_plain = reference::lowest_slots_for_all(c, p, slacks[0]);
  must_agree(lowest.carbon, lowest_plain.carbon, kFloat);
  if (lowest.resumes != lowest_plain.resumes) std::abort();
  must_agree(flat_lowest_slots_for_all(ranked, kwh(0.6), p.size(), slacks[0]),
             reference::lowest_slots_for_all(c, flat, slacks[0]).carbon, kDouble);

  std::vector<std::size_t> starts(c.size());
  std::iota(starts.begin(), starts.end(), 0);
  const auto best = exact_for_starts(c, {p, resume, slacks, starts});
  const auto best_plain = reference::exact_for_starts(c, {p, resume, slacks, starts});
  for (std::size_t i = 0; i < slacks.size(); ++i) must_agree(best[i], best_plain[i], kFloat);
  starts.resize(lowest.carbon.size());
  must_agree(flat_exact_for_all(c, {kwh(0.6), p.size(), resume}, slacks[0]),
             reference::exact_for_starts(c, {flat, resume, slacks, starts})[0], kFloat);
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  const Asked asked = read({data, size});
  for (const std::string& target : vector_targets()) {
    force_vector_target(target);
    compare(asked);
  }
  return 0;
}
