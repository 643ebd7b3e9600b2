// Looks at the note of a freeze (host/freeze_note.h) for who meters the job: when it was frozen,
// when thawed. Cheap where nothing has changed: one stat. One thread.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <vector>

#include "host/freeze_note.h"

namespace lowtide::record {

class FreezeWatch {
 public:
  // `note` empty: nothing ever freezes it.
  explicit FreezeWatch(std::string note) : note_(std::move(note)) {}

  // What was done to the job since the last look, the oldest first. A note that is gone, or that
  // cannot be read, says nothing.
  [[nodiscard]] std::vector<host::FreezeNote::Change> look();
  [[nodiscard]] bool any() const { return !note_.empty(); }
  // How it is frozen, as the note had it at the last look.
  [[nodiscard]] host::FreezeWay way() const { return way_; }

 private:
  [[nodiscard]] bool has_changed();

  std::string note_;
  std::optional<struct stat> looked_at_;
  std::optional<BootTime> told_;  // of the newest change that was told
  host::FreezeWay way_ = host::FreezeWay::signals;
};

}  // namespace lowtide::record
