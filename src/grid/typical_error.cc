#include "grid/typical_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "grid/table.h"

namespace lowtide::grid {
namespace {

constexpr const char* kErrorFile = "typical_odbl_error.csv";
constexpr const char* kSavingsFile = "typical_odbl_savings.csv";

// "2021, 2022 and 2024" of "2021 2022 2024".
std::string listed(std::string_view years) {
  std::string out;
  for (const char c : years) out += c == ' ' ? std::string(", ") : std::string(1, c);
  const std::size_t last = out.rfind(", ");
  if (last != std::string::npos) out.replace(last, 2, " and ");
  return out;
}

Error no_row(const char* file, const std::string& of) {
  return {ErrorKind::absent, fmt::format("{} has no row for {}", file, of), {}, {}};
}

// A zone's row of the error table.
struct Row {
  Table table;
  std::size_t at = 0;
  TypicalJudges judges;
  std::string savings_of;
};
Result<Row> find_row(const std::string& data_dir, const std::string& zone) {
  auto table = Table::read(
      fmt::format("{}/{}", data_dir, kErrorFile),
      {"zone", "basis", "savings_of", "zones", "years", "low95_pct", "high95_pct"}, zone + ",");
  if (!table && table.error().kind == ErrorKind::absent) {
    return fail(ErrorKind::absent, fmt::format("there is no {}", kErrorFile));
  }
  if (!table) return tl::unexpected(table.error());
  const auto at = table->find(zone);
  if (!at) return tl::unexpected(no_row(kErrorFile, zone));
  TypicalJudges judges{table->cell(*at, 1) == "held-out", table->cell(*at, 3),
                       listed(table->cell(*at, 4))};
  std::string savings_of = table->cell(*at, 2);
  return Row{std::move(*table), *at, std::move(judges), std::move(savings_of)};
}

// Three cells of a row of the savings table, in percent there.
Result<TypicalSavings::Came> read_came(const Table& table, std::size_t row) {
  std::array<double, 3> cells{};
  for (std::size_t column = 0; column < cells.size(); ++column) {
    const auto percent = table.number(row, column + 1);
    if (!percent) return tl::unexpected(percent.error());
    cells[column] = *percent / 100;
  }
  return TypicalSavings::Came{cells[0], {cells[1], cells[2]}};
}

}  // namespace

Result<TypicalError> typical_error(const std::string& data_dir, const std::string& zone) {
  const auto row = find_row(data_dir, zone);
  if (!row) return tl::unexpected(row.error());
  const auto low = row->table.number(row->at, 5);
  if (!low) return tl::unexpected(low.error());
  const auto high = row->table.number(row->at, 6);
  if (!high) return tl::unexpected(high.error());
  return TypicalError{std::max(0.0, -*low / 100), std::max(0.0, *high / 100), row->judges};
}

Result<TypicalSavings> typical_savings(const std::string& data_dir, const std::string& zone) {
  const auto row = find_row(data_dir, zone);
  if (!row) return tl::unexpected(row.error());
  const auto table =
      Table::read(fmt::format("{}/{}", data_dir, kSavingsFile),
                  {"of", "promised_pct", "low10_pct", "high90_pct"}, row->savings_of + ",");
  if (!table && table.error().kind == ErrorKind::absent) {
    return fail(ErrorKind::absent, fmt::format("there is no {}", kSavingsFile));
  }
  if (!table) return tl::unexpected(table.error());
  TypicalSavings out;
  out.judges = row->judges;
  for (std::size_t i = 0; i < table->size(); ++i) {
    if (table->cell(i, 0) != row->savings_of) continue;
    const auto came = read_came(*table, i);
    if (!came) return tl::unexpected(came.error());
    out.came.push_back(*came);
  }
  if (out.came.empty()) return tl::unexpected(no_row(kSavingsFile, row->savings_of));
  return out;
}

SavingRange TypicalSavings::range(double promised) const {
  const auto above = std::find_if(came.begin(), came.end(),
                                  [&](const Came& one) { return one.promised >= promised; });
  if (above == came.begin()) return above->range;
  if (above == came.end()) return came.back().range;
  const Came& below = *std::prev(above);
  const double part = (promised - below.promised) / (above->promised - below.promised);
  return {std::lerp(below.range.low, above->range.low, part),
          std::lerp(below.range.high, above->range.high, part)};
}

}  // namespace lowtide::grid
