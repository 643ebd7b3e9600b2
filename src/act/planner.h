// A plan made in a child process: what asks the disk and the network may hang, the controller may
// not.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

#include "act/state.h"
#include "base/result.h"
#include "host/unique_fd.h"

namespace lowtide::act {

class Planner {
 public:
  using Make = std::function<Result<Plan>(const ActState&)>;
  Planner() = default;
  Planner(const Planner&) = delete;
  Planner& operator=(const Planner&) = delete;
  ~Planner();

  // One at a time. `let_go`: in the child, of what is the controller's alone. False: no process.
  bool start(const ActState& state, const Make& make, const std::function<void()>& let_go);
  // Readable when there is something to take(); -1: none is made.
  [[nodiscard]] int fd() const { return pipe_.get(); }
  [[nodiscard]] bool at_work() const { return child_ > 0; }
  // The plan, or why there is none; absent: not yet.
  [[nodiscard]] std::optional<Result<Plan>> take();
  void stop();

 private:
  pid_t child_ = 0;
  host::UniqueFd pipe_;
  std::string text_;
};

}  // namespace lowtide::act
