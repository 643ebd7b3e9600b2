// How long any year of any zone takes out of a cache of 10 years x 100 zones, hourly.
//
// Usage: kept_bench FOLDER [ROUNDS]. Writes one zone's ten years with KeptSeries::put and copies
// its rows in SQL. Each round opens the file anew and reads one year of one zone, drawn at random;
// the reference is the same year read by a bare SELECT over the same rows, in the same round.
#include <fmt/core.h>
#include <sqlite3.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "grid/kept_series.h"
#include "host/sqlite.h"
#include "timed.h"

namespace lowtide::bench {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;

constexpr double kGoalMs = 20;
constexpr int kZones = 100;
constexpr int kYears = 10;
constexpr int kFirstYear = 2016;

Utc year_begin(int year) {
  return std::chrono::sys_days(std::chrono::year(year) / std::chrono::January / 1);
}

grid::SeriesKey key_of(int zone) {
  return {"bench", fmt::format("Z{}", zone), Signal::average, Scope::lifecycle, Gas::co2e, {}};
}

bool write_cache(const std::string& path) {
  {
    auto kept = grid::KeptSeries::open(path);
    if (!kept) return false;
    std::mt19937 random(1);
    for (int year = kFirstYear; year < kFirstYear + kYears; ++year) {
      grid::Batch batch{key_of(1), std::nullopt, {}, {}};
      batch.key.model = "m";
      for (Utc t = year_begin(year); t < year_begin(year + 1); t += hours(1)) {
        const double value = std::uniform_real_distribution(20.0, 900.0)(random);
        batch.points.push_back({{t, t + hours(1)}, grams_per_kwh(value), {}});
      }
      if (!kept->put(batch, {year_begin(year), year_begin(year + 1)}, year_begin(2026))) {
        return false;
      }
    }
  }
  auto database = host::Database::open(path, host::Database::Access::read_write);
  const std::string numbers = fmt::format(
      "WITH RECURSIVE n(k) AS (SELECT 2 UNION ALL SELECT k+1 FROM n WHERE k<{}) ", kZones);
  const std::string sql =
      "BEGIN;" + numbers +
      "INSERT INTO stream SELECT k,provider,'Z'||k,signal,scope FROM n,stream;" + numbers +
      "INSERT INTO series SELECT k,k,gas,model,longest_s FROM n,series;" + numbers +
      "INSERT INTO month SELECT k,begin_s,used_s,n_values,n_revisions FROM n CROSS JOIN month"
      " WHERE series=1;" +
      numbers +
      "INSERT INTO value SELECT k,begin_s,length_s,kind,known_ms,g_per_kwh FROM n CROSS JOIN value"
      " WHERE series=1; COMMIT; PRAGMA wal_checkpoint(TRUNCATE)";
  return database && database->execute(sql.c_str());
}

// Of the processor: what others do on the machine is not in it.
struct Clock {
  static double now() {  // ms
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e3 * static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_nsec);
  }
};
double ms_since(double begin) { return Clock::now() - begin; }

// Milliseconds; negative: it failed.
double read_kept(const std::string& path, int zone, Interval year) {
  const auto begin = Clock::now();
  auto kept = grid::KeptSeries::open_to_read(path);
  if (!kept) return -1;
  const auto points = kept->read(key_of(zone), year);
  const auto whole = static_cast<std::size_t>(year.length() / hours(1));
  return points && points->size() == whole ? ms_since(begin) : -1;
}

double read_bare(const std::string& path, int zone, Interval year) {
  const auto begin = Clock::now();
  auto database = host::Database::open(path, host::Database::Access::read_only);
  if (!database) return -1;
  auto rows = database->prepare(
      "SELECT begin_s,g_per_kwh FROM value WHERE series=? AND begin_s>=? AND begin_s<?");
  if (!rows) return -1;
  const auto as_s = [](Utc t) {
    return std::int64_t{t.time_since_epoch() / std::chrono::seconds(1)};
  };
  rows->bind(zone, as_s(year.begin), as_s(year.end));
  std::vector<std::pair<std::int64_t, double>> all;
  while (rows->step().value_or(false)) all.emplace_back(rows->integer(0), rows->real(1));
  return all.empty() ? -1 : ms_since(begin);
}

int measure(const fs::path& folder, int rounds) {
  fs::remove_all(folder);
  const std::string path = folder / "cache.db";
  if (!write_cache(path)) {
    fmt::print(stderr, "bench: the cache cannot be written in {}\n", folder.string());
    return 1;
  }
  std::mt19937 random(2);
  std::vector<double> kept;
  std::vector<double> bare;
  for (int i = 0; i < rounds; ++i) {
    const int zone = 1 + static_cast<int>(random() % kZones);
    const int first = kFirstYear + static_cast<int>(random() % kYears);
    const Interval year{year_begin(first), year_begin(first + 1)};
    kept.push_back(read_kept(path, zone, year));
    bare.push_back(read_bare(path, zone, year));
    if (kept.back() < 0 || bare.back() < 0) return 1;
  }
  fmt::print("a year of a zone out of {} zones x {} years, hourly ({:.0f} MB), CPU time\n", kZones,
             kYears, static_cast<double>(fs::file_size(path)) / 1e6);
  print_spread("the kept series, opened and read", kept, "ms");
  print_spread("a bare SELECT of the same rows", bare, "ms");
  const double value = median(kept);
  fmt::print("  {:.1f} ms (goal: under {:g} ms: {}), {:.2f} times the bare SELECT\n", value,
             kGoalMs, value < kGoalMs ? "met" : "missed", value / median(bare));
  fs::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace lowtide::bench

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: kept_bench FOLDER [ROUNDS]\n");
    return 2;
  }
  return lowtide::bench::measure(argv[1], argc > 2 ? std::max(1, std::atoi(argv[2])) : 40);
}
