// What several runs charged of one device at one time, so that a sum can count it once.
//
// Each run's own report is right by itself: a GPU is charged whole to a run that holds it, idle
// energy by what the run reserved. Added up, two runs side by side would charge more than the
// device used. Energies are of IT equipment (before PUE). docs/methods.md, "Several runs". Pure.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "account/report.h"

namespace lowtide::account {

// What a run charged beyond what its devices had left over: to be taken off its figures.
struct Excess {
  Energy energy;
  Energy modelled;  // of it, by a model
  Carbon operational;
  Carbon embodied;
  std::map<std::string, double> kept;  // what is left of an origin's figure (ErrorPart): 0 to 1
};

// One for each report, in their order; a report keeps all that those before it left over.
[[nodiscard]] std::vector<Excess> find_excess(std::span<const Report* const> reports);

}  // namespace lowtide::account
