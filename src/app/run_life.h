// One life of a command that lowtide runs: the supervisor's and the meter's part of it, wired with
// the real sensors, sources and ledger.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "account/report.h"
#include "app/background_fetch.h"
#include "app/run_request.h"
#include "host/inherited.h"
#include "host/job.h"
#include "host/supervise.h"
#include "show/live.h"

namespace lowtide::app {

// What a run that a plan moves adds.
struct LifeWish {
  std::vector<std::pair<std::string, std::string>> environment = {};
  std::string freeze_note = {};           // by which the meter sees that the job is frozen
  std::function<void()> on_begun = {};    // in the meter's process
  std::function<show::Next()> next = {};  // for the live line: what comes next
  host::Beside beside = {};               // what else the shell's child looks after
  bool last_word = true;                  // the meter prints the summary
};

// Blocks until the life has ended.
[[nodiscard]] host::Supervised run_life(RunRequest& request, BackgroundFetch& fetch,
                                        const host::Inherited& inherited, host::Board& board,
                                        const LifeWish& wish = {});

// What came of a life that did not start: complains, and gives the exit status.
[[nodiscard]] int not_started(const RunRequest& request, int exec_errno);

// The summary on stderr and the report in the file, as asked for.
void report_run(const RunRequest& request, const RunRecord& run);

}  // namespace lowtide::app
