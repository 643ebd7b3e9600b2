// The derivation of a report in words and numbers, for `lowtide show --explain`.
//
// A step is a line of what it is and where docs/methods.md has it, and below, indented, the formula
// with names, with the run's numbers, and its result: `name = formula = numbers = result unit`,
// wrapped to the width. Numbers have six digits, so that each result can be computed again.
#pragma once

#include <string>

#include "show/derivation.h"
#include "show/text.h"

namespace lowtide::show {

[[nodiscard]] std::string explanation_text(const Explanation& explanation,
                                           const Style& style);

}  // namespace lowtide::show
