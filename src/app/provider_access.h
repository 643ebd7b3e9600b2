// The network providers as the user has set them up: how each is reached, and which serve a zone.
#pragma once

#include <string>
#include <string_view>

#include "app/settings.h"
#include "base/words.h"
#include "grid/client.h"
#include "grid/sources.h"

namespace lowtide::app {

// From the settings <provider>.url, .username, .password, .token. What is wrong with one is in
// settings.warnings().
[[nodiscard]] grid::Access access_of(Settings& settings, std::string_view provider);

// The sources of a zone, best first, as one list (grid/sources.h): --intensity and
// LOWTIDE_INTENSITY where given, else sources.SIGNAL.ZONE, sources.SIGNAL.default, the config's
// `intensity`, typical.
[[nodiscard]] Result<std::string> sources_of(Settings& settings, const ZoneId& zone, Signal signal);

// All that opens a series of `spec` at a place: cache, scope and what may stand in, by the
// settings.
[[nodiscard]] grid::SourceRequest source_request(Settings& settings, const std::string& spec,
                                                 const grid::Place& place, Signal signal);

// cache.db of the home folder; empty without one.
[[nodiscard]] std::string cache_path();

}  // namespace lowtide::app
