// What tests of processes share: a forked child that always ends, a folder that goes away. Not part
// of the program.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>

namespace lowtide::host {

inline constexpr int kNotReaped = -1;

// Runs `body` in a child whose every way out is _exit; it is killed when it outlives its test, and
// by its own alarm should the test program die.
class Child {
 public:
  explicit Child(const std::function<int()>& body) : pid_(fork()) {
    if (pid_ != 0) return;
    alarm(30);
    int status = 99;
    try {
      status = body();
    } catch (...) {
      status = 98;
    }
    _exit(status);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  [[nodiscard]] pid_t pid() const { return pid_; }
  void send(int signal) const {
    if (pid_ > 0) ::kill(pid_, signal);
  }
  // The wait status; kNotReaped when it has not ended within 20 s.
  [[nodiscard]] int wait() {
    int status = 0;
    for (int i = 0; pid_ > 0 && i < 10'000; ++i) {
      if (waitpid(pid_, &status, WNOHANG) == pid_) {
        pid_ = 0;
        return status;
      }
      usleep(2000);
    }
    return kNotReaped;
  }
  // The exit status; kNotReaped for any other end.
  [[nodiscard]] int exit_status() {
    const int status = wait();
    return status != kNotReaped && WIFEXITED(status) ? WEXITSTATUS(status) : kNotReaped;
  }

 private:
  pid_t pid_;
};

// Waits until `done` says so; false when it has not after 20 s.
inline bool eventually(const std::function<bool()>& done) {
  for (int i = 0; i < 10'000; ++i) {
    if (done()) return true;
    usleep(2000);
  }
  return false;
}

class TempFolder {
 public:
  TempFolder() {
    std::string pattern = std::filesystem::temp_directory_path() / "lowtide-test-XXXXXX";
    path_ = mkdtemp(pattern.data());
    std::filesystem::permissions(path_, std::filesystem::perms(0755));
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }
  std::string write(const std::string& name, const std::string& text) const {
    const std::filesystem::path full = path(name);
    std::filesystem::create_directories(full.parent_path());
    std::ofstream(full) << text;
    return full;
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(path(name)).rdbuf();
    return text.str();
  }
  [[nodiscard]] bool has(const std::string& name) const {
    return std::filesystem::exists(path(name));
  }
  [[nodiscard]] const std::string& root() const { return path_; }

 private:
  std::string path_;
};

}  // namespace lowtide::host
