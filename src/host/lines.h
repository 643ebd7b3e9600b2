// The lines of a text file of any length, plain or packed (host/unpack.h), through one buffer:
// memory does not grow with the file. A byte order mark of UTF-8 is passed over.
//
// Errors: those of open_unpacked(); malformed for a line of more than kLongest bytes, which no
// table has. One thread an object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "host/unpack.h"

namespace lowtide::host {

class Lines {
 public:
  static constexpr std::size_t kLongest = std::size_t{1} << 20;

  [[nodiscard]] static Result<Lines> open(const std::string& path, SeeBytes see = {});

  // The next line without its end (LF or CRLF), good until the next call; absent at the end.
  [[nodiscard]] Result<std::optional<std::string_view>> next();
  [[nodiscard]] std::int64_t number() const { return number_; }  // of that line; the first is 1
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::int64_t taken() const { return bytes_->taken(); }  // of the file's bytes
  [[nodiscard]] std::int64_t size() const { return bytes_->size(); }
  [[nodiscard]] Utc changed() const { return bytes_->changed(); }  // when it was written last

 private:
  Lines(std::unique_ptr<Unpacked> bytes, std::string path);
  // Moves what is left to the front and reads behind it; false: there is no more.
  Result<bool> fill();
  std::string_view take(std::size_t length, std::size_t with_end);

  std::unique_ptr<Unpacked> bytes_;
  std::string path_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // of what is not yet given out
  std::size_t end_ = 0;
  std::int64_t number_ = 0;
};

}  // namespace lowtide::host
