// What lowtide says on stderr, and files that the user named.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace lowtide::app {

void say(const std::string& text);  // as it is, in one write
// Waits so long at the most for somebody to read stderr (a terminal held by ^S, a full pipe);
// false: not all of it was said. The output itself, which is the job's too, is left as it is.
bool say_within(const std::string& text, Duration at_most);
// How long all that is said in this process from now on waits; absent, as at first: for ever.
void wait_for_readers(std::optional<Duration> at_most);
void warn(const std::string& text);  // "lowtide: warning: ..", one line
// Why a run is not (all) in the ledger, where there is `trouble`; `side`: the file it is in then.
void warn_of_ledger(const std::optional<Error>& trouble, const std::string& side);
void complain(const Error& error);  // "lowtide: where: message; hint", one line
[[nodiscard]] Result<void> write_file(const std::string& path, const std::string& text);
// As a whole or not at all: written beside it, synced, renamed. Makes the folder; keeps the mode of
// a file that is there (a new one is its owner's only) and follows a link to it.
[[nodiscard]] Result<void> replace_file(const std::string& path, const std::string& text);

}  // namespace lowtide::app
