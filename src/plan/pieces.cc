#include "plan/pieces.h"

#include <algorithm>
#include <atomic>

namespace lowtide::plan {
namespace {

// One thread at a time, without a mutex (this folder has none).
class Turn {
 public:
  explicit Turn(std::atomic_flag& taken) : taken_(taken) {
    while (taken_.test_and_set()) taken_.wait(true);
  }
  ~Turn() {
    taken_.clear();
    taken_.notify_one();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  std::atomic_flag& taken_;
};

}  // namespace

bool in_pieces(const SweepOptions& options, std::size_t total, std::size_t most,
               const std::function<void(std::size_t, std::size_t)>& do_piece) {
  const std::size_t pieces = (total + most - 1) / most;
  std::atomic_flag reporting;
  std::atomic<bool> stopped = false;
  std::size_t done = 0;
  const auto one = [&](std::size_t piece) {
    if (stopped) return;
    do_piece(piece * most, std::min(total, (piece + 1) * most));
    if (!options.progress) return;
    const Turn turn(reporting);
    ++done;
    if (!stopped && !options.progress(static_cast<double>(done) / static_cast<double>(pieces))) {
      stopped = true;
    }
  };
  if (options.spread) {
    options.spread(pieces, one);
  } else {
    for (std::size_t piece = 0; piece < pieces; ++piece) one(piece);
  }
  return !stopped;
}

}  // namespace lowtide::plan
