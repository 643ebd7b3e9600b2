// A series on its way out of lowtide as JSON: lowtide.series/1.
#pragma once

#include <string>
#include <vector>

#include "grid/licence.h"
#include "series/run.h"

namespace lowtide::show {

struct SeriesView {
  struct Part {  // of one source, model and kind
    IntensityOrigin origin;
    std::size_t values = 0;
    grid::Licence licence;
  };
  IntensityUsed used;  // its series is what is written
  Interval over;
  Duration step{};  // the usual one
  std::vector<Part> parts;
  std::vector<std::string> notes;
};

[[nodiscard]] std::string series_json(const SeriesView& view);

}  // namespace lowtide::show
