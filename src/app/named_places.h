// Places as a command's --zones and --provider name them: for compare and plan.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "grid/place.h"

namespace lowtide::app {

// What a place is listed by: its cloud region, else its zone.
[[nodiscard]] const std::string& key_of(const grid::Place& place);

// Errors: usage, naming the flag, where the name is not known; the tables' own.
[[nodiscard]] Result<grid::Place> named_place(const std::string& name, const char* flag);
// All regions of a cloud. Errors likewise, of --provider.
[[nodiscard]] Result<std::vector<grid::Place>> cloud_places(const std::string& provider);

}  // namespace lowtide::app
