#include "host/lines.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace lowtide::host {
namespace {

constexpr std::size_t kBuffer = std::size_t{1} << 16;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

Lines::Lines(std::unique_ptr<Unpacked> bytes, std::string path)
    : bytes_(std::move(bytes)), path_(std::move(path)), buffer_(kBuffer) {}

Result<Lines> Lines::open(const std::string& path, SeeBytes see) {
  auto bytes = open_unpacked(path, std::move(see));
  if (!bytes) return tl::unexpected(bytes.error());
  return Lines(std::move(*bytes), path);
}

Result<bool> Lines::fill() {
  std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
            buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
  end_ -= begin_;
  begin_ = 0;
  if (end_ == buffer_.size()) {
    if (end_ >= kLongest) {
      return fail(ErrorKind::malformed, "a line of more than a megabyte",
                  path_ + ":" + std::to_string(number_ + 1), "give a table in text, a row a line");
    }
    buffer_.resize(buffer_.size() * 2);
  }
  const auto got = bytes_->read(std::span(buffer_).subspan(end_));
  if (!got) return tl::unexpected(got.error());
  end_ += *got;
  return *got > 0;
}

std::string_view Lines::take(std::size_t length, std::size_t with_end) {
  std::string_view line(buffer_.data() + begin_, length);
  begin_ += with_end;
  if (++number_ == 1 && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

Result<std::optional<std::string_view>> Lines::next() {
  std::size_t looked = 0;
  while (true) {
    const char* from = buffer_.data() + begin_ + looked;
    const std::size_t left = end_ - begin_ - looked;
    const void* found = left == 0 ? nullptr : std::memchr(from, '\n', left);
    if (found != nullptr) {
      const auto length = static_cast<std::size_t>(static_cast<const char*>(found) - from) + looked;
      return take(length, length + 1);
    }
    looked += left;
    const auto more = fill();
    if (!more) return tl::unexpected(more.error());
    if (*more) continue;
    if (looked == 0) return std::nullopt;
    return take(looked, looked);
  }
}

}  // namespace lowtide::host
