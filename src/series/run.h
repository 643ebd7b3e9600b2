// What a run leaves behind, as plain values: the words that record writes and account reads.
//
// There is energy in here, and intensity, and how each is known. There is no carbon: carbon, SCI
// and bounds are derived from this by src/account, always and again (docs/architecture.md).
// All times are UTC. Plain values, no threads.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "base/words.h"
#include "series/intensity_series.h"

namespace lowtide {

// One reason why a channel's energy may be off: a 95 % half-width, downwards and upwards.
// The parts add: low = low_rel * energy + low_power * duration + low_once.
struct ErrorTerm {
  ErrorTermKind kind = ErrorTermKind::gain;
  double low_rel = 0;   // fraction of the channel's energy
  double high_rel = 0;
  Power low_power;      // for as long as the channel was read
  Power high_power;
  Energy low_once;      // once a run: the ends, an update period
  Energy high_once;
  std::string reference;
};

// One measured or modelled quantity of one device: what sense::Meter::describe() says.
struct ChannelInfo {
  std::string id;      // "gpu:0", "cpu:0", "dram:0", "psys", unique in a run
  ChannelKind kind = ChannelKind::cpu;
  std::string name;    // what the device calls itself
  std::string uuid;    // the same physical device has the same uuid in every run on this machine
  Source source = Source::model;
  bool in_total = true;  // false: recorded, never added (psys, a GPU that the job did not use)
  // What the device is known to draw when nothing runs; absent: derived from the lowest seen.
  std::optional<Power> idle_power;
  std::vector<ErrorTerm> errors;
  std::string note;  // the terms of a model with their numbers; why a device is not counted
};

// A channel over one slot piece: 5 minutes of UTC cut at the run's ends and changes of state.
struct ChannelSlot {
  std::size_t channel = 0;  // index into RunRecord::channels
  Interval span;
  RunState state = RunState::running;  // running, paused or waiting
  Energy device;        // of the whole device, over `covered`
  Duration covered{};   // how much of the span a reading covers; the rest is a gap
  Power lowest;         // lowest mean power of a sample in this slot
  Quality quality = Quality::measured;  // the worst that contributed
};

// The use of the machine's CPUs over one slot piece.
struct UseSlot {
  Interval span;
  RunState state = RunState::running;
  Duration job_cpu{};      // CPU time of the job's processes
  Duration machine_cpu{};  // CPU time of everything that ran
};

// An energy-conserving bucket of a channel.
struct Sample {
  std::size_t channel = 0;
  Interval span;
  Energy energy;
  Power min;
  Power max;
  Quality quality = Quality::measured;
};

// The intensity that a run was joined with, and where it came from.
struct IntensityUsed {
  ZoneId zone;
  std::string asked;        // what the user wrote; empty when nothing
  std::string resolved_by;  // "--location", "time zone Europe/Paris", "world", ..
  bool place_assumed = false;
  Signal signal = Signal::average;
  std::optional<Scope> scope;  // absent: the source does not say
  Gas gas = Gas::co2e;
  std::string source;  // "typical", "annual", "file", "constant"
  std::string model;   // "typical year 2022", the file's name, ..
  Duration step{};
  bool fallback = false;
  bool provisional = false;
  std::string sha256;  // of the series as used
  // 95 % half-width of the intensity as a fraction; absent: not known.
  std::optional<double> error_low_rel;
  std::optional<double> error_high_rel;
  std::string error_reference;
  std::string licence;  // attribution that must go with the figures; empty when none
  IntensitySeries series;  // cut to the run
};

struct Event {
  Utc time;
  std::string kind;    // "clock-step", "meter-restarted", "sensor-late", ..
  std::string detail;
};

// What of the machine the run held: what idle energy and embodied carbon are shared by.
struct MachineShare {
  std::string cpu_model;
  double cpus = 0;           // logical CPUs of the machine
  double cpus_reserved = 0;  // of them what the job may use (affinity, cgroup quota)
  double memory_gb = 0;
  double memory_reserved_gb = 0;
};

enum class IdleRule { reserved, all, none };

// How the user wants the figures derived: kept with the run, so that a later report agrees.
struct AccountingOptions {
  Signal headline = Signal::average;
  IdleRule idle = IdleRule::reserved;
  std::optional<double> pue;   // absent: not included
  std::string pue_source;
  bool pue_is_average = false;  // of a provider's whole fleet: +-0.05
  std::string embodied = "auto";  // "none", "auto" or grams
  std::string per = "run";        // "run", "hour", "gpu-hour", "1000 samples", ..
  // As asked for, so that the same source can be opened again; empty: the default.
  std::string location;
  std::string intensity;
  // What was watched, as record/subject.h has it; empty: a command that lowtide started.
  std::string subject;
};

struct RunRecord {
  std::string id;
  std::string name;
  std::string project;
  std::string parent;
  std::vector<std::string> command;
  std::string host;
  std::map<std::string, std::string> tags;
  std::map<std::string, double> counts;
  RunState state = RunState::running;
  std::optional<int> exit_status;
  std::string exit_note;  // why exit_status is not known
  Utc submitted;
  std::optional<Utc> begin;
  std::optional<Utc> end;  // absent while running
  int lives = 1;
  std::string lowtide_version;
  MachineShare machine;
  AccountingOptions options;
  std::vector<ChannelInfo> channels;
  std::vector<ChannelSlot> slots;   // by span, then channel
  std::vector<UseSlot> use;
  std::vector<Sample> samples;      // empty unless asked for
  std::vector<IntensityUsed> intensity;
  std::vector<Event> events;
};

}  // namespace lowtide
