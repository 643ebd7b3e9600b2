// The command line: which commands there are, their options, and what runs when.
#pragma once

#include "host/inherited.h"

namespace lowtide::app {

// The process's exit status.
[[nodiscard]] int main_command(int argc, const char* const* argv, const host::Inherited& inherited);

}  // namespace lowtide::app
