// A run as long as a large training: 9 days, 10 channels, a quality of each slot, hourly intensity.
//
// Its samples are as the ledger keeps them: one a 5-minute slot, since 9 days of them (2,592) are
// fewer than 4,096. Begins 2026-01-05 00:00 UTC. Plain values.
#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "series/run.h"

namespace lowtide::bench {

inline constexpr int kDays = 9;
inline constexpr int kGpus = 8;  // and a CPU and its DRAM: 10 channels

inline ChannelInfo channel(ChannelKind kind, int number) {
  ChannelInfo info;
  info.id = (kind == ChannelKind::gpu   ? "gpu:"
             : kind == ChannelKind::cpu ? "cpu:"
                                        : "dram:") +
            std::to_string(number);
  info.kind = kind;
  info.name = "bench";
  info.uuid = "bench-" + info.id;
  info.source = kind == ChannelKind::gpu ? Source::nvml_counter : Source::rapl;
  ErrorTerm gain;
  gain.low_rel = gain.high_rel = 0.05;
  gain.reference = "bench";
  info.errors = {gain};
  return info;
}

inline IntensityUsed hourly_intensity(Interval over) {
  IntensityUsed used;
  used.zone = "FR";
  used.source = "typical";
  used.model = "bench";
  used.step = std::chrono::hours(1);
  std::vector<IntensityPiece> pieces;
  int hour = 0;
  for (Utc at = over.begin; at < over.end; at += used.step, ++hour) {
    pieces.push_back({{at, std::min(at + used.step, over.end)},
                      grams_per_kwh(60 + 20 * std::sin(hour * 0.26)),
                      Quality::modelled});
  }
  if (auto series = IntensitySeries::from(std::move(pieces))) used.series = std::move(*series);
  return used;
}

inline RunRecord long_run(const std::string& id, int days = kDays) {
  RunRecord run;
  run.id = id;
  run.name = "bench";
  run.command = {"bench"};
  run.host = "bench";
  run.state = RunState::finished;
  run.exit_status = 0;
  run.begin = run.submitted = Utc(std::chrono::seconds(1'767'571'200));
  run.end = *run.begin + std::chrono::hours(24) * days;
  run.machine = {"bench", 64, 64, 256, 256};
  for (int i = 0; i < kGpus; ++i) run.channels.push_back(channel(ChannelKind::gpu, i));
  run.channels.push_back(channel(ChannelKind::cpu, 0));
  run.channels.push_back(channel(ChannelKind::dram, 0));
  for (Utc at = *run.begin; at < *run.end; at += kSlot) {
    const Interval span{at, at + kSlot};
    for (std::size_t i = 0; i < run.channels.size(); ++i) {
      const Power power = watts(300 + 10 * static_cast<double>(i));
      run.slots.push_back(
          {i, span, RunState::running, power * kSlot, kSlot, 0.9 * power, Quality::measured});
      run.samples.push_back({i, span, power * kSlot, 0.9 * power, 1.1 * power, Quality::measured});
    }
    run.use.push_back({span, RunState::running, 8 * kSlot, 9 * kSlot});
  }
  run.intensity = {hourly_intensity({*run.begin, *run.end})};
  return run;
}

}  // namespace lowtide::bench
