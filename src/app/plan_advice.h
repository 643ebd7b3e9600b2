// What the user is told to do with a plan: the verdict and the commands that carry it out.
#pragma once

#include "app/plan_request.h"
#include "show/plan_view.h"

namespace lowtide::app {

// Fills verdict, command and command_today of a view that has all else. `now` is the clock's: what
// lies before it cannot be started any more.
void advise(const PlanRequest& request, Utc now, show::PlanView& view);

// A word as bash and zsh read it; as any shell where it has no control characters.
[[nodiscard]] std::string shell_word(const std::string& word);

}  // namespace lowtide::app
