// The forms of other people's intensity files, each known by its header: one row a form.
//
// A row says what a header says and what the publisher of that very header says of it: which column
// is the time and how it is meant, which columns are values, with unit, signal, scope and gas. What
// neither says is absent here and asked for (grid/import_rows.h): values are never looked at to
// guess a unit. A header in no row is the `other` form: a known name for the time, the rest said by
// flags. docs/import.md has the table for users. Pure.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/words.h"

namespace lowtide::grid {

// How a column's time is meant.
enum class TimeRule {
  says,   // each stamp says its offset; one that does not is asked for (--tz)
  utc,    // the header or its publisher says UTC
  hours,  // it counts hours from the begin of a year, which nothing in the file says (--begin)
  none,   // rows have no time (--begin, --step)
};

struct FormColumn {
  std::string_view name = {};
  std::string_view unit;  // as parse_unit() reads it; empty: not said
  std::optional<Signal> signal;
  std::optional<Scope> scope;  // absent: not said
};

struct ImportForm {
  std::string_view name = {};  // "Electricity Maps"
  std::string_view time = {};  // its column; empty: has none
  TimeRule rule = TimeRule::says;
  std::string_view marks = {};      // columns that must be there too, with | between
  std::string_view zone = {};       // the column that names the zone; empty: none
  std::string_view estimated = {};  // the column that says that a value is estimated; empty: none
  bool scope_by_name = false;       // `direct` or `lifecycle` stands in the file's name
  bool exact = false;               // no column beside these
  std::array<FormColumn, 2> columns{};
};

[[nodiscard]] std::span<const ImportForm> import_forms();

// The first row whose time, marks and at least one value column are in the header; null: none.
[[nodiscard]] const ImportForm* form_of(std::span<const std::string> header);
// Where a column of that name stands; ₂ and 2 are the same.
[[nodiscard]] std::optional<std::size_t> column_at(std::span<const std::string> header,
                                                   std::string_view name);
// The column of a header in no row that is the time, by its name.
[[nodiscard]] std::optional<std::size_t> time_column_of(std::span<const std::string> header);

struct ImportUnit {
  std::string text;        // as it was written
  double g_per_kwh = 1;    // of one of it
  std::optional<Gas> gas;  // where the unit says it
  bool operator==(const ImportUnit&) const = default;
};
// g, kg, lb, lbs, t; CO2, CO2e, CO2eq; per kWh or MWh: "kgCO2eq/MWh", "lbs CO2/MWh". Error usage.
[[nodiscard]] Result<ImportUnit> parse_unit(std::string_view text);

}  // namespace lowtide::grid
