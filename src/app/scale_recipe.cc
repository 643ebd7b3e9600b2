#include "app/scale_recipe.h"

#include <algorithm>
#include <array>

#include "app/study_recipe_keys.h"
#include "base/quote.h"

namespace lowtide::app {
namespace {

// Each in whole slots of `step`.
std::vector<study::ScaleTime> read_times(TomlReader& reader, std::string_view key, Duration step) {
  std::vector<study::ScaleTime> out;
  for (const std::string& text : reader.list(key)) {
    const auto time = take(reader, key, parse_duration(text)).value_or(step);
    if (time <= Duration{} || time % step != Duration{}) {
      reader.refuse(key, in_quotes(text) + " is not one step or several");
    }
    const bool again = std::any_of(out.begin(), out.end(), [&](const study::ScaleTime& each) {
      return each.slots == static_cast<std::size_t>(time / step);
    });
    if (again) reader.refuse(key, in_quotes(text) + " is there twice");
    out.push_back({text, static_cast<std::size_t>(time / step)});
  }
  if (out.empty()) reader.refuse(key, "is a list such as [\"6h\", \"24h\"]");
  return out;
}

void read_zones(TomlReader& reader, ScaleRecipe& out) {
  out.zones = reader.list("zones");
  if (out.zones.empty()) reader.refuse("zones", "zones is \"all\", or a list of them");
  constexpr const char* kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  for (const std::string& zone : out.zones) {
    if (zone.empty() || zone.find_first_not_of(kPlain) != std::string::npos) {
      reader.refuse("zones", in_quotes(zone) + " is no zone: letters, digits, - and _");
    }
  }
  std::vector<std::string> sorted = out.zones;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) reader.refuse("zones", in_quotes(*twice) + " is there twice");
  if (out.zones == std::vector<std::string>{"all"}) out.zones.clear();
}

void read_file_name(TomlReader& reader, ScaleRecipe& out) {
  constexpr std::array kEndings = {".csv", ".csv.gz", ".csv.zst", ".parquet"};
  out.file = reader.text("out").value_or("cells.parquet");
  const bool known = std::any_of(kEndings.begin(), kEndings.end(), [&](const char* ending) {
    return out.file.ends_with(ending) && out.file != ending;
  });
  if (!known || out.file.find('/') != std::string::npos) {
    reader.refuse("out", "out is a file's name that ends in .csv, .csv.gz, .csv.zst or .parquet");
  }
}

std::size_t longest(const std::vector<study::ScaleTime>& times) {
  std::size_t out = 0;
  for (const study::ScaleTime& each : times) out = std::max(out, each.slots);
  return out;
}

Result<ScaleRecipe> read_table(const toml::table& table, const std::string& path, Duration span) {
  TomlReader reader(table, path, "[scale]");
  ScaleRecipe out;
  read_zones(reader, out);
  const std::string step = reader.text("step").value_or("1h");
  out.step = take(reader, "step", parse_duration(step)).value_or(kSlot);
  if (out.step < kSlot || out.step % kSlot != Duration{}) {
    reader.refuse("step", "step is 5 minutes or a multiple of it");
    out.step = kSlot;
  }
  out.axes.lengths = read_times(reader, "lengths", out.step);
  out.axes.slacks = read_times(reader, "slacks", out.step);
  read_file_name(reader, out);
  const auto slots = static_cast<std::size_t>(span / out.step);
  if (longest(out.axes.lengths) + longest(out.axes.slacks) > slots) {
    reader.refuse("lengths", "the longest length and slack together are longer than the study");
  }
  if (const auto done = reader.done(); !done) return tl::unexpected(done.error());
  return out;
}

}  // namespace

Result<StudyRecipe> read_scale(TomlReader& reader, StudyRecipe out) {
  const toml::table* table = reader.table("scale");
  auto series = read_series_table(reader, "series", out.path);
  if (const auto done = reader.done(); !done) return tl::unexpected(done.error());
  if (!series) return tl::unexpected(series.error());
  auto scale = read_table(*table, out.path, out.end - out.begin);
  if (!scale) return tl::unexpected(scale.error());
  scale->series = std::move(*series);
  out.scale = std::move(*scale);
  return out;
}

RegionRecipe scale_region(const StudyRecipe& recipe, const std::string& zone) {
  RegionRecipe out;
  out.zone = out.name = zone;
  out.where = recipe.path + ", [scale]";
  if (recipe.scale) fill(out.series, recipe.scale->series, zone);
  out.series.said.zone = zone;
  return out;
}

}  // namespace lowtide::app
