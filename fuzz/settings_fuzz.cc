// Any bytes as config.toml: values of known keys or a warning that names the file, never a crash.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "app/settings.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int file = memfd_create("config.toml", MFD_CLOEXEC);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  if (ftruncate(file, 0) != 0) return 0;
  if (pwrite(file, data, size, 0) != static_cast<ssize_t>(size)) return 0;
  const auto settings = lowtide::app::Settings::load(path);
  for (const std::string& warning : settings.warnings()) {
    if (warning.find(path) == std::string::npos) std::abort();
  }
  static_cast<void>(settings.text("location"));
  return 0;
}
