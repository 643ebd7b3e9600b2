// The bytes of a file as they were before it was packed: plain, gzip or zstd, told by its first
// bytes and not by its name. Read once, from front to back, in as much memory as the packing needs.
//
// Several gzip members or zstd frames on end are one text. A stream that ends early is an error and
// never a shorter text. Forms that we do not unpack (zip, xz, bzip2, ..) are named. Errors: absent,
// denied, temporary (the disk), malformed; `where` is the path. One thread an object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace lowtide::host {

// Sees the file's own bytes, packed as they are, as they are read: to hash them.
using SeeBytes = std::function<void(std::string_view)>;

class Unpacked {
 public:
  virtual ~Unpacked() = default;
  // As many bytes as there are at once, at most the span's; 0: the end.
  [[nodiscard]] virtual Result<std::size_t> read(std::span<char> into) = 0;
  [[nodiscard]] virtual std::int64_t taken() const = 0;  // bytes of the file, so far
  [[nodiscard]] virtual std::int64_t size() const = 0;   // of the file
  [[nodiscard]] virtual Utc changed() const = 0;         // when it was written last
};

// Only a regular file: it is read a second time by who needs it twice.
[[nodiscard]] Result<std::unique_ptr<Unpacked>> open_unpacked(const std::string& path,
                                                              SeeBytes see = {});

}  // namespace lowtide::host
