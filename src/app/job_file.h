// All that it takes to start a run's command again, hours later or after a reboot: as at(1) keeps
// it. A file of mode 0600 beside the lock (act/run_files.h), since the environment may hold
// secrets; removed when the run is over.
#pragma once

#include <string>
#include <vector>

#include "act/run_files.h"
#include "base/result.h"
#include "record/acts.h"

namespace lowtide::app {

struct JobFile {
  std::vector<std::string> words;        // of `lowtide run`, before --
  std::vector<std::string> command;      // the job's
  std::string folder;                    // in which it was asked for
  std::vector<std::string> environment;  // NAME=VALUE
};

// Of this process. Errors: of the file system.
[[nodiscard]] Result<void> write_job_file(const act::RunFiles& files,
                                          const std::vector<std::string>& words,
                                          const std::vector<std::string>& command);
// Errors: absent, malformed.
[[nodiscard]] Result<JobFile> read_job_file(const act::RunFiles& files);

// The files of a run of this home; home must be there.
[[nodiscard]] act::RunFiles run_files(const std::string& run);

// `lowtide carry HOME ID`: becomes `lowtide run --carry ID ..` in the folder and environment of the
// job file, its output in ID.out. Returns only when it cannot: the exit status.
[[nodiscard]] int carry_command(const std::string& home, const std::string& run);
// Starts that in a session of its own (or as a unit of the user's systemd, where that outlives the
// log-out); says which: "systemd user unit lowtide-ID" or "detached process". Errors: absent (its
// working folder), temporary.
[[nodiscard]] Result<std::string> start_carrying(const std::string& run);
// Cancels a run that nobody carries out and of which no process is there; as it then is. Errors:
// temporary (somebody carries it out), those of the ledger.
[[nodiscard]] Result<record::Act> withdraw(record::Act act, const std::string& why);

}  // namespace lowtide::app
