// Do the bounds hold? Random sensors that lie within what their makers say watch random jobs; the
// real meter reads them, the real accounting states its bound, and the truth is known.
//
//   calibrate [--sensors N] [--seed S] [--gain-pct P] [--check]
//
// Prints for each class of sensor how often the truth was inside, and the width of the bound beside
// that of an oracle: one that knows the class, the job, and how gain, offset and phase are drawn,
// and states the narrowest half-width that holds the truth in 95 % of its draws. Time is simulated;
// the same seed prints the same figures. --gain-pct: how far gains are drawn; more than the 5 that
// the maker states is a lie that no bound holds. --check: exits 1 when the truth is inside less
// than 95 % of all sensors (and of each class of which 1,000 were drawn), or a class's median width
// is over 1.5 times the oracle's.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <map>
#include <optional>
#include <string>

#include "account/derive.h"
#include "host/clock.h"
#include "load.h"
#include "record/buckets.h"
#include "sense/nvml.h"

namespace lowtide::calibrate {
namespace {

constexpr double kLimitW = 400;
constexpr double kGoalInside = 0.95;
constexpr double kGoalWidth = 1.5;
constexpr int kEnough = 1000;  // sensors of a class, to judge its share inside

// Boot time 1000 s is the job's begin.
constexpr BootTime kBegin{std::chrono::seconds(1000)};
constexpr Utc kBeginUtc{std::chrono::seconds(1'700'000'000)};

class SimulatedClock final : public host::Clock {
 public:
  [[nodiscard]] BootTime boot() const override { return now; }
  [[nodiscard]] Utc utc() const override { return kBeginUtc + (now - kBegin); }
  void at(double t) { now = kBegin + seconds(t); }
  [[nodiscard]] double t() const { return as_seconds(now - kBegin); }
  BootTime now = kBegin;
};

// The driver of one GPU: each call takes a while, most of them little.
class Door final : public sense::NvmlDoor {
 public:
  Door(const SensorClass& kind, const Sensor& sensor, SimulatedClock& clock, Random& random)
      : kind_(kind), sensor_(sensor), clock_(clock), random_(random) {}

  [[nodiscard]] Result<sense::NvmlDevices> devices() override {
    sense::NvmlDevices found;
    found.devices.push_back({this, 0, "GPU-0", "simulated", watts(kLimitW), kind_.capability, {}});
    return found;
  }
  [[nodiscard]] Result<sense::NvmlHandle> find(const std::string&) override { return this; }
  [[nodiscard]] Result<std::uint64_t> energy_mj(sense::NvmlHandle) override {
    if (!kind_.counter) return fail(ErrorKind::absent, "no counter");
    return answer([this](double t) { return sensor_.counter_j(t) + 1e6; });
  }
  [[nodiscard]] Result<std::uint64_t> power_mw(sense::NvmlHandle, sense::NvmlPower which) override {
    const bool instant = which == sense::NvmlPower::instant;
    if (instant != kind_.instant) return fail(ErrorKind::absent, "not this one");
    return answer([this](double t) { return std::max(0.0, sensor_.power_w(t)); });
  }
  [[nodiscard]] Result<sense::NvmlHolders> holders(sense::NvmlHandle) override {
    return sense::NvmlHolders{};
  }

 private:
  template <typename Value>
  Result<std::uint64_t> answer(Value value) {
    const Duration half = seconds(between(random_, 20e-6, 200e-6));
    clock_.now += half;
    const double units = value(clock_.t());
    clock_.now += half;
    return static_cast<std::uint64_t>(std::floor(units * 1000));
  }

  const SensorClass& kind_;
  const Sensor& sensor_;
  SimulatedClock& clock_;
  Random& random_;
};

// How late a thread wakes: some tens of microseconds, now and then milliseconds.
double lateness(Random& random) {
  const bool busy = between(random, 0, 1) < 0.02;
  return busy ? between(random, 1e-3, 40e-3) : between(random, 20e-6, 200e-6);
}

struct Stated {
  double energy_j = 0;
  double low_j = 0;
  double high_j = 0;
};

class Metered {
 public:
  Metered(const SensorClass& kind, const Load& load, const Sensor& sensor, Random& random)
      : load_(load), random_(random) {
    sense::GpuWish all;
    all.gpus = "all";
    clock_.at(-1);
    meter_ = *sense::make_nvml(std::make_unique<Door>(kind, sensor, clock_, random), all, clock_);
  }

  // As record/session reads: a mark before the job, at its begin, each period, at its end.
  Stated run() {
    buckets_.begin(kBeginUtc);
    read(-between(random_, 2e-3, 50e-3));
    read(0);
    const double period = as_seconds(meter_->period());
    double due = between(random_, 0, period);
    for (; due < load_.seconds(); due += as_seconds(meter_->period())) read(due);
    buckets_.end(kBeginUtc + seconds(load_.seconds()));
    read(load_.seconds());
    for (const sense::Reading& reading : tail_) add(reading);
    return stated();
  }

 private:
  void read(double due) {
    clock_.now = std::max(clock_.now, kBegin + seconds(due + lateness(random_)));
    auto batch = meter_->read();
    for (const sense::Reading& reading : batch->readings) add(reading);
    tail_ = std::move(batch->tail);
  }
  void add(const sense::Reading& reading) {
    const auto utc = [](BootTime t) { return kBeginUtc + (t - kBegin); };
    buckets_.add({reading.channel,
                  {utc(reading.span.begin), utc(reading.span.end)},
                  reading.energy,
                  reading.min,
                  reading.max,
                  reading.quality});
  }
  [[nodiscard]] Stated stated() const {
    RunRecord record;
    record.state = RunState::finished;
    record.begin = kBeginUtc;
    record.end = kBeginUtc + seconds(load_.seconds());
    record.channels = meter_->describe();
    record.slots = buckets_.slots();
    const account::Report report = account::derive(record, {});
    const account::ChannelCharge& gpu = report.energy.channels.front();
    return {as_joules(gpu.charged), as_joules(gpu.low.value_or(gpu.charged)),
            as_joules(gpu.high.value_or(gpu.charged))};
  }

  const Load& load_;
  Random& random_;
  SimulatedClock clock_;
  std::unique_ptr<sense::Meter> meter_;
  record::Buckets buckets_{std::chrono::seconds(1)};
  std::vector<sense::Reading> tail_;
};

// The half-width that holds the truth in 95 % of the draws of gain, offset and phase.
double oracle_width(const SensorClass& kind, const Load& load, Random& random) {
  constexpr int kPhases = 8;
  constexpr int kDraws = 400;
  std::vector<double> seen;
  for (int i = 0; i < kPhases; ++i) {
    const Sensor perfect(kind, load, random, Spread{0, 0});
    seen.push_back(Metered(kind, load, perfect, random).run().energy_j);
  }
  const double truth = load.joules(0, load.seconds());
  std::vector<double> off;
  for (int i = 0; i < kDraws; ++i) {
    const double gain = between(random, 1 - kStatedGain, 1 + kStatedGain);
    const double offset = between(random, -kStatedOffsetW, kStatedOffsetW) * load.seconds();
    const double reading = gain * seen[static_cast<std::size_t>(i % kPhases)] + offset;
    off.push_back(std::abs(reading - truth));
  }
  const auto place = off.begin() + static_cast<std::ptrdiff_t>(kGoalInside * kDraws);
  std::nth_element(off.begin(), place, off.end());
  return *place;
}

struct Tally {
  int sensors = 0;
  int inside = 0;
  std::vector<double> width;  // half-widths as a share of the truth
  std::vector<double> oracle;
};

double quantile(std::vector<double> values, double q) {
  const double last = static_cast<double>(values.size() - 1);
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(q * last);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

struct Trial {
  Random random;
  Spread spread;
};

void try_one(const SensorClass& kind, Trial& trial, Tally& of_class, Tally& of_all) {
  Random& random = trial.random;
  const Load load = Load::draw(random, kLimitW);
  const Sensor sensor(kind, load, random, trial.spread);
  const Stated stated = Metered(kind, load, sensor, random).run();
  const double truth = load.joules(0, load.seconds());
  const double oracle = oracle_width(kind, load, random);
  for (Tally* tally : {&of_class, &of_all}) {
    ++tally->sensors;
    tally->inside += stated.low_j <= truth && truth <= stated.high_j ? 1 : 0;
    tally->width.push_back((stated.high_j - stated.low_j) / 2 / truth);
    tally->oracle.push_back(oracle / truth);
  }
}

struct Verdict {
  bool inside = false;
  bool narrow = false;
};

Verdict print(const std::string& name, const Tally& tally) {
  const double inside = static_cast<double>(tally.inside) / tally.sensors;
  const double width = quantile(tally.width, 0.5);
  const double oracle = quantile(tally.oracle, 0.5);
  std::printf("%-24s %8d %8.1f %% %8.2f %% %8.2f %% %8.2f\n", name.c_str(), tally.sensors,
              100 * inside, 100 * width, 100 * oracle, width / oracle);
  return {inside >= kGoalInside, width <= kGoalWidth * oracle};
}

bool calibrate(int sensors, Trial trial) {
  Tally all;
  std::printf("%-24s %8s %10s %10s %10s %8s\n", "sensor", "drawn", "inside", "width", "oracle",
              "ratio");
  bool right = true;
  const auto& classes = sensor_classes();
  const int share = std::max(1, sensors / static_cast<int>(classes.size()));
  for (const SensorClass& kind : classes) {
    Tally tally;
    for (int n = 0; n < share; ++n) try_one(kind, trial, tally, all);
    const Verdict verdict = print(kind.name, tally);
    right = right && verdict.narrow && (verdict.inside || share < kEnough);
    std::fflush(stdout);
  }
  const Verdict verdict = print("all", all);
  return right && verdict.inside && verdict.narrow;
}

std::optional<std::uint64_t> number(const char* text) {
  std::uint64_t value = 0;
  const char* end = text + std::strlen(text);
  const auto [stop, code] = std::from_chars(text, end, value);
  if (code != std::errc() || stop != end || value == 0) return std::nullopt;
  return value;
}

}  // namespace
}  // namespace lowtide::calibrate

int main(int argc, char** argv) {
  using namespace lowtide::calibrate;  // NOLINT(google-build-using-namespace): the program's own
  std::map<std::string, std::uint64_t> numbers = {
      {"--sensors", 10'000}, {"--seed", 1}, {"--gain-pct", 5}};
  bool check = false;
  for (int i = 1; i < argc; ++i) {
    const auto found = numbers.find(argv[i]);
    const auto value = i + 1 < argc ? number(argv[i + 1]) : std::nullopt;
    if (std::string(argv[i]) == "--check") {
      check = true;
    } else if (found != numbers.end() && value) {
      found->second = *value;
      ++i;
    } else {
      std::fprintf(stderr, "calibrate [--sensors N] [--seed S] [--gain-pct P] [--check]: not %s\n",
                   argv[i]);
      return 2;
    }
  }
  const Spread spread{static_cast<double>(numbers["--gain-pct"]) / 100, kStatedOffsetW};
  const bool right =
      calibrate(static_cast<int>(numbers["--sensors"]), {Random(numbers["--seed"]), spread});
  return check && !right ? 1 : 0;
}
