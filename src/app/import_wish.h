// What a user says of files of intensity, in words (flags of `grid import`, keys of a study), read.
#pragma once

#include <string>

#include "base/result.h"
#include "grid/import_header.h"

namespace lowtide::app {

// Empty: not said. docs/import.md says what each may be.
struct ImportTexts {
  std::string zone;
  std::string signal;
  std::string scope;
  std::string gas;
  std::string unit;
  std::string column;
  std::string shift;
  std::string begin;
  std::string step;
  std::string tz;
  std::string dates;
};

// `dashes` stands before a name in errors: "--", or nothing. Errors usage.
[[nodiscard]] Result<grid::ImportWish> import_wish(const ImportTexts& said,
                                                   const std::string& dashes);

}  // namespace lowtide::app
