#include "sense/dram_model.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "sense/machine.h"

namespace lowtide::sense {
namespace {

constexpr Duration kPeriod = std::chrono::seconds(1);

// 3 W for each 8 GB (Crucial, "How much power does memory use?", as used by Cloud Carbon Footprint
// with 0.392 W/GB and Green Algorithms with 0.3725 W/GB; 2021 to 2023).
constexpr Power kPerGb = watts(0.375);
constexpr double kBound = 0.5;

// Where the machine does not say: the usual ratio of general-purpose cloud instances.
constexpr double kGbPerCpu = 4;
constexpr double kBlindLow = 0.75;
constexpr double kBlindHigh = 3.0;

class DramModel final : public Meter {
 public:
  DramModel(Power power, ChannelInfo info, const host::Clock& clock)
      : power_(power), clock_(clock) {
    channels_.push_back(std::move(info));
  }

  [[nodiscard]] const std::vector<ChannelInfo>& describe() const override { return channels_; }
  [[nodiscard]] Duration period() const override { return kPeriod; }

  [[nodiscard]] Result<Batch> read() override {
    Batch batch;
    const Look now{clock_.boot(), clock_.slept()};
    const auto before = std::exchange(last_, now);
    if (!before || now.at <= before->at) return batch;
    if (host::was_suspended(before->slept, now.slept)) return batch;  // memory is refreshed slowly
    const BootInterval span{before->at, now.at};
    batch.readings.push_back({0, span, power_ * span.length(), power_, power_, Quality::modelled});
    return batch;
  }

 private:
  struct Look {
    BootTime at;
    Duration slept;
  };
  Power power_;
  const host::Clock& clock_;
  std::vector<ChannelInfo> channels_;
  std::optional<Look> last_;
};

}  // namespace

Result<std::unique_ptr<Meter>> open_dram_model(const host::MachineFiles& files,
                                               const host::Clock& clock, const std::string& why) {
  const MachineFacts facts = read_machine(files);
  const int cpus =
      facts.logical_cpus.value_or(static_cast<int>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN))));
  const double gb = facts.memory_gb.value_or(kGbPerCpu * cpus);
  const Power power = gb * kPerGb;

  ErrorTerm term;
  term.kind = ErrorTermKind::model;
  term.low_rel = facts.memory_gb ? kBound : kBlindLow;
  term.high_rel = facts.memory_gb ? kBound : kBlindHigh;
  term.reference = "W per GB: docs/accuracy.md, 'Models'";

  ChannelInfo info;
  info.id = "dram:0";
  info.kind = ChannelKind::dram;
  info.name = "memory";
  info.uuid = "model:dram";
  info.source = Source::model;
  info.idle_power = power;
  info.errors = {term};
  info.note = fmt::format("{:.1f} W = {:.1f} GB x {:.3f} W/GB (3 W for each 8 GB, Crucial)",
                          as_watts(power), gb, as_watts(kPerGb));
  if (!facts.memory_gb) info.note += "; proc/meminfo not readable: 4 GB a CPU assumed";
  if (!why.empty()) info.note += "; " + why;
  return std::make_unique<DramModel>(power, std::move(info), clock);
}

}  // namespace lowtide::sense
