// What tzdata says of countries: the country of a time zone and the places it knows.
//
// Reads `zone.tab` (one country a zone) and, for older names, the `L` lines of `tzdata.zi`; both are
// in the public domain and lie on the machine. Coordinates are in degrees, north and east positive.
// Pure functions of files, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lowtide::grid {

struct KnownPoint {
  double lat = 0;
  double lon = 0;
  std::string country;  // ISO 3166-1 alpha-2
  std::string name;     // "Europe/Paris", "azure:westus2"
};

[[nodiscard]] Result<std::vector<KnownPoint>> read_zone_tab(const std::string& zoneinfo);

// "Europe/Paris" out of ":Europe/Paris" or "/usr/share/zoneinfo/posix/Europe/Paris".
[[nodiscard]] std::string_view time_zone_name(std::string_view text);

// The country of a tz name; absent for UTC, POSIX strings and names without one country.
[[nodiscard]] std::optional<std::string> country_of_time_zone(std::string_view name,
                                                              const std::string& zoneinfo);

}  // namespace lowtide::grid
