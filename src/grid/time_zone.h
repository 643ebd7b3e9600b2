// The country of a time zone, from the machine's tzdata.
//
// Reads `zone.tab` (one country a zone) and, for older names, the `L` lines of `tzdata.zi`; both
// are in the public domain. Pure functions of files, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lowtide::grid {

// "Europe/Paris" out of ":Europe/Paris" or "/usr/share/zoneinfo/posix/Europe/Paris".
[[nodiscard]] std::string_view time_zone_name(std::string_view text);

// The country of a tz name; absent for UTC, POSIX strings and names without one country.
[[nodiscard]] std::optional<std::string> country_of_time_zone(std::string_view name,
                                                              const std::string& zoneinfo);

}  // namespace lowtide::grid
