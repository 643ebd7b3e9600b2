// SHA-256 of a text, as 64 hexadecimal digits: names the series that a figure was made with.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace lowtide::grid {

[[nodiscard]] std::string sha256_hex(std::string_view text);

// The same of what comes piece by piece.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void add(std::string_view piece);
  [[nodiscard]] std::string hex() const;  // of what has come so far

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lowtide::grid
