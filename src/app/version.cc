#include "app/version.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "app/paths.h"
#include "grid/table.h"
#include "record/ledger.h"

namespace lowtide::app {
namespace {

// "years 2021 to 2024" and the licences of a table's rows; empty where it cannot be read.
std::string edition_of(const char* table, const char* column, const char* licence) {
  const auto rows = grid::Table::read(data_folder() + "/" + table, {column});
  if (!rows) return fmt::format("  {:<24}not found\n", table);
  std::set<std::string> years;
  for (std::size_t i = 0; i < rows->size(); ++i) years.insert(rows->cell(i, 0));
  years.erase("");
  const std::string span = years.empty() ? "no year" : *years.begin() + " to " + *years.rbegin();
  std::set<std::string> licences;
  if (const auto own = grid::Table::read(data_folder() + "/" + table, {"licence"})) {
    for (std::size_t i = 0; i < own->size(); ++i) licences.insert(own->cell(i, 0));
  }
  licences.erase("");
  std::string all;
  for (const std::string& one : licences) all += (all.empty() ? "" : ", ") + one;
  return fmt::format("  {:<24}{} · {}\n", table, span, all.empty() ? licence : all);
}

}  // namespace

std::string version_text() {
  const std::string build = *LOWTIDE_BUILD == '\0' ? "None" : LOWTIDE_BUILD;
  std::string out = "lowtide " LOWTIDE_VERSION "\n";
  out += fmt::format("ledger schema {} · lowtide.report/1, lowtide.reports/1\n",
                     record::Ledger::kSchema);
  out += fmt::format("build {} · compiler {}\n", build, __VERSION__);
  out += "licence Apache-2.0\ndata in " + data_folder() + "\n";
  out += edition_of("typical_odbl_zones.csv", "year", "ODbL 1.0");
  for (const char* table : {"annual.csv", "embodied.csv", "cpu_tdp.csv"}) {
    out += edition_of(table, "year", "see data/README.md");
  }
  out += edition_of("equivalents.csv", "edition", "see data/README.md");
  out.pop_back();
  return out;
}

}  // namespace lowtide::app
