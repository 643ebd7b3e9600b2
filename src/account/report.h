// A report: everything that is derived from a run's record, as plain values.
//
// Energy is of IT equipment (before PUE) unless the name says total. Carbon is what the covered
// part of the run caused: an energy gap or an intensity gap adds nothing and is missing from
// `coverage`. Absent (nullopt) means not known or not applicable, never zero. Low and high are the
// ends of a 95 % interval. Times are UTC. Only account fills these; show prints them and computes
// nothing. docs/methods.md has each formula; docs/formats/report.md has the JSON.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "account/embodied.h"
#include "base/time.h"
#include "base/units.h"
#include "base/words.h"
#include "series/run.h"

namespace lowtide::account {

// The version of the rules in docs/methods.md; it changes when a figure would.
inline constexpr std::string_view kMethodology = "lowtide.methods/1";

// What the energy is of. A missing component is a boundary, not an error bar.
//   gpu       GPUs only
//   it        CPUs and memory, and GPUs where there are some
//   node      a wall meter
//   facility  any of these times PUE
enum class Boundary { gpu, it, node, facility };

// How a GPU's energy was shared out over the part of a piece in which others held it too.
struct Sharing {
  enum class By { utilisation, slices, nothing };  // nothing: not told, all of it is the run's
  By by = By::nothing;
  Duration length{};  // of that part
  Energy sole;        // of the rest, in which it was the run's alone: all of it is charged
  double active = 1;  // the run's share of the dynamic energy
  Energy low;         // what attribution leaves open of the charge: half-widths
  Energy high;
};

// The charge of one channel over one recorded slot piece.
struct ChargePiece {
  Interval span;
  RunState state = RunState::running;
  Duration covered{};
  Quality quality = Quality::gap;
  Energy device;
  Energy job;           // dynamic
  Energy idle_charged;  // in any state
  Energy idle_not_charged;
  // What the charges were made by.
  std::optional<Power> idle_power;  // absent: nothing of it is idle, all of it is the job's
  double idle_share = 1;            // of idle, that is charged
  Duration job_cpu{};               // CPU time over the span, or over the run where the span has
  Duration machine_cpu{};           // none; both zero: never seen
  bool use_seen = false;
  std::optional<Sharing> sharing;  // of a GPU; absent: it was the run's alone
  [[nodiscard]] double job_share() const {
    if (!use_seen) return 1;
    return machine_cpu > Duration::zero() ? as_seconds(job_cpu) / as_seconds(machine_cpu) : 0;
  }
  [[nodiscard]] Energy charged() const { return job + idle_charged; }
  [[nodiscard]] bool is_modelled() const {
    return quality == Quality::modelled || quality == Quality::filled;
  }
};

// What one channel used and what of it the run is charged.
struct ChannelCharge {
  ChannelInfo info;                // as recorded
  std::optional<Energy> device;    // of the whole device; absent where nothing was read
  Energy job;                      // dynamic, the job's, while running
  Energy paused;                   // all that is charged while paused
  Energy waiting;                  // all that is charged while waiting
  Energy idle_charged;             // the run's share of idle while running
  Energy idle_not_charged;         // the rest of idle, in any state
  Energy charged;                  // job + paused + waiting + idle_charged
  Quality quality = Quality::gap;  // the worst that contributed
  double coverage = 0;             // of the run's time: covered / (covered + missing)
  Duration covered{};
  Duration missing{};
  std::optional<Energy> low;  // of `charged`
  std::optional<Energy> high;
  std::vector<ChargePiece> pieces;  // of a counted channel, in order of time: what sum() needs
};

// The counted channels of one kind together.
struct KindCharge {
  ChannelKind kind = ChannelKind::cpu;
  std::size_t devices = 0;
  Energy charged;
  Energy low;
  Energy high;
  Quality quality = Quality::gap;  // the worst that contributed
  double coverage = 0;             // the lowest
};

struct EnergyReport {
  std::optional<Boundary> boundary;  // absent: nothing was measured or modelled
  std::vector<KindCharge> kinds;     // the components inside the boundary
  std::optional<Energy> total;       // IT energy x PUE
  std::optional<Energy> total_low;
  std::optional<Energy> total_high;
  std::optional<Energy> it;
  std::optional<double> pue;  // absent: not included
  std::string pue_source;
  std::optional<Energy> active;
  std::optional<Energy> paused;
  std::optional<Energy> waiting;
  std::optional<Energy> idle_charged;
  std::optional<Energy> idle_not_charged;
  std::optional<double> modelled_share;  // of the IT energy
  double coverage = 0;                   // the lowest coverage of a counted channel
  std::vector<ChannelCharge> channels;
};

struct IntensityReport {
  IntensityUsed used;  // where it came from, origins always; its series is left empty
  bool headline = false;
  std::optional<Intensity> mean;             // over time
  std::optional<Intensity> energy_weighted;  // over the energy it covers
  double coverage = 0;                       // of the run's time
  std::vector<double> shares;                // of the covered time, by used.origins
};

struct CarbonReport {
  Signal signal = Signal::average;
  std::optional<Gas> gas;  // absent: no series of this signal
  std::optional<Carbon> operational;
  std::optional<Carbon> operational_low;
  std::optional<Carbon> operational_high;
  std::optional<Carbon> embodied;  // absent: not included
  std::optional<Carbon> total;     // operational + embodied
  std::optional<Carbon> low;       // of `total`
  std::optional<Carbon> high;
  std::optional<Carbon> other_signal;  // operational, by the other signal
  double coverage = 0;                 // share of the IT energy whose intensity is known
  std::string bounds_note;             // why there are no bounds; empty when there are
  std::vector<std::string> assumed;    // each assumption in words, with its figure and source
};

struct SciReport {
  std::optional<Carbon> value;  // per R; absent: `note` has the reason
  std::optional<Carbon> low;    // of `value`
  std::optional<Carbon> high;
  std::string label;  // "SCI", or "operational carbon" where M is not included
  std::string unit;   // "gCO2e/run"
  std::string r;      // "run", "hour", "gpu-hour", "1000 samples"
  std::optional<double> r_count;
  std::optional<Energy> e;     // EnergyReport::total
  std::optional<Intensity> i;  // energy-weighted
  std::optional<Carbon> m;
  std::optional<Boundary> boundary;
  std::string methodology;
  std::string note;
};

// One reason why a figure may be off: 95 % half-widths as fractions of the origin's figure.
struct ErrorReport {
  std::string origin;  // a channel's id, "pue", "intensity", "embodied"
  ErrorTermKind kind = ErrorTermKind::gain;
  std::optional<double> low_rel;  // absent: not known
  std::optional<double> high_rel;
  std::string reference;
};

// The cause that makes the bounds widest (largest.h).
struct LargestError {
  std::string cause;                 // of ErrorPart: "rapl gain"
  std::vector<std::string> origins;  // of ErrorReport: the figures that it goes with
  double share = 0;                  // of the squares of all causes
  std::optional<Energy> of_energy;   // what low_rel and high_rel are shares of: one of the two
  std::optional<Carbon> of_carbon;
  std::optional<double> low_rel;  // absent: that figure is zero
  std::optional<double> high_rel;
  std::string remedy;  // what would shrink it here; empty: nothing
};

// A 5-minute piece, cut at the run's ends, changes of state and edges of intensity gaps.
struct SlotReport {
  Interval span;
  RunState state = RunState::running;
  std::optional<Energy> energy;        // charged, counted channels; absent: nothing was read
  std::optional<Intensity> intensity;  // time-weighted; absent: a gap
  std::optional<Carbon> carbon;        // energy x PUE x intensity; absent where either is
  Quality quality = Quality::gap;      // the worst energy that contributed
  std::string source;                  // of the intensity
  // The least certain that the piece has, as an index of used.origins of the headline.
  std::optional<std::size_t> origin = std::nullopt;
};

struct EquivalentReport {
  std::string name;
  double amount = 0;
  Carbon factor;        // of one
  std::string edition;  // year and source
  Gas gas = Gas::co2e;  // of the factor
};

// The whole job of which the run was a part (complete.h): the part's figures by `factor`. All of it
// but the part is modelled.
struct Completion {
  std::string asked;  // "13%", "8/60"
  double share = 1;
  double factor = 1;                 // 1 / share
  std::optional<Duration> duration;  // also absent: too long for a Duration
  std::optional<Duration> active;
  std::optional<Energy> it;
  std::optional<Energy> total;  // IT energy x PUE
  std::optional<Energy> total_low;
  std::optional<Energy> total_high;
  std::optional<double> modelled_share;
  CarbonReport carbon;              // `assumed` ends with what is taken of the rest
  SciReport sci;                    // of the whole
  std::vector<ErrorReport> errors;  // that it has beyond the part's
  std::vector<EquivalentReport> equivalents;
};

// A share of the half-width with one cause; shares of one cause add linearly, over channels and
// over runs, since the same sensor errs the same way twice; different causes add as root sum
// square.
struct ErrorPart {
  std::string cause;  // kind of source and kind of error: "rapl gain"
  Energy low;         // of the total energy
  Energy high;
  Carbon low_carbon;  // of the total carbon
  Carbon high_carbon;
  std::string origin = {};  // whose figure it goes with (ErrorReport); empty: nobody's
};

struct Report {
  // The record without its bulk (slots, use, samples and the intensity series are left out).
  RunRecord run;
  std::optional<Duration> duration;  // begin to end, or to the last reading while it runs
  std::optional<Duration> active;    // duration - paused
  std::optional<Duration> paused;
  std::optional<Duration> waiting;  // submitted to begin
  EnergyReport energy;
  std::vector<IntensityReport> intensity;
  CarbonReport carbon;
  Embodied embodied;  // how carbon.embodied came about
  SciReport sci;
  std::vector<ErrorReport> errors;
  std::vector<SlotReport> slots;
  std::vector<Sample> samples;  // as recorded; empty unless the record carries them
  std::vector<EquivalentReport> equivalents;
  std::vector<std::string> sources;     // provenance, each once
  std::vector<ErrorPart> parts;         // what the bounds are made of
  std::optional<LargestError> largest;  // absent: there are no bounds
  std::optional<Completion> complete;   // only where asked for
};

}  // namespace lowtide::account

template <>
struct lowtide::Spelling<lowtide::account::Boundary> {
  static constexpr auto table =
      std::to_array<std::pair<lowtide::account::Boundary, std::string_view>>(
          {{lowtide::account::Boundary::gpu, "gpu"},
           {lowtide::account::Boundary::it, "it"},
           {lowtide::account::Boundary::node, "node"},
           {lowtide::account::Boundary::facility, "facility"}});
};
