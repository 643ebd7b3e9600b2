// The inner steps, each alone, by google-benchmark: what a tick, a flush and a report are made of.
#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "account/derive.h"
#include "base/time.h"
#include "grid/csv_series.h"
#include "long_run.h"
#include "record/buckets.h"
#include "record/ledger.h"
#include "series/energy_series.h"

namespace lowtide::bench {
namespace {

constexpr Duration kSecond = std::chrono::seconds(1);
constexpr int kFlushSeconds = 5;

// A leap year of 5-minute rows: 105,408.
std::string year_of_rows() {
  std::string text = "time,g_per_kwh\n";
  const Utc begin(std::chrono::seconds(1'704'067'200));  // 2024-01-01
  for (int i = 0; i < 366 * 288; ++i) {
    text += format_utc(begin + i * kSlot) + fmt::format(",{}\n", 100 + i % 300);
  }
  return text;
}

void parse_csv(benchmark::State& state) {
  const std::string text = year_of_rows();
  for (auto _ : state) {
    auto parsed = grid::parse_csv_series(text, "bench");
    if (!parsed) state.SkipWithError(parsed.error().line().c_str());
    benchmark::DoNotOptimize(parsed);
  }
  state.SetItemsProcessed(state.iterations() * 366 * 288);
}
BENCHMARK(parse_csv)->Unit(benchmark::kMillisecond);

// What one tick of 10 channels puts into the buckets.
void buckets_add(benchmark::State& state) {
  const Utc begin(std::chrono::seconds(1'767'571'200));
  record::Buckets buckets(kSecond);
  buckets.begin(begin);
  Utc at = begin;
  for (auto _ : state) {
    for (std::size_t i = 0; i < kGpus + 2; ++i) {
      buckets.add({i, {at, at + kSecond}, joules(300), watts(300), watts(300), Quality::measured});
    }
    at += kSecond;
    if ((at - begin) / kSecond % kFlushSeconds == 0) benchmark::DoNotOptimize(buckets.take());
  }
}
BENCHMARK(buckets_add)->Unit(benchmark::kMicrosecond)->Iterations(20'000);

// One transaction: 5 s of 10 channels, as each 5 s of a run. On disk, so the disk is in it.
void ledger_append(benchmark::State& state) {
  const auto folder = std::filesystem::temp_directory_path() / "lowtide-bench-append";
  std::filesystem::remove_all(folder);
  auto ledger = record::Ledger::open(folder / "ledger.db");
  RunRecord run = long_run("bench000", 1);
  const Utc begin = *run.begin;
  run.slots.clear();
  run.samples.clear();
  run.use.clear();
  const auto key = ledger ? ledger->add(run, {}) : tl::unexpected(ledger.error());
  if (!key) state.SkipWithError("no ledger");
  Utc at = begin;
  for (auto _ : state) {
    record::Increment more;
    for (std::size_t i = 0; i < run.channels.size(); ++i) {
      for (int second = 0; second < kFlushSeconds; ++second) {
        const Utc from = at + second * kSecond;
        more.samples.push_back(
            {i, {from, from + kSecond}, joules(300), watts(300), watts(300), Quality::measured});
      }
      more.slots.push_back({i,
                            {slot_begin(at), slot_end(at)},
                            RunState::running,
                            joules(1500),
                            kFlushSeconds * kSecond,
                            watts(300),
                            Quality::measured});
    }
    more.use.push_back({{slot_begin(at), slot_end(at)}, RunState::running, kSecond, kSecond});
    at += kFlushSeconds * kSecond;
    if (!ledger->append(*key, more, {})) state.SkipWithError("the ledger takes no rows");
  }
  std::filesystem::remove_all(folder);
}
BENCHMARK(ledger_append)->Unit(benchmark::kMicrosecond)->Iterations(2'000);

void join_energy(benchmark::State& state) {
  const RunRecord run = long_run("bench000");
  std::vector<EnergyPiece> pieces;
  for (const ChannelSlot& slot : run.slots) {
    if (slot.channel == 0) pieces.push_back({slot.span, slot.device, Quality::measured});
  }
  const auto energy = EnergySeries::from(std::move(pieces));
  if (!energy) state.SkipWithError("no series");
  for (auto _ : state) {
    benchmark::DoNotOptimize(join(*energy, run.intensity.front().series));
  }
}
BENCHMARK(join_energy)->Unit(benchmark::kMicrosecond);

// A run of 9 days with 10 channels and an intensity for each 5 minutes: goal 5 ms.
void join_run(benchmark::State& state) {
  const RunRecord run = long_run("bench000");
  std::vector<EnergySeries> channels;
  for (std::size_t channel = 0; channel < run.channels.size(); ++channel) {
    std::vector<EnergyPiece> pieces;
    for (const ChannelSlot& slot : run.slots) {
      if (slot.channel == channel) pieces.push_back({slot.span, slot.device, Quality::measured});
    }
    channels.push_back(EnergySeries::from(std::move(pieces)).value());
  }
  std::vector<IntensityPiece> pieces;
  for (Utc at = slot_begin(*run.begin); at < *run.end; at += kSlot) {
    const auto minutes = static_cast<double>((at - *run.begin) / std::chrono::minutes(1) % 1440);
    pieces.push_back({{at, at + kSlot}, grams_per_kwh(100 + minutes / 5), Quality::measured});
  }
  const auto intensity = IntensitySeries::from(std::move(pieces)).value();
  for (auto _ : state) {
    for (const EnergySeries& energy : channels) benchmark::DoNotOptimize(join(energy, intensity));
  }
  state.counters["channels"] = static_cast<double>(channels.size());
}
BENCHMARK(join_run)->Unit(benchmark::kMicrosecond);

void derive_report(benchmark::State& state) {
  const RunRecord run = long_run("bench000");
  for (auto _ : state) benchmark::DoNotOptimize(account::derive(run, {}));
}
BENCHMARK(derive_report)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace lowtide::bench

BENCHMARK_MAIN();
