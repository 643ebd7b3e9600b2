#include "grid/import_forms.h"

#include <algorithm>
#include <utility>

#include "base/names.h"
#include "base/quote.h"
#include "grid/table.h"

namespace lowtide::grid {
namespace {

constexpr auto kAverage = Signal::average;
constexpr auto kMarginal = Signal::marginal;
constexpr auto kDirect = Scope::direct;
constexpr auto kLifecycle = Scope::lifecycle;

// Units and meanings: the publishers' own pages, as docs/import.md names them (read November 2026).
constexpr auto kForms = std::to_array<ImportForm>({
    {.name = "lowtide",
     .time = "time",
     .rule = TimeRule::utc,
     .exact = true,
     .columns = {{{"g_per_kwh", "g/kWh", {}, {}}}}},
    {.name = "Electricity Maps, up to 2023",
     .time = "Datetime (UTC)",
     .rule = TimeRule::utc,
     .zone = "Zone Id",
     .estimated = "Data Estimated",
     .columns = {{{"Carbon Intensity gCO2eq/kWh (direct)", "gCO2eq/kWh", kAverage, kDirect},
                  {"Carbon Intensity gCO2eq/kWh (LCA)", "gCO2eq/kWh", kAverage, kLifecycle}}}},
    {.name = "Electricity Maps, from 2024",
     .time = "Datetime (UTC)",
     .rule = TimeRule::utc,
     .zone = "Zone id",
     .estimated = "Data estimated",
     .columns = {{{"Carbon intensity gCO2eq/kWh (direct)", "gCO2eq/kWh", kAverage, kDirect},
                  {"Carbon intensity gCO2eq/kWh (Life cycle)", "gCO2eq/kWh", kAverage,
                   kLifecycle}}}},
    {.name = "life-cycle intensity by hour",
     .time = "datetime_utc",
     .rule = TimeRule::utc,
     .columns = {{{"carbon_intensity_lca_gco2eq_per_kwh", "gCO2eq/kWh", kAverage, kLifecycle}}}},
    {.name = "Carbon Intensity API (Great Britain)",
     .time = "Datetime (UTC)",
     .rule = TimeRule::utc,
     .columns = {{{"Actual Carbon Intensity (gCO2/kWh)", "gCO2/kWh", kAverage, kDirect}}}},
    {.name = "NESO generation mix (Great Britain)",
     .time = "DATETIME",
     .marks = "GENERATION|LOW_CARBON",
     .columns = {{{"CARBON_INTENSITY", "gCO2/kWh", kAverage, kDirect}}}},
    {.name = "CarbonCast",
     .time = "UTC time",
     .rule = TimeRule::utc,
     .scope_by_name = true,
     .columns = {{{"carbon_intensity", "gCO2/kWh", kAverage, {}}}}},
    {.name = "EIA hourly mix with its intensity",
     .time = "timestamp",
     .marks = "WND|SUN|WAT|OIL|NG|COL|NUC|OTH",
     .columns = {{{"avg_CI", "gCO2eq/kWh", kAverage, kLifecycle}}}},
    {.name = "marginal emission factors (DRAF)",
     .time = "T",
     .rule = TimeRule::hours,
     .marks = "residual_load|total_load|marginal_fuel",
     .columns = {{{"MEFs", "kgCO2eq/MWh", kMarginal, {}}, {"XEFs", "kgCO2eq/MWh", kAverage, {}}}}},
    {.name = "SGIP", .time = "time", .columns = {{{"moer", "kgCO2/kWh", kMarginal, kDirect}}}},
    {.name = "WattTime",
     .time = "timestamp",
     .columns = {{{"MOER", "lbCO2/MWh", kMarginal, kDirect}}}},
});

// What a column that holds the time is called, where no form says it; in small letters.
constexpr auto kTimeNames = std::to_array<std::string_view>(
    {"time", "timestamp", "datetime", "date_time", "date", "datetime (utc)", "datetime_utc",
     "utc time", "time_utc", "utc_time", "point_time", "start", "from", "period", "ts"});

// So that a header counts as the same whether its subscript is one or not.
std::string plain(std::string_view name) {
  constexpr std::string_view kSubscriptTwo = "\xE2\x82\x82";
  std::string out;
  while (!name.empty()) {
    if (name.starts_with(kSubscriptTwo)) {
      out += '2';
      name.remove_prefix(kSubscriptTwo.size());
    } else {
      out += name.front();
      name.remove_prefix(1);
    }
  }
  return out;
}

bool has_all(std::span<const std::string> header, std::string_view names) {
  while (!names.empty()) {
    const std::size_t bar = std::min(names.find('|'), names.size());
    if (!column_at(header, names.substr(0, bar))) return false;
    names.remove_prefix(std::min(bar + 1, names.size()));
  }
  return true;
}

bool fits(const ImportForm& form, std::span<const std::string> header) {
  if (!column_at(header, form.time) || !has_all(header, form.marks)) return false;
  if (form.exact && header.size() != 2) return false;
  return std::any_of(form.columns.begin(), form.columns.end(), [&](const FormColumn& column) {
    return !column.name.empty() && column_at(header, column.name);
  });
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

// Of the mass that `text` begins with, which it loses; 0: there is none.
double take_grams(std::string_view& text) {
  constexpr double kGramsPerPound = 453.59237;  // the international pound, exact
  for (const auto& [word, grams] : {std::pair<std::string_view, double>{"kg", 1e3},
                                    {"lbs", kGramsPerPound},
                                    {"lb", kGramsPerPound},
                                    {"g", 1},
                                    {"t", 1e6}}) {
    if (take(text, word)) return grams;
  }
  return 0;
}

// What the rest of a unit divides by, in kWh; 0: by no energy.
double take_kwh(std::string_view text) {
  if (!take(text, "/") && !take(text, "per")) return 0;
  return text == "kwh" ? 1 : text == "mwh" ? 1e3 : 0;
}

}  // namespace

std::span<const ImportForm> import_forms() { return kForms; }

std::optional<std::size_t> column_at(std::span<const std::string> header, std::string_view name) {
  const auto at = std::find_if(header.begin(), header.end(), [&](const std::string& column) {
    return column == name || plain(column) == name;
  });
  if (at == header.end()) return std::nullopt;
  return static_cast<std::size_t>(at - header.begin());
}

const ImportForm* form_of(std::span<const std::string> header) {
  const auto at = std::find_if(kForms.begin(), kForms.end(),
                               [&](const ImportForm& form) { return fits(form, header); });
  return at == kForms.end() ? nullptr : &*at;
}

std::optional<std::size_t> time_column_of(std::span<const std::string> header) {
  for (std::size_t i = 0; i < header.size(); ++i) {
    const std::string name = lower(header[i]);
    if (std::find(kTimeNames.begin(), kTimeNames.end(), name) != kTimeNames.end()) return i;
  }
  return std::nullopt;
}

Result<ImportUnit> parse_unit(std::string_view text) {
  std::string squeezed = lower(plain(text));
  std::erase_if(squeezed, [](char c) { return c == ' ' || c == '_'; });
  std::string_view rest = squeezed;
  ImportUnit unit{std::string(trim(text)), take_grams(rest), std::nullopt};
  if (take(rest, "co2")) unit.gas = take(rest, "eq") || take(rest, "e") ? Gas::co2e : Gas::co2;
  const double kwh = take_kwh(rest);
  unit.g_per_kwh /= kwh;
  if (kwh > 0 && unit.g_per_kwh > 0) return unit;
  return fail(ErrorKind::usage, in_quotes(text) + " is no unit of intensity", "--unit",
              "write it as gCO2eq/kWh, kg/MWh or lb/MWh");
}

}  // namespace lowtide::grid
