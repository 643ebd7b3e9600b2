#include "app/study_recipe_keys.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/quote.h"

namespace lowtide::app {
namespace {

// The texts that a series says by keys of the same name.
struct SaidKey {
  const char* key;
  std::string ImportTexts::* text;
};
constexpr auto kSaid = std::to_array<SaidKey>({{"signal", &ImportTexts::signal},
                                               {"scope", &ImportTexts::scope},
                                               {"gas", &ImportTexts::gas},
                                               {"unit", &ImportTexts::unit},
                                               {"column", &ImportTexts::column},
                                               {"shift", &ImportTexts::shift},
                                               {"step", &ImportTexts::step},
                                               {"tz", &ImportTexts::tz},
                                               {"dates", &ImportTexts::dates}});

}  // namespace

SeriesRecipe read_series_keys(TomlReader& reader) {
  SeriesRecipe out;
  if (reader.has("file")) out.files = reader.list("file");
  out.intensity = reader.text("intensity").value_or("");
  for (const auto& [key, text] : kSaid) out.said.*text = reader.text(key).value_or("");
  out.said.begin = reader.time_words("times_from").value_or("");
  out.licence = reader.text("licence").value_or("");
  out.non_commercial = reader.flag("non_commercial");
  out.zeros_are_missing = reader.flag("zeros_are_missing");
  if (!out.files.empty() && !out.intensity.empty()) {
    reader.refuse("intensity", "a series is of files or of a source, not of both");
  }
  return out;
}

Result<SeriesRecipe> read_series_table(TomlReader& reader, std::string_view key,
                                       const std::string& path) {
  const toml::table* table = reader.table(key);
  if (table == nullptr) return SeriesRecipe{};
  TomlReader keys(*table, path, fmt::format("[{}]", key));
  SeriesRecipe out = read_series_keys(keys);
  if (const auto done = keys.done(); !done) return tl::unexpected(done.error());
  return out;
}

void fill(SeriesRecipe& own, const SeriesRecipe& usual, const std::string& zone) {
  if (own.files.empty() && own.intensity.empty()) {
    own.intensity = usual.intensity;
    for (std::string file : usual.files) {
      const std::size_t at = file.find("{zone}");
      if (at != std::string::npos) file.replace(at, 6, zone);
      own.files.push_back(file);
    }
  }
  const auto text = [](std::string& mine, const std::string& theirs) {
    if (mine.empty()) mine = theirs;
  };
  for (const auto& [key, member] : kSaid) text(own.said.*member, usual.said.*member);
  text(own.said.begin, usual.said.begin);
  text(own.licence, usual.licence);
  if (!own.non_commercial) own.non_commercial = usual.non_commercial;
  if (!own.zeros_are_missing) own.zeros_are_missing = usual.zeros_are_missing;
}

Result<study::StudyWindow> window_of(const std::string& text) {
  study::StudyWindow out;
  out.name = text;
  if (text.ends_with('%')) {
    double percent = 0;
    const auto* last = text.data() + text.size() - 1;
    const auto read = std::from_chars(text.data(), last, percent);
    if (read.ec == std::errc() && read.ptr == last && percent > 0 && percent <= 10'000) {
      out.of_work = percent / 100;
      return out;
    }
  } else if (const auto length = parse_duration(text); length && *length > Duration{}) {
    out.slack = *length;
    return out;
  }
  return fail(ErrorKind::malformed, in_quotes(text) + " is no window", {},
              "write it as 6h or 25%, above zero");
}

Result<int> whole_in(const std::string& text, int least, int most) {
  int out = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  if (whole && out >= least && out <= most) return out;
  return fail(ErrorKind::malformed,
              fmt::format("{} is not within {} and {}", in_quotes(text), least, most));
}

}  // namespace lowtide::app
