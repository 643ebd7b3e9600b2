// Where a study's jobs, regions, windows and start rules of some name stand. A name that is not
// there is an error.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/quote.h"
#include "base/result.h"

namespace lowtide::app {

template <typename T>
[[nodiscard]] Result<std::size_t> named(const std::vector<T>& all, const std::string& name,
                                        const char* what, const std::string& where) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const T& each) { return each.name == name; });
  if (found != all.end()) return static_cast<std::size_t>(found - all.begin());
  return fail(ErrorKind::usage, fmt::format("no {} is called {}", what, in_quotes(name)), where);
}

// Places of these names; none named: all.
template <typename T>
[[nodiscard]] Result<std::vector<std::size_t>> all_named(const std::vector<T>& all,
                                                         const std::vector<std::string>& names,
                                                         const char* what,
                                                         const std::string& where) {
  std::vector<std::size_t> out;
  for (const std::string& name : names) {
    const auto found = named(all, name, what, where);
    if (!found) return tl::unexpected(found.error());
    out.push_back(*found);
  }
  for (std::size_t i = 0; names.empty() && i < all.size(); ++i) out.push_back(i);
  return out;
}

}  // namespace lowtide::app
