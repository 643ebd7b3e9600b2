// What may be written next on a command line: read off the same tree of options as --help.
//
// The first line of the answer says what the others are: `values` (a value, a tab, what it means),
// `files N` (a path, after the first N characters of the word) or `words N` (a command line of its
// own, from word N on, lowtide being word 0). Reads the ledger, never writes; trouble is no answer.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace lowtide::app {

// `words` without the program's; the last one is the one at the cursor, maybe empty.
[[nodiscard]] std::string completions(const CLI::App& app, const std::vector<std::string>& words);

// Options of a command and commands that --help shows.
[[nodiscard]] std::vector<const CLI::App*> shown_commands(const CLI::App& app);
[[nodiscard]] std::vector<const CLI::Option*> shown_options(const CLI::App& app);
[[nodiscard]] std::vector<const CLI::Option*> shown_positionals(const CLI::App& app);

}  // namespace lowtide::app
