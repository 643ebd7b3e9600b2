// Where a job should run: the region of least carbon among those that may take it. Pure.
//
// A fixed region: the job runs where it starts. Moving the data there costs energy once, half of it
// at each end. docs/planning.md, "Regions".
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/units.h"

namespace lowtide::plan {

struct Region {
  std::string key;                // "azure:westus2", or a zone
  std::string country;            // ISO 3166-1 alpha-2; empty: not known
  std::optional<Carbon> job;      // what the job emits there; absent: no result
  std::optional<Intensity> mean;  // of the grid there: what moving the data is priced with
};

struct RegionRules {
  std::optional<std::set<std::string>> countries = std::nullopt;  // legal ones; absent: anywhere
  std::optional<std::set<std::string>> offering = std::nullopt;   // keys with the SKU; absent: any
  Energy transfer;                                                // of moving the data, once
  std::optional<std::size_t> home = std::nullopt;  // where the data is; absent: not known
};

// In the order in which they are looked at: the first that holds is told.
enum class LeftOut { country, sku, no_result };

struct RegionChoice {
  struct Rank {
    std::size_t region = 0;
    Carbon transfer;
    Carbon total;  // transfer included
  };
  std::vector<Rank> ranked;  // the best first; ties: as given
  struct Out {
    std::size_t region = 0;
    LeftOut why = LeftOut::no_result;
  };
  std::vector<Out> left_out;
};

[[nodiscard]] RegionChoice choose_region(std::span<const Region> regions, const RegionRules& rules);

// What moving the data to `region` emits: nothing at home; half of the energy by each end's
// intensity, all of it by the region's where the home's is not known.
[[nodiscard]] Carbon transfer_carbon(std::span<const Region> regions, std::size_t region,
                                     const RegionRules& rules);

}  // namespace lowtide::plan
