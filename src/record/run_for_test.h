// A run with something in every field, and short ways to write readings down. Times are seconds
// from 2026-01-05T00:00Z, a slot's edge. Not part of the program.
#pragma once

#include "base/time.h"
#include "record/buckets.h"
#include "record/ledger.h"
#include "series/run.h"

namespace lowtide::record {

constexpr Utc second(double s) { return Utc(std::chrono::seconds(1'767'571'200)) + seconds(s); }
constexpr Interval span_of(double from, double to) { return {second(from), second(to)}; }

inline ChannelReading reading(double from, double to, double energy_joules,
                              std::size_t channel = 0) {
  const Power mean = joules(energy_joules) / seconds(to - from);
  return {channel, span_of(from, to), joules(energy_joules), mean, mean, Quality::measured};
}

inline Sample sample(double from, double to, double energy_joules, std::size_t channel = 0) {
  const Power mean = joules(energy_joules) / seconds(to - from);
  return {channel, span_of(from, to), joules(energy_joules), mean, mean, Quality::measured};
}

inline RunRecord small_run(const std::string& id, double submitted = 0) {
  RunRecord run;
  run.id = id;
  run.name = "train";
  run.host = "here";
  run.command = {"true"};
  run.submitted = second(submitted);
  run.begin = second(submitted);
  return run;
}

inline IntensityUsed full_intensity() {
  IntensityUsed used;
  used.zone = "FR";
  used.asked = "aws:eu-west-3";
  used.resolved_by = "--location";
  used.place_assumed = true;
  used.signal = Signal::marginal;
  used.scope = Scope::direct;
  used.gas = Gas::co2;
  used.source = "file";
  used.model = "fr.csv";
  used.step = std::chrono::minutes(30);
  used.fallback = true;
  used.provisional = true;
  used.sha256 = "abc123";
  used.error_low_rel = 0.1;
  used.error_high_rel = 0.25;
  used.error_reference = "a paper";
  used.licence = "ODbL";
  used.origins = {{"watttime", "2025-06-01", IntensityKind::history, std::nullopt},
                  {"watttime", "2025-06-01", IntensityKind::forecast, second(-60)}};
  used.series = IntensitySeries::from({{span_of(0, 1800), grams_per_kwh(61.5), Quality::measured},
                                       {span_of(3600, 5400), grams_per_kwh(48), Quality::filled, 1}})
                    .value();
  return used;
}

inline ChannelInfo full_channel() {
  ChannelInfo channel;
  channel.id = "gpu:0";
  channel.kind = ChannelKind::gpu;
  channel.name = "NVIDIA H100 \"80GB\"";
  channel.uuid = "GPU-1234";
  channel.source = Source::nvml_power;
  channel.in_total = false;
  channel.idle_power = watts(61);
  channel.errors = {{ErrorTermKind::gain, 0.05, 0.07, watts(1), watts(2), joules(3), joules(4),
                     "a manual, 2024", std::chrono::milliseconds(100)},
                    {ErrorTermKind::alias, 0.01, 0.02, {}, {}, {}, {}, ""}};
  channel.note = "not counted";
  channel.limit = watts(700);
  return channel;
}

// Every field holds what no default holds.
inline RunRecord full_run() {
  RunRecord run = small_run("7f3a0000", 12.5);
  run.name = "bert 'large'; -- \xc3\xa9";
  run.project = "paper";
  run.parent = "11112222";
  run.life_of = "33334444";
  run.command = {"python3", "-c", "print(\"a\")\n", ""};
  run.tags = {{"k", "v"}, {"with space", "a=b\"c'"}};
  run.counts = {{"samples", 60000.5}};
  run.state = RunState::killed;
  run.exit_status = 137;
  run.exit_note = "a note";
  run.end = second(640);
  run.lives = 3;
  run.lowtide_version = "0.1.0";
  run.machine = {"EPYC", 64, 8.5, 512, 64};
  run.options.headline = Signal::marginal;
  run.options.idle = IdleRule::none;
  run.options.pue = 1.12;
  run.options.pue_source = "a table";
  run.options.pue_is_average = true;
  run.options.embodied = "120";
  run.options.per = "1000 samples";
  run.options.location = "aws:eu-west-3";
  run.options.intensity = "file:fr.csv";
  ChannelInfo cpu;
  cpu.id = "cpu:0";
  cpu.uuid = "pkg-0";
  cpu.source = Source::rapl;
  run.channels = {full_channel(), cpu};
  run.slots = {{0, span_of(12.5, 300), RunState::running, joules(900), seconds(280), watts(2.5),
                Quality::bridged},
               {1, span_of(12.5, 300), RunState::paused, joules(20), seconds(287.5), watts(0.25),
                Quality::measured},
               {0, span_of(300, 600), RunState::running, joules(10), seconds(1), watts(10),
                Quality::modelled}};
  run.slots[0].use = {seconds(10), seconds(20), seconds(30.5), seconds(40), seconds(5), seconds(7)};
  run.slots[0].check = {joules(880), joules(890), seconds(270), 271};
  run.use = {{span_of(12.5, 300), RunState::running, seconds(100.25), seconds(300)},
             {span_of(300, 600), RunState::waiting, seconds(1), seconds(2)}};
  run.samples = {sample(12.5, 13, 2), sample(13, 14, 5), sample(13, 14, 1, 1)};
  run.samples[0].quality = Quality::spread;
  run.samples[0].max = watts(99);
  run.intensity = {full_intensity(), IntensityUsed{}};
  run.intensity[1].zone = "DE";
  run.events = {{second(20), "clock-step", "1 s back"}, {second(21), "sensor-late", "nvml"}};
  return run;
}

}  // namespace lowtide::record
