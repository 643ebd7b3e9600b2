// `lowtide run`: meters a command.
#pragma once

#include "app/run_request.h"
#include "app/settings.h"
#include "host/inherited.h"

namespace lowtide::app {

// The exit status: the command's own once it has started, 125 to 127 before.
[[nodiscard]] int run_command(const RunFlags& flags, Settings& settings,
                              const host::Inherited& inherited);

}  // namespace lowtide::app
