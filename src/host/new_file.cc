#include "host/new_file.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "host/unique_fd.h"

namespace lowtide::host {
namespace {

constexpr std::size_t kBuffer = std::size_t{1} << 18;
constexpr int kLevel = 1;  // figures pack well at once; more takes longer than making them

}  // namespace

// The bytes on the disk.
class NewFile::Sink {
 public:
  Sink(std::string path, SeeBytes see)
      : path_(std::move(path)),
        beside_(path_ + ".new-" + std::to_string(getpid())),
        see_(std::move(see)) {
    const std::string folder = std::filesystem::path(path_).parent_path().string();
    const std::string in = folder.empty() ? "." : folder;
    fd_.reset(::open(in.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666));
    if (fd_) return;
    fd_.reset(::open(beside_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    named_ = static_cast<bool>(fd_);
  }
  ~Sink() {
    if (named_) unlink(beside_.c_str());
  }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  [[nodiscard]] bool ready() const { return static_cast<bool>(fd_); }
  [[nodiscard]] tl::unexpected<Error> trouble(int code) const {
    const bool may_not = code == EACCES || code == EPERM || code == EROFS;
    const bool no_room = code == ENOSPC || code == EDQUOT || code == EFBIG;
    return fail(may_not ? ErrorKind::denied : ErrorKind::temporary,
                std::generic_category().message(code), path_,
                no_room ? "it was not written: free some room, or write it elsewhere"
                        : "it was not written: name another file");
  }
  [[nodiscard]] Result<void> write(std::string_view bytes) {
    if (see_) see_(bytes);
    while (!bytes.empty()) {
      const ssize_t wrote = ::write(fd_.get(), bytes.data(), bytes.size());
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return trouble(errno);
      bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return {};
  }
  // Some file systems say only here that there was no room.
  [[nodiscard]] Result<void> rename() {
    if (fsync(fd_.get()) != 0) return trouble(errno);
    const std::string own = "/proc/self/fd/" + std::to_string(fd_.get());
    if (!named_) {
      unlink(beside_.c_str());  // of a process that was killed here, with the same id
      named_ = linkat(AT_FDCWD, own.c_str(), AT_FDCWD, beside_.c_str(), AT_SYMLINK_FOLLOW) == 0;
    }
    if (!named_) return trouble(errno);
    if (::rename(beside_.c_str(), path_.c_str()) != 0) return trouble(errno);
    named_ = false;
    return {};
  }

 private:
  std::string path_;
  std::string beside_;  // what it is called until it is renamed, once it is called anything
  bool named_ = false;
  SeeBytes see_;
  UniqueFd fd_;
};

class NewFile::Packing {
 public:
  virtual ~Packing() = default;
  [[nodiscard]] virtual Result<void> add(std::string_view bytes, Sink& into) = 0;
  [[nodiscard]] virtual Result<void> end(Sink& into) = 0;
};

class NewFile::Plain final : public Packing {
 public:
  Result<void> add(std::string_view bytes, Sink& into) override { return into.write(bytes); }
  Result<void> end(Sink& /*into*/) override { return {}; }
};

class NewFile::Gzip final : public Packing {
 public:
  Gzip() : buffer_(kBuffer) {
    constexpr int kGzip = 16;
    constexpr int kMemory = 8;  // zlib's own
    ready_ = deflateInit2(&stream_, kLevel, Z_DEFLATED, MAX_WBITS + kGzip, kMemory,
                          Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~Gzip() override {
    if (ready_) deflateEnd(&stream_);
  }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  Result<void> add(std::string_view bytes, Sink& into) override {
    // zlib counts in 32 bits.
    constexpr std::size_t kMost = std::size_t{1} << 30;
    for (; bytes.size() > kMost; bytes.remove_prefix(kMost)) {
      if (auto done = pack(bytes.substr(0, kMost), Z_NO_FLUSH, into); !done) return done;
    }
    return pack(bytes, Z_NO_FLUSH, into);
  }
  Result<void> end(Sink& into) override { return pack({}, Z_FINISH, into); }

 private:
  Result<void> pack(std::string_view bytes, int flush, Sink& into) {
    if (!ready_) return fail(ErrorKind::temporary, "no memory to pack it");
    // zlib does not write to its input; its type only says so where ZLIB_CONST is defined.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = buffer_.data();
      stream_.avail_out = static_cast<uInt>(buffer_.size());
      deflate(&stream_, flush);
      const std::size_t made = buffer_.size() - stream_.avail_out;
      if (auto done = into.write({reinterpret_cast<const char*>(buffer_.data()), made}); !done) {
        return done;
      }
    } while (stream_.avail_out == 0);
    return {};
  }

  z_stream stream_{};
  bool ready_ = false;
  std::vector<Bytef> buffer_;
};

class NewFile::Zstd final : public Packing {
 public:
  Zstd() : stream_(ZSTD_createCCtx(), &ZSTD_freeCCtx), buffer_(kBuffer) {
    if (!stream_) return;
    ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_compressionLevel, kLevel);
    ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_checksumFlag, 1);
  }

  Result<void> add(std::string_view bytes, Sink& into) override {
    return pack(bytes, ZSTD_e_continue, into);
  }
  Result<void> end(Sink& into) override { return pack({}, ZSTD_e_end, into); }

 private:
  Result<void> pack(std::string_view bytes, ZSTD_EndDirective how, Sink& into) {
    if (!stream_) return fail(ErrorKind::temporary, "no memory to pack it");
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    std::size_t left = 0;
    do {
      ZSTD_outBuffer out{buffer_.data(), buffer_.size(), 0};
      left = ZSTD_compressStream2(stream_.get(), &out, &in, how);
      if (ZSTD_isError(left) != 0) {
        return fail(ErrorKind::internal, std::string("zstd: ") + ZSTD_getErrorName(left));
      }
      if (auto done = into.write({buffer_.data(), out.pos}); !done) return done;
    } while (in.pos < in.size || (how == ZSTD_e_end && left > 0));
    return {};
  }

  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> stream_;
  std::vector<char> buffer_;
};

NewFile::NewFile(std::unique_ptr<Sink> sink, std::unique_ptr<Packing> packing)
    : sink_(std::move(sink)), packing_(std::move(packing)) {}
NewFile::NewFile(NewFile&&) noexcept = default;
NewFile& NewFile::operator=(NewFile&&) noexcept = default;
NewFile::~NewFile() = default;

Result<NewFile> NewFile::open(const std::string& path, SeeBytes see) {
  std::error_code code;
  const auto kind = std::filesystem::status(path, code).type();
  if (kind != std::filesystem::file_type::regular &&
      kind != std::filesystem::file_type::not_found) {
    return fail(ErrorKind::denied, "this is no file that could be replaced", path,
                "name another file");
  }
  auto sink = std::make_unique<Sink>(path, std::move(see));
  if (!sink->ready()) return sink->trouble(errno);
  std::unique_ptr<Packing> packing;
  if (path.ends_with(".gz")) {
    packing = std::make_unique<Gzip>();
  } else if (path.ends_with(".zst")) {
    packing = std::make_unique<Zstd>();
  } else {
    packing = std::make_unique<Plain>();
  }
  return NewFile(std::move(sink), std::move(packing));
}

Result<void> NewFile::add(std::string_view bytes) { return packing_->add(bytes, *sink_); }

Result<void> NewFile::finish() {
  if (auto done = packing_->end(*sink_); !done) return done;
  return sink_->rename();
}

}  // namespace lowtide::host
