// `lowtide compare`: which zones or regions are compared, each with its source of intensity.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "account/report.h"
#include "base/result.h"
#include "grid/provider.h"
#include "study/compare.h"

namespace lowtide::app {

struct CompareWish {
  std::vector<std::string> zones;      // zones and regions by name; with the two below empty: all
  std::string provider;                // all regions of this cloud
  std::vector<std::string> intensity;  // SOURCE of the run's own zone, or ZONE=SOURCE
  Signal signal = Signal::average;
};

struct Candidate {
  study::Site site;
  std::unique_ptr<grid::Provider> provider;
};

struct Candidates {
  std::vector<Candidate> known;
  std::vector<study::LeftOut> left_out;  // without a series, with why
};

// The run's own place is always among them where it is known. Errors: usage (a place or provider
// that is not known), and those of a source that the user named.
[[nodiscard]] Result<Candidates> candidates(const CompareWish& wish, const account::Report& report);

}  // namespace lowtide::app
