// What must be said with a source's figures where they leave lowtide, and what may not be done with
// them. Words for people, no legal advice; docs/providers/README.md has the terms by provider. Any
// thread.
#pragma once

#include <optional>
#include <string>

#include "series/run.h"

namespace lowtide::grid {

struct Licence {
  std::string text;   // attribution and licence; empty: not known, or there is none
  std::string terms;  // what it asks of who passes the figures on; empty: nothing
  // They may not be passed on, or not to everybody. Absent: not known.
  std::optional<bool> restricted = false;
};

// Of the pieces of `used` whose origin has this source.
[[nodiscard]] Licence licence_of(const std::string& source, const IntensityUsed& used,
                                 const std::string& data_dir);

}  // namespace lowtide::grid
