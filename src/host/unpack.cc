#include "host/unpack.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "host/unique_fd.h"

namespace lowtide::host {
namespace {

constexpr std::size_t kBuffer = std::size_t{1} << 16;
constexpr const char* kAgain = "the file is not whole: copy or download it again";

tl::unexpected<Error> file_error(int code, const std::string& path) {
  ErrorKind kind = ErrorKind::temporary;
  if (code == ENOENT || code == ENOTDIR) kind = ErrorKind::absent;
  if (code == EACCES || code == EPERM) kind = ErrorKind::denied;
  return fail(kind, std::generic_category().message(code), path);
}

// The file as it lies on the disk.
class Raw final : public Unpacked {
 public:
  Raw(UniqueFd fd, std::string path, const struct stat& about, SeeBytes see)
      : fd_(std::move(fd)),
        path_(std::move(path)),
        size_(about.st_size),
        changed_(std::chrono::seconds(about.st_mtim.tv_sec) + Duration(about.st_mtim.tv_nsec)),
        see_(std::move(see)) {}

  Result<std::size_t> read(std::span<char> into) override {
    while (true) {
      const ssize_t got = ::read(fd_.get(), into.data(), into.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return file_error(errno, path_);
      taken_ += got;
      if (see_) see_({into.data(), static_cast<std::size_t>(got)});
      return static_cast<std::size_t>(got);
    }
  }
  // The first bytes without taking them.
  [[nodiscard]] std::string peek(std::size_t bytes) const {
    std::string first(bytes, '\0');
    const ssize_t got = pread(fd_.get(), first.data(), bytes, 0);
    first.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return first;
  }
  [[nodiscard]] std::int64_t taken() const override { return taken_; }
  [[nodiscard]] std::int64_t size() const override { return size_; }
  [[nodiscard]] Utc changed() const override { return changed_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  UniqueFd fd_;
  std::string path_;
  std::int64_t size_ = 0;
  Utc changed_;
  std::int64_t taken_ = 0;
  SeeBytes see_;
};

// What the two packings share: a buffer of packed bytes that is filled when it is used up.
class Packed : public Unpacked {
 public:
  explicit Packed(std::unique_ptr<Raw> raw) : raw_(std::move(raw)), buffer_(kBuffer) {}
  [[nodiscard]] std::int64_t taken() const override { return raw_->taken(); }
  [[nodiscard]] std::int64_t size() const override { return raw_->size(); }
  [[nodiscard]] Utc changed() const override { return raw_->changed(); }

 protected:
  // The next packed bytes; empty at the end of the file.
  Result<std::span<char>> more() {
    const auto got = raw_->read(buffer_);
    if (!got) return tl::unexpected(got.error());
    return std::span(buffer_).first(*got);
  }
  [[nodiscard]] tl::unexpected<Error> broken(const std::string& what) const {
    return fail(ErrorKind::malformed, what, raw_->path(), kAgain);
  }

 private:
  std::unique_ptr<Raw> raw_;
  std::vector<char> buffer_;
};

class Gzip final : public Packed {
 public:
  explicit Gzip(std::unique_ptr<Raw> raw) : Packed(std::move(raw)) {
    constexpr int kGzipOnly = 16;
    ready_ = inflateInit2(&stream_, MAX_WBITS + kGzipOnly) == Z_OK;
  }
  ~Gzip() override {
    if (ready_) inflateEnd(&stream_);
  }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  Result<std::size_t> read(std::span<char> into) override {
    if (!ready_) return fail(ErrorKind::temporary, "no memory to unpack it");
    stream_.next_out = reinterpret_cast<Bytef*>(into.data());
    stream_.avail_out = static_cast<uInt>(into.size());
    while (stream_.avail_out == into.size()) {
      const auto any = next_input();
      if (!any) return tl::unexpected(any.error());
      if (!*any) return 0;
      const int status = inflate(&stream_, Z_NO_FLUSH);
      ended_ = status == Z_STREAM_END;
      if (!ended_ && status != Z_OK && status != Z_BUF_ERROR) {
        return broken(std::string("no valid gzip: ") + reason(status));
      }
    }
    return into.size() - stream_.avail_out;
  }

 private:
  static constexpr Bytef kFirstByte = 0x1f;

  // false: there is no more, and there need not be.
  Result<bool> next_input() {
    if (stream_.avail_in == 0) {
      const auto fed = feed();
      if (!fed) return fed;
      if (!*fed && !ended_) return broken("the gzip stream ends early");
      if (!*fed) return false;
    }
    if (!ended_) return true;
    // What stands behind a member and is none is padding: gzip itself passes it over.
    if (*stream_.next_in != kFirstByte) return false;
    inflateReset(&stream_);
    ended_ = false;
    return true;
  }

  Result<bool> feed() {
    const auto bytes = more();
    if (!bytes) return tl::unexpected(bytes.error());
    stream_.next_in = reinterpret_cast<Bytef*>(bytes->data());
    stream_.avail_in = static_cast<uInt>(bytes->size());
    return !bytes->empty();
  }
  [[nodiscard]] const char* reason(int status) const {
    return stream_.msg != nullptr ? stream_.msg : zError(status);
  }

  z_stream stream_{};
  bool ready_ = false;
  bool ended_ = false;  // of a member
};

class Zstd final : public Packed {
 public:
  explicit Zstd(std::unique_ptr<Raw> raw)
      : Packed(std::move(raw)), stream_(ZSTD_createDStream(), &ZSTD_freeDStream) {}

  Result<std::size_t> read(std::span<char> into) override {
    if (!stream_) return fail(ErrorKind::temporary, "no memory to unpack it");
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    while (out.pos == 0) {
      if (in_.pos == in_.size && !full_) {
        const auto bytes = more();
        if (!bytes) return tl::unexpected(bytes.error());
        if (bytes->empty()) {
          return left_ == 0 ? Result<std::size_t>(0) : broken("the zstd stream ends early");
        }
        in_ = {bytes->data(), bytes->size(), 0};
      }
      left_ = ZSTD_decompressStream(stream_.get(), &out, &in_);
      if (ZSTD_isError(left_) != 0) {
        return broken(std::string("no valid zstd: ") + ZSTD_getErrorName(left_));
      }
      full_ = out.pos == out.size && left_ != 0;  // it may hold more than `into` could take
    }
    return out.pos;
  }

 private:
  std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> stream_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  std::size_t left_ = 0;  // 0: at the end of a frame
  bool full_ = false;
};

struct Mark {
  std::string_view bytes;
  const char* name;
};

// First bytes of what is no text and is not unpacked here.
constexpr std::array<Mark, 6> kForeign = {{{"PK\x03\x04", "a zip archive or a spreadsheet"},
                                           {"\xFD\x37zXZ", "packed with xz"},
                                           {"BZh", "packed with bzip2"},
                                           {"PAR1", "a Parquet file"},
                                           {"\xFF\xFE", "text in UTF-16"},
                                           {"\xFE\xFF", "text in UTF-16"}}};

Result<std::unique_ptr<Unpacked>> by_first_bytes(std::unique_ptr<Raw> raw) {
  constexpr std::string_view kGzip = "\x1f\x8b";
  constexpr std::string_view kZstd = "\x28\xB5\x2F\xFD";
  constexpr std::size_t kLongest = 8;
  const std::string first = raw->peek(kLongest);
  if (first.starts_with(kGzip)) return std::make_unique<Gzip>(std::move(raw));
  if (first.starts_with(kZstd)) return std::make_unique<Zstd>(std::move(raw));
  for (const Mark& mark : kForeign) {
    if (first.starts_with(mark.bytes)) {
      return fail(ErrorKind::malformed, std::string("this is ") + mark.name, raw->path(),
                  "write it as UTF-8 text, plain or packed with gzip or zstd");
    }
  }
  return raw;
}

}  // namespace

Result<std::unique_ptr<Unpacked>> open_unpacked(const std::string& path, SeeBytes see) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return file_error(errno, path);
  struct stat about{};
  if (fstat(fd.get(), &about) != 0) return file_error(errno, path);
  if (!S_ISREG(about.st_mode)) {
    return fail(ErrorKind::usage, "is no regular file, and it is read twice", path,
                "write it to a file first; gz and zst are read as they are");
  }
  return by_first_bytes(std::make_unique<Raw>(std::move(fd), path, about, std::move(see)));
}

}  // namespace lowtide::host
