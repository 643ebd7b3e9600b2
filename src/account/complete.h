// The whole job, extrapolated from a run that was a part of it (`--complete 13%`). Pure.
//
// The rest is taken to run like the part: same power, same mix of intensities, same hardware held
// for the same time a unit of work. Every figure is the part's times 1/share, and its bounds are
// never relatively narrower than the part's. docs/adr/0013 says what is not extrapolated.
#pragma once

#include <string>

#include "account/report.h"

namespace lowtide::account {

// How much of the job the run was: above 0, at most 1. `asked` is as it was given: "13%", "8/60".
struct JobShare {
  std::string asked;
  double share = 1;
};

// Fills report.complete from the report's own figures, which stay as they are.
void complete(Report& report, const JobShare& share);

}  // namespace lowtide::account
