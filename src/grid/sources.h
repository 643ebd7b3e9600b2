// Opens the source of carbon intensity that was asked for: the one place that knows them all.
//
// `typical` (shipped; falls back on the annual mean and says so), `file:PATH` (lowtide's own CSV)
// and a constant such as `475g/kWh`. Adding one is a file pair here and a line in sources.cc.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "grid/place.h"
#include "grid/provider.h"

namespace lowtide::grid {

struct SourceRequest {
  std::string spec = "typical";  // the value of --intensity
  Place place;
  Signal signal = Signal::average;
  std::string data_dir;  // share/lowtide
};

// Errors: malformed (a constant or a file, with line and field), absent (no such file; no marginal
// source for the zone), usage (no such source).
[[nodiscard]] Result<std::unique_ptr<Provider>> open_source(const SourceRequest& request);

}  // namespace lowtide::grid
