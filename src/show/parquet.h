// A table as Parquet, the columnar file that pandas, Polars, DuckDB, Spark and R read at once.
// Debian 12 has no library that writes it, so this writes the smallest part of it that does:
// https://parquet.apache.org/docs/file-format/ (format 2, parquet.thrift of 2.11), read 2026-11-30.
//
//   "PAR1"  a row group of each add(): column by column a header, then one page packed by zstd
//   footer: the schema, where each column of each row group lies, pairs of texts; its length;
//   "PAR1"
//
// Columns are texts (UTF-8), times (milliseconds of UTC) and floats, all PLAIN. A float that is NaN
// is null: what is not known is left out of a reader's means. A text column tells its least and
// greatest text, so that readers skip row groups. No dictionary: a column of one text packs to
// nothing anyway. Row groups may be made in any thread; a file is one thread's at a time.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace lowtide::show {

class ThriftWriter;

enum class ParquetKind { text, time, value };
struct ParquetColumn {
  std::string name;
  ParquetKind kind = ParquetKind::value;
};

// Where a column of a row group lies.
struct ParquetChunk {
  std::size_t begin = 0;     // in the row group
  std::size_t packed = 0;    // bytes, with the page's header
  std::size_t unpacked = 0;  // likewise
  std::size_t nulls = 0;
  std::string least_and_greatest;  // empty: not said
};

// Rows, column by column, in the order and of the kinds of the file's.
class ParquetGroup {
 public:
  explicit ParquetGroup(std::size_t rows) : rows_(rows) {}
  void add_text(std::string_view same_in_each);
  void add_times(std::span<const Utc> times);
  void add_values(std::span<const float> values);

 private:
  friend class ParquetFile;
  void add_page(const std::string& page, std::size_t nulls);

  std::size_t rows_;
  std::string bytes_;
  std::vector<ParquetChunk> chunks_;
};

class ParquetFile {
 public:
  explicit ParquetFile(std::vector<ParquetColumn> columns) : columns_(std::move(columns)) {}

  // The file's bytes are these on end: begin(), add() of each row group, end().
  [[nodiscard]] static std::string_view begin();
  [[nodiscard]] std::string_view add(const ParquetGroup& group);
  [[nodiscard]] std::string end(const std::vector<std::pair<std::string, std::string>>& pairs,
                                std::string_view created_by) const;

 private:
  struct Placed {
    std::size_t begin = 0;  // in the file
    std::size_t rows = 0;
    std::vector<ParquetChunk> chunks;
  };
  void write_group(ThriftWriter& out, const Placed& group) const;

  std::vector<ParquetColumn> columns_;
  std::size_t size_ = 4;  // "PAR1"
  std::vector<Placed> groups_;
};

}  // namespace lowtide::show
