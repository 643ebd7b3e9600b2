// The files of a run that a plan moves, beside the ledger: LOWTIDE_HOME/act/ID.* (docs/adr/0021).
//
//   ID.lock      one controller a run: flock; the holder's pid stands in it
//   ID.ask       a FIFO on which commands ask the controller: a word a line
//   ID.frozen    host/freeze_note
//   ID.progress  the job says how far it is;  ID.control  lowtide says what it wants of the job
//   ID.job       command, folder, environment: app/job_file
//   ID.out       what the job prints when no terminal is left
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "host/unique_fd.h"

namespace lowtide::act {

struct RunFiles {
  std::string folder;  // LOWTIDE_HOME/act
  std::string run;     // id of the record

  [[nodiscard]] std::string path(const char* what) const { return folder + "/" + run + "." + what; }
  // Makes the folder, for its owner alone. Errors: of the file system.
  [[nodiscard]] Result<void> make_folder() const;
  // Of a run that is over: all but what the job printed, if it printed anything.
  void remove() const;
};

class RunLock {
 public:
  // Errors: temporary (another process holds it: who), those of the file.
  [[nodiscard]] static Result<RunLock> take(const RunFiles& files);
  // The process that holds it; 0: nobody does.
  [[nodiscard]] static int holder(const RunFiles& files);

 private:
  host::UniqueFd file_;
};

// The controller's end.
class AskPipe {
 public:
  [[nodiscard]] static Result<AskPipe> open(const RunFiles& files);
  [[nodiscard]] int fd() const { return pipe_.get(); }
  // Words that have come since.
  [[nodiscard]] std::vector<std::string> take();

 private:
  host::UniqueFd pipe_;
  std::string rest_;
};
// False: nobody listens.
[[nodiscard]] bool ask(const RunFiles& files, const std::string& word);

}  // namespace lowtide::act
