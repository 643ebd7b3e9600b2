// Reports as CSV: one row a run, then, for several, one for each phase and one for the sum.
//
// RFC 4180: CRLF, quotes where they are needed, a head row whose names carry the unit. Numbers are
// raw, unknown is an empty cell, times are UTC. docs/formats/report.md has every column. A text
// that a spreadsheet would take for a formula (it begins with = + - @) gets an apostrophe in front;
// control characters become \xNN.
#pragma once

#include <span>
#include <string>

#include "account/report.h"
#include "account/sum.h"

namespace lowtide::show {

// `sum` may be null: no rows of sums.
[[nodiscard]] std::string reports_csv(std::span<const account::Report> reports,
                                      const account::Sum* sum);

}  // namespace lowtide::show
