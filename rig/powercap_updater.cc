// rig_powercap PLAN: advances the energy_uj files of a fake powercap tree, live, about each
// millisecond, until it is killed or the process that started it ends.
//
// The plan (written by rig/powercap.py; docs/rig.md has every key):
//   t0 file PATH          when curve time 0 is (as in the script of the fake GPU library)
//   epoch SECONDS         boot time at which each counter stood at its start_uj
//   period_ms 1           between two updates
//   replace yes           a new file by rename each time, instead of one fixed-width pwrite
//   gaps PATH             gets a line `BOOT SECONDS` for each value that stood for over 2 ms
//   zone PATH/energy_uj   opens a zone; curve, idle_w, range_uj, start_uj, freeze_at follow
//
// A value is written as digits, a newline and newlines up to 24 bytes in ONE pwrite, so that a
// reader that keeps the file open never sees half a number. A file lags the truth by at most one
// period; the gaps file says when a busy machine made it more. Real-time priority where allowed.
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "clock.h"
#include "curve.h"
#include "origin.h"
#include "script.h"

namespace lowtide::rig {
namespace {

constexpr int kWidth = 24;
constexpr double kLateSeconds = 0.002;  // rig/powercap.py allows this much unasked

struct Zone {
  std::string path;
  Curve curve;
  uint64_t range_uj = std::numeric_limits<uint64_t>::max();
  uint64_t start_uj = 0;
  double freeze_at_s = std::numeric_limits<double>::infinity();
  int fd = -1;
};

struct Plan {
  Origin origin;
  double epoch = 0;
  double period_s = 0.001;
  bool replace = false;
  std::string gaps_path;
  std::vector<Zone> zones;
};

using Words = std::vector<std::string>;

bool apply_plan_line(const Words& words, Plan* plan) {
  const std::string& key = words[0];
  if (key == "t0") {
    const auto origin = Origin::parse(Words(words.begin() + 1, words.end()));
    if (origin) plan->origin = *origin;
    return origin.has_value();
  }
  if (key == "epoch") return (plan->epoch = std::stod(words[1])) >= 0;
  if (key == "period_ms") return (plan->period_s = std::stod(words[1]) / 1000) > 0;
  if (key == "replace") return (plan->replace = words[1] == "yes") || words[1] == "no";
  if (key == "gaps") return !(plan->gaps_path = words[1]).empty();
  return false;
}

bool apply_zone_line(const Words& words, Zone* zone) {
  const std::string& key = words[0];
  if (key == "curve") {
    const auto curve = parse_curve(Words(words.begin() + 1, words.end()));
    if (!curve) return false;
    const double idle_w = zone->curve.idle_w();
    zone->curve = *curve;
    zone->curve.set_idle_w(idle_w);
    return true;
  }
  if (key == "idle_w") {
    zone->curve.set_idle_w(std::stod(words[1]));
    return true;
  }
  if (key == "range_uj") return (zone->range_uj = std::stoull(words[1])) > 0;
  if (key == "start_uj") return (zone->start_uj = std::stoull(words[1])) < zone->range_uj;
  if (key == "freeze_at") return (zone->freeze_at_s = std::stod(words[1])) >= 0;
  return false;
}

bool read_plan(const char* path, Plan* plan) {
  std::ifstream file(path);
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const Words words = split_words(line);
    if (words.empty()) continue;
    bool good = words.size() >= 2;
    if (good && words[0] == "zone") {
      plan->zones.emplace_back().path = words[1];
    } else if (good) {
      good = plan->zones.empty() ? apply_plan_line(words, plan)
                                 : apply_zone_line(words, &plan->zones.back());
    }
    if (!good) {
      std::fprintf(stderr, "rig_powercap: %s:%d: cannot read '%s'\n", path, number, line.c_str());
      return false;
    }
  }
  return !plan->zones.empty();
}

uint64_t value_uj(const Zone& zone, const Plan& plan, double now, std::optional<double> start) {
  double joules = zone.curve.idle_w() * (now - plan.epoch);
  if (start) {
    const double at = std::fmin(now - *start, zone.freeze_at_s);
    joules = zone.curve.idle_w() * (*start - plan.epoch) + zone.curve.joules_until(at);
  }
  return (zone.start_uj + static_cast<uint64_t>(std::fmax(0, joules) * 1e6)) % zone.range_uj;
}

void put(Zone& zone, uint64_t value, bool replace) {
  char text[kWidth + 1];
  const int digits =
      std::snprintf(text, sizeof text, "%llu", static_cast<unsigned long long>(value));
  std::memset(text + digits, '\n', static_cast<size_t>(kWidth - digits));
  if (!replace) {
    (void)!pwrite(zone.fd, text, kWidth, 0);
    return;
  }
  const std::string draft = zone.path + ".new";
  const int fd = open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return;
  (void)!write(fd, text, static_cast<size_t>(digits) + 1);
  fchmod(fd, 0400);
  close(fd);
  rename(draft.c_str(), zone.path.c_str());
}

void note_gap(const Plan& plan, double now, double gap) {
  if (plan.gaps_path.empty() || gap < kLateSeconds) return;
  std::ofstream(plan.gaps_path, std::ios::app) << std::to_string(now) << ' ' << gap << '\n';
}

void run(Plan& plan) {
  double before = boot_seconds();
  for (;;) {
    const double now = boot_seconds();
    const auto start = plan.origin.start();
    for (Zone& zone : plan.zones) put(zone, value_uj(zone, plan, now, start), plan.replace);
    // The value before this one could be read from `before` until the new one was written.
    const double done = boot_seconds();
    note_gap(plan, done, done - before);
    before = now;
    const double wait = plan.period_s;
    const timespec pause{static_cast<time_t>(wait), static_cast<long>(std::fmod(wait, 1) * 1e9)};
    nanosleep(&pause, nullptr);
  }
}

// What a test must not feel: a late update on a busy machine.
void raise_priority() {
  sched_param param{};
  param.sched_priority = 10;
  if (sched_setscheduler(0, SCHED_FIFO, &param) != 0) setpriority(PRIO_PROCESS, 0, -20);
  mlockall(MCL_CURRENT | MCL_FUTURE);
  prctl(PR_SET_TIMERSLACK, 1000UL, 0, 0, 0);
}

int serve(const char* path) {
  Plan plan;
  if (!read_plan(path, &plan)) return 2;
  for (Zone& zone : plan.zones) {
    zone.fd = open(zone.path.c_str(), O_WRONLY | O_CLOEXEC);
    if (zone.fd < 0) {
      std::perror(zone.path.c_str());
      return 1;
    }
    put(zone, value_uj(zone, plan, boot_seconds(), plan.origin.start()), plan.replace);
  }
  raise_priority();
  std::puts("ready");
  std::fflush(stdout);
  run(plan);
  return 0;
}

}  // namespace
}  // namespace lowtide::rig

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: rig_powercap PLAN\n", stderr);
    return 2;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return lowtide::rig::serve(argv[1]);
}
