// The tables of share/lowtide that account needs, as values.
#pragma once

#include <string>

#include "account/derive.h"

namespace lowtide::app {

// What cannot be read is left out: a missing table costs its lines of the report, not the report.
[[nodiscard]] account::Tables read_tables(const std::string& data_folder);

// Those of data_folder(), read once.
[[nodiscard]] const account::Tables& shipped_tables();

}  // namespace lowtide::app
