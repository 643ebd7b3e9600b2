#include "app/tables.h"

#include "app/paths.h"
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
