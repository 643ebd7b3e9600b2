// SCI = (E x I + M) per R, by ISO/IEC 21031:2024 (SCI 1.1.0). docs/methods.md, "SCI".
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "account/report.h"
#include "base/time.h"

namespace lowtide::account {

// The functional unit R of one run, and how many of it the run was.
struct FunctionalUnit {
  std::string r;
  std::optional<double> count;  // absent: `reason` says why
  std::string reason;
};

// What R counts by: `gpus` are the counted devices, `active` the time in which the run ran.
struct UnitInputs {
  std::size_t gpus = 0;
  std::optional<Duration> active;
  const std::map<std::string, double>* counts = nullptr;
};
// per: "run", "hour", "instance-hour", "gpu-hour", "1000 samples", "samples".
[[nodiscard]] FunctionalUnit functional_unit(std::string_view per, const UnitInputs& inputs);

// Fills report.sci from its energy, carbon and the record's options.
void add_sci(Report& report);

}  // namespace lowtide::account
