// The fields of a line of comma-separated text (grid/table.cc splits tables by the same rule).
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace lowtide::grid {

// Unquoted; blanks around unquoted ones left out. They look into `line` and, where they were
// quoted, into `scratch`. false: a quote stays open.
[[nodiscard]] bool split_fields(std::string_view line, std::vector<std::string_view>& fields,
                                std::deque<std::string>& scratch);

}  // namespace lowtide::grid
