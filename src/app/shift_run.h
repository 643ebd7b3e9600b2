// `lowtide run` of a job that is moved: decides, says so, and sits until it is done.
#pragma once

#include "app/run_request.h"
#include "app/settings.h"
#include "host/inherited.h"

namespace lowtide::app {

// The exit status: the last life's; 125 what is refused before anything runs.
[[nodiscard]] int shifted_run(const RunFlags& flags, RunRequest& request, Settings& settings,
                              const host::Inherited& inherited);

}  // namespace lowtide::app
