#include "sense/cpu_model.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "sense/cpu_table.h"
#include "sense/machine.h"

namespace lowtide::sense {
namespace {

constexpr Duration kPeriod = std::chrono::seconds(1);

// What a CPU draws when nothing runs, as a share of full load: 0.74 W of 3.5 W per vCPU, the means
// of Cloud Carbon Footprint's AWS coefficients, from SPECpower_ssj2008 (2023).
constexpr double kIdleFraction = 0.21;

// Taken where the use of the CPUs cannot be read: half way, and as wide as both ends.
constexpr double kUnknownBusy = 0.5;

class CpuModel final : public Meter {
 public:
  CpuModel(host::MachineFiles files, const CpuModelTerms& terms, ChannelInfo info,
           const host::Clock& clock)
      : files_(std::move(files)),
        cpus_(terms.cpus),
        full_(terms.full()),
        idle_(terms.idle()),
        blind_(terms.blind),
        clock_(clock) {
    channels_.push_back(std::move(info));
  }

  [[nodiscard]] const std::vector<ChannelInfo>& describe() const override { return channels_; }
  [[nodiscard]] Duration period() const override { return kPeriod; }

  [[nodiscard]] Result<Batch> read() override {
    Batch batch;
    const auto busy = blind_ ? Result<Duration>(Duration::zero()) : read_busy_time(files_);
    const Look look{clock_.boot(), clock_.slept(), busy ? *busy : Duration::zero()};
    if (!busy) {  // what ran since the last look is not known: a gap, and a new start
      if (!failing_) batch.troubles.push_back({0, busy.error()});
      failing_ = true;
      last_.reset();
      return batch;
    }
    failing_ = false;
    const auto before = std::exchange(last_, look);
    if (!before || look.at <= before->at) return batch;
    if (host::was_suspended(before->slept, look.slept)) return batch;  // a gap: nothing ran
    const BootInterval span{before->at, look.at};
    const double share =
        blind_
            ? kUnknownBusy
            : std::clamp(as_seconds(look.busy - before->busy) / (as_seconds(span.length()) * cpus_),
                         0.0, 1.0);
    const Power power = idle_ + share * (full_ - idle_);
    batch.readings.push_back({0, span, power * span.length(), power, power, Quality::modelled});
    return batch;
  }

 private:
  struct Look {
    BootTime at;
    Duration slept;
    Duration busy;
  };
  host::MachineFiles files_;
  double cpus_;
  Power full_;
  Power idle_;
  bool blind_;
  const host::Clock& clock_;
  std::vector<ChannelInfo> channels_;
  std::optional<Look> last_;
  bool failing_ = false;
};

std::vector<CpuRow> load_table(const std::string& path, const std::string& cpu,
                               std::string& trouble) {
  const auto text = host::read_file(path);
  if (!text) {
    trouble = text.error().line();
    return {};
  }
  auto table = parse_cpu_table(*text, path, cpu);
  if (table) return *std::move(table);
  trouble = table.error().line();
  return {};
}

ErrorTerm model_term(const ThreadPower& thread, bool blind) {
  ErrorTerm term;
  term.kind = ErrorTermKind::model;
  term.low_rel = thread.low_rel;
  term.high_rel = thread.high_rel;
  if (blind) {
    const double mid = kIdleFraction + (1 - kIdleFraction) * kUnknownBusy;
    // Both may be off at once: the ends of the product.
    term.low_rel = 1 - (1 - thread.low_rel) * (kIdleFraction / mid);
    term.high_rel = (1 + thread.high_rel) / mid - 1;
  }
  term.reference = "TDP x use: docs/accuracy.md, 'Models'; " + thread.how;
  return term;
}

}  // namespace

std::string CpuModelTerms::text() const {
  std::string out =
      fmt::format("{:.1f} W at full load = {:.0f} vCPU x {}; {:.0f} % of it when idle",
                  as_watts(full()), cpus, thread.how, idle_fraction * 100);
  if (!counted) out += "; proc/cpuinfo not readable: CPUs counted by the C library";
  if (blind) out += "; proc/stat not readable: half of the CPUs taken as busy";
  if (!trouble.empty()) out += "; no TDP table: " + trouble;
  return out;
}

CpuModelTerms cpu_model_terms(const CpuModelOptions& options) {
  const MachineFacts facts = read_machine(options.files);
  CpuModelTerms terms;
  terms.cpu = facts.cpu_model;
  const std::vector<CpuRow> table = load_table(options.table_path, terms.cpu, terms.trouble);
  terms.thread = thread_power(table, facts);
  terms.blind = !read_busy_time(options.files).has_value();
  terms.counted = facts.logical_cpus.has_value();
  terms.cpus = terms.counted ? *facts.logical_cpus
                             : std::max(1.0, static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN)));
  terms.idle_fraction = kIdleFraction;
  return terms;
}

Result<std::unique_ptr<Meter>> open_cpu_model(const CpuModelOptions& options,
                                              const host::Clock& clock) {
  const CpuModelTerms terms = cpu_model_terms(options);
  ChannelInfo info;
  info.id = "cpu:0";
  info.kind = ChannelKind::cpu;
  info.name = terms.cpu.empty() ? "CPU" : terms.cpu;
  info.uuid = "model:cpu";
  info.source = Source::model;
  info.idle_power = terms.idle();
  info.errors = {model_term(terms.thread, terms.blind)};
  info.note = terms.text();
  return std::make_unique<CpuModel>(options.files, terms, std::move(info), clock);
}

}  // namespace lowtide::sense
