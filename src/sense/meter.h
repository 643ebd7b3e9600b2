// A source of energy readings: the one interface that every sensor and model implements.
//
// A meter owns its device handles and its raw counters (integers, never seen outside) and turns
// them into energy over [begin, end) of boot time. One thread, its reader's, calls it
// (record/reader.h); a call may be slow or hang, so nothing here is called from anywhere else
// after the reader has started.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"
#include "base/words.h"
#include "series/run.h"

namespace lowtide::sense {

// Energy of one channel since its previous reading.
struct Reading {
  std::size_t channel = 0;  // index into describe()
  BootInterval span;
  Energy energy;
  Power min;  // of the power seen inside the span; a counter has only its mean
  Power max;
  Quality quality = Quality::measured;
};

// A channel that could not be read this time, and why. Its energy is not lost when its counter
// answers again: the next Reading then spans the hole.
struct Trouble {
  std::size_t channel = 0;  // beyond the last: of the door itself
  Error error;
};

// A process that holds a context on a device.
struct Holder {
  int pid = 0;
  std::optional<unsigned> part = std::nullopt;  // the MIG instance it runs in
  double part_share = 0;                        // of the device, that the instance is; 0: not told
  bool operator==(const Holder&) const = default;
};

// Those that hold one on a channel's device, as far as the driver tells.
struct Holders {
  std::size_t channel = 0;
  BootTime at;                             // when it was asked
  std::optional<std::vector<Holder>> all;  // absent: the driver cannot tell
};

// How busy each of several holders kept the device: SM utilisation x time.
struct Busy {
  std::size_t channel = 0;
  BootInterval span;  // since it was asked before
  std::vector<std::pair<int, Duration>> by_pid;
};

// A counter's device by its power, between two readings of both (self-check).
struct Second {
  std::size_t channel = 0;
  BootInterval span;
  SecondPath path;
};

struct Batch {
  std::vector<Reading> readings;
  // What a reading that lags leaves open until now: a power averaged over the last second is that
  // of half a second ago, so `readings` end there. Whoever closes the run adds the tails of the
  // newest batch, and only of that one; the next batch's readings cover the same time better.
  std::vector<Reading> tail;
  std::vector<Trouble> troubles;
  // Only when asked anew, at most twice a second; GPUs only.
  std::vector<Holders> holders;
  std::vector<Busy> busy = {};      // only of devices with several holders
  std::vector<Second> second = {};  // at most once a second
};

class Meter {
 public:
  virtual ~Meter() = default;

  // The channels, fixed for the meter's life.
  [[nodiscard]] virtual const std::vector<ChannelInfo>& describe() const = 0;

  // Energy since the previous call; the first call only sets the mark and returns no readings.
  // Device errors are troubles of one channel; an Error here means that the whole door is shut.
  [[nodiscard]] virtual Result<Batch> read() = 0;

  // How often read() wants to be called: 1 s for counters, 20 ms for polled power.
  [[nodiscard]] virtual Duration period() const = 0;

  // The raw counters and their boot times as text: what a meter started later on the same boot
  // needs to bridge the hole. Empty when nothing can be bridged (polled power, models).
  [[nodiscard]] virtual std::string save() const { return {}; }

  // Continues from save() of an earlier meter: the next read() returns, for each counter that is
  // the same device and not lower (or wrapped as far as its range allows), a Reading with quality
  // bridged from the saved time. Others start anew.
  virtual void restore(std::string_view saved) { static_cast<void>(saved); }
};

}  // namespace lowtide::sense
