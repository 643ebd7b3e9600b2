// Whose turn it is on a GPU: two runs that a plan moves may both be due in the same clean hours.
//
// Advisory locks (flock) in LOWTIDE_HOME/act, held while a life of the run is there; a process that
// dies lets go of them. Runs without a plan take none.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "act/run_files.h"
#include "host/unique_fd.h"

namespace lowtide::act {

class GpuTurn {
 public:
  // `named`: a list as --gpus and CUDA_VISIBLE_DEVICES have it, "0", "GPU-.."; each counts as
  // another one. "none", "" and "-1" are no GPU at all; absent, or "all": all.
  GpuTurn(std::string folder, const std::optional<std::string>& named);

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
  bool any_ = true;                // the run may use one
  std::vector<std::string> gpus_;  // empty: all
  std::vector<host::UniqueFd> held_;
};

}  // namespace lowtide::act
