#include "app/tables.h"

#include "grid/table.h"

namespace lowtide::app {

account::Tables read_tables(const std::string& data_folder) {
  account::Tables tables;
  const auto rows = grid::Table::read(data_folder + "/equivalents.csv",
                                      {"key", "g_per_unit", "year", "source"});
  if (!rows) return tables;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const auto factor = rows->number(i, 1);
    if (!factor) continue;
    tables.equivalents.push_back(
        {rows->cell(i, 0), grams(*factor), rows->cell(i, 2) + ", " + rows->cell(i, 3)});
  }
  return tables;
}

}  // namespace lowtide::app
