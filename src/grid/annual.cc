#include "grid/annual.h"

#include <fmt/format.h>

#include <utility>

#include "grid/constant.h"
#include "grid/hash.h"
#include "grid/table.h"

namespace lowtide::grid {
namespace {

// Columns in the order in which they are asked for; the zone is the first.
constexpr std::size_t kName = 1;
constexpr std::size_t kYear = 2;
constexpr std::size_t kGrams = 3;
constexpr std::size_t kScope = 4;
constexpr std::size_t kGas = 5;
constexpr std::size_t kSource = 6;
constexpr std::size_t kLicence = 7;

}  // namespace

Result<std::unique_ptr<Provider>> open_annual(const std::string& data_dir,
                                              const std::string& country, IntensityUsed base) {
  const auto table = Table::read(data_dir + "/annual.csv", {"zone", "name", "year", "g_per_kwh",
                                                            "scope", "gas", "source", "licence"});
  if (!table) return tl::unexpected(table.error());
  auto row = table->find(base.zone);
  if (!row && !country.empty()) row = table->find(country);
  if (!row) row = table->find("world");
  if (!row) return fail(ErrorKind::absent, "no annual mean for " + base.zone, data_dir);
  const auto value = table->number(*row, kGrams);
  if (!value) return tl::unexpected(value.error());
  base.source = "annual";
  base.model =
      fmt::format("annual mean {} of {}", table->cell(*row, kYear), table->cell(*row, kName));
  if (base.fallback) base.model += fmt::format("; no typical year for {}", base.zone);
  base.signal = Signal::average;
  base.scope = read_word<Scope>(table->cell(*row, kScope));
  base.gas = read_word<Gas>(table->cell(*row, kGas)).value_or(Gas::co2e);
  base.sha256 = sha256_hex(table->line(*row) + "\n");
  base.licence = fmt::format("{}, {}", table->cell(*row, kSource), table->cell(*row, kLicence));
  base.error_reference = "an annual mean says nothing of the hour";
  return make_flat(grams_per_kwh(*value), Quality::modelled, std::move(base));
}

}  // namespace lowtide::grid
