// Lowest slots for every start: sweep.h says how.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>
#include <optional>

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

// Steps are coarser by this, so that the sum of a whole window fits.
int shift_of(std::size_t slots) { return static_cast<int>(std::bit_width(slots)); }

// Where the chosen slots of a window begin anew, as slots are chosen and given up one by one.
class Edges {
 public:
  // Of windows of `slots`.
  Edges(const RankedSeries& series, std::size_t slots)
      : steps_(series.steps),
        shift_(shift_of(slots)),
        chosen_(steps_.size() + 2),
        first_(steps_.size()) {}

  void choose(std::size_t slot) {
    chosen_[slot + 1] = 1;
    if (slot < first_) first_ = slot;
    if (!is(slot - 1)) add(slot, 1);
    if (is(slot + 1)) add(slot + 1, -1);
  }
  // Another slot must be chosen, behind the first.
  void give_up(std::size_t slot) {
    chosen_[slot + 1] = 0;
    if (!is(slot - 1)) add(slot, -1);
    if (is(slot + 1)) add(slot + 1, 1);
    if (slot == first_) first_ = next(slot);
  }
  [[nodiscard]] std::uint32_t resumes() const { return static_cast<std::uint32_t>(count_ - 1); }
  // Sum of the intensities where work goes on after a pause, as sum_of() has it.
  [[nodiscard]] std::int64_t at_resumes() const { return sum_ - (steps_[first_] >> shift_); }

 private:
  // Of slot -1 and of the one behind the last too.
  [[nodiscard]] bool is(std::size_t slot) const { return chosen_[slot + 1] != 0; }
  void add(std::size_t slot, std::int64_t one) {
    count_ += one;
    sum_ += one * (steps_[slot] >> shift_);
  }
  [[nodiscard]] std::size_t next(std::size_t slot) const {
    const void* found = std::memchr(&chosen_[slot + 1], 1, chosen_.size() - slot - 1);
    if (found == nullptr) return steps_.size();
    return static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - chosen_.data()) - 1;
  }

  const std::vector<std::int64_t>& steps_;
  int shift_;
  std::vector<std::uint8_t> chosen_;  // from slot -1 on
  std::size_t first_;
  std::int64_t count_ = 0;
  std::int64_t sum_ = 0;
};

// The window that moves: which ranks it holds, and the last chosen of them.
class Window {
 public:
  // `edges`: told of each slot that is chosen or given up; may be none.
  Window(const RankedSeries& series, std::size_t work, std::size_t slots, Edges* edges)
      : series_(series), work_(work), slots_(slots), edges_(edges), set_(series.by_rank.size()) {}

  // To the window that begins at `start`, from nothing.
  void begin_at(std::size_t start) {
    start_ = start;
    for (std::size_t x = start; x < start + slots_; ++x) set_.set(rank(x));
    last_ = set_.nth(work_);
    sum_ = 0;
    for (std::size_t x = start; x < start + slots_; ++x) {
      if (rank(x) > last_) continue;
      sum_ += value(series_.steps[x]);
      if (edges_ != nullptr) edges_->choose(x);
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
      change(in, last_);
      last_ = set_.previous(last_);
    } else if (chosen_in) {
      sum_ += in_value - out_value;
      change(in, out);
    } else if (chosen_out) {
      last_ = set_.next(last_);
      sum_ += value(series_.by_rank[last_]) - out_value;
      change(last_, out);
    }
  }
  [[nodiscard]] std::int32_t last() const { return static_cast<std::int32_t>(last_); }
  // Of the chosen slots.
  [[nodiscard]] Intensity sum() const { return sum_of(sum_); }
  // What is summed in coarse steps.
  [[nodiscard]] Intensity sum_of(std::int64_t steps) const {
    return grams_per_kwh(static_cast<double>(steps) * unit_);
  }

 private:
  // The slots of these ranks; they may be the same.
  void change(std::size_t chosen, std::size_t given_up) {
    if (edges_ == nullptr) return;
    edges_->choose(static_cast<std::size_t>(series_.slot[chosen]));
    edges_->give_up(static_cast<std::size_t>(series_.slot[given_up]));
  }
  [[nodiscard]] std::size_t rank(std::size_t slot) const {
    return static_cast<std::size_t>(series_.rank[slot]);
  }
  [[nodiscard]] std::int64_t value(std::int64_t steps) const { return steps >> shift_; }

  const RankedSeries& series_;
  std::size_t work_;
  std::size_t slots_;
  Edges* edges_;
  RankSet set_;
  int shift_ = shift_of(slots_);
  double unit_ = std::ldexp(as_grams_per_kwh(series_.step), shift_);
  std::size_t start_ = 0;
  std::size_t last_ = 0;
  std::int64_t sum_ = 0;
};

using VisitPiece =
    std::function<void(Window& window, const Edges* edges, std::size_t begin, std::size_t end)>;

struct Windows {
  std::size_t work;
  std::size_t slots;
  bool edges;
};

// Pieces of the starts whose windows touch no gap.
bool for_known_starts(const RankedSeries& series, const Windows& windows,
                      const SweepOptions& options, const VisitPiece& visit) {
  const auto piece = [&](std::size_t begin, std::size_t end) {
    for (const RankedSeries::Run& run : series.runs) {
      const std::size_t from = std::max(begin, run.begin);
      const std::size_t to =
          std::min(end, run.begin + starts_of(run.end - run.begin, windows.slots));
      if (from >= to) continue;
      std::optional<Edges> edges;
      if (windows.edges) edges.emplace(series, windows.slots);
      Edges* const told = edges ? &*edges : nullptr;
      Window window(series, windows.work, windows.slots, told);
      window.begin_at(from);
      visit(window, told, from, to);
    }
  };
  return in_pieces(options, starts_of(series.steps.size(), windows.slots), kPiece, piece);
}

LowestSlots nothing_known(const RankedSeries& series, std::size_t slots) {
  const std::size_t starts = starts_of(series.steps.size(), slots);
  const Intensity unknown = grams_per_kwh(kNoResult);
  return {std::vector<Carbon>(starts, lowtide::grams(kNoResult)),
          std::vector<std::uint32_t>(starts), std::vector<Intensity>(starts, unknown)};
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
    this->slot.push_back(slot);
    steps[t] = std::llrint(std::ldexp(part, kStepBits));
    by_rank.push_back(steps[t]);
  }
}

std::vector<Carbon> flat_lowest_slots_for_all(const RankedSeries& series, Energy in_each,
                                              std::size_t work, std::size_t slack,
                                              const SweepOptions& options) {
  if (work == 0) return {};
  const Windows windows{work, work + slack, false};
  std::vector<Carbon> out(starts_of(series.steps.size(), windows.slots), lowtide::grams(kNoResult));
  const auto visit = [&](Window& window, const Edges*, std::size_t begin, std::size_t end) {
    for (std::size_t t = begin; t < end; ++t) {
      if (t != begin) window.step();
      out[t] = in_each * window.sum();
    }
  };
  if (!for_known_starts(series, windows, options, visit)) out.clear();
  return out;
}

LowestSlots flat_lowest_slots_with_resumes_for_all(const RankedSeries& series, Energy in_each,
                                                   std::size_t work, std::size_t slack,
                                                   const SweepOptions& options) {
  if (work == 0) return {};
  const Windows windows{work, work + slack, true};
  LowestSlots out = nothing_known(series, windows.slots);
  const auto visit = [&](Window& window, const Edges* edges, std::size_t begin, std::size_t end) {
    for (std::size_t t = begin; t < end; ++t) {
      if (t != begin) window.step();
      out.carbon[t] = in_each * window.sum();
      out.resumes[t] = edges->resumes();
      out.at_resumes[t] = window.sum_of(edges->at_resumes());
    }
  };
  if (!for_known_starts(series, windows, options, visit)) return {};
  return out;
}

LowestSlots lowest_slots_for_all(const RankedSeries& series, std::span<const Energy> work,
                                 std::size_t slack, const SweepOptions& options) {
  if (work.empty()) return {};
  const Windows windows{work.size(), work.size() + slack, true};
  std::vector<float> energy = kwh_of<float>(work);
  energy.resize(energy.size() + kPadding);
  LowestSlots out = nothing_known(series, windows.slots);
  const auto visit = [&](Window& window, const Edges* edges, std::size_t begin, std::size_t end) {
    std::vector<std::int32_t> last;
    for (std::size_t t = begin; t < end; ++t) {
      if (t != begin) window.step();
      last.push_back(window.last());
      out.at_resumes[t] = window.sum_of(edges->at_resumes());
    }
    std::vector<float> sums(last.size());
    walk_chosen(
        {series.rank.data() + begin, series.grams.data() + begin, energy.data(), windows.slots},
        last, sums, std::span(out.resumes).subspan(begin, last.size()));
    for (std::size_t t = begin; t < end; ++t) {
      out.carbon[t] = lowtide::grams(static_cast<double>(sums[t - begin]));
    }
  };
  if (!for_known_starts(series, windows, options, visit)) return {};
  return out;
}

}  // namespace lowtide::plan
