// A file that is there whole or not at all: written from front to back without a name, which
// finish() gives it. Packed as its name ends: .gz, .zst, else plain.
//
// Not finished, nothing of it stays, and what had the name before is as it was; after a kill too,
// but on file systems that have no files without a name: there one beside it stays. One gzip member
// or zstd frame: some readers stop after the first. A pipe, a device or a folder is never replaced.
// Errors: denied, temporary (no room on the disk,
// ..) with the path. One thread an object at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "host/unpack.h"

namespace lowtide::host {

class NewFile {
 public:
  // `see` is shown the file's own bytes, packed as they are.
  [[nodiscard]] static Result<NewFile> open(const std::string& path, SeeBytes see = {});
  NewFile(NewFile&&) noexcept;
  NewFile& operator=(NewFile&&) noexcept;
  ~NewFile();

  [[nodiscard]] Result<void> add(std::string_view bytes);
  // Once, and last.
  [[nodiscard]] Result<void> finish();

 private:
  class Sink;
  class Packing;
  class Plain;
  class Gzip;
  class Zstd;
  NewFile(std::unique_ptr<Sink> sink, std::unique_ptr<Packing> packing);

  std::unique_ptr<Sink> sink_;
  std::unique_ptr<Packing> packing_;
};

}  // namespace lowtide::host
