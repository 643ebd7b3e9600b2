// Structures in Thrift's compact protocol, as far as Parquet's headers need it (show/parquet.h):
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md, read
// 2026-11-30. Fields are written in rising order of their ids. One thread an object.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lowtide::show {

class ThriftWriter {
 public:
  enum class Kind : std::uint8_t { i32 = 5, text = 8, structure = 12 };  // of a list's elements

  void flag(int id, bool value) { field(id, value ? 1 : 2); }
  void i32(int id, std::int32_t value) {
    field(id, 5);
    element(value);
  }
  void i64(int id, std::int64_t value) {
    field(id, 6);
    signed_number(value);
  }
  void text(int id, std::string_view value) {
    field(id, 8);
    element(value);
  }
  void begin_struct(int id) {
    field(id, 12);
    begin_element();
  }
  void end_struct() {
    last_.pop_back();
    byte(0);
  }
  // Then each of its elements, by one of the three below.
  void begin_list(int id, Kind kind, std::size_t size) {
    field(id, 9);
    constexpr std::size_t kLong = 15;  // a size from here on has bytes of its own
    byte((size < kLong ? size : kLong) << 4U | static_cast<std::uint8_t>(kind));
    if (size >= kLong) number(size);
  }
  void element(std::int32_t value) { signed_number(value); }
  void element(std::string_view value) {
    number(value.size());
    bytes_ += value;
  }
  void begin_element() { last_.push_back(0); }  // a structure, until end_struct()

  // With the end of the outermost structure.
  [[nodiscard]] std::string done() {
    byte(0);
    return std::move(bytes_);
  }

 private:
  void byte(std::size_t value) { bytes_ += static_cast<char>(value); }
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) byte((value & 0x7fU) | 0x80U);
    byte(value);
  }
  void signed_number(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    number(value < 0 ? ~(bits << 1U) : bits << 1U);
  }
  void field(int id, std::size_t type) {
    byte(static_cast<std::size_t>(id - last_.back()) << 4U | type);  // ids are at most 15 apart
    last_.back() = id;
  }

  std::string bytes_;
  std::vector<int> last_ = {0};  // field of each open structure
};

}  // namespace lowtide::show
