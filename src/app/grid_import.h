// `lowtide grid import`: files of intensity, checked and kept.
#pragma once

#include "app/cli.h"

namespace lowtide::app {

void add_grid_import(Cli& cli, CLI::App& grid);

}  // namespace lowtide::app
