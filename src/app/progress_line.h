// How far long work is, on stderr where that is a terminal: drawn over itself, and taken away at
// the end. One thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace lowtide::app {

class ProgressLine {
 public:
  ProgressLine() = default;
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Not in the first second, nor more often than five times a second.
  void show(const std::string& line);
  [[nodiscard]] std::chrono::nanoseconds elapsed() const;
  // ", about 12 s left", of work whose pieces take alike; empty where that cannot be said.
  [[nodiscard]] std::string about_left(std::size_t done, std::size_t all) const;

 private:
  using Time = std::chrono::steady_clock::time_point;
  Time begin_ = std::chrono::steady_clock::now();
  Time shown_ = begin_;
  bool drawn_ = false;
};

}  // namespace lowtide::app
