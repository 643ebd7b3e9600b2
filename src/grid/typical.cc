#include "grid/typical.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "base/quote.h"
#include "grid/hash.h"
#include "grid/table.h"
#include "grid/typical_error.h"
#include "host/files.h"

namespace lowtide::grid {
namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr std::string_view kHeader =
    "zone,month,day,h00,h01,h02,h03,h04,h05,h06,h07,h08,h09,h10,h11,h12,h13,h14,h15,h16,h17,h18,"
    "h19,h20,h21,h22,h23";

enum class DayType { weekday, weekend };

using Hours = std::array<std::optional<Intensity>, 24>;
using Year = std::array<std::array<Hours, 2>, 12>;  // month, DayType; a hole is a gap

struct ZoneRows {
  Year year;
  std::string text;  // the zone's lines, each with a line feed
};

std::string_view take_field(std::string_view& line) {
  const std::size_t end = std::min(line.find(','), line.size());
  const std::string_view field = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return field;
}

// 0 to 11.
std::optional<std::size_t> read_month(std::string_view text) {
  const auto month = read_number(text);
  if (!month || *month < 1 || *month > 12 || std::floor(*month) != *month) return std::nullopt;
  return static_cast<std::size_t>(*month) - 1;
}

std::optional<DayType> read_day(std::string_view text) {
  if (text == "weekday") return DayType::weekday;
  return text == "weekend" ? std::optional(DayType::weekend) : std::nullopt;
}

// Reads `zone,month,day,24 values` into `year`; the zone is known to match.
std::optional<Error> read_row(std::string_view line, std::string_view zone,
                              const std::string& where, Year& year) {
  const auto malformed = [&](std::string_view field, std::string_view text) {
    return Error{ErrorKind::malformed, in_quotes(text) + " is not what belongs here",
                 fmt::format("{}, field {}", where, field), "put the shipped file back"};
  };
  line.remove_prefix(zone.size() + 1);
  const std::string_view month_text = take_field(line);
  const auto month = read_month(month_text);
  if (!month) return malformed("month", month_text);
  const std::string_view day_text = take_field(line);
  const auto day = read_day(day_text);
  if (!day) return malformed("day", day_text);
  Hours& row = year[*month][static_cast<std::size_t>(*day)];
  for (std::size_t hour = 0; hour < row.size(); ++hour) {
    const std::string_view text = take_field(line);
    if (text.empty()) continue;
    const auto value = read_number(text);
    if (!value || *value < 0) return malformed(fmt::format("h{:02}", hour), text);
    row[hour] = grams_per_kwh(*value);
  }
  if (!line.empty()) return malformed("beyond h23", line);
  return std::nullopt;
}

Result<ZoneRows> read_zone(const std::string& path, const std::string& zone) {
  const auto text = host::read_file(path);
  if (!text) return tl::unexpected(text.error());
  std::string_view rest = *text;
  if (take_line(rest) != kHeader) {
    return fail(ErrorKind::malformed, "the header is not zone,month,day,h00..h23", path + ":1",
                "put the shipped file back");
  }
  ZoneRows out;
  const std::string start = zone + ",";
  for (int number = 2; !rest.empty(); ++number) {
    const std::string_view line = take_line(rest);
    if (!line.starts_with(start)) continue;
    const std::string where = fmt::format("{}:{}", path, number);
    if (auto trouble = read_row(line, zone, where, out.year)) {
      return tl::unexpected(std::move(*trouble));
    }
    out.text.append(line).push_back('\n');
  }
  if (out.text.empty()) {
    return fail(ErrorKind::absent, fmt::format("no typical intensity for {}", zone), path);
  }
  return out;
}

std::optional<Intensity> typical_at(const Year& year, Utc hour) {
  const auto day = std::chrono::floor<days>(hour);
  const std::chrono::year_month_day date{day};
  const bool weekend = std::chrono::weekday(day).iso_encoding() >= 6;
  const auto type = weekend ? DayType::weekend : DayType::weekday;
  const auto hour_of_day = static_cast<std::size_t>((hour - day) / hours(1));
  return year[static_cast<unsigned>(date.month()) - 1][static_cast<std::size_t>(type)][hour_of_day];
}

class Typical final : public Provider {
 public:
  Typical(const Year& year, IntensityUsed used) : year_(year), used_(std::move(used)) {}

  const IntensityUsed& describe() const override { return used_; }

  Result<IntensityUsed> fetch(Interval over) override {
    std::vector<IntensityPiece> pieces;
    for (Utc hour = std::chrono::floor<hours>(over.begin); hour < over.end; hour += hours(1)) {
      const auto value = typical_at(year_, hour);
      const Interval span = over.meet({hour, hour + hours(1)});
      if (value && !span.empty()) pieces.push_back({span, *value, Quality::modelled});
    }
    auto series = IntensitySeries::from(std::move(pieces));
    if (!series) return tl::unexpected(series.error());
    IntensityUsed used = used_;
    used.series = std::move(*series);
    return used;
  }

 private:
  Year year_;
  IntensityUsed used_;
};

// What the zone table says of the zone: year and note. A user's own file may lack it.
void add_year(IntensityUsed& used, const std::string& data_dir) {
  used.model = "typical";
  const auto zones = Table::read(data_dir + "/typical_odbl_zones.csv", {"zone", "year", "note"});
  if (!zones) return;
  const auto row = zones->find(used.zone);
  if (!row) return;
  used.model = "typical year " + zones->cell(*row, 1);
  if (!zones->cell(*row, 2).empty()) used.model += ", " + zones->cell(*row, 2) + " in its source";
}

// How wrong it was in other years. A user's own files may not say.
void add_error(IntensityUsed& used, const std::string& data_dir) {
  const auto error = typical_error(data_dir, used.zone);
  if (!error) {
    used.error_reference = "how wrong it may be is not known: " + error.error().line();
    return;
  }
  const TypicalJudges& by = error->judges;
  used.error_low_rel = error->low;
  used.error_high_rel = error->high;
  used.error_reference =
      by.own ? fmt::format("95 % of the hours of {}, held out, in this zone", by.years)
             : fmt::format(
                   "assumed: pooled over {} zones with a like swing, 95 % of their hours "
                   "of {}, held out",
                   by.zones, by.years);
}

}  // namespace

Result<std::unique_ptr<Provider>> open_typical(const std::string& data_dir, IntensityUsed base) {
  const auto rows = read_zone(data_dir + "/typical_odbl.csv", base.zone);
  if (!rows) return tl::unexpected(rows.error());
  base.source = "typical";
  base.signal = Signal::average;
  base.scope = Scope::lifecycle;
  base.gas = Gas::co2e;
  base.step = hours(1);
  base.sha256 = sha256_hex(rows->text);
  base.licence = kTypicalLicence;
  add_year(base, data_dir);
  add_error(base, data_dir);
  return std::make_unique<Typical>(rows->year, std::move(base));
}

}  // namespace lowtide::grid
