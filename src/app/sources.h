// The sources of power and energy that a run is metered with: one visible line a source.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/clock.h"
#include "host/files.h"
#include "record/doors.h"

namespace lowtide::app {

struct SourceWishes {
  host::MachineFiles files;
  std::string data_folder;
  std::optional<std::string> gpus;  // --gpus
};

// `clock` outlives the doors.
[[nodiscard]] std::vector<record::DoorSpec> energy_sources(const SourceWishes& wishes,
                                                           const host::Clock& clock);
// Has the user said which GPUs count, by --gpus or CUDA_VISIBLE_DEVICES?
[[nodiscard]] bool gpus_chosen(const SourceWishes& wishes);

}  // namespace lowtide::app
