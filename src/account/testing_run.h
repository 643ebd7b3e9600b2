// Builds records for the tests of account and show: a run from 2026-01-05T00:00Z, cut into 5-minute
// slots, whose channels have a power that is constant over equal parts of the run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "account/derive.h"
#include "series/run.h"

namespace lowtide::account {

constexpr Duration hours(int n) { return std::chrono::hours(n); }

// What data/embodied.csv says of a server, a GPU that is known and one that is not.
inline Tables test_tables() {
  const auto row = [](const char* name, double low, double value, double high, bool unconfirmed) {
    return EmbodiedRow{name,
                       grams(value * 1000),
                       grams(low * 1000),
                       grams(high * 1000),
                       "LCA " + std::string(name),
                       unconfirmed};
  };
  Tables tables;
  tables.embodied.server = row("", 600, 1200, 3900, false);
  tables.embodied.gpus = {row("H100", 115, 164, 213, true), row("A100", 89, 127.6, 318, false),
                          row("", 60, 150, 320, false)};
  tables.embodied.life = hours(4 * 8760);
  tables.embodied.life_shortest = hours(3 * 8760);
  tables.embodied.life_longest = hours(6 * 8760);
  tables.embodied.life_source = "source of the life";
  tables.embodied.server_cpus = 64;
  return tables;
}

struct TestRun {
  RunRecord record;

  explicit TestRun(Duration length, Utc begin = Utc(std::chrono::seconds(1'767'571'200))) {
    record.id = "7f3a";
    record.state = RunState::finished;
    record.exit_status = 0;
    record.submitted = begin;
    record.begin = begin;
    record.end = begin + length;
    record.lowtide_version = "0.1.0";
    record.options.embodied = "auto";
  }

  // Parts of equal length, each with its own power; slots are cut at the parts' edges too.
  TestRun& channel(ChannelKind kind, Source source, const std::vector<Power>& parts) {
    ChannelInfo info;
    info.kind = kind;
    info.source = source;
    std::size_t same = 0;
    for (const ChannelInfo& other : record.channels) same += other.kind == kind ? 1 : 0;
    info.id = std::string(spell(kind)) + ":" + std::to_string(same);
    record.channels.push_back(info);
    const auto count = static_cast<Duration::rep>(parts.size());
    const Duration part = (*record.end - *record.begin) / count;
    for (Duration::rep i = 0; i < count; ++i) {
      const Utc begin = *record.begin + part * i;
      add_slots({begin, begin + part}, parts[static_cast<std::size_t>(i)]);
    }
    return *this;
  }
  TestRun& gpu(const std::vector<Power>& parts) {
    return channel(ChannelKind::gpu, Source::nvml_counter, parts);
  }
  TestRun& gpu(Power power) { return gpu(std::vector{power}); }
  TestRun& cpu(Power power, Power idle) {
    channel(ChannelKind::cpu, Source::rapl, {power});
    record.channels.back().idle_power = idle;
    return *this;
  }

  // The job's share of the machine's CPU time, the same all along.
  TestRun& use(double job_share) {
    for (Utc at = *record.begin; at < *record.end; at = slot_end(at)) {
      const Interval span{at, std::min(slot_end(at), *record.end)};
      record.use.push_back(
          {span, RunState::running, seconds(as_seconds(span.length()) * job_share), span.length()});
    }
    return *this;
  }
  // The newest channel was shared for a part of each slot; the run's part of processes and of busy
  // time (negative: not told).
  TestRun& shared(double part, double held, double busy) {
    for (ChannelSlot& slot : record.slots) {
      if (slot.channel + 1 != record.channels.size()) continue;
      DeviceUse use;
      use.shared = seconds(as_seconds(slot.span.length()) * part);
      use.held_ours = seconds(as_seconds(use.shared) * held);
      use.held_all = use.shared;
      if (busy >= 0) {
        use.busy_told = use.busy_all = use.shared;
        use.busy_ours = seconds(as_seconds(use.shared) * busy);
      }
      slot.use = use;
    }
    return *this;
  }
  TestRun& cpus(double all, double reserved) {
    record.machine.cpus = all;
    record.machine.cpus_reserved = reserved;
    return *this;
  }

  // Equal parts of the run, each with its intensity in g/kWh; nullopt is a gap.
  TestRun& intensity(const std::vector<std::optional<double>>& parts,
                     Signal signal = Signal::average) {
    IntensityUsed used;
    used.zone = "XX";
    used.signal = signal;
    used.source = "file";
    used.model = "test.csv";
    used.scope = Scope::lifecycle;
    used.error_low_rel = used.error_high_rel = 0.0;
    const auto count = static_cast<Duration::rep>(parts.size());
    const Duration part = (*record.end - *record.begin) / count;
    used.step = part;
    std::vector<IntensityPiece> pieces;
    for (Duration::rep i = 0; i < count; ++i) {
      const auto value = parts[static_cast<std::size_t>(i)];
      const Utc begin = *record.begin + part * i;
      if (value) pieces.push_back({{begin, begin + part}, grams_per_kwh(*value)});
    }
    used.series = IntensitySeries::from(std::move(pieces)).value();
    record.intensity.push_back(std::move(used));
    return *this;
  }
  TestRun& constant(double g_per_kwh, Signal signal = Signal::average) {
    return intensity({g_per_kwh}, signal);
  }

 private:
  void add_slots(Interval span, Power power) {
    for (Utc at = span.begin; at < span.end; at = slot_end(at)) {
      ChannelSlot slot;
      slot.channel = record.channels.size() - 1;
      slot.span = {at, std::min(slot_end(at), span.end)};
      slot.covered = slot.span.length();
      slot.device = power * slot.covered;
      slot.lowest = power;
      record.slots.push_back(slot);
    }
  }
};

}  // namespace lowtide::account
