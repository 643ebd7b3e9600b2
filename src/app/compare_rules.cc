#include "app/compare_rules.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include "app/paths.h"
#include "base/names.h"
#include "base/quote.h"
#include "grid/table.h"
#include "grid/zones.h"
#include "host/files.h"

namespace lowtide::app {
namespace {

// Fixed-line access and core network in 2015; halved about every two years before (Aslan et al.
// 2018, doi:10.1111/jiec.12630). Newer figures are lower: it errs on the side of staying.
constexpr double kTransferKwhPerGb = 0.06;
constexpr const char* kTransferSource = "Aslan et al. 2018, for 2015: an upper figure today";

std::vector<std::string> words_of(const std::string& list) {
  std::vector<std::string> words;
  std::istringstream in(list);
  for (std::string word; std::getline(in, word, ',');) words.emplace_back(grid::trim(word));
  return words;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  });
  return text;
}

// A country by its code, or a legal zone by its name in legal_zones.csv.
Result<std::set<std::string>> countries_of(const std::string& list) {
  const auto table =
      grid::Table::read(data_folder() + "/legal_zones.csv", {"legal_zone", "country"});
  if (!table) return tl::unexpected(table.error());
  const auto zones = grid::list_zones(data_folder());
  if (!zones) return tl::unexpected(zones.error());
  std::set<std::string> known;
  for (const grid::ZoneFacts& zone : *zones) known.insert(zone.country);
  known.erase("");
  std::set<std::string> countries;
  for (const std::string& word : words_of(list)) {
    const std::string wanted = upper(word);
    const std::size_t before = countries.size();
    for (std::size_t row = 0; row < table->size(); ++row) {
      if (table->cell(row, 0) == wanted) countries.insert(table->cell(row, 1));
    }
    if (known.contains(wanted)) {
      countries.insert(wanted);
    } else if (countries.size() == before) {
      return fail(ErrorKind::usage, in_quotes(word) + " is neither a country's code nor EU",
                  "--legal", "write EU or FR,DE");
    }
  }
  if (countries.empty()) {
    return fail(ErrorKind::usage, "names no country", "--legal", "write EU or FR,DE");
  }
  return countries;
}

struct Offers {
  grid::Table table;
  bool priced = false;
};

Result<Offers> read_table(const std::string& path) {
  const auto text = host::read_file(path);
  if (!text) return tl::unexpected(text.error());
  auto table = grid::Table::parse(*text, path, {"region", "sku", "price"});
  const bool priced = table.has_value();
  if (!priced) table = grid::Table::parse(*text, path, {"region", "sku"});
  if (!table) return tl::unexpected(table.error());
  if (table->size() > 0) return Offers{std::move(*table), priced};
  return fail(ErrorKind::malformed, "there is no row below the header", path + ":2",
              "a row is region,sku[,price]");
}

struct Offer {
  std::string region;
  std::string sku;
  std::optional<double> price;
};

Result<Offer> read_offer(const Offers& offers, std::size_t row, const RuleFlags& flags) {
  Offer offer{std::string(grid::trim(offers.table.cell(row, 0))),
              std::string(grid::trim(offers.table.cell(row, 1))), std::nullopt};
  if (offer.region.empty() || offer.sku.empty()) {
    return fail(ErrorKind::malformed,
                in_quotes(offers.table.line(row)) + " lacks a region or a SKU", flags.sku_file);
  }
  const bool named = offer.region.find(':') != std::string::npos;
  if (!named && !flags.provider.empty()) offer.region.insert(0, flags.provider + ":");
  // A cloud's regions are written small; a zone's key is as it is.
  if (named || !flags.provider.empty()) offer.region = lower(offer.region);
  if (!offers.priced || offers.table.cell(row, 2).empty()) return offer;
  const auto price = offers.table.number(row, 2);
  if (!price) return tl::unexpected(price.error());
  offer.price = *price;
  return offer;
}

// `region,sku[,price]`; a region without its provider is of --provider. The lowest price counts.
Result<void> read_offers(const RuleFlags& flags, Rules& rules) {
  const auto offers = read_table(flags.sku_file);
  if (!offers) return tl::unexpected(offers.error());
  std::set<std::string> regions;
  std::set<std::string> skus;
  for (std::size_t row = 0; row < offers->table.size(); ++row) {
    const auto offer = read_offer(*offers, row, flags);
    if (!offer) return tl::unexpected(offer.error());
    skus.insert(offer->sku);
    if (lower(offer->sku) != lower(flags.sku)) continue;
    regions.insert(offer->region);
    if (!offer->price) continue;
    const auto known = rules.prices.insert({offer->region, *offer->price}).first;
    known->second = std::min(known->second, *offer->price);
  }
  if (regions.empty()) {
    return fail(ErrorKind::usage,
                fmt::format("no region of {} has {}", flags.sku_file, in_quotes(flags.sku)),
                "--sku", fmt::format("it has {}", fmt::join(skus, ", ")));
  }
  rules.rules.offering = std::move(regions);
  return {};
}

// "200GB", decimal units.
Result<double> gigabytes_of(const std::string& text) {
  constexpr std::array<std::pair<const char*, double>, 4> kUnits{
      {{"mb", 1e-3}, {"gb", 1}, {"tb", 1e3}, {"pb", 1e6}}};
  const std::string small = lower(text);
  for (const auto& [unit, factor] : kUnits) {
    if (!small.ends_with(unit)) continue;
    const auto number = grid::read_number(grid::trim(small.substr(0, small.size() - 2)));
    if (number && *number >= 0) return *number * factor;
  }
  return fail(ErrorKind::usage, in_quotes(text) + " is no amount of data", "--transfer",
              "write it as 200GB");
}

Result<double> kwh_per_gb_of(const std::string& text) {
  std::string_view number = grid::trim(text);
  constexpr std::string_view kUnit = "kwh/gb";
  const std::string small = lower(number);
  if (small.ends_with(kUnit)) number.remove_suffix(kUnit.size());
  const auto value = grid::read_number(grid::trim(number));
  if (value && *value >= 0) return *value;
  return fail(ErrorKind::usage, in_quotes(text) + " is no energy per data", "--transfer-intensity",
              "write it as 0.06kWh/GB");
}

Result<void> read_transfer(const RuleFlags& flags, Rules& rules) {
  const auto amount = gigabytes_of(flags.transfer);
  if (!amount) return tl::unexpected(amount.error());
  const bool given = !flags.transfer_intensity.empty();
  const auto each =
      given ? kwh_per_gb_of(flags.transfer_intensity) : Result<double>(kTransferKwhPerGb);
  if (!each) return tl::unexpected(each.error());
  rules.rules.transfer = kwh(*amount * *each);
  rules.transfer_note = fmt::format("{:g} GB x {:g} kWh/GB ({})", *amount, *each,
                                    given ? "as given" : kTransferSource);
  return {};
}

}  // namespace

void add_rule_options(CLI::App& command, RuleFlags& flags) {
  command.add_option("--legal", flags.legal, "only in the EU, or in countries: FR,DE")
      ->type_name("LIST");
  CLI::Option* sku =
      command.add_option("--sku", flags.sku, "only where --sku-file offers this machine")
          ->type_name("NAME");
  command.add_option("--sku-file", flags.sku_file, "CSV: region,sku[,price]")
      ->type_name("FILE")
      ->needs(sku);
  sku->needs("--sku-file");
  CLI::Option* transfer =
      command.add_option("--transfer", flags.transfer, "data to move there: 200GB")
          ->type_name("SIZE");
  command
      .add_option("--transfer-intensity", flags.transfer_intensity,
                  "energy of moving it (default: 0.06kWh/GB)")
      ->type_name("ENERGY")
      ->needs(transfer);
}

Result<Rules> read_rules(const RuleFlags& flags) {
  Rules rules;
  if (flags.legal) {
    auto countries = countries_of(*flags.legal);
    if (!countries) return tl::unexpected(countries.error());
    rules.rules.countries = std::move(*countries);
  }
  if (!flags.sku_file.empty()) {
    if (auto done = read_offers(flags, rules); !done) return tl::unexpected(done.error());
  }
  if (!flags.transfer.empty()) {
    if (auto done = read_transfer(flags, rules); !done) return tl::unexpected(done.error());
  }
  return rules;
}

}  // namespace lowtide::app
