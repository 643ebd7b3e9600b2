// Opens the source of carbon intensity that was asked for: the one place that knows them all.
//
// `typical` (shipped; falls back on the annual mean and says so), `file:PATH` (lowtide's own CSV),
// `import` (what was imported, docs/import.md), a constant such as `475g/kWh`, a provider of
// grid/client.h as far as it is kept, and lists of these (`watttime,typical`): the first that
// covers an interval wins (grid/ordered.h).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "grid/place.h"
#include "grid/provider.h"

namespace lowtide::grid {

struct SourceRequest {
  std::string spec = "typical";  // the value of --intensity
  Place place;
  Signal signal = Signal::average;
  std::string data_dir;  // share/lowtide
  // For providers:
  std::string cache_path = {};     // of the kept series
  Scope scope = Scope::lifecycle;  // where one has both
  bool allow_fallback = false;     // the shipped year behind a list without it
  bool mix_models = false;         // two versions of a provider's model in one run
  std::optional<Utc> as_of = {};   // as it was known then
};

// The list's members. A comma within a path belongs to it. Error usage names the one that is no
// source, with the nearest.
[[nodiscard]] Result<std::vector<std::string>> parse_sources(std::string_view spec);
// Those of them that are network providers.
[[nodiscard]] std::vector<std::string> providers_in(std::string_view spec);

// Errors: malformed (a constant or a file, with line and field), absent (no such file; no marginal
// source for the zone), usage (no such source).
[[nodiscard]] Result<std::unique_ptr<Provider>> open_source(const SourceRequest& request);

}  // namespace lowtide::grid
