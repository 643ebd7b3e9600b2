// What of a study is done already, on disk: a study that was cut off goes on from there.
//
// A file of lines of JSON, the first names the study (a hash of its recipe, series, jobs and of
// the program itself), each other is a piece with its cells. A line that was cut off is left out; a
// journal of another study is left alone. Numbers are written so that they come back bit for bit.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "host/unique_fd.h"
#include "study/evaluate.h"

namespace lowtide::app {

class StudyJournal {
 public:
  // `force`: a journal of another study is left alone. Errors: usage where there is one; those of
  // the file system.
  [[nodiscard]] static Result<StudyJournal> open(const std::string& path, const std::string& hash,
                                                 bool force);

  struct Done {
    study::Piece piece;
    std::vector<study::Cell> cells;
  };
  [[nodiscard]] const std::vector<Done>& done() const { return done_; }
  // In one write, so that a kill leaves whole lines but for the last. Error temporary: no room, ..
  [[nodiscard]] Result<void> add(study::Piece piece, const std::vector<study::Cell>& cells);
  void remove();  // the study is written

 private:
  std::string path_;
  host::UniqueFd file_;
  std::vector<Done> done_;
};

// Names a study: what its figures depend on.
[[nodiscard]] std::string study_hash(const study::Study& study, const std::string& recipe);

}  // namespace lowtide::app
