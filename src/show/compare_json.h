// JSON of a comparison: lowtide.compare/1. docs/formats/compare.md has every key.
#pragma once

#include <string>

#include "account/report.h"
#include "study/compare.h"

namespace lowtide::show {

[[nodiscard]] std::string compare_json(const account::Report& report,
                                       const study::Comparison& comparison);

}  // namespace lowtide::show
