// lowtide(1), written from the same tree of options as --help.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace lowtide::app {

// In roff with the man macros. Its date is the day of SOURCE_DATE_EPOCH, else today (UTC).
[[nodiscard]] std::string man_page(const CLI::App& root);
// The subcommand of this name, null where there is none.
[[nodiscard]] const CLI::App* find_command(const CLI::App& app, const std::string& name);

}  // namespace lowtide::app
