// The facts of a report as short phrases: what the summary and the long report both say.
#pragma once

#include <string>
#include <vector>

#include "account/report.h"

namespace lowtide::show {

// A line of the summary: phrases that stand apart.
struct Fact {
  std::string label;
  std::vector<std::string> phrases;
};

// "energy 100 % modelled"; empty where little is.
[[nodiscard]] std::string modelled_warning(const account::EnergyReport& energy);
[[nodiscard]] Fact energy_fact(const account::Report& report);
[[nodiscard]] Fact intensity_fact(const account::Report& report);
[[nodiscard]] Fact carbon_fact(const account::Report& report);
[[nodiscard]] Fact sci_fact(const account::Report& report);
// What was not read or priced; no phrases where all was.
[[nodiscard]] Fact coverage_fact(const account::Report& report);

// "largest error: CPU model, +-50 % of 0.52 Wh, 92 % of the squares; .. would shrink it: ..",
// escaped; empty where there are no bounds.
[[nodiscard]] std::string largest_phrase(const account::Report& report);

// "average, life-cycle"; "file grid.csv"; "place assumed from ..", empty where it is known.
[[nodiscard]] std::string signal_phrase(const IntensityUsed& used);
[[nodiscard]] std::string source_phrase(const IntensityUsed& used);
[[nodiscard]] std::string place_phrase(const IntensityUsed& used);
// The reason, to stand after "not known".
[[nodiscard]] std::string why_no_energy(const account::Report& report);

// The headline series; null where there is none.
[[nodiscard]] const account::IntensityReport* headline(const account::Report& report);

}  // namespace lowtide::show
