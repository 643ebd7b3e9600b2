// The figures of the live line, by the same charges as the report.
//
// Cheap for a long run: pass what a previous call returned as `before` and a record that holds only
// the slots and use that were not in it yet.
#pragma once

#include <optional>
#include <string>

#include "account/derive.h"
#include "account/report.h"
#include "series/run.h"

namespace lowtide::account {

struct Live {
  Duration elapsed{};
  Duration active{};
  std::optional<Energy> energy;        // charged, x PUE
  std::optional<Power> power;          // charged (IT): the newest samples, else the last slot piece
  std::optional<Intensity> intensity;  // at the end of the last piece
  std::optional<Carbon> operational;   // of the energy whose intensity is known
  Energy priced;                       // that energy, x PUE
  std::optional<Carbon> sci;  // per R so far, as the report's: gaps at the mean of the rest
  std::string r;              // "run", "hour", ..
  std::optional<Utc> until;   // end of the last piece that is in here
};

[[nodiscard]] Live live(const RunRecord& part, const Tables& tables, const Live& before = {});

}  // namespace lowtide::account
