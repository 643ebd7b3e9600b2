// How fast the planner is: the goals of docs/performance.md, and ratios to a plain program and to
// NumPy in the same run.
//
// Usage: plan_bench PYTHON SCRIPT FOLDER [--csv FILE] [--quick]. An evaluation is 16 regions x
// every start of a leap year x 11 jobs x 8 slacks, by as many threads as there are cores. The
// series are made up (days, seasons, noise); --csv takes the last column of a file instead, a row a
// slot, repeated to a year and shifted from region to region. --quick leaves out what takes over 5
// s.
#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <numeric>
#include <random>

#include "host/threads.h"
#include "plan_measures.h"

namespace lowtide::bench {
namespace {

constexpr std::size_t kRegions = 16;
constexpr std::size_t kYear = 105'408;
constexpr unsigned kSeed = 20260101;

std::vector<Intensity> made_up(unsigned region) {
  std::mt19937 random(kSeed + region);
  std::normal_distribution<double> noise(0, 40);
  std::vector<Intensity> series(kYear);
  for (std::size_t t = 0; t < kYear; ++t) {
    const double turn = 2 * M_PI * static_cast<double>(t);
    const double grams = 300 + 120 * std::sin(turn / 288 + region) +
                         60 * std::sin(turn / static_cast<double>(kYear)) + noise(random);
    series[t] = grams_per_kwh(std::max(0.0, grams));
  }
  return series;
}

std::vector<double> last_column(const std::string& path) {
  std::ifstream file(path);
  std::vector<double> values;
  for (std::string line; std::getline(file, line);) {
    const std::string field = line.substr(line.rfind(',') + 1);
    char* end = nullptr;
    const double value = std::strtod(field.c_str(), &end);
    if (end != field.c_str() && value >= 0) values.push_back(value);
  }
  return values;
}

std::vector<std::vector<Intensity>> series_of(const std::string& csv) {
  std::vector<std::vector<Intensity>> regions;
  const std::vector<double> values = csv.empty() ? std::vector<double>() : last_column(csv);
  if (!csv.empty() && values.empty()) {
    fmt::print(stderr, "plan_bench: {}: no number in the last column of any row\n", csv);
    std::exit(1);
  }
  for (unsigned region = 0; region < kRegions; ++region) {
    if (values.empty()) {
      regions.push_back(made_up(region));
      continue;
    }
    auto& series = regions.emplace_back(kYear);
    for (std::size_t t = 0; t < kYear; ++t) {
      series[t] = grams_per_kwh(values[(t + region * kYear / kRegions) % values.size()]);
    }
  }
  return regions;
}

// By the clock on the wall, and by CPU time a thread: the same on a machine that nobody else uses.
void print_goal(const std::string& name, const Spent& spent, double goal_s) {
  const double cpu_s = spent.cpu_s / static_cast<double>(host::usable_cores());
  const char* verdict = spent.wall_s <= goal_s ? "met"
                        : cpu_s <= goal_s      ? "met by CPU time only: others use this machine"
                                               : "missed";
  fmt::print("  {:<52} {:8.3f} s  CPU a thread {:8.3f} s  goal {:2.0f} s: {}\n", name, spent.wall_s,
             cpu_s, goal_s, verdict);
}

void evaluations(const std::vector<std::vector<Intensity>>& regions, bool quick) {
  fmt::print("Evaluation, {} threads:\n", host::usable_cores());
  print_goal("flexible start, any profile", flexible_start(regions), 1);
  print_goal("lowest slots, flat", lowest_flat(regions), 2);
  print_goal("lowest slots, flat, with counts of resumes", lowest_flat_with_resumes(regions), 4);
  print_goal("exact, any profile, 60 starts a year, free", exact_sixty(regions, Energy()), 1);
  print_goal("exact, any profile, 60 starts a year, resume charge", exact_sixty(regions, kwh(1)),
             1);
  if (quick) return;
  print_goal("lowest slots, any profile, with counts of resumes", lowest_profile(regions), 30);
  print_goal("exact with resume charge, flat", exact_flat(regions), 15);
}

void one_jobs(const std::vector<Intensity>& series) {
  fmt::print("One job, planned exactly, with its plan, one thread:\n");
  const double free = one_job(series, 2592, 2592, Charged::no);
  const double resume = one_job(series, 2592, 2592, Charged::resume);
  const double all = one_job(series, 2592, 2592, Charged::all);
  const auto print = [](const char* name, double seconds, double goal) {
    fmt::print("  {:<52} {:9.3f} ms  goal {:4.1f} ms: {}\n", name, seconds * 1e3, goal * 1e3,
               seconds <= goal ? "met" : "missed");
  };
  fmt::print("  {:<52} {:9.3f} ms\n", "9 days doubled, no charge", free * 1e3);
  print("9 days doubled, resume charge", resume, 2e-3);
  fmt::print("  {:<52} {:9.3f} ms\n", "9 days doubled, all charges", all * 1e3);
  fmt::print("  all charges against none: {:.1f} times (goal: at most 4: {})\n", all / free,
             all <= 4 * free ? "met" : "missed");
  print("61 days with 24 h slack, resume charge", one_job(series, 17'568, 288, Charged::resume),
        5e-3);
}

void many_jobs(const std::vector<Intensity>& series) {
  fmt::print("A month of 19 h jobs with 24 h slack, one every 6 h, one thread:\n");
  for (const std::size_t machines : {4, 6, 12}) {
    const FleetFigures found = month_of_jobs(series, machines);
    fmt::print("  {} jobs on {:2} machines {:30} {:9.3f} s  {:3} rounds of prices, gap {:.2f} %\n",
               found.jobs, machines, "", found.seconds, found.rounds, 100 * found.gap);
  }
}

void states(const std::vector<Intensity>& series) {
  const States found = states_a_second(series);
  const double limit = static_cast<double>(found.lanes) * found.clock_hz;
  fmt::print(
      "Charge-free sweep, 9 days doubled, {} starts in a vector, {:.2f} GHz by a chain of "
      "additions:\n"
      "  {:.1f} G states a second and core; two vector operations a cycle would be {:.1f}: {:.0f} "
      "% "
      "(goal: 80: {})\n",
      found.lanes, found.clock_hz / 1e9, found.a_second / 1e9, limit / 1e9,
      100 * found.a_second / limit, found.a_second >= 0.8 * limit ? "met" : "missed");
}

struct Numpy {
  std::string name;
  double nanoseconds;
  double sum;
};
std::vector<Numpy> ask_numpy(const std::string& command) {
  std::vector<Numpy> rows;
  const std::unique_ptr<FILE, int (*)(FILE*)> from(popen(command.c_str(), "r"), pclose);
  char name[64];  // NOLINT: filled by fscanf
  Numpy row{};
  std::size_t starts = 0;
  while (from && std::fscanf(from.get(), "%63s %lf %lf %zu", name, &row.nanoseconds, &row.sum,
                             &starts) == 4) {
    row.name = name;
    rows.push_back(row);
  }
  return rows;
}

void ratios(const std::vector<Intensity>& series, const std::string& python,
            const std::string& script, const std::string& folder) {
  constexpr std::size_t kWork = 228;
  constexpr std::size_t kSlack = 288;
  fmt::print("A start of a 19 h job with 24 h slack, one thread, nanoseconds of CPU time:\n");
  const std::string file = folder + "/plan_series.f64";
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(series.data()),
             static_cast<std::streamsize>(series.size() * sizeof(double)));
  const auto numpy =
      ask_numpy(fmt::format("OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 '{}' '{}' '{}' {} {}", python,
                            script, file, kWork, kSlack));
  if (numpy.empty()) fmt::print("  no NumPy and SciPy: compared with the plain program only\n");
  for (const Compared& row : compare(series, kWork, kSlack)) {
    fmt::print("  {:<16} lowtide {:9.1f}  plain C++ {:10.1f} ({:6.1f} times)", row.name,
               row.ours_ns, row.plain_ns, row.plain_ns / row.ours_ns);
    for (const Numpy& other : numpy) {
      if (other.name != row.name) continue;
      const bool same = std::abs(other.sum - row.sum) <= 1e-4 * row.sum;
      fmt::print("  NumPy {:10.1f} ({:6.1f} times){}", other.nanoseconds,
                 other.nanoseconds / row.ours_ns, same ? "" : "  ANOTHER RESULT");
    }
    fmt::print("\n");
  }
}

int run(const std::vector<std::string>& args) {
  if (args.size() < 3) {
    fmt::print(stderr, "usage: plan_bench PYTHON SCRIPT FOLDER [--csv FILE] [--quick]\n");
    return 2;
  }
  std::string csv;
  for (std::size_t i = 3; i + 1 < args.size(); ++i) {
    if (args[i] == "--csv") csv = args[i + 1];
  }
  const auto regions = series_of(csv);
  fmt::print("vectors: {}; series: {}\n", vectors_in_use(), csv.empty() ? "made up" : csv);
  evaluations(regions, std::find(args.begin(), args.end(), "--quick") != args.end());
  one_jobs(regions[0]);
  many_jobs(regions[0]);
  states(regions[0]);
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  fmt::print("Peak memory, all of the above: {:.0f} MB (goal: 1000: {})\n",
             static_cast<double>(use.ru_maxrss) / 1024,
             use.ru_maxrss < 1'000'000 ? "met" : "missed");
  ratios(regions[0], args[0], args[1], args[2]);
  return 0;
}

}  // namespace
}  // namespace lowtide::bench

int main(int argc, char** argv) { return lowtide::bench::run({argv + 1, argv + argc}); }
