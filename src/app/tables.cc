#include "app/tables.h"

#include "app/paths.h"
#include "grid/table.h"

namespace lowtide::app {
namespace {

Duration years(double n) { return seconds(n * account::kHoursPerYear * kSecondsPerHour); }

// One row of embodied.csv: its key, its name and what it says.
void take_row(const std::string& key, const account::EmbodiedRow& row,
              account::EmbodiedTable& table) {
  const double value = as_grams(row.value) / 1000;
  if (key == "server") table.server = row;
  if (key == "gpu") table.gpus.push_back(row);
  if (key == "server_cpus") table.server_cpus = value;
  if (key != "life") return;
  table.life = years(value);
  table.life_shortest = years(as_grams(row.low) / 1000);
  table.life_longest = years(as_grams(row.high) / 1000);
  table.life_source = row.source;
}

account::EmbodiedTable read_embodied(const std::string& path) {
  account::EmbodiedTable table;
  const auto rows =
      grid::Table::read(path, {"key", "name", "value", "low", "high", "status", "source"});
  if (!rows) return table;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const auto value = rows->number(i, 2);
    if (!value || *value <= 0) continue;
    const auto kilograms = [&](std::size_t column) {
      return grams(rows->number(i, column).value_or(*value) * 1000);
    };
    take_row(rows->cell(i, 0),
             {rows->cell(i, 1), grams(*value * 1000), kilograms(3), kilograms(4), rows->cell(i, 6),
              rows->cell(i, 5) == "memory"},
             table);
  }
  return table;
}

}  // namespace

account::Tables read_tables(const std::string& data_folder) {
  account::Tables tables;
  tables.embodied = read_embodied(data_folder + "/embodied.csv");
  const auto rows =
      grid::Table::read(data_folder + "/equivalents.csv", {"key", "g_per_unit", "year", "source"});
  if (!rows) return tables;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const auto factor = rows->number(i, 1);
    if (!factor) continue;
    tables.equivalents.push_back(
        {rows->cell(i, 0), grams(*factor), rows->cell(i, 2) + ", " + rows->cell(i, 3)});
  }
  return tables;
}

const account::Tables& shipped_tables() {
  static const account::Tables tables = read_tables(data_folder());
  return tables;
}

}  // namespace lowtide::app
