// Values far below all that are near them, as they go by: what a series says where a part of the
// fleet was not heard. 1 to kMost values in a row, above zero, each below kShare of each of the
// kNear values before them and of the kNear after; nearer than that to an end of the file none is
// looked at. Blanks are passed over. docs/import.md says what that finds in real files. In memory
// of its own size, no threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/units.h"

namespace lowtide::grid {

class LowWatch {
 public:
  static constexpr std::size_t kNear = 12;
  static constexpr std::size_t kMost = 6;
  static constexpr double kShare = 0.25;

  // The next row's value; `line` is where it stands.
  void add(Intensity value, std::int64_t line);

  [[nodiscard]] std::int64_t values() const { return values_; }
  [[nodiscard]] std::int64_t line() const { return line_; }  // of the first

 private:
  static constexpr std::size_t kWindow = kNear + kMost + kNear;
  struct Row {
    double g_per_kwh = 0;
    std::int64_t line = 0;
  };
  // The window's rows in their order, the oldest first.
  [[nodiscard]] const Row& row(std::size_t i) const { return rows_[(next_ + i) % kWindow]; }
  // kShare of the least of kNear rows.
  [[nodiscard]] double bound(std::size_t from) const;
  // How many low ones begin behind the first kNear rows.
  [[nodiscard]] std::size_t low_ones() const;

  std::array<Row, kWindow> rows_{};
  std::size_t next_ = 0;  // where the next row goes
  std::size_t known_ = 0;
  std::int64_t values_ = 0;
  std::int64_t line_ = 0;
};

}  // namespace lowtide::grid
