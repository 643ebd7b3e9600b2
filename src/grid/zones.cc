#include "grid/zones.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <utility>

#include "base/names.h"
#include "base/quote.h"
#include "grid/place.h"
#include "grid/table.h"
#include "grid/typical.h"

namespace lowtide::grid {
namespace {

constexpr std::size_t kOffered = 3;

// The first six columns are the same in both tables of series.
Result<Table> read_typical(const std::string& data_dir) {
  return Table::read(data_dir + "/typical_odbl_zones.csv",
                     {"zone", "year", "mean_g_per_kwh", "scope", "gas", "source", "note"});
}

Result<Table> read_annual(const std::string& data_dir) {
  return Table::read(data_dir + "/annual.csv", {"zone", "year", "g_per_kwh", "scope", "gas",
                                                "source", "licence", "name", "country"});
}

Result<ZoneSeries> series_of(const Table& table, std::size_t row) {
  const auto mean = table.number(row, 2);
  if (!mean) return tl::unexpected(mean.error());
  const auto year = table.number(row, 1);
  if (!year) return tl::unexpected(year.error());
  ZoneSeries series;
  series.of = table.cell(row, 0);
  series.year = static_cast<int>(*year);
  series.mean = grams_per_kwh(*mean);
  series.scope = read_word<Scope>(table.cell(row, 3));
  series.gas = read_word<Gas>(table.cell(row, 4));
  series.source = table.cell(row, 5);
  return series;
}

// Any table may be taken away: what it said is then not known.
struct Tables {
  Result<Table> names;
  Result<Table> typical;
  Result<Table> annual;
};

void name(const Tables& tables, ZoneFacts& facts) {
  facts.name = facts.zone;
  const auto take = [&facts](const Result<Table>& table, std::size_t column) {
    const auto row = table ? table->find(facts.zone) : std::nullopt;
    if (!row) return false;
    facts.name = table->cell(*row, column);
    facts.country = table->cell(*row, column + 1);
    return true;
  };
  if (!take(tables.names, 1)) take(tables.annual, 7);
  if (!tables.annual || facts.country.empty()) return;
  if (const auto row = tables.annual->find(facts.country)) {
    facts.country_name = tables.annual->cell(*row, 7);
  }
}

Result<void> add_typical(const Table& table, ZoneFacts& facts) {
  const auto row = table.find(facts.zone);
  if (!row) return {};
  auto series = series_of(table, *row);
  if (!series) return tl::unexpected(series.error());
  series->licence = kTypicalLicence;
  series->note = table.cell(*row, 6);
  facts.typical = std::move(*series);
  return {};
}

Result<void> add_annual(const Table& table, ZoneFacts& facts) {
  for (const std::string& of : {facts.zone, facts.country, std::string("world")}) {
    const auto row = of.empty() ? std::nullopt : table.find(of);
    if (!row) continue;
    auto series = series_of(table, *row);
    if (!series) return tl::unexpected(series.error());
    series->licence = table.cell(*row, 6);
    facts.annual = std::move(*series);
    return {};
  }
  return {};
}

Result<void> add_series(const Tables& tables, ZoneFacts& facts) {
  if (tables.typical) {
    if (auto done = add_typical(*tables.typical, facts); !done) return done;
  }
  return tables.annual ? add_annual(*tables.annual, facts) : Result<void>();
}

// By zone, each once, in the order of the tables.
using Providers = std::map<ZoneId, std::vector<std::string>>;
Providers known_providers(const std::string& data_dir) {
  Providers all;
  const auto add = [&all](const ZoneId& zone, const std::string& provider) {
    auto& names = all[zone];
    if (std::find(names.begin(), names.end(), provider) == names.end()) names.push_back(provider);
  };
  const auto zones = Table::read(data_dir + "/provider_zones.csv", {"zone", "provider"});
  for (std::size_t row = 0; zones && row < zones->size(); ++row) {
    add(zones->cell(row, 0), zones->cell(row, 1));
  }
  // Where all cloud regions of a zone are in one: else the zone alone does not say which.
  const auto regions = Table::read(data_dir + "/regions.csv", {"zone", "watttime_region"});
  std::map<ZoneId, std::set<std::string>> watttime;
  for (std::size_t row = 0; regions && row < regions->size(); ++row) {
    watttime[regions->cell(row, 0)].insert(regions->cell(row, 1));
  }
  for (const auto& [zone, names] : watttime) {
    if (names.size() == 1 && !names.begin()->empty()) add(zone, "watttime");
  }
  return all;
}

// A word of `text` begins with `wanted`; both in lower case.
bool has_word(const std::string& text, const std::string& wanted) {
  for (std::size_t at = text.find(wanted); at != std::string::npos;
       at = text.find(wanted, at + 1)) {
    const auto before = static_cast<unsigned char>(at == 0 ? ' ' : text[at - 1]);
    if (std::isalnum(before) == 0 && before < 0x80) return true;
  }
  return false;
}

}  // namespace

Result<std::vector<ZoneFacts>> list_zones(const std::string& data_dir) {
  const auto zones = known_zones(data_dir);
  if (!zones) return tl::unexpected(zones.error());
  const Tables tables{Table::read(data_dir + "/zones.csv", {"zone", "name", "country"}),
                      read_typical(data_dir), read_annual(data_dir)};
  for (const auto* table : {&tables.names, &tables.typical, &tables.annual}) {
    if (!*table && table->error().kind != ErrorKind::absent) return tl::unexpected(table->error());
  }
  const Providers providers = known_providers(data_dir);
  std::vector<ZoneFacts> all;
  for (const ZoneId& zone : *zones) {
    ZoneFacts facts;
    facts.zone = zone;
    name(tables, facts);
    if (const auto found = providers.find(zone); found != providers.end()) {
      facts.providers = found->second;
    }
    if (auto done = add_series(tables, facts); !done) return tl::unexpected(done.error());
    all.push_back(std::move(facts));
  }
  return all;
}

Result<std::vector<ZoneFacts>> zones_that_fit(std::vector<ZoneFacts> zones, std::string_view text) {
  const std::string wanted = lower(trim(text));
  std::set<std::string> names;
  for (const ZoneFacts& facts : zones) names.insert({facts.zone, facts.name});
  std::erase_if(zones, [&wanted](const ZoneFacts& facts) {
    return !has_word(lower(facts.zone), wanted) && !has_word(lower(facts.name), wanted) &&
           !has_word(lower(facts.country), wanted) && !has_word(lower(facts.country_name), wanted);
  });
  if (!zones.empty()) return zones;
  return fail(
      ErrorKind::usage, "no zone fits " + in_quotes(text), {},
      fmt::format("nearest: {}",
                  fmt::join(nearest_names(text, {names.begin(), names.end()}, kOffered), ", ")));
}

}  // namespace lowtide::grid
