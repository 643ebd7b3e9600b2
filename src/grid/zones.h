// The zones that the shipped tables know, and which intensity each of them has.
//
// g CO2e/kWh, means of a named year. A zone without an annual mean of its own has its country's,
// else the world's, as a run there would (grid/annual.h). Pure functions of the tables; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "base/words.h"

namespace lowtide::grid {

// What is known of a series without reading it.
struct ZoneSeries {
  ZoneId of;  // whose it is: the zone itself, its country or the world
  int year = 0;
  Intensity mean{};
  Signal signal = Signal::average;
  std::optional<Scope> scope;
  std::optional<Gas> gas;
  std::string source;
  std::string licence;
  std::string note;  // "constant": its source gives one value for the whole year
};

struct ZoneFacts {
  ZoneId zone;
  std::string name;          // "California ISO"; the zone itself when it has no name
  std::string country;       // ISO 3166-1 alpha-2; empty: none (the world, a continent)
  std::string country_name;  // "United States of America"; empty: not known
  std::optional<ZoneSeries> typical;
  std::optional<ZoneSeries> annual;
  // Of the network's, those whose zone for it our tables know: "uk", .. Others may cover it too
  // (electricitymaps takes any key as it stands, watttime any coordinates).
  std::vector<std::string> providers;
};

// Sorted by zone. Errors: absent (no table at all), malformed (file:line, field).
[[nodiscard]] Result<std::vector<ZoneFacts>> list_zones(const std::string& data_dir);

// Those in whose zone, name or country a word begins with `text`, whatever its case. Error usage,
// with the nearest names, when there is none.
[[nodiscard]] Result<std::vector<ZoneFacts>> zones_that_fit(std::vector<ZoneFacts> zones,
                                                            std::string_view text);

}  // namespace lowtide::grid
