#include "base/names.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace lowtide {
namespace {

// Optimal string alignment distance: insert, delete, change, swap of neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  std::iota(d[0].begin(), d[0].end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::vector<std::string> nearest_names(std::string_view name, const std::vector<std::string>& names,
                                       std::size_t count) {
  constexpr std::size_t kLongestName = 64;  // what is longer is no mistyped name
  const std::string wanted = lower(name.substr(0, kLongestName));
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const std::string& candidate : names) {
    const std::string key = lower(candidate);
    std::size_t distance = edit_distance(wanted, key);
    const std::size_t colon = key.find(':');
    if (colon != std::string::npos) {  // "westus2" is one step from "azure:westus2"
      distance = std::min(distance, edit_distance(wanted, key.substr(colon + 1)) + 1);
    }
    ranked.emplace_back(distance, candidate);
  }
  std::sort(ranked.begin(), ranked.end());
  ranked.resize(std::min(ranked.size(), count));
  std::vector<std::string> best;
  best.reserve(ranked.size());
  for (auto& [distance, candidate] : ranked) best.push_back(std::move(candidate));
  return best;
}

}  // namespace lowtide
