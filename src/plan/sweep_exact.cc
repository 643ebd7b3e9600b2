// The exact plan's cost for many starts: lanes_kernel.h says how.
#include <algorithm>
#include <cmath>

#include "plan/lanes_kernel.h"
#include "plan/pieces.h"
#include "plan/sweep.h"

namespace lowtide::plan {
namespace {

constexpr std::size_t kLongestVector = 16;  // floats
constexpr std::size_t kGroups = 4;          // vectors of starts in a piece

// The first slot from each on that is not known; the series' end is none.
std::vector<std::size_t> next_gaps(std::span<const Intensity> intensity) {
  std::vector<std::size_t> next(intensity.size() + 1, intensity.size());
  for (std::size_t t = intensity.size(); t-- > 0;) {
    next[t] = is_known(intensity[t]) ? next[t + 1] : t;
  }
  return next;
}

// Neighbours are read from the series as they lie; others are laid side by side first.
class Lanes {
 public:
  Lanes(const std::vector<float>& series, std::size_t slots)
      : series_(series), side_by_side_(slots * starts_in_lanes()) {}

  // Fewer than the lanes are filled up with the last one.
  void read(std::span<const std::size_t> starts, LaneSweep& sweep) {
    const std::size_t lanes = starts_in_lanes();
    bool neighbours = true;
    for (std::size_t l = 0; l < starts.size(); ++l) neighbours &= starts[l] == starts[0] + l;
    sweep.intensity = series_.data() + starts[0];
    sweep.stride = 1;
    if (neighbours) return;
    float* out = side_by_side_.begin();
    sweep.intensity = out;
    sweep.stride = lanes;
    for (std::size_t x = 0; x <= sweep.work.size() + sweep.slack; ++x) {
      for (std::size_t l = 0; l < lanes; ++l) {
        *out++ = series_[starts[std::min(l, starts.size() - 1)] + x];
      }
    }
  }

 private:
  const std::vector<float>& series_;
  AlignedFloats side_by_side_;
};

// Of a group of starts whose windows have been swept: the result for each slack that is known.
void keep_known(const LaneSweep& sweep, std::span<const std::size_t> known, const ManyStarts& asked,
                std::size_t first, std::vector<std::vector<Carbon>>& out) {
  const std::size_t lanes = starts_in_lanes();
  for (std::size_t i = 0; i < asked.slacks.size(); ++i) {
    const std::size_t slack = asked.slacks[i];
    for (std::size_t l = 0; l < known.size(); ++l) {
      if (slack > sweep.slack || known[l] < asked.work.size() + slack) continue;
      out[i][first + l] = lowtide::grams(sweep.border[slack * lanes + l]);
    }
  }
}

}  // namespace

std::vector<std::vector<Carbon>> exact_for_starts(std::span<const Intensity> intensity,
                                                  const ManyStarts& asked,
                                                  const SweepOptions& options) {
  const auto& [work, resume, slacks, any_starts] = asked;
  std::vector<std::vector<Carbon>> out(
      slacks.size(), std::vector<Carbon>(any_starts.size(), lowtide::grams(kNoResult)));
  if (work.empty() || slacks.empty() || work.size() > intensity.size()) return out;
  // What lies behind the series has no result, and is not looked at.
  const std::size_t slack =
      std::min(intensity.size(), *std::max_element(slacks.begin(), slacks.end()));
  std::vector<std::size_t> starts(any_starts.begin(), any_starts.end());
  for (std::size_t& start : starts) start = std::min(start, intensity.size());
  const std::vector<float> energy = kwh_of<float>(work);
  const std::vector<std::size_t> gaps = next_gaps(intensity);
  std::vector<float> series = grams_per_kwh_of<float>(intensity);
  for (float& c : series) c = std::isnan(c) ? 0 : c;  // what it touches has no result
  series.resize(series.size() + work.size() + slack + 2 * kLongestVector);

  const auto piece = [&, work = work, resume = resume](std::size_t begin, std::size_t end) {
    const std::size_t lanes = starts_in_lanes();
    Lanes read(series, work.size() + slack + 1);
    AlignedFloats border((slack + kLongestStrip + 1) * lanes);
    LaneSweep sweep{nullptr, 1, energy, slack, static_cast<float>(as_kwh(resume)), border.begin()};
    for (std::size_t first = begin; first < end; first += lanes) {
      const auto group = std::span(starts).subspan(first, std::min(lanes, end - first));
      read.read(group, sweep);
      sweep_lanes(sweep);
      std::vector<std::size_t> known;  // slots from each start to the next gap
      known.reserve(group.size());
      for (const std::size_t start : group) known.push_back(gaps[start] - start);
      keep_known(sweep, known, asked, first, out);
    }
  };
  if (!in_pieces(options, starts.size(), kGroups * starts_in_lanes(), piece)) out.clear();
  return out;
}

}  // namespace lowtide::plan
