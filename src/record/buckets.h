// Readings in, samples and slots out: where energy is cut into the pieces that the ledger keeps.
//
// A sample is an energy-conserving bucket of one channel: at first `width` long, doubling as the
// run grows, aligned to the 5-minute UTC slot and never across its edge. A slot is 5 minutes of
// UTC, cut at the run's ends and at each change of state. Energy inside a reading is spread evenly,
// so a cut conserves it; time that no reading covers stays uncovered. Pure bookkeeping: no clock,
// no I/O; one thread.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "base/time.h"
#include "record/ledger.h"
#include "series/run.h"

namespace lowtide::record {

struct ChannelReading {
  std::size_t channel = 0;
  Interval span;
  Energy energy;
  Power min;
  Power max;
  Quality quality = Quality::measured;
};

// The same device by its other sensor path.
struct SecondReading {
  std::size_t channel = 0;
  Interval span;
  SecondPath path;
};

// A time in one state.
struct Stretch {
  Interval span;
  RunState state = RunState::running;
};

class Buckets {
 public:
  static constexpr std::size_t kMostSamples = 4096;  // a channel and run, contract section 4

  explicit Buckets(Duration width) : first_width_(width) {}

  // Nothing before `begin` is kept. The state from here on is running.
  void begin(Utc begin);
  // A change of state cuts a slot; in order of time. One that is heard of late moves what was added
  // after it, as much as its share of the time: the job's CPU time goes to where it ran.
  void change_state(RunState state, Utc at);
  // The span cut at the changes of state inside it.
  [[nodiscard]] std::vector<Stretch> states_over(Interval span) const;
  // Nothing after `end` is kept.
  void end(Utc end);

  void add(const ChannelReading& reading);
  void add_use(Interval span, Duration job_cpu, Duration machine_cpu);
  // Whole, into the slot in which it begins; what reaches over an end of the run is left out.
  void add_second(const SecondReading& reading);
  // Of a GPU that is shared.
  void add_device_use(std::size_t channel, Interval span, const DeviceUse& use);

  // Continues a run of which `samples` are in the ledger.
  void resume_channel(std::size_t channel, std::size_t samples);
  void resume_slots(const std::vector<ChannelSlot>& slots, const std::vector<UseSlot>& use);

  // Samples, slots and use that are new or have grown since the last call.
  [[nodiscard]] Increment take();

  // The channels with more than kMostSamples samples, and the width to join them to; the ledger
  // does it and says how many are left.
  struct Coarsen {
    std::size_t channel = 0;
    Duration width{};
  };
  [[nodiscard]] std::vector<Coarsen> overfull() const;
  void coarsened(std::size_t channel, Duration width, std::size_t samples_left);

  // Energy and power of the newest reading, for the live line.
  struct Newest {
    Energy total;  // of the device, since begin
    Interval span;
    Power power;
  };
  [[nodiscard]] const Newest* newest(std::size_t channel) const;
  // The end of the newest reading; `begin` before there is one.
  [[nodiscard]] Utc newest_end() const;
  // The slots so far, for deriving the figures while the run goes on; by span, then channel.
  [[nodiscard]] std::vector<ChannelSlot> slots() const;
  [[nodiscard]] std::vector<UseSlot> use() const;

 private:
  struct Piece {  // one slot piece of all channels
    Interval span;
    RunState state = RunState::running;
    std::map<std::size_t, ChannelSlot> channels;
    std::optional<UseSlot> use;
    bool changed = false;
    Interval written;  // the span as last given out
  };
  struct Channel {
    Duration width{};
    std::size_t samples = 0;
    std::vector<Sample> fresh;  // since the last take; the last one may still grow
    bool last_open = false;
    bool last_was_taken = false;
    Newest newest;
  };
  Channel& channel(std::size_t index);
  // What is there over `at` ends at it.
  void cut_pieces(Utc at);
  // Of what the piece held before it was cut at `at`.
  void move_later(Piece& piece, Utc at);
  void take_samples(std::vector<Sample>& into);
  void add_sample(const ChannelReading& part);
  void add_to_slot(const ChannelReading& part);
  [[nodiscard]] Interval inside(Interval span) const;
  // The piece that holds t, made when there is none.
  Piece& piece_at(Utc t);
  [[nodiscard]] Interval piece_span(Utc t) const;
  // While the run goes on, a piece reaches no further than what has been read.
  [[nodiscard]] Interval span_so_far(const Piece& piece) const;
  [[nodiscard]] RunState state_at(Utc t) const;

  Duration first_width_;
  std::optional<Utc> begin_;
  std::optional<Utc> end_;
  Utc use_end_{};  // of the newest use
  std::map<Utc, RunState> states_;
  std::map<std::size_t, Channel> channels_;
  std::map<Utc, Piece> pieces_;
};

}  // namespace lowtide::record
