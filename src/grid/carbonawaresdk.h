// A Carbon Aware SDK web API (Green Software Foundation), usually one's own. No key; its address is
// the setting carbonawaresdk.url. docs/providers/carbonawaresdk.md.
//
// It passes on what another provider says and does not tell which signal, scope or gas that is: the
// signal is taken as asked, scope and gas as not known, and each batch says so. Zones: a location
// of its own (`carbonawaresdk:NAME`); for a place that is a region of Azure, that region.
#pragma once

#include <memory>
#include <string>

#include "grid/client.h"

namespace lowtide::grid {

[[nodiscard]] std::unique_ptr<Client> open_carbonawaresdk(const Access& access,
                                                          const Network& network,
                                                          const std::string& data_dir);

}  // namespace lowtide::grid
