// How long a year of 5-minute values takes on its way into the kept series, CPU time.
//
// Usage: put_bench FOLDER [ROUNDS]. Each round makes a new cache.db, puts the year into it in one
// transaction, in the batches of an import, and closes it; the reference is the same rows put into
// the same table by one INSERT a row, in the same round.
#include <fmt/core.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "grid/kept_filling.h"
#include "timed.h"

namespace lowtide::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kRows = 365 * 288;
constexpr std::size_t kAtOnce = 4096;  // as an import does
constexpr Duration kStep = std::chrono::minutes(5);
const Utc kBegin = std::chrono::sys_days(std::chrono::year(2021) / std::chrono::January / 1);
const Utc kKnown = std::chrono::sys_days(std::chrono::year(2026) / std::chrono::January / 1);

double value_of(int row) { return 200 + static_cast<double>(row * 7919LL % 10007) / 40; }

double now() {  // ms of the processor: what others do on the machine is not in it
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return 1e3 * static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_nsec);
}

std::int64_t whole_s(Utc t) { return t.time_since_epoch() / std::chrono::seconds(1); }

// Milliseconds; negative: it failed.
double put_kept(const std::string& path) {
  grid::Batch batch{
      {"import", "bench", Signal::marginal, Scope::direct, Gas::co2, "m"}, {}, {}, {}};
  const double begin = now();
  {
    auto filling = grid::KeptFilling::begin(path, kKnown);
    if (!filling) return -1;
    std::int64_t added = 0;
    for (int row = 0; row < kRows; ++row) {
      const Utc at = kBegin + row * kStep;
      batch.points.push_back({{at, at + kStep}, grams_per_kwh(value_of(row)), {}});
      if (batch.points.size() < kAtOnce && row + 1 < kRows) continue;
      const auto put = filling->put(batch);
      if (!put) return -1;
      added += put->added;
      batch.points.clear();
    }
    if (!filling->commit() || added != kRows) return -1;
  }
  return now() - begin;
}

double put_bare(const std::string& path) {
  if (!grid::KeptSeries::open(path)) return -1;  // the tables
  const double begin = now();
  {
    auto database = host::Database::open(path, host::Database::Access::read_write);
    if (!database || !database->execute("BEGIN IMMEDIATE")) return -1;
    for (int row = 0; row < kRows; ++row) {
      const auto done = database->run("INSERT OR IGNORE INTO value VALUES(?,?,?,?,?,?)", 1,
                                      whole_s(kBegin + row * kStep), 300, 0, whole_s(kKnown) * 1000,
                                      value_of(row));
      if (!done) return -1;
    }
    if (!database->execute("COMMIT")) return -1;
  }
  return now() - begin;
}

int measure(const fs::path& folder, int rounds) {
  std::vector<double> kept;
  std::vector<double> bare;
  for (int i = 0; i < rounds; ++i) {
    fs::remove_all(folder);
    kept.push_back(put_kept(folder / "kept" / "cache.db"));
    bare.push_back(put_bare(folder / "bare" / "cache.db"));
    if (kept.back() < 0 || bare.back() < 0) return 1;
  }
  fmt::print("a year of 5-minute values put into the kept series ({} rows), CPU time\n", kRows);
  print_spread("the kept series", kept, "ms");
  print_spread("one INSERT a row into the same table", bare, "ms");
  fmt::print("  {:.2f} times one INSERT a row\n", median(kept) / median(bare));
  fs::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace lowtide::bench

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: put_bench FOLDER [ROUNDS]\n");
    return 2;
  }
  return lowtide::bench::measure(argv[1], argc > 2 ? std::max(1, std::atoi(argv[2])) : 15);
}
