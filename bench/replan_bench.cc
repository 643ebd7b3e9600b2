// How long it takes to plan a long job anew, as its controller has it done each hour: sources
// asked, charges and hours, the exact plan from where the job is, its row in the ledger.
//
// Usage: replan_bench FOLDER [ROUNDS]. A job of 9 days that must be done in 18, paused by
// checkpoint, half of its first day done. Hours from a file that reaches to the deadline, and from
// a typical year; the reference is the exact plan alone, of the same slots.
#include <fmt/core.h>
#include <time.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "act/way_on.h"
#include "app/shift_plan.h"
#include "base/time.h"
#include "host/clock.h"
#include "timed.h"

namespace lowtide::bench {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;

constexpr double kGoalMs = 50;
constexpr int kDays = 9;
constexpr Duration kLength = hours(24 * kDays);
constexpr Duration kDone = hours(12);

// An hour of a made-up day and week.
double level(int hour) {
  const double day = std::sin(hour * 2 * M_PI / 24);
  return 250 + 120 * day + 40 * std::sin(hour * 2 * M_PI / (24 * 6.3)) + (hour * 7919 % 31);
}

void write_hours(const std::string& path, Utc begin) {
  std::ofstream file(path);
  file << "time,g_per_kwh\n";
  for (int hour = -48; hour < 24 * (2 * kDays + 2); ++hour) {
    file << format_utc(begin + hours(hour)) << ',' << level(hour) << '\n';
  }
}

Result<app::ShiftRequest> request(const std::string& intensity) {
  app::ShiftFlags flags;
  flags.expect = fmt::format("{}h", 24 * kDays);
  flags.plan.finish_within = "2x";
  flags.pause = "checkpoint";
  flags.plan.resume_energy = "0.01kWh";
  flags.plan.restore = "10m";
  const app::SettingFlags settings{{"location", "FR"}, {"intensity", intensity}};
  return app::make_shift_request(flags, "bench", settings);
}

act::ActState state_at(const app::ShiftRequest& request, Utc now) {
  act::ActState state;
  state.terms = request.terms;
  state.terms.deadline = now + 2 * kLength - kDone;
  state.phase = act::Phase::running;
  state.body = act::Body::runs;
  state.length = kLength;
  state.worked = kDone;
  state.lives = 1;
  return state;
}

struct Times {
  std::vector<double> wall;
  std::vector<double> cpu;
};

template <typename Work>
bool timed(Times& times, const Work& work) {
  timespec begin{};
  timespec end{};
  const auto wall = std::chrono::steady_clock::now();
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
  const bool done = work();
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
  const auto took = std::chrono::steady_clock::now() - wall;
  times.wall.push_back(std::chrono::duration<double, std::milli>(took).count());
  times.cpu.push_back(1e3 * static_cast<double>(end.tv_sec - begin.tv_sec) +
                      1e-6 * static_cast<double>(end.tv_nsec - begin.tv_nsec));
  return done;
}

// The exact plan of the same slots, and nothing else.
bool plan_alone(const act::ActState& state, Utc now) {
  std::vector<Intensity> slots;
  for (Utc at = slot_begin(now); at + kSlot <= state.terms.deadline; at += kSlot) {
    slots.push_back(grams_per_kwh(level(static_cast<int>((at - now) / hours(1)))));
  }
  plan::Charges charges;
  charges.resume = kwh(0.01);
  charges.restore_slots = 2;
  return act::way_on(state, {now, slots, kwh(0.1 / 12), charges}).has_value();
}

int measure(const std::string& folder, int rounds) {
  fs::create_directories(folder);
  setenv("LOWTIDE_HOME", folder.c_str(), 1);
  const Utc now = host::SystemClock().utc();
  const std::string file = folder + "/hours.csv";
  write_hours(file, now - now.time_since_epoch() % hours(1));
  fmt::print("a job of {} days planned anew, {} slots before its deadline\n", kDays,
             (2 * kLength - kDone) / kSlot);
  double worst = 0;
  for (const std::string& source : {"file:" + file, std::string("typical")}) {
    Times whole;
    Times alone;
    for (int i = 0; i < rounds; ++i) {
      const auto asked = request(source);
      if (!asked) {
        fmt::print(stderr, "{}\n", asked.error().line());
        return 1;
      }
      const act::ActState state = state_at(*asked, now);
      std::string why;
      const bool done = timed(whole, [&] {
        const auto plan = app::next_plan(*asked, state, "bench", now);
        if (!plan) why = plan.error().line();
        return plan.has_value();
      });
      if (!done || !timed(alone, [&] { return plan_alone(state, now); })) {
        fmt::print(stderr, "no plan: {}\n", why);
        return 1;
      }
    }
    const std::string name = source == "typical" ? source : "file";
    print_spread("planned anew, " + name, whole.wall, "ms");
    print_spread("  its CPU time", whole.cpu, "ms");
    print_spread("  the plan alone, CPU time", alone.cpu, "ms");
    worst = std::max(worst, median(whole.wall));
  }
  fmt::print("  goal: at most {:g} ms: {}\n", kGoalMs, worst <= kGoalMs ? "met" : "missed");
  return 0;
}

}  // namespace
}  // namespace lowtide::bench

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: replan_bench FOLDER [ROUNDS]\n");
    return 2;
  }
  return lowtide::bench::measure(argv[1], argc > 2 ? std::max(1, std::atoi(argv[2])) : 40);
}
