// How long a report of a 9-day run with 10 channels takes, from the shell's point of view.
//
// Usage: report_bench LOWTIDE FOLDER [ROUNDS]. Writes such a run with lowtide's own ledger, then
// times `report last --format json`, with and without samples, `show last`, and the HTML page. The
// reference is `report` of a run of one day from another ledger, in the same round: what does not
// grow with the run (start-up, tables) shows in it.
#include <fmt/core.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "long_run.h"
#include "record/ledger.h"
#include "timed.h"

namespace lowtide::bench {
namespace {

namespace fs = std::filesystem;

constexpr double kGoalMs = 100;
constexpr double kHtmlGoalMs = 300;
constexpr double kHtmlGoalMb = 1;

struct Candidate {
  std::string name;
  fs::path home;
  std::vector<std::string> command;
  std::vector<double> wall_ms;
};

bool write_ledger(const fs::path& home, int days) {
  auto ledger = record::Ledger::open(home / "ledger.db");
  if (!ledger) return false;
  return ledger->add(long_run("bench000", days), {}).has_value();
}

int measure(const std::string& lowtide, const fs::path& folder, int rounds) {
  fs::remove_all(folder);
  if (!write_ledger(folder / "long", kDays) || !write_ledger(folder / "short", 1)) {
    fmt::print(stderr, "bench: the ledger cannot be written in {}\n", folder.string());
    return 1;
  }
  const fs::path page = folder / "page.html";
  std::vector<Candidate> all{
      {"report --format json, 1 day",
       folder / "short",
       {lowtide, "report", "last", "--format", "json"},
       {}},
      {"report --format json, 9 days",
       folder / "long",
       {lowtide, "report", "last", "--format", "json"},
       {}},
      {"report --format json --samples, 9 days",
       folder / "long",
       {lowtide, "report", "last", "--format", "json", "--samples"},
       {}},
      {"show last, 9 days", folder / "long", {lowtide, "show", "last"}, {}},
      {"report --format html, 9 days",
       folder / "long",
       {lowtide, "report", "last", "--format", "html", "--out", page.string()},
       {}},
  };
  for (int i = -1; i < rounds; ++i) {
    for (Candidate& candidate : all) {
      setenv("LOWTIDE_HOME", candidate.home.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
      const Timed timed = run_timed(candidate.command);
      if (timed.status != 0) {
        fmt::print(stderr, "bench: '{}' failed\n", candidate.name);
        return 1;
      }
      if (i >= 0) candidate.wall_ms.push_back(timed.wall_ms);
    }
  }
  fmt::print("report of a 9-day run with {} channels, wall-clock time\n", kGpus + 2);
  for (const Candidate& candidate : all) print_spread(candidate.name, candidate.wall_ms, "ms");
  const double value = median(all[1].wall_ms);
  fmt::print("  report: {:.1f} ms (goal: under {:g} ms: {}), {:.2f} times the report of 1 day\n",
             value, kGoalMs, value < kGoalMs ? "met" : "missed", value / median(all[0].wall_ms));
  const double html = median(all.back().wall_ms);
  const double size = static_cast<double>(fs::file_size(page)) / 1e6;
  fmt::print("  html: {:.1f} ms and {:.3f} MB (goal: under {:g} ms and {:g} MB: {})\n", html, size,
             kHtmlGoalMs, kHtmlGoalMb, html < kHtmlGoalMs && size < kHtmlGoalMb ? "met" : "missed");
  fs::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace lowtide::bench

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: report_bench LOWTIDE FOLDER [ROUNDS]\n");
    return 2;
  }
  return lowtide::bench::measure(argv[1], argv[2], argc > 3 ? std::max(1, std::atoi(argv[3])) : 10);
}
