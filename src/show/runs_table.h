// `lowtide runs`: the ledger, one line a run. Fits the terminal: the name gives way first, then
// whole columns from the least needed.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "account/report.h"
#include "show/text.h"

namespace lowtide::show {

// In the order given; with a head line, and a sentence where there are none.
[[nodiscard]] std::string runs_table(std::span<const account::Report> reports, const Style& style,
                                     std::string_view if_none = "no runs yet");

}  // namespace lowtide::show
