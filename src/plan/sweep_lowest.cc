// Lowest slots for every start: sweep.h says how.
#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "plan/pieces.h"
#include "plan/sweep.h"
#include "plan/sweep_kernels.h"

namespace lowtide::plan {
namespace {

constexpr std::size_t kPiece = 8192;  // starts; a piece begins with a window that is built anew
constexpr int kStepBits = 61;

// Ranks as bits, and a bit for each word of them that is not empty.
class RankSet {
 public:
  explicit RankSet(std::size_t ranks) : words_(ranks / 64 + 1), used_(words_.size() / 64 + 1) {}

  void set(std::size_t rank) {
    words_[rank / 64] |= bit(rank);
    used_[rank / 4096] |= bit(rank / 64);
  }
  void clear(std::size_t rank) {
    const std::uint64_t left = words_[rank / 64] &= ~bit(rank);
    if (left == 0) used_[rank / 4096] &= ~bit(rank / 64);
  }
  // The nearest one after or before `rank`; there must be one.
  [[nodiscard]] std::size_t next(std::size_t rank) const {
    const std::size_t word = rank / 64;
    if (const std::uint64_t same = words_[word] & after(rank); same != 0)
      return word * 64 + low(same);
    std::size_t group = word / 64;
    std::uint64_t words = used_[group] & after(word);
    while (words == 0) words = used_[++group];
    const std::size_t found = group * 64 + low(words);
    return found * 64 + low(words_[found]);
  }
  [[nodiscard]] std::size_t previous(std::size_t rank) const {
    const std::size_t word = rank / 64;
    if (const std::uint64_t same = words_[word] & before(rank); same != 0) {
      return word * 64 + high(same);
    }
    std::size_t group = word / 64;
    std::uint64_t words = used_[group] & before(word);
    while (words == 0) words = used_[--group];
    const std::size_t found = group * 64 + high(words);
    return found * 64 + high(words_[found]);
  }
  // The `count`-th, from 1; there must be as many.
  [[nodiscard]] std::size_t nth(std::size_t count) const {
    std::size_t word = 0;
    std::size_t here = 0;
    while ((here = static_cast<std::size_t>(std::popcount(words_[word]))) < count) {
      count -= here;
      ++word;
    }
    std::uint64_t bits = words_[word];
    while (--count > 0) bits &= bits - 1;
    return word * 64 + low(bits);
  }

 private:
  static std::uint64_t bit(std::size_t at) { return std::uint64_t{1} << (at % 64); }
  static std::uint64_t before(std::size_t at) { return bit(at) - 1; }
  static std::uint64_t after(std::size_t at) { return ~std::uint64_t{1} << (at % 64); }
  static std::size_t low(std::uint64_t bits) {
    return static_cast<std::size_t>(std::countr_zero(bits));
  }
  static std::size_t high(std::uint64_t bits) {
    return 63 - static_cast<std::size_t>(std::countl_zero(bits));
  }

  std::vector<std::uint64_t> words_;
  std::vector<std::uint64_t> used_;
};

// The window that moves: which ranks it holds, and the last chosen of them.
class Window {
 public:
  Window(const RankedSeries& series, std::size_t work, std::size_t slots)
      : series_(series), work_(work), slots_(slots), set_(series.by_rank.size()) {}

  // To the window that begins at `start`, from nothing.
  void begin_at(std::size_t start) {
    start_ = start;
    for (std::size_t x = start; x < start + slots_; ++x) set_.set(rank(x));
    last_ = set_.nth(work_);
    sum_ = 0;
    for (std::size_t x = start; x < start + slots_; ++x) {
      if (rank(x) <= last_) sum_ += value(series_.steps[x]);
    }
  }
  // By one slot. Of what comes in and what goes out, at most one moves the last chosen rank.
  void step() {
    const std::size_t in = rank(start_ + slots_);
    const std::size_t out = rank(start_);
    const std::int64_t in_value = value(series_.steps[start_ + slots_]);
    const std::int64_t out_value = value(series_.steps[start_]);
    ++start_;
    set_.set(in);
    set_.clear(out);
    const bool chosen_in = in < last_;
    const bool chosen_out = out <= last_;
    if (chosen_in && (!chosen_out || out == last_)) {
      sum_ += in_value - value(series_.by_rank[last_]);
      last_ = set_.previous(last_);
    } else if (chosen_in) {
      sum_ += in_value - out_value;
    } else if (chosen_out) {
      last_ = set_.next(last_);
      sum_ += value(series_.by_rank[last_]) - out_value;
    }
  }
  [[nodiscard]] std::int32_t last() const { return static_cast<std::int32_t>(last_); }
  // Sum of the intensities of the chosen slots.
  [[nodiscard]] double sum() const {
    return static_cast<double>(sum_) * std::ldexp(as_grams_per_kwh(series_.step), shift_);
  }

 private:
  [[nodiscard]] std::size_t rank(std::size_t slot) const {
    return static_cast<std::size_t>(series_.rank[slot]);
  }
  // Coarser, so that the sum of a whole window fits.
  [[nodiscard]] std::int64_t value(std::int64_t steps) const { return steps >> shift_; }

  const RankedSeries& series_;
  std::size_t work_;
  std::size_t slots_;
  RankSet set_;
  int shift_ = static_cast<int>(std::bit_width(slots_));
  std::size_t start_ = 0;
  std::size_t last_ = 0;
  std::int64_t sum_ = 0;
};

using VisitPiece = std::function<void(Window& window, std::size_t begin, std::size_t end)>;

// Pieces of the starts whose windows touch no gap.
bool for_known_starts(const RankedSeries& series, std::size_t work, std::size_t slots,
                      const SweepOptions& options, const VisitPiece& visit) {
  const auto piece = [&](std::size_t begin, std::size_t end) {
    std::optional<Window> window;
    for (const RankedSeries::Run& run : series.runs) {
      const std::size_t from = std::max(begin, run.begin);
      const std::size_t to = std::min(end, run.begin + starts_of(run.end - run.begin, slots));
      if (from >= to) continue;
      window.emplace(series, work, slots);
      window->begin_at(from);
      visit(*window, from, to);
    }
  };
  return in_pieces(options, starts_of(series.steps.size(), slots), kPiece, piece);
}

}  // namespace

RankedSeries::RankedSeries(std::span<const Intensity> intensity)
    : rank(intensity.size() + kPadding), steps(intensity.size()) {
  std::vector<std::int32_t> order;
  double largest = 0;
  for (std::size_t t = 0; t < intensity.size(); ++t) {
    if (!is_known(intensity[t])) continue;
    if (runs.empty() || runs.back().end != t) runs.push_back({t, t});
    runs.back().end = t + 1;
    order.push_back(static_cast<std::int32_t>(t));
    largest = std::max(largest, as_grams_per_kwh(intensity[t]));
  }
  grams = grams_per_kwh_of<float>(intensity);
  grams.resize(grams.size() + kPadding);
  std::sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    const Intensity of_a = intensity[static_cast<std::size_t>(a)];
    const Intensity of_b = intensity[static_cast<std::size_t>(b)];
    return of_a != of_b ? of_a < of_b : a < b;
  });
  step = grams_per_kwh(std::ldexp(largest, -kStepBits));
  for (const std::int32_t slot : order) {
    const auto t = static_cast<std::size_t>(slot);
    const double part = largest > 0 ? as_grams_per_kwh(intensity[t]) / largest : 0;
    rank[t] = static_cast<std::int32_t>(by_rank.size());
    steps[t] = std::llrint(std::ldexp(part, kStepBits));
    by_rank.push_back(steps[t]);
  }
}

std::vector<Carbon> flat_lowest_slots_for_all(const RankedSeries& series, Energy in_each,
                                              std::size_t work, std::size_t slack,
                                              const SweepOptions& options) {
  if (work == 0) return {};
  const std::size_t slots = work + slack;
  std::vector<Carbon> out(starts_of(series.steps.size(), slots), lowtide::grams(kNoResult));
  const auto visit = [&](Window& window, std::size_t begin, std::size_t end) {
    for (std::size_t t = begin; t < end; ++t) {
      if (t != begin) window.step();
      out[t] = in_each * grams_per_kwh(window.sum());
    }
  };
  if (!for_known_starts(series, work, slots, options, visit)) out.clear();
  return out;
}

LowestSlots lowest_slots_for_all(const RankedSeries& series, std::span<const Energy> work,
                                 std::size_t slack, const SweepOptions& options) {
  if (work.empty()) return {};
  const std::size_t slots = work.size() + slack;
  std::vector<float> energy = kwh_of<float>(work);
  energy.resize(energy.size() + kPadding);
  LowestSlots out;
  out.carbon.assign(starts_of(series.steps.size(), slots), lowtide::grams(kNoResult));
  out.resumes.resize(out.carbon.size());
  const auto visit = [&](Window& window, std::size_t begin, std::size_t end) {
    std::vector<std::int32_t> last;
    for (std::size_t t = begin; t < end; ++t) {
      if (t != begin) window.step();
      last.push_back(window.last());
    }
    std::vector<float> sums(last.size());
    walk_chosen({series.rank.data() + begin, series.grams.data() + begin, energy.data(), slots},
                last, sums, std::span(out.resumes).subspan(begin, last.size()));
    for (std::size_t t = begin; t < end; ++t) {
      out.carbon[t] = lowtide::grams(static_cast<double>(sums[t - begin]));
    }
  };
  if (!for_known_starts(series, work.size(), slots, options, visit)) return {};
  return out;
}

}  // namespace lowtide::plan
