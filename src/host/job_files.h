// The two files by which a job and lowtide talk without signals (docs/pausing.md). The job finds
// their paths in its environment.
//
// LOWTIDE_PROGRESS: the job writes how much of its work is done, a line each time; the last that
// can be read counts: 0.25, 25%, 3/10. It may append, write anew or rename another file there.
// LOWTIDE_CONTROL: lowtide writes `run`, or `pause` with a second line that says until when (UTC,
// ISO 8601) where that is known. A job that looks there may save its state and end by itself.
// Neither is ever waited for. One thread an object.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace lowtide::host {

// Of the whole, 0 .. 1, as one line says it; absent when it says nothing of the kind.
[[nodiscard]] std::optional<double> parse_progress(std::string_view line);

struct Progress {
  std::optional<double> done;  // absent: the job has not said yet
  // The file is another, or was written to, since the last look: a first look before a life begins
  // takes note of what the life before has left there.
  bool anew = false;
  std::optional<Error> trouble;  // what could not be read, said once
};

class ProgressFile {
 public:
  explicit ProgressFile(std::string path) : path_(std::move(path)) {}
  // As it is now. A last line without its end counts where it is the only one; else it may be a
  // piece of what is being written.
  [[nodiscard]] Progress look();

 private:
  std::string path_;
  bool complained_ = false;
  std::array<std::int64_t, 6> stamp_{};  // of the file at the last look
};

enum class Wish { run, pause };

// Whole or not at all: who reads sees the old or the new. For the user alone (0600). Errors:
// denied, temporary (no room on the disk, ..) with the path.
[[nodiscard]] Result<void> write_control(const std::string& path, Wish wish,
                                         std::optional<Utc> until = std::nullopt);

}  // namespace lowtide::host
