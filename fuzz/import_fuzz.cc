// Any bytes as a file to import, plain or packed: an error that names the file, or rows in order of
// time, never a crash.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "grid/import_rows.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const int file = memfd_create("fuzz.csv", 0);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  if (ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) < 0) std::abort();
  lowtide::grid::ImportWish wish;
  wish.zone = "FR";
  wish.signal = lowtide::Signal::average;
  wish.scope = lowtide::Scope::direct;
  wish.unit = lowtide::grid::parse_unit("kg/MWh").value();
  wish.times.offset = std::chrono::hours(1);
  wish.times.begin = "2020-01-01";
  wish.times.step = std::chrono::hours(1);
  auto rows = lowtide::grid::ImportRows::open(path, wish);
  if (!rows) {
    if (rows.error().where.find(path) == std::string::npos) std::abort();
    return 0;
  }
  lowtide::grid::ImportRow row;
  lowtide::Utc last = lowtide::Utc::min();
  while (true) {
    const auto more = rows->next(row);
    if (!more && more.error().where.find(path) == std::string::npos) std::abort();
    if (!more || !*more) return 0;
    if (row.time <= last) std::abort();
    last = row.time;
  }
}
