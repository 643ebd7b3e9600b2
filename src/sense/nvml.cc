#include "sense/nvml.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sense/counter.h"
#include "sense/nvml_bounds.h"
#include "sense/power_track.h"

namespace lowtide::sense {
namespace {

using std::chrono::milliseconds;

constexpr Duration kCounterPeriod = std::chrono::seconds(1);
constexpr Duration kFastPoll = milliseconds(20);
constexpr Duration kSlowPoll = milliseconds(100);  // the update rate of most devices: Yang et al.
constexpr Duration kCheap = milliseconds(1);       // a round of polls below this may be fast
constexpr Duration kCheapAgain = std::chrono::microseconds(700);

// Two polls further apart than this have nothing between them.
constexpr int kHolePeriods = 5;
constexpr Duration kLeastHole = milliseconds(250);  // a busy machine may hold up a reader that long

// A call that fails as quickly as this is made again at once.
constexpr Duration kQuickly = milliseconds(10);
// How soon a device that failed in two reads in a row is asked again; one that fails now and then
// loses no more than those.
constexpr Duration kRetry = milliseconds(500);
// Each reading of counters asks; devices polled each 20 ms are asked twice a second. The question
// is put soon after the job's start too, so that a job of a second or two is seen.
constexpr Duration kHoldersPeriod = milliseconds(450);

// Self-check: the power of a device that has a counter, read beside it. Two such readings further
// apart have a time between them of which a mean over 1 s says nothing.
constexpr Duration kCheckPeriod = milliseconds(900);
constexpr Duration kCheckHole = milliseconds(1500);
constexpr int kMostSlow = 3;  // in a row, then the device's power is not asked any more

struct CrossCheck {
  bool off = false;
  int slow = 0;
  bool marked = false;  // the rest is of an earlier reading
  BootTime at;
  std::uint64_t mj = 0;
  Power power;
};

struct Gpu {
  NvmlDevice device;
  Source source = Source::nvml_counter;
  Duration window{};
  CounterTrack counter;
  PowerTrack power;
  CrossCheck check;
  bool failing = false;  // already said
  bool lost = false;     // its handle may be dead
  BootTime retry;
};

struct Probe {
  Source source = Source::nvml_power;
  std::string note;
};

// The best source that the device answers. A device that fails for now is taken to have a counter.
Probe probe(NvmlDoor& door, const NvmlDevice& device) {
  const auto energy = door.energy_mj(device.handle);
  if (energy || energy.error().kind == ErrorKind::temporary) return {Source::nvml_counter, {}};
  if (door.power_mw(device.handle, NvmlPower::instant)) {
    return {Source::nvml_instant, "no energy counter: instantaneous power is polled"};
  }
  const auto usage = door.power_mw(device.handle, NvmlPower::usage);
  if (!usage) return {Source::nvml_power, "the driver gives neither energy nor power"};
  const auto window = power_usage_window(device.capability);
  if (!window) {
    return {Source::nvml_power,
            "no energy counter: power is polled; the driver does not tell whether it is a mean"};
  }
  if (*window == Duration::zero()) {
    return {Source::nvml_power, "no energy counter: instantaneous power is polled"};
  }
  return {Source::nvml_power,
          "no energy counter: power averaged over 1 s is polled and shifted by half a second"};
}

std::vector<Holder> holders_of(const NvmlDevice& device, const NvmlHolders& found) {
  std::vector<Holder> all;
  for (const NvmlHolder& seen : found.all) {
    Holder holder{seen.pid, seen.instance, 0};
    for (const NvmlPart& part : device.parts) {
      if (seen.instance == part.instance) holder.part_share = part.share;
    }
    all.push_back(holder);
  }
  return all;
}

class NvmlMeter final : public Meter {
 public:
  NvmlMeter(std::unique_ptr<NvmlDoor> door, std::vector<NvmlDevice> devices,
            const GpuChoice& choice, const host::Clock& clock)
      : door_(std::move(door)), clock_(clock), missing_(choice.missing) {
    for (const std::size_t index : choice.chosen) add(std::move(devices[index]), choice.note);
  }

  [[nodiscard]] const std::vector<ChannelInfo>& describe() const override { return channels_; }

  [[nodiscard]] Duration period() const override {
    if (polled_ == 0) return kCounterPeriod;
    return slow_ ? kSlowPoll : kFastPoll;
  }

  [[nodiscard]] Result<Batch> read() override {
    Batch batch;
    batch.readings.reserve(gpus_.size());
    round_ = Duration::zero();
    for (std::size_t i = 0; i < gpus_.size(); ++i) read_gpu(i, batch);
    if (polled_ > 0) set_pace();
    ask_holders(batch);
    if (missing_) batch.troubles.push_back({gpus_.size(), *std::exchange(missing_, std::nullopt)});
    return batch;
  }

  [[nodiscard]] std::string save() const override {
    std::string text;
    for (const Gpu& gpu : gpus_) {
      if (gpu.source != Source::nvml_counter) continue;
      if (const auto& mark = gpu.counter.mark()) text += write_mark(gpu.device.uuid, *mark);
    }
    return text;
  }

  void restore(std::string_view saved) override {
    const auto marks = read_marks(saved);
    for (Gpu& gpu : gpus_) {
      const auto found = marks.find(gpu.device.uuid);
      if (found != marks.end()) gpu.counter.restore(found->second);
    }
  }

 private:
  void add(NvmlDevice device, const std::string& note) {
    const Probe found = probe(*door_, device);
    Gpu gpu;
    gpu.source = found.source;
    if (gpu.source == Source::nvml_power) {
      gpu.window = power_usage_window(device.capability).value_or(Duration::zero());
    }
    if (gpu.source != Source::nvml_counter) ++polled_;
    gpu.counter = CounterTrack({joules(1e-3), std::nullopt, nvml_ceiling(device), kCounterPeriod});
    gpu.power = PowerTrack(gpu.window);

    ChannelInfo info;
    info.id = fmt::format("gpu:{}", device.index);
    info.kind = ChannelKind::gpu;
    info.name = device.name;
    info.uuid = device.uuid;
    info.source = gpu.source;
    info.errors = nvml_error_terms(device, gpu.source);
    info.limit = device.limit;
    info.note = found.note;
    if (!note.empty()) info.note += (info.note.empty() ? "" : "; ") + note;
    channels_.push_back(std::move(info));
    gpu.device = std::move(device);
    gpus_.push_back(std::move(gpu));
  }

  void find_again(Gpu& gpu) {
    if (const auto handle = door_->find(gpu.device.uuid)) gpu.device.handle = *handle;
  }

  // Millijoules of a counter, else milliwatts.
  Result<std::uint64_t> ask(const Gpu& gpu) {
    if (gpu.source == Source::nvml_counter) return door_->energy_mj(gpu.device.handle);
    const bool instant = gpu.source == Source::nvml_instant;
    return door_->power_mw(gpu.device.handle, instant ? NvmlPower::instant : NvmlPower::usage);
  }

  void read_gpu(std::size_t i, Batch& batch) {
    Gpu& gpu = gpus_[i];
    BootTime asked = clock_.boot();
    if (gpu.failing && asked < gpu.retry) return;
    if (gpu.lost) {
      find_again(gpu);
      asked = clock_.boot();
    }
    const bool counter = gpu.source == Source::nvml_counter;
    auto raw = ask(gpu);
    if (!raw && !gpu.failing && clock_.boot() - asked < kQuickly) {
      asked = clock_.boot();
      raw = ask(gpu);
    }
    const BootTime answered = clock_.boot();
    if (!counter) round_ += answered - asked;
    if (!raw) {
      failed(i, raw.error(), answered, batch);
      return;
    }
    const bool back = std::exchange(gpu.failing, false);
    gpu.lost = false;
    const BootTime at = asked + (answered - asked) / 2;
    if (counter) {
      take_counter(i, *raw, at, batch);
      cross_check(i, *raw, at, batch);
    } else {
      take_power(i, watts(static_cast<double>(*raw) * 1e-3), at, {back, &batch});
    }
  }

  void failed(std::size_t i, const Error& error, BootTime at, Batch& batch) {
    Gpu& gpu = gpus_[i];
    const bool again = std::exchange(gpu.failing, true);
    if (!again) batch.troubles.push_back({i, error});
    gpu.lost = true;
    gpu.retry = again ? at + kRetry : at;
  }

  void take_counter(std::size_t i, std::uint64_t mj, BootTime at, Batch& batch) {
    const auto step = gpus_[i].counter.step(mj, at);
    if (!step) {
      batch.troubles.push_back({i, step.error()});
    } else if (*step) {
      const Power mean = (*step)->energy / (*step)->span.length();
      batch.readings.push_back({i, (*step)->span, (*step)->energy, mean, mean, (*step)->quality});
    }
  }

  static bool is_due(const CrossCheck& check, BootTime at) {
    return !check.off && (!check.marked || at - check.at >= kCheckPeriod);
  }

  void cross_check(std::size_t i, std::uint64_t mj, BootTime at, Batch& batch) {
    CrossCheck& check = gpus_[i].check;
    if (!is_due(check, at)) return;
    const BootTime asked = clock_.boot();
    const auto mw = door_->power_mw(gpus_[i].device.handle, NvmlPower::usage);
    const bool slow = clock_.boot() - asked > kCheap;
    check.slow = slow ? check.slow + 1 : 0;
    check.off = !mw || check.slow == kMostSlow;
    const CrossCheck before = check;
    check.marked = mw && !slow;
    if (!check.marked) return;
    check.at = at;
    check.mj = mj;
    check.power = watts(static_cast<double>(*mw) * 1e-3);
    const bool hole = !before.marked || at - before.at > kCheckHole;
    if (hole || mj < before.mj) return;
    batch.second.push_back({i, {before.at, at}, second_path(gpus_[i].device, before, check)});
  }

  static SecondPath second_path(const NvmlDevice& device, const CrossCheck& before,
                                const CrossCheck& now) {
    const bool mean = power_usage_window(device.capability) == kCounterPeriod;
    SecondPath path;
    path.length = now.at - before.at;
    path.other = (mean ? now.power : (now.power + before.power) * 0.5) * path.length;
    path.own = joules(static_cast<double>(now.mj - before.mj) * 1e-3);
    path.readings = 1;
    if (!mean) path.swing = device.limit.value_or(nvml_ceiling(device));
    return path;
  }

  struct Taken {
    bool back;  // the device had failed, which has been said
    Batch* batch;
  };
  void take_power(std::size_t i, Power power, BootTime at, Taken taken) {
    PowerTrack& track = gpus_[i].power;
    const auto reading = [i](const PowerPiece& piece) {
      return Reading{i, piece.span, piece.energy, piece.min, piece.max, Quality::measured};
    };
    // A mean over a window hides nothing shorter than the window.
    const Duration hole = std::max({period() * kHolePeriods, kLeastHole, gpus_[i].window});
    const auto piece = track.step(power, at, hole);
    if (!piece) {
      if (!taken.back) taken.batch->troubles.push_back({i, piece.error()});
    } else if (*piece) {
      taken.batch->readings.push_back(reading(**piece));
    }
    if (const auto tail = track.tail()) taken.batch->tail.push_back(reading(*tail));
  }

  // 20 ms while a round of polls costs under 1 ms, smoothed; the first round is cold.
  void set_pace() {
    if (rounds_++ == 0) return;
    cost_ = rounds_ == 2 ? round_ : (cost_ * 7 + round_) / 8;
    if (cost_ > kCheap) slow_ = true;
    if (cost_ < kCheapAgain) slow_ = false;
  }

  void ask_holders(Batch& batch) {
    const BootTime now = clock_.boot();
    if (asked_holders_ && now - *asked_holders_ < kHoldersPeriod) return;
    const BootInterval since{asked_holders_.value_or(now), now};
    asked_holders_ = now;
    for (std::size_t i = 0; i < gpus_.size(); ++i) {
      if (gpus_[i].failing) continue;
      const auto found = door_->holders(gpus_[i].device.handle);
      Holders holders{i, now, std::nullopt};
      if (found) holders.all = holders_of(gpus_[i].device, *found);
      batch.holders.push_back(std::move(holders));
      if (!found || !found->busy_told || since.empty()) continue;
      Busy busy{i, since, {}};
      for (const NvmlHolder& holder : found->all) {
        busy.by_pid.emplace_back(holder.pid, seconds(holder.busy * as_seconds(since.length())));
      }
      batch.busy.push_back(std::move(busy));
    }
  }

  std::unique_ptr<NvmlDoor> door_;
  const host::Clock& clock_;
  std::optional<Error> missing_;  // to be said once
  std::vector<ChannelInfo> channels_;
  std::vector<Gpu> gpus_;
  int polled_ = 0;    // devices whose power is polled
  Duration round_{};  // what the polls of this read() took
  Duration cost_{};   // the same, smoothed
  int rounds_ = 0;
  bool slow_ = false;
  std::optional<BootTime> asked_holders_;
};

std::vector<GpuIdentity> identities_of(const std::vector<NvmlDevice>& devices) {
  std::vector<GpuIdentity> identities;
  for (const NvmlDevice& device : devices) {
    GpuIdentity identity{device.uuid, device.name, {}};
    for (const NvmlPart& part : device.parts) identity.mig_uuids.push_back(part.uuid);
    identities.push_back(std::move(identity));
  }
  return identities;
}

}  // namespace

Result<std::unique_ptr<Meter>> make_nvml(std::unique_ptr<NvmlDoor> door, const GpuWish& wish,
                                         const host::Clock& clock) {
  auto found = door->devices();
  if (!found) return tl::unexpected(found.error());
  if (found->devices.empty()) {
    return fail(ErrorKind::absent,
                found->refused.empty() ? "the NVIDIA driver sees no GPU" : found->refused);
  }
  auto choice = choose_gpus(identities_of(found->devices), wish);
  if (!choice) return tl::unexpected(choice.error());
  if (choice->chosen.empty()) {
    return fail(ErrorKind::absent, choice->note.empty() ? "no GPU is asked for" : choice->note);
  }
  if (!found->refused.empty()) {
    choice->note += (choice->note.empty() ? "" : "; ") + ("not opened: " + found->refused);
  }
  return std::make_unique<NvmlMeter>(std::move(door), std::move(found->devices), *choice, clock);
}

Result<std::unique_ptr<Meter>> open_nvml(const NvmlOptions& options, const host::Clock& clock) {
  auto door = open_nvml_door(options.library);
  if (!door) return tl::unexpected(door.error());
  return make_nvml(*std::move(door), options.wish, clock);
}

}  // namespace lowtide::sense
