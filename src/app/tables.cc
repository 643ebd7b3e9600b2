#include "app/tables.h"

#include <algorithm>
#include <map>
#include <vector>

#include "app/paths.h"
#include "app/say.h"
#include "app/values.h"
#include "grid/table.h"

namespace lowtide::app {
namespace {

Duration years(double n) { return seconds(n * account::kHoursPerYear * kSecondsPerHour); }

Carbon kilograms(double kg) { return grams(kg * 1000); }

// One row of embodied.csv; the unit of its figures goes with the key.
void take_row(const grid::Table& rows, std::size_t i, account::EmbodiedTable& table) {
  const std::string& key = rows.cell(i, 0);
  const double value = *rows.number(i, 2);
  const double low = rows.number(i, 3).value_or(value);
  const double high = rows.number(i, 4).value_or(value);
  const std::string& source = rows.cell(i, 6);
  const account::EmbodiedRow device{rows.cell(i, 1), kilograms(value), kilograms(low),
                                    kilograms(high), source,           rows.cell(i, 5) == "memory"};
  if (key == "server") table.server = device;
  if (key == "gpu") table.gpus.push_back(device);
  if (key == "server_cpus") table.server_cpus = value;
  if (key != "life") return;
  table.life = years(value);
  table.life_shortest = years(low);
  table.life_longest = years(high);
  table.life_source = source;
}

account::EmbodiedTable read_embodied(const std::string& path) {
  account::EmbodiedTable table;
  const auto rows =
      grid::Table::read(path, {"key", "name", "value", "low", "high", "status", "source"});
  if (!rows) return table;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const auto value = rows->number(i, 2);
    if (value && *value > 0) take_row(*rows, i, table);
  }
  return table;
}

// Of one edition, or the newest of each name; in the order of the table.
std::vector<account::Equivalent> read_equivalents(const std::string& path,
                                                  std::optional<int> wanted) {
  const auto rows = grid::Table::read(path, {"key", "g_per_unit", "edition", "source", "gas"});
  if (!rows) return {};
  std::map<std::string, double> newest;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    double& year = newest[rows->cell(i, 0)];
    year = std::max(year, rows->number(i, 2).value_or(0));
  }
  std::vector<account::Equivalent> all;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const std::string& key = rows->cell(i, 0);
    const auto factor = rows->number(i, 1);
    const auto gas = read_word<Gas>(rows->cell(i, 4));
    const double year = wanted ? *wanted : newest[key];
    if (!factor || !gas || rows->number(i, 2).value_or(0) != year) continue;
    all.push_back({key, grams(*factor), rows->cell(i, 2) + ", " + rows->cell(i, 3), *gas});
  }
  return all;
}

}  // namespace

account::Tables read_tables(const std::string& data_folder, std::optional<int> edition) {
  account::Tables tables;
  tables.embodied = read_embodied(data_folder + "/embodied.csv");
  tables.equivalents = read_equivalents(data_folder + "/equivalents.csv", edition);
  return tables;
}

Result<std::optional<int>> edition_in_force(Settings& settings) {
  return settings.get<std::optional<int>>("equivalents", std::nullopt, parse_equivalents);
}

Result<account::Tables> tables_in_force(const SettingFlags& flags) {
  Settings settings = Settings::load(config_path());
  for (const auto& [key, value] : flags) settings.set_flag(key, value);
  const auto edition = edition_in_force(settings);
  if (!edition) return tl::unexpected(edition.error());
  for (const std::string& text : settings.warnings()) warn(text);
  return read_tables(data_folder(), *edition);
}

const account::Tables& shipped_tables() {
  static const account::Tables tables = read_tables(data_folder());
  return tables;
}

}  // namespace lowtide::app
