// All doors to sensors together: readers, the numbering of their channels, what they sent.
//
// Turns deliveries into readings in UTC with run-wide channel numbers, and trouble into events,
// each said once until the channel answers again, and ten times at most: a sensor that fails each
// third time for days must not fill the ledger. One thread, the collector's.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "host/clock.h"
#include "record/buckets.h"
#include "record/reader.h"

namespace lowtide::record {

struct DoorSpec {
  std::string name;  // "nvml", "powercap", ..
  Reader::Open open;
  bool before_job = true;  // files: read before the job starts; vendor libraries may be late
};

struct Arrivals {
  std::vector<ChannelReading> readings;
  std::vector<std::pair<std::size_t, ChannelInfo>> channels;  // new ones
  std::vector<Event> events;
  // With run-wide channel numbers, in boot time.
  std::vector<sense::Holders> holders;
  std::vector<sense::Busy> busy;
  std::vector<SecondReading> second;
};

class Doors {
 public:
  Doors(const host::UtcAnchor& anchor, int wake_fd) : anchor_(anchor), wake_fd_(wake_fd) {}

  // `known` and `saved` continue an earlier meter's run: channels keep their numbers.
  void open(std::vector<DoorSpec> specs, const std::vector<ChannelInfo>& known,
            const std::string& saved);
  // Asks all that are open for a reading. With `interval` they read by themselves at each tick
  // until they are asked again, which will be at `next`.
  void request();
  void request(Duration interval, BootTime next);
  // What has come. Asks the doors that opened since the last request.
  [[nodiscard]] Arrivals take(Utc now);
  [[nodiscard]] bool all_idle() const;
  // Only the doors that are read before the job starts.
  [[nodiscard]] bool early_idle() const;
  // The names of the doors that have not answered the last request.
  [[nodiscard]] std::vector<std::string> late() const;
  // The readings that the lagging meters hold back until the run closes.
  [[nodiscard]] std::vector<ChannelReading> tails() const;
  // Raw counters of all doors as one text, for Keeper::saved.
  [[nodiscard]] std::string saved() const;
  [[nodiscard]] const std::vector<ChannelInfo>& channels() const { return channels_; }

 private:
  struct Door {
    Reader reader;
    bool before_job = true;
    std::vector<std::size_t> numbers;  // of its channels
    std::vector<sense::Reading> tail;
    std::string saved;
  };
  void number_channels(Door& door, const std::vector<ChannelInfo>& found, Arrivals& into);
  void note_trouble(const std::string& what, const Error& error, Utc now, Arrivals& into);
  void note_troubles(const Door& door, const std::vector<sense::Trouble>& troubles, Utc now,
                     Arrivals& into);
  [[nodiscard]] ChannelReading in_utc(const Door& door, const sense::Reading& reading) const;
  void take_from(Door& door, Utc now, Arrivals& into);
  void take_gpus(const Door& door, Delivery& sent, Arrivals& into) const;

  void ask(Door& door) const;

  const host::UtcAnchor& anchor_;
  int wake_fd_;
  std::optional<Duration> interval_;
  BootTime next_question_{};
  std::vector<Door> doors_;
  std::vector<ChannelInfo> channels_;
  std::vector<bool> claimed_;  // a door of this process has this channel
  std::set<std::string> in_trouble_;
  std::map<std::string, int> said_;  // how often trouble with it was told
};

}  // namespace lowtide::record
