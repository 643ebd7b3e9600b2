// The exact sweep with a least run: three states for each count of work slots done. Running for at
// least the least run, running shorter (which only the last run may end in), and not running for at
// least the least pause.
//
// A run that has just become long enough jumps: what its begin cost, kept for as long, and the sum
// of its work since. Rows of all counts are swept slot by slot, so this is slower than strips
// (exact_strips.h), which it agrees with where the least run is one slot.
#pragma once

#include "plan/exact_rules.h"
#include "plan/row_kernel.h"

namespace lowtide::plan {

// A state for each count; readable beyond both ends.
class Row {
 public:
  Row(std::size_t counts, std::size_t before, double fill)
      : before_(before), values_(before + (counts / kBlock + 2) * kBlock, fill) {}
  [[nodiscard]] double* begin() { return values_.data() + before_; }
  [[nodiscard]] double& operator[](std::size_t j) { return begin()[j]; }

 private:
  std::size_t before_;
  std::vector<double> values_;
};

// The rows of the last `length` slots.
class Ring {
 public:
  Ring(std::size_t length, const Row& row) : rows_(length, row) {}
  [[nodiscard]] Row& at(std::size_t slot) { return rows_[slot % rows_.size()]; }

 private:
  std::vector<Row> rows_;
};

// Which counts a legal plan can have done before a slot.
struct Band {
  std::size_t count;
  std::size_t slack;
  [[nodiscard]] std::size_t first_block(std::size_t u) const {
    return (u > slack ? u - slack : 0) / kBlock;
  }
  [[nodiscard]] Blocks blocks(std::size_t u) const {
    return {first_block(u), std::min(u, count) / kBlock};
  }
};

// A bit for each state of the band, a line a slot; one line that is written over when nobody walks
// back.
class Bits {
 public:
  Bits(Band band, bool kept)
      : band_(band),
        words_(std::min(band.slack, band.count) / kBlock + 3),
        kept_(kept),
        bits_((kept ? band.count + band.slack + 1 : 1) * words_) {}
  // Where the blocks of slot u go.
  [[nodiscard]] std::uint64_t* line(std::size_t u) {
    return bits_.data() + (kept_ ? u * words_ : 0);
  }
  [[nodiscard]] bool get(std::size_t u, std::size_t j) const {
    const std::uint64_t word = bits_[u * words_ + j / kBlock - band_.first_block(u)];
    return ((word >> (j % kBlock)) & 1) != 0;
  }

 private:
  Band band_;
  std::size_t words_;
  bool kept_;
  std::vector<std::uint64_t> bits_;
};

class RowSweep {
 public:
  // `with_plan`: keeps the bits to walk back by.
  RowSweep(const Problem& problem, bool with_plan);

  [[nodiscard]] Ends sweep();
  [[nodiscard]] Slots walk_back(const Ends& ends) const;

 private:
  void wait(std::size_t u, Blocks blocks);
  void forbid(std::size_t u, Blocks blocks);
  void begin(std::size_t u);
  void work_last_run(std::size_t u, Blocks blocks);
  void work_long(std::size_t u, Blocks blocks);

  const Problem& problem_;
  Rules rules_;
  Band band_;
  std::size_t last_run_from_;  // a run from here on may be the last one
  Row work_;
  Row never_;
  Row begin_;  // of working in this slot after none, where a last run may begin
  Ring idle_;
  Ring run_;
  Ring short_;  // only counts so near to the end that a run from there on is too short
  Ring sums_;
  Ring begun_;  // what beginning cost in the last slots, less the sums then
  Bits paused_;
  Bits begins_;
  Bits grown_;
};

}  // namespace lowtide::plan
