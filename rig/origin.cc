#include "origin.h"

#include <fcntl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "clock.h"

namespace lowtide::rig {

std::optional<Origin> Origin::parse(const std::vector<std::string>& words) {
  if (words.size() != 2) return std::nullopt;
  Origin origin;
  if (words[0] == "boot") {
    char* end = nullptr;
    origin.start_ = std::strtod(words[1].c_str(), &end);
    if (*end != '\0') return std::nullopt;
    return origin;
  }
  if (words[0] != "file" && words[0] != "first-call") return std::nullopt;
  origin.path_ = words[1];
  origin.on_first_call_ = words[0] == "first-call";
  origin.start_.reset();
  return origin;
}

Origin::Origin(const Origin& other)
    : path_(other.path_), on_first_call_(other.on_first_call_), start_(other.start_) {}

Origin& Origin::operator=(const Origin& other) {
  path_ = other.path_;
  on_first_call_ = other.on_first_call_;
  start_ = other.start_;
  return *this;
}

std::optional<double> Origin::start() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!start_) start_ = read_file();
  return start_;
}

std::optional<double> Origin::start_on_call() {
  if (on_first_call_ && !start()) {
    // A name of its own, then link(): the file is never seen half written, and the first wins.
    const std::string draft = path_ + "." + std::to_string(getpid());
    char text[64];
    const int length = std::snprintf(text, sizeof text, "%.9f\n", boot_seconds());
    const int fd = open(draft.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    if (fd >= 0) {
      if (write(fd, text, static_cast<size_t>(length)) == length) {
        (void)!link(draft.c_str(), path_.c_str());
      }
      close(fd);
      unlink(draft.c_str());
    }
  }
  return start();
}

std::optional<double> Origin::read_file() const {
  std::ifstream file(path_);
  double value = 0;
  if (file >> value && std::isfinite(value)) return value;
  return std::nullopt;
}

}  // namespace lowtide::rig
