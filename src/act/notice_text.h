// What the user reads of a notice, and of why a job is not paused: one line, what is so and, after
// a semicolon, what to do. Pure.
#pragma once

#include <string_view>

#include "act/controller.h"
#include "act/state.h"

namespace lowtide::act {

[[nodiscard]] std::string_view text_of(Notice notice);
// Why it runs on to its end; of RunsOn::no, that it may be paused.
[[nodiscard]] std::string_view text_of(RunsOn why);
// The same in a few words, for a line of status and a history; of RunsOn::no nothing.
[[nodiscard]] std::string_view in_short(RunsOn why);

}  // namespace lowtide::act
