// `lowtide grid zones`: which intensity each zone has. docs/formats/zones.md has the JSON
// (lowtide.zones/1).
#pragma once

#include <span>
#include <string>

#include "grid/zones.h"
#include "show/text.h"

namespace lowtide::show {

// A line a zone, and below what the numbers of the sources stand for.
[[nodiscard]] std::string zones_text(std::span<const grid::ZoneFacts> zones, const Style& style);
[[nodiscard]] std::string zones_json(std::span<const grid::ZoneFacts> zones);

}  // namespace lowtide::show
