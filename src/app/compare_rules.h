// `lowtide compare` and `lowtide plan`: which regions may take the job, and what moving its data
// costs.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"
#include "plan/region.h"

namespace lowtide::app {

struct RuleFlags {
  std::optional<std::string> legal;  // "EU", "FR,DE"; absent: anywhere
  std::string sku;
  std::string sku_file;
  std::string provider;            // whose regions the file may name without it
  std::string transfer;            // "200GB"
  std::string transfer_intensity;  // "0.06 kWh/GB"
};

// --legal, --sku, --sku-file, --transfer and --transfer-intensity.
void add_rule_options(CLI::App& command, RuleFlags& flags);

struct Rules {
  plan::RegionRules rules;
  std::map<std::string, double> prices;  // by key, in the file's own currency
  std::string transfer_note;             // "200 GB x 0.06 kWh/GB (..)"; empty: none
};

// Errors: usage, with the flag; absent or malformed, with the file, line and field.
[[nodiscard]] Result<Rules> read_rules(const RuleFlags& flags);

}  // namespace lowtide::app
