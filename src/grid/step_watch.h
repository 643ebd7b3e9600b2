// The distances between the times of a file's rows, as they go by: the most frequent one, the holes
// that are wider, and where the rows go over to another step. In as much memory as there are
// different distances. A plain value, no threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/time.h"

namespace lowtide::grid {

struct StepChange {
  std::int64_t line = 0;  // of the first row after the change
  Duration from{};
  Duration to{};
  bool operator==(const StepChange&) const = default;
};

class StepWatch {
 public:
  static constexpr std::size_t kDistances = 4096;  // more than this follow no step
  static constexpr std::size_t kChanges = 16;      // that are told with their line

  // The next row, later than the one before.
  void add(Utc time, std::int64_t line);

  // The most frequent; the shorter of two that are equally frequent. Absent before two rows.
  [[nodiscard]] std::optional<Duration> usual() const;
  [[nodiscard]] std::int64_t wider_than(Duration step) const;  // holes
  // The steps that the holes have room for, at least one each.
  [[nodiscard]] std::int64_t lost(Duration step) const;
  [[nodiscard]] bool has_step() const { return counts_.size() < kDistances; }
  // A lone odd distance is a hole and no change; three in a row are a new step.
  [[nodiscard]] const std::vector<StepChange>& changes() const { return changes_; }

 private:
  std::map<Duration, std::int64_t> counts_;
  std::vector<StepChange> changes_;
  std::optional<Utc> last_;
  Duration current_{};    // the step that the rows keep
  Duration candidate_{};  // the distance of late
  std::int64_t candidate_line_ = 0;
  int run_ = 0;  // how often in a row
};

}  // namespace lowtide::grid
