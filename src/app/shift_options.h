// The options of `lowtide run` that move the job.
#pragma once

#include <CLI/CLI.hpp>

#include "app/shift_flags.h"

namespace lowtide::app {

void add_shift_options(CLI::App& run, ShiftFlags& flags);

}  // namespace lowtide::app
