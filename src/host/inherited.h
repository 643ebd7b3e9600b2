// What lowtide was given by its parent and must hand to the job unchanged: signal dispositions,
// signal mask, file descriptors. Taken first thing, before lowtide opens or blocks anything.
#pragma once

#include <csignal>
#include <cstdint>
#include <vector>

namespace lowtide::host {

class Inherited {
 public:
  [[nodiscard]] static Inherited take();

  [[nodiscard]] bool ignored(int signal) const { return (ignored_ & bit_of(signal)) != 0; }
  // In the job's process, between fork and exec: async-signal-safe.
  void restore_signals() const;
  // Lets go of the job's descriptors in lowtide's own processes, so that a pipe's reader sees the
  // end when the job closes it: 0 and 1 become /dev/null, 2 stays for the summary, others close.
  void release_descriptors() const;

 private:
  static constexpr std::uint64_t bit_of(int signal) { return std::uint64_t{1} << (signal - 1); }

  sigset_t mask_{};
  std::uint64_t ignored_ = 0;  // all 64, libc's own too
  std::vector<int> descriptors_;  // above 2
};

}  // namespace lowtide::host
