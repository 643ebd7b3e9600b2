// What lowtide was given by its parent and must hand to the job unchanged: signal dispositions,
// signal mask, file descriptors. Taken first thing, before lowtide opens or blocks anything.
#pragma once

#include <csignal>
#include <vector>

namespace lowtide::host {

class Inherited {
 public:
  [[nodiscard]] static Inherited take();

  [[nodiscard]] bool ignored(int signal) const { return sigismember(&ignored_, signal) == 1; }
  // In the job's process, between fork and exec: async-signal-safe.
  void restore_signals() const;
  // Lets go of the job's descriptors in lowtide's own processes, so that a pipe's reader sees the
  // end when the job closes it: 0 and 1 become /dev/null, 2 stays for the summary, others close.
  void release_descriptors() const;

 private:
  sigset_t mask_{};
  sigset_t ignored_{};
  std::vector<int> descriptors_;  // above 2
};

}  // namespace lowtide::host
