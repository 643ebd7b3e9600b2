// Savings of every start as a file on disk, by its name: Parquet, or CSV, plain or packed. There
// whole or not at all (host/new_file.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "grid/hash.h"
#include "host/new_file.h"
#include "show/parquet.h"
#include "show/scale_csv.h"
#include "study/scale.h"

namespace lowtide::app {

class ScaleFile {
 public:
  [[nodiscard]] static Result<ScaleFile> open(const std::string& path,
                                              const study::ScaleAxes& axes);

  using Part = std::variant<std::string, show::ParquetGroup>;
  // In any thread.
  [[nodiscard]] Part encode(const show::ScaleRows& rows) const;
  // One after the other, in the file's order.
  [[nodiscard]] Result<void> add(const Part& part);

  struct Written {
    std::string sha256;
    std::uint64_t bytes = 0;
  };
  // What is said of the figures stands in the file itself where its form has a place for it.
  using Facts = std::vector<std::pair<std::string, std::string>>;
  [[nodiscard]] Result<Written> finish(const Facts& facts);

 private:
  struct Seen {
    grid::Sha256 sha256;
    std::uint64_t bytes = 0;
  };
  ScaleFile(host::NewFile file, std::unique_ptr<Seen> seen)
      : seen_(std::move(seen)), file_(std::move(file)) {}

  std::unique_ptr<Seen> seen_;  // outlives the file
  host::NewFile file_;
  std::optional<show::ParquetFile> parquet_;  // none: CSV
};

}  // namespace lowtide::app
