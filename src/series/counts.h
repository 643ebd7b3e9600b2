// What a job counts about itself: lines `name=value` of the file $LOWTIDE_COUNTS.
//
// The values of one name add up. Blanks around name and value are ignored, and so are empty lines;
// any other line that is not a name and a finite number is left out, counted and quoted. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace lowtide {

struct Counts {
  std::map<std::string, double> values;
  std::size_t ignored = 0;    // lines that say nothing
  std::string first_ignored;  // in quotes, shortened, control characters escaped
};

[[nodiscard]] Counts parse_counts(std::string_view text);

}  // namespace lowtide
