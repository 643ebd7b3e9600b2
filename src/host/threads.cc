#include "host/threads.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace lowtide::host {
namespace {

// Signals blocked while threads are made: they inherit the mask.
class NoSignals {
 public:
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  NoSignals(const NoSignals&) = delete;
  NoSignals& operator=(const NoSignals&) = delete;

 private:
  sigset_t before_{};
};

// Up to `threads`, of which the caller is one.
void start_threads(std::vector<std::jthread>& others, std::size_t threads,
                   const std::function<void()>& work) {
  const NoSignals guard;
  try {
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back(work);
  } catch (const std::system_error&) {
    return;  // a limit on processes: those that there are do the work
  }
}

}  // namespace

std::size_t usable_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  // Fails on a machine with more cores than the set holds.
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) {
    return std::max(1U, std::thread::hardware_concurrency());
  }
  return static_cast<std::size_t>(std::max(1, CPU_COUNT(&cores)));
}

void spread(std::size_t pieces, const std::function<void(std::size_t)>& do_piece) {
  spread_over(usable_cores(), pieces, do_piece);
}

void spread_over(std::size_t threads, std::size_t pieces,
                 const std::function<void(std::size_t)>& do_piece) {
  std::atomic<std::size_t> next = 0;
  std::mutex trouble_mutex;
  std::exception_ptr trouble;
  const auto work = [&] {
    try {
      for (std::size_t piece = next++; piece < pieces; piece = next++) do_piece(piece);
    } catch (...) {
      next = pieces;
      const std::lock_guard lock(trouble_mutex);
      if (!trouble) trouble = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;  // joined at the end of this block
    start_threads(others, std::min(threads, pieces), work);
    work();
  }
  if (trouble) std::rethrow_exception(trouble);
}

}  // namespace lowtide::host
