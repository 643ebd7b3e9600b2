#include "show/parquet.h"

#include <zstd.h>

#include <bit>
#include <chrono>
#include <cmath>
#include <cstring>

#include "show/thrift.h"

namespace lowtide::show {
namespace {

using Kind = ThriftWriter::Kind;

constexpr std::string_view kMark = "PAR1";
constexpr int kPackLevel =
    3;  // an eighth smaller than 1, for half a second in sixty million values

// Numbers of parquet.thrift.
constexpr std::int32_t kInt64 = 2;  // Type
constexpr std::int32_t kFloat = 4;
constexpr std::int32_t kByteArray = 6;
constexpr std::int32_t kRequired = 0;  // FieldRepetitionType
constexpr std::int32_t kOptional = 1;
constexpr std::int32_t kUtf8 = 0;  // ConvertedType
constexpr std::int32_t kTimestampMillis = 9;
constexpr std::int32_t kPlain = 0;  // Encoding
constexpr std::int32_t kRle = 3;
constexpr std::int32_t kZstd = 6;      // CompressionCodec
constexpr std::int32_t kDataPage = 0;  // PageType
constexpr std::int32_t kFormat = 2;

static_assert(std::endian::native == std::endian::little, "pages hold little-endian numbers");

template <typename T>
void put(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// Which rows have a value, in runs: a varint of twice the length, then 1 or 0.
std::string levels_of(std::span<const float> values) {
  std::string out;
  for (std::size_t at = 0; at < values.size();) {
    const bool known = !std::isnan(values[at]);
    std::size_t end = at + 1;
    while (end < values.size() && !std::isnan(values[end]) == known) ++end;
    std::size_t head = (end - at) << 1U;
    for (; head >= 0x80; head >>= 7U) out += static_cast<char>((head & 0x7fU) | 0x80U);
    out += static_cast<char>(head);
    out += known ? '\1' : '\0';
    at = end;
  }
  return out;
}

std::string packed(const std::string& page) {
  std::string out(ZSTD_compressBound(page.size()), '\0');
  // Cannot fail: there is room, and the level is one that there is.
  out.resize(ZSTD_compress(out.data(), out.size(), page.data(), page.size(), kPackLevel));
  return out;
}

std::int32_t type_of(ParquetKind kind) {
  switch (kind) {
    case ParquetKind::text:
      return kByteArray;
    case ParquetKind::time:
      return kInt64;
    case ParquetKind::value:
      break;
  }
  return kFloat;
}

void write_schema_element(ThriftWriter& out, const ParquetColumn& column) {
  out.begin_element();
  out.i32(1, type_of(column.kind));
  out.i32(3, column.kind == ParquetKind::value ? kOptional : kRequired);
  out.text(4, column.name);
  if (column.kind == ParquetKind::text) {
    out.i32(6, kUtf8);
    out.begin_struct(10);
    out.begin_struct(1);  // STRING
    out.end_struct();
    out.end_struct();
  } else if (column.kind == ParquetKind::time) {
    out.i32(6, kTimestampMillis);
    out.begin_struct(10);
    out.begin_struct(8);  // TIMESTAMP
    out.flag(1, true);    // of UTC
    out.begin_struct(2);
    out.begin_struct(1);  // MILLIS
    out.end_struct();
    out.end_struct();
    out.end_struct();
    out.end_struct();
  }
  out.end_struct();
}

void write_schema(ThriftWriter& out, const std::vector<ParquetColumn>& columns) {
  out.begin_list(2, Kind::structure, columns.size() + 1);
  out.begin_element();
  out.text(4, "schema");
  out.i32(5, static_cast<std::int32_t>(columns.size()));
  out.end_struct();
  for (const ParquetColumn& column : columns) write_schema_element(out, column);
}

void write_pairs(ThriftWriter& out, const std::vector<std::pair<std::string, std::string>>& pairs) {
  out.begin_list(5, Kind::structure, pairs.size());
  for (const auto& [key, value] : pairs) {
    out.begin_element();
    out.text(1, key);
    out.text(2, value);
    out.end_struct();
  }
}

// Least and greatest of texts go by their bytes: said for each column, as readers ask for it.
void write_orders(ThriftWriter& out, std::size_t columns) {
  out.begin_list(7, Kind::structure, columns);
  for (std::size_t i = 0; i < columns; ++i) {
    out.begin_element();
    out.begin_struct(1);
    out.end_struct();
    out.end_struct();
  }
}

// `begin`: in the file.
void write_chunk(ThriftWriter& out, const ParquetColumn& column, const ParquetChunk& chunk,
                 std::size_t begin, std::size_t rows) {
  out.begin_element();
  out.i64(2, static_cast<std::int64_t>(begin));
  out.begin_struct(3);
  out.i32(1, type_of(column.kind));
  out.begin_list(2, Kind::i32, 2);
  out.element(kPlain);
  out.element(kRle);
  out.begin_list(3, Kind::text, 1);
  out.element(std::string_view(column.name));
  out.i32(4, kZstd);
  out.i64(5, static_cast<std::int64_t>(rows));
  out.i64(6, static_cast<std::int64_t>(chunk.unpacked));
  out.i64(7, static_cast<std::int64_t>(chunk.packed));
  out.i64(9, static_cast<std::int64_t>(begin));
  out.begin_struct(12);
  out.i64(3, static_cast<std::int64_t>(chunk.nulls));
  if (!chunk.least_and_greatest.empty()) {
    out.text(5, chunk.least_and_greatest);
    out.text(6, chunk.least_and_greatest);
  }
  out.end_struct();
  out.end_struct();
  out.end_struct();
}

}  // namespace

void ParquetGroup::add_page(const std::string& page, std::size_t nulls) {
  const std::string body = packed(page);
  ThriftWriter out;
  out.i32(1, kDataPage);
  out.i32(2, static_cast<std::int32_t>(page.size()));
  out.i32(3, static_cast<std::int32_t>(body.size()));
  out.begin_struct(5);
  out.i32(1, static_cast<std::int32_t>(rows_));
  out.i32(2, kPlain);
  out.i32(3, kRle);  // of which rows have a value
  out.i32(4, kRle);
  out.end_struct();
  const std::string header = out.done();
  chunks_.push_back(
      {bytes_.size(), header.size() + body.size(), header.size() + page.size(), nulls, {}});
  bytes_ += header;
  bytes_ += body;
}

void ParquetGroup::add_text(std::string_view same_in_each) {
  std::string page;
  page.reserve(rows_ * (same_in_each.size() + 4));
  for (std::size_t i = 0; i < rows_; ++i) {
    put(page, static_cast<std::uint32_t>(same_in_each.size()));
    page += same_in_each;
  }
  add_page(page, 0);
  chunks_.back().least_and_greatest = same_in_each;
}

void ParquetGroup::add_times(std::span<const Utc> times) {
  std::string page;
  page.reserve(times.size() * sizeof(std::int64_t));
  for (const Utc time : times) {
    const auto since = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
    put(page, static_cast<std::int64_t>(since.count()));
  }
  add_page(page, 0);
}

void ParquetGroup::add_values(std::span<const float> values) {
  const std::string levels = levels_of(values);
  std::string page;
  page.reserve(sizeof(std::uint32_t) + levels.size() + values.size_bytes());
  put(page, static_cast<std::uint32_t>(levels.size()));
  page += levels;
  std::size_t nulls = 0;
  for (const float value : values) {
    if (std::isnan(value)) {
      ++nulls;
    } else {
      put(page, value);
    }
  }
  add_page(page, nulls);
}

std::string_view ParquetFile::begin() { return kMark; }

std::string_view ParquetFile::add(const ParquetGroup& group) {
  groups_.push_back({size_, group.rows_, group.chunks_});
  size_ += group.bytes_.size();
  return group.bytes_;
}

void ParquetFile::write_group(ThriftWriter& out, const Placed& group) const {
  std::size_t packed = 0;
  std::size_t unpacked = 0;
  for (const ParquetChunk& chunk : group.chunks) {
    packed += chunk.packed;
    unpacked += chunk.unpacked;
  }
  out.begin_element();
  out.begin_list(1, Kind::structure, columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const ParquetChunk& chunk = group.chunks[i];
    write_chunk(out, columns_[i], chunk, group.begin + chunk.begin, group.rows);
  }
  out.i64(2, static_cast<std::int64_t>(unpacked));
  out.i64(3, static_cast<std::int64_t>(group.rows));
  out.i64(5, static_cast<std::int64_t>(group.begin));
  out.i64(6, static_cast<std::int64_t>(packed));
  out.end_struct();
}

std::string ParquetFile::end(const std::vector<std::pair<std::string, std::string>>& pairs,
                             std::string_view created_by) const {
  std::size_t rows = 0;
  for (const Placed& group : groups_) rows += group.rows;
  ThriftWriter out;
  out.i32(1, kFormat);
  write_schema(out, columns_);
  out.i64(3, static_cast<std::int64_t>(rows));
  out.begin_list(4, Kind::structure, groups_.size());
  for (const Placed& group : groups_) write_group(out, group);
  write_pairs(out, pairs);
  out.text(6, created_by);
  write_orders(out, columns_.size());
  std::string footer = out.done();
  put(footer, static_cast<std::uint32_t>(footer.size()));
  footer += kMark;
  return footer;
}

}  // namespace lowtide::show
