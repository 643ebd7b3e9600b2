// The exact sweep where no least run is asked for: two states for each count of work slots done,
// running and not running, or one where nothing is charged.
//
// Counts are cut into strips whose states stay in registers while all slots of the band are swept;
// a strip is handed, slot by slot, what its left neighbour held at its last count. Time O(work x
// slack); memory a bit a state and decision.
#pragma once

#include <cstdint>

#include "plan/exact_rules.h"
#include "plan/strip_kernel.h"

namespace lowtide::plan {

class StripSweep {
 public:
  // `with_plan`: keeps the bits to walk back by.
  StripSweep(const Problem& problem, bool with_plan);

  [[nodiscard]] Ends sweep();
  [[nodiscard]] Slots walk_back(const Ends& ends) const;

 private:
  // What one strip hands to the next, by slot.
  struct Border {
    std::vector<double> run;
    std::vector<double> idle;
  };
  // Counts first + 1 .. first + width, swept over the slots from .. to.
  struct Laid {
    std::size_t first;
    std::size_t from;
    std::size_t to;
    std::size_t bits_at;  // where its first slot's bits are, in bytes
  };

  void sweep_one(const Laid& strip, const Border& in, Border& out);
  [[nodiscard]] bool get(const std::vector<std::uint8_t>& bits, std::size_t u, std::size_t j) const;

  Rules rules_;
  std::size_t count_;
  std::size_t window_;
  std::size_t width_;         // of a strip
  std::vector<double> work_;  // padded to whole strips
  // By slot, as strip_kernel.h has them:
  std::vector<double> intensity_;
  std::vector<double> hold_;
  std::vector<double> pause_;
  std::vector<double> resume_;
  std::vector<std::uint8_t> forbidden_;
  std::vector<Laid> strips_;
  std::vector<double> rings_;
  std::vector<double> ends_;
  std::vector<std::uint8_t> resumed_;
  std::vector<std::uint8_t> paused_;
};

}  // namespace lowtide::plan
