// What a run leaves behind, as plain values: the words that record writes and account reads.
//
// There is energy in here, and intensity, and how each is known. There is no carbon: carbon, SCI
// and bounds are derived from this by src/account, always and again (docs/architecture.md).
// All times are UTC. Plain values, no threads.
#pragma once

#include <array>
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
  double low_rel = 0;  // fraction of the channel's energy
  double high_rel = 0;
  Power low_power;  // for as long as the channel was read
  Power high_power;
  Energy low_once;  // once a run: the ends, an update period
  Energy high_once;
  std::string reference;
  Duration window{};  // of a sensor that sees a part of each such time; zero: it sees all of it
};

// One measured or modelled quantity of one device: what sense::Meter::describe() says.
struct ChannelInfo {
  std::string id;  // "gpu:0", "cpu:0", "dram:0", "psys", unique in a run
  ChannelKind kind = ChannelKind::cpu;
  std::string name;  // what the device calls itself
  std::string uuid;  // the same physical device has the same uuid in every run on this machine
  Source source = Source::model;
  bool in_total = true;  // false: recorded, never added (psys, a GPU that the job did not use)
  // What the device is known to draw when nothing runs; absent: derived from the lowest seen.
  std::optional<Power> idle_power;
  std::vector<ErrorTerm> errors;
  std::string note;  // the terms of a model with their numbers; why a device is not counted
  std::optional<Power> limit = std::nullopt;  // the power limit in force when it was opened
  // In a record of several lives (merge_lives.h): whose machine's it is, and when no life had it.
  std::size_t machine = 0;          // 0: RunRecord::machine, i: RunRecord::others[i - 1]
  std::vector<Interval> away = {};  // united; the time between lives is in it
};

// Who used a GPU over a slot piece, as far as its driver told, while it was shared: while a process
// that is not the run's held a context on it.
struct DeviceUse {
  Duration shared{};
  Duration held_ours{};  // processes x time that they held a context: of the run
  Duration held_all{};   // of everybody
  Duration busy_told{};  // for so long utilisation was told
  Duration busy_ours{};  // SM utilisation x time: of the run's processes
  Duration busy_all{};   // of everybody's
  Duration part_ours{};  // share of the device that the run's MIG instances are x time; 0: not told
};
inline constexpr std::array kDeviceUseTimes = {
    &DeviceUse::shared,    &DeviceUse::held_ours, &DeviceUse::held_all, &DeviceUse::busy_told,
    &DeviceUse::busy_ours, &DeviceUse::busy_all,  &DeviceUse::part_ours};

// A device's energy by its other sensor path, over the readings that had both (self-check).
struct SecondPath {
  Energy other;
  Energy own;         // the channel's, over the same time
  Duration length{};  // of that time
  int readings = 0;
  // The range in which a single reading may lie, about the mean of its time; 0: it is that mean.
  Power swing = {};
};

// A channel over one slot piece: 5 minutes of UTC cut at the run's ends and changes of state.
struct ChannelSlot {
  std::size_t channel = 0;  // index into RunRecord::channels
  Interval span;
  RunState state = RunState::running;   // running, paused or waiting
  Energy device;                        // of the whole device, over `covered`
  Duration covered{};                   // how much of the span a reading covers; the rest is a gap
  Power lowest;                         // lowest mean power of a sample in this slot
  Quality quality = Quality::measured;  // the worst that contributed
  std::optional<DeviceUse> use = std::nullopt;     // absent: not asked, or the driver does not tell
  std::optional<SecondPath> check = std::nullopt;  // absent: there is no other path
};

// The use of the machine's CPUs over one slot piece.
struct UseSlot {
  Interval span;
  RunState state = RunState::running;
  Duration job_cpu{};       // CPU time of the job's processes
  Duration machine_cpu{};   // CPU time of everything that ran
  std::size_t machine = 0;  // as ChannelInfo::machine
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

// Where the intensity of some pieces of a series came from.
struct IntensityOrigin {
  std::string source;  // "watttime", "typical"
  std::string model;   // its version, as the source names it
  IntensityKind kind = IntensityKind::stated;
  std::optional<Utc> issued;  // of a forecast
  bool operator==(const IntensityOrigin&) const = default;
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
  std::string licence;     // attribution that must go with the figures; empty when none
  IntensitySeries series;  // cut to the run
  std::vector<IntensityOrigin> origins = {};  // by IntensityPiece::origin
};

struct Event {
  Utc time;
  std::string kind;  // "clock-step", "meter-restarted", "sensor-late", ..
  std::string detail;
};

// What of the machine the run held: what idle energy and embodied carbon are shared by.
struct MachineShare {
  std::string cpu_model;
  double cpus = 0;           // logical CPUs of the machine
  double cpus_reserved = 0;  // of them what the job may use (affinity, cgroup quota)
  double memory_gb = 0;
  double memory_reserved_gb = 0;
  // How the job's CPU time was counted: "cgroup", or "process tree" and why not by cgroup.
  std::string cpu_time_by = {};
  std::string host = {};            // only in RunRecord::others
  std::vector<Interval> away = {};  // as ChannelInfo::away
};

enum class IdleRule { reserved, all, none };

// What becomes of the machine while the run is paused (docs/planning.md): it stays on whatever the
// run does, it is held for the run, or it is given back.
enum class MachineWhilePaused { stays_on, held, released };

// How the user wants the figures derived: kept with the run, so that a later report agrees.
struct AccountingOptions {
  Signal headline = Signal::average;
  IdleRule idle = IdleRule::reserved;
  std::optional<double> pue;  // absent: not included
  std::string pue_source;
  bool pue_is_average = false;    // of a provider's whole fleet: +-0.05
  std::string embodied = "auto";  // "none", "auto" or grams
  std::string per = "run";        // "run", "hour", "gpu-hour", "1000 samples", ..
  // As asked for, so that the same source can be opened again; empty: the default.
  std::string location;
  std::string intensity;
  // What was watched, as record/subject.h has it; empty: a command that lowtide started.
  std::string subject;
  std::optional<MachineWhilePaused> machine = std::nullopt;  // absent: not asked for, as `held`
  bool operator==(const AccountingOptions&) const = default;
};

struct RunRecord {
  std::string id;
  std::string name;
  std::string project;
  std::string parent;   // the run that it ran inside of; empty: none
  std::string life_of;  // the run whose further life or rank it is; empty: of none
  std::vector<std::string> command;
  std::string host;
  std::map<std::string, std::string> tags;
  std::map<std::string, double> counts;
  RunState state = RunState::running;
  std::optional<int> exit_status;
  std::string exit_note;  // why exit_status is not known
  Utc submitted;
  std::optional<Utc> begin;
  std::optional<Utc> end;     // absent while running
  int lives = 1;              // how often the job was started; ranks are one life
  std::vector<Interval> off;  // between lives: no time of the run; united
  // A plan moves it (record/acts.h): the time between its lives is paused time.
  bool moved = false;
  std::optional<Utc> as_of;  // of one that waits or is between two lives: when it was looked at
  std::string lowtide_version;
  MachineShare machine;
  std::vector<MachineShare> others;  // further machines of a record of several lives
  AccountingOptions options;
  std::vector<ChannelInfo> channels;
  std::vector<ChannelSlot> slots;  // by span, then channel
  std::vector<UseSlot> use;
  std::vector<Sample> samples;  // empty unless asked for
  std::vector<IntensityUsed> intensity;
  std::vector<Event> events;
};

// The id under which the run is found: that of its record.
[[nodiscard]] inline const std::string& record_id(const RunRecord& run) {
  return run.life_of.empty() ? run.id : run.life_of;
}

}  // namespace lowtide
