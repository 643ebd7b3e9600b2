// A reader: one thread that owns one door's meter.
//
// A vendor call may take milliseconds or never return, so each door is read by a thread of its
// own: the collector asks and goes on, and takes what has come. All that the thread touches is
// shared with it, so a thread that hangs is left behind at exit and harms nobody. Between two
// questions the thread reads by itself, counters at each tick and polled meters at their own
// period: the collector sleeps on, since on a virtual machine a wake costs as much as the reading.
// Docs: docs/adr/0006.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "record/ticks.h"
#include "sense/meter.h"

namespace lowtide::record {

// What one door has sent since it was last asked.
struct Delivery {
  std::optional<std::vector<ChannelInfo>> channels;  // once, when the door has opened
  std::optional<Error> closed;                       // once, when it cannot be opened
  std::vector<sense::Reading> readings;
  std::vector<sense::Reading> tail;
  std::vector<sense::Trouble> troubles;
  std::vector<sense::Holders> holders;  // only of channels where they have changed
  std::vector<sense::Busy> busy;        // those of the same holders joined
  std::vector<sense::Second> second;
  std::string saved;      // of the last read
  bool answered = false;  // the last request has been answered
};

class Reader {
 public:
  using Open = std::function<Result<std::unique_ptr<sense::Meter>>()>;

  // Opens the door on the new thread. `saved` is what an earlier meter's save() gave, or empty.
  // `wake_fd`, an eventfd, is written to when there is something that should not wait: an answer,
  // the door's channels, new trouble, a context that came or went. It must stay open as long as
  // the process lives.
  Reader(std::string door, Open open, std::string saved, int wake_fd);
  // Asks the thread to end; never waits for it.
  ~Reader();
  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) = delete;

  [[nodiscard]] const std::string& door() const;
  // Asks for a read. Never blocks.
  void request();
  // As request(), and reads by itself at each of `ticks` until it is asked again, but not at
  // `next`, when that will be.
  void request(const Ticks& ticks, BootTime next);
  // What has come. Never blocks longer than the thread holds the lock to hand over.
  [[nodiscard]] Delivery take();
  // Open, and the last request answered; or closed for good.
  [[nodiscard]] bool idle() const;
  [[nodiscard]] bool opening() const;

 private:
  struct State;
  void ask(const std::optional<Ticks>& ticks, BootTime next);
  static void work(const std::shared_ptr<State>& state);
  std::shared_ptr<State> state_;
};

}  // namespace lowtide::record
