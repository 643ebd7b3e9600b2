// Everything that can happen to a run, breadth first, to a depth: the shortest way to trouble.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "world.h"

namespace lowtide::act {

struct Exploration {
  std::size_t states = 0;
  int depth = 0;                 // to which all is known
  std::string wrong;             // empty: nothing was found
  std::vector<Deed> trace;       // from the beginning to it
  WorldTerms began;              // in this world
  std::size_t most_waiting = 0;  // states that waited for the next depth at once
};

// From each of `begins`; stops at the first trouble, or at `most` states.
[[nodiscard]] Exploration explore(const std::vector<WorldTerms>& begins, const Brain& brain,
                                  int depth, std::size_t most);
// The worlds that are explored: both manners, a job of the length that was said and one twice as
// long.
[[nodiscard]] std::vector<WorldTerms> all_begins(bool wide = false);
// One line for each deed, with what it made of the world.
[[nodiscard]] std::string shown(const Exploration& found, const Brain& brain);

}  // namespace lowtide::act
