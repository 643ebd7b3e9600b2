// Keys that the tables of a study's file have alike. For study_recipe.cc, beyond_recipe.cc and
// scale_recipe.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/study_recipe.h"
#include "app/toml_reader.h"

namespace lowtide::app {

// Takes what a parser gives, or remembers its error at the key.
template <typename T>
std::optional<T> take(TomlReader& reader, std::string_view key, const Result<T>& value) {
  if (value) return *value;
  reader.refuse(key, value.error());
  return std::nullopt;
}

// A list, each read by `parse`.
template <typename T, typename Parse>
std::vector<T> read_list(TomlReader& reader, std::string_view key, Parse parse) {
  std::vector<T> out;
  for (const std::string& text : reader.list(key)) {
    if (auto one = take<T>(reader, key, parse(text))) out.push_back(std::move(*one));
  }
  return out;
}

// "6h", "25%".
[[nodiscard]] Result<study::StudyWindow> window_of(const std::string& text);
[[nodiscard]] Result<int> whole_in(const std::string& text, int least, int most);

// Where a series comes from, and what is said of it.
[[nodiscard]] SeriesRecipe read_series_keys(TomlReader& reader);
// [series], [other], or a region's own `other = { .. }`, if it is there.
[[nodiscard]] Result<SeriesRecipe> read_series_table(TomlReader& reader, std::string_view key,
                                                     const std::string& path);

// What a region does not say itself.
void fill(SeriesRecipe& own, const SeriesRecipe& usual, const std::string& zone);

}  // namespace lowtide::app
