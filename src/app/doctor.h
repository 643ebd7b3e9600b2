// What this machine and its settings let lowtide measure: the findings of `lowtide doctor`.
// Looks only: nothing is changed, no run is begun.
#pragma once

#include <vector>

#include "app/settings.h"
#include "host/files.h"
#include "host/permission.h"
#include "show/doctor.h"

namespace lowtide::app {

using Findings = std::vector<show::DoctorFinding>;

struct Patient {
  host::MachineFiles files;
  host::User user;  // whose permissions are asked for
};

// Energy: RAPL, GPUs and their contexts, the models that stand in.
void examine_cpu(const Patient& patient, Findings& found);
void examine_gpus(const Patient& patient, Settings& settings, Findings& found);
// Place, source and signal, and each setting that is not the default.
void examine_settings(Settings& settings, Findings& found);
// Ledger, cgroup, clock.
void examine_system(const Patient& patient, Findings& found);

}  // namespace lowtide::app
