// Whose turn it is on a GPU: two runs that a plan moves may both be due in the same clean hours.
//
// Advisory locks (flock) in LOWTIDE_HOME/act, held while a life of the run is there; a process that
// dies lets go of them. Runs without a plan take none.
#pragma once

#include <string>
#include <vector>

#include "act/run_files.h"
#include "host/unique_fd.h"

namespace lowtide::act {

class GpuTurn {
 public:
  // `gpus`: "0", "GPU-..", as the user names them, each counts as another one; empty: all.
  GpuTurn(std::string folder, std::vector<std::string> gpus)
      : folder_(std::move(folder)), gpus_(std::move(gpus)) {}

  // Another run has one of them. False where that cannot be told.
  [[nodiscard]] bool taken_by_other();
  // Takes what can be had of them; false: not all, another run was faster.
  bool hold();
  void let_go() { held_.clear(); }

 private:
  struct Wanted {
    std::string path;
    bool alone = false;
  };
  [[nodiscard]] std::vector<Wanted> wanted() const;

  std::string folder_;
  std::vector<std::string> gpus_;
  std::vector<host::UniqueFd> held_;
};

}  // namespace lowtide::act
