#include "account/derive.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "account/bounds.h"
#include "account/carbon.h"
#include "account/charge.h"
#include "account/check.h"
#include "account/largest.h"
#include "account/sci.h"
#include "account/slots.h"
#include "series/merge_lives.h"

namespace lowtide::account {
namespace {

RunRecord without_bulk(const RunRecord& record) {
  RunRecord copy;
  copy.id = record.id;
  copy.name = record.name;
  copy.project = record.project;
  copy.parent = record.parent;
  copy.life_of = record.life_of;
  copy.command = record.command;
  copy.host = record.host;
  copy.tags = record.tags;
  copy.counts = record.counts;
  copy.state = record.state;
  copy.exit_status = record.exit_status;
  copy.exit_note = record.exit_note;
  copy.submitted = record.submitted;
  copy.begin = record.begin;
  copy.end = record.end;
  copy.lives = record.lives;
  copy.off = record.off;
  copy.moved = record.moved;
  copy.as_of = record.as_of;
  copy.lowtide_version = record.lowtide_version;
  copy.machine = record.machine;
  copy.others = record.others;
  copy.options = record.options;
  copy.events = record.events;
  return copy;
}

// Time in and out of each state: what the record tells, and its begin and end.
struct Times {
  Duration run{};  // begin to end, without the time between lives
  Duration paused{};
  Duration waiting{};  // of slot pieces that were recorded while waiting
  Duration held{};     // for which the run held its devices
};

// Of a run that has not begun only how long it has waited is known, or had when it was cancelled.
void add_wait(const RunRecord& record, Report& report) {
  const auto until = record.end ? record.end : record.as_of;
  if (until) report.waiting = std::max(Duration::zero(), *until - record.submitted);
}

// A plan's pauses are time of the run, also where no life of it was there.
void add_between_lives(const RunRecord& record, Interval whole, Times& times, Report& report) {
  if (!record.moved) return;
  const Duration between = length_within(whole, record.off);
  *report.duration += between;
  *report.paused += between;
  if (record.options.machine == MachineWhilePaused::held) times.held += between;
}

Times add_times(const RunRecord& record, Report& report) {
  Times times;
  const std::vector<Stretch> all = stretches(record);
  for (const Stretch& stretch : all) {
    if (stretch.state == RunState::paused) times.paused += stretch.span.length();
    if (stretch.state == RunState::waiting) times.waiting += stretch.span.length();
  }
  if (!record.begin) {
    add_wait(record, report);
    return times;
  }
  const auto until = record.end ? record.end : record.as_of;
  // Before the first flush of a run that goes on nobody can say how long it has been running.
  if (!until && all.empty()) return times;
  const Utc end = until.value_or(all.empty() ? *record.begin : all.back().span.end);
  const Interval whole{*record.begin, std::max(*record.begin, end)};
  times.held = times.run = whole.length() - length_within(whole, record.off);
  report.duration = times.run;
  report.paused = times.paused;
  report.active = std::max(Duration::zero(), times.run - times.paused);
  report.waiting = std::max(Duration::zero(), *record.begin - record.submitted);
  add_between_lives(record, whole, times, report);
  return times;
}

// What the job counted that goes by the step of its load.
std::optional<double> counted_steps(const RunRecord& record) {
  for (const char* name : {"steps", "iterations", "batches"}) {
    const auto found = record.counts.find(name);
    if (found != record.counts.end()) return found->second;
  }
  return std::nullopt;
}

Duration covered(const Charges& charges, bool waiting) {
  Duration sum{};
  for (const ChargePiece& piece : charges.pieces) {
    if ((piece.state == RunState::waiting) == waiting) sum += piece.covered;
  }
  return sum;
}

struct BoundedChannel {
  Duration covered{};
  Duration missing{};
  double coverage = 0;
};

// Waiting counts where it was read: a machine that was not held then has no reading to miss. Nor
// has a device in a life of the run that did not have it.
BoundedChannel cover(const Charges& charges, const Times& times, Duration away) {
  const Duration waiting = covered(charges, true);
  const Duration running = covered(charges, false);
  BoundedChannel cover;
  cover.covered = waiting + running;
  cover.missing = std::max(Duration::zero(), times.run - away - running);
  const Duration whole = cover.covered + cover.missing;
  if (whole > Duration::zero()) cover.coverage = as_seconds(cover.covered) / as_seconds(whole);
  return cover;
}

// Adds a channel to its kind; the kind's parts are kept until all its channels are in.
void add_to_kind(const ChannelCharge& channel, const std::vector<ErrorPart>& parts,
                 std::map<ChannelKind, std::vector<ErrorPart>>& kinds, EnergyReport& energy) {
  auto kind = std::find_if(energy.kinds.begin(), energy.kinds.end(), [&](const KindCharge& known) {
    return known.kind == channel.info.kind;
  });
  if (kind == energy.kinds.end()) {
    energy.kinds.push_back({channel.info.kind, 0, {}, {}, {}, channel.quality, channel.coverage});
    kind = energy.kinds.end() - 1;
  }
  ++kind->devices;
  kind->charged += channel.charged;
  kind->quality = std::max(kind->quality, channel.quality);
  kind->coverage = std::min(kind->coverage, channel.coverage);
  std::vector<ErrorPart>& all = kinds[channel.info.kind];
  all.insert(all.end(), parts.begin(), parts.end());
  const HalfWidths widths = combine(all);
  kind->low = std::max(Energy{}, kind->charged - widths.low);
  kind->high = kind->charged + widths.high;
}

void add_channel(Charges& charges, const Times& times, Duration away,
                 std::map<ChannelKind, std::vector<ErrorPart>>& kinds, Report& report) {
  const BoundedChannel cover = lowtide::account::cover(charges, times, away);
  charges.sum.coverage = cover.coverage;
  charges.sum.covered = cover.covered;
  charges.sum.missing = cover.missing;
  if (charges.sum.device && charges.sum.info.in_total) {
    const ChannelErrors errors = channel_errors(charges, cover.covered, cover.missing);
    const HalfWidths widths = combine(errors.parts);
    charges.sum.low = std::max(Energy{}, charges.sum.charged - widths.low);
    charges.sum.high = charges.sum.charged + widths.high;
    report.parts.insert(report.parts.end(), errors.parts.begin(), errors.parts.end());
    report.errors.insert(report.errors.end(), errors.reports.begin(), errors.reports.end());
    add_to_kind(charges.sum, errors.parts, kinds, report.energy);
  } else if (charges.sum.device) {
    charges.sum.low = charges.sum.high = Energy{};  // not counted: exactly nothing is charged
  }
  report.energy.channels.push_back(charges.sum);
}

Energy modelled(const std::vector<Charges>& charges) {
  Energy sum;
  for (const Charges& channel : charges) {
    if (!channel.sum.info.in_total) continue;
    for (const ChargePiece& piece : channel.pieces) {
      if (piece.is_modelled()) sum += piece.charged();
    }
  }
  return sum;
}

std::optional<Boundary> boundary(const EnergyReport& energy) {
  const auto has = [&](ChannelKind kind) {
    return std::any_of(energy.kinds.begin(), energy.kinds.end(),
                       [&](const KindCharge& known) { return known.kind == kind; });
  };
  if (energy.kinds.empty()) return std::nullopt;
  if (energy.pue) return Boundary::facility;
  if (has(ChannelKind::node)) return Boundary::node;
  return has(ChannelKind::cpu) || has(ChannelKind::dram) ? Boundary::it : Boundary::gpu;
}

void add_totals(const RunRecord& record, const std::vector<Charges>& charges, Report& report) {
  EnergyReport& energy = report.energy;
  energy.pue = record.options.pue;
  energy.pue_source = record.options.pue_source;
  double lowest_coverage = 1;
  for (const ChannelCharge& channel : energy.channels) {
    if (!channel.info.in_total) continue;
    lowest_coverage = std::min(lowest_coverage, channel.coverage);
    if (!channel.device) continue;
    const auto add = [](std::optional<Energy>& sum, Energy part) {
      sum = sum.value_or(Energy{}) + part;
    };
    add(energy.it, channel.charged);
    add(energy.active, channel.job);
    add(energy.paused, channel.paused);
    add(energy.waiting, channel.waiting);
    add(energy.idle_charged, channel.idle_charged);
    add(energy.idle_not_charged, channel.idle_not_charged);
  }
  energy.boundary = boundary(energy);
  if (!energy.it) return;
  energy.coverage = lowest_coverage;
  energy.total = *energy.it * pue_factor(record);
  if (*energy.it > Energy{}) energy.modelled_share = modelled(charges) / *energy.it;
}

// The channels' parts are of IT energy; from here on they are of the total.
void add_total_bounds(const RunRecord& record, Report& report) {
  EnergyReport& energy = report.energy;
  if (!energy.it) return;
  const double pue = pue_factor(record);
  for (ErrorPart& part : report.parts) {
    part.low *= pue;
    part.high *= pue;
  }
  if (energy.pue && record.options.pue_is_average) {
    const Energy width = *energy.it * kPueHalfWidth;
    report.parts.push_back({"pue gain", width, width, {}, {}, "pue"});
    report.errors.push_back({"pue", ErrorTermKind::gain, kPueHalfWidth / pue, kPueHalfWidth / pue,
                             "half-width of a provider's average, " + energy.pue_source});
  }
  const HalfWidths widths = combine(report.parts);
  energy.total_low = std::max(Energy{}, *energy.total - widths.low);
  energy.total_high = *energy.total + widths.high;
}

void add_assumed(const IntensityUsed& used, std::vector<std::string>& assumed) {
  if (used.place_assumed) {
    const std::string how = used.resolved_by == "world"
                                ? "(nothing tells where this machine is; give --location)"
                                : "by " + used.resolved_by;
    add_once(assumed, fmt::format("place: {} {}", used.zone, how));
  }
  if (used.fallback) add_once(assumed, fmt::format("intensity: fallback to {}", used.source));
  if (used.source == "typical" || used.source == "annual") {
    add_once(assumed, fmt::format("intensity: {} stands for the time of the run", used.model));
  }
}

void add_assumed(const ChannelInfo& channel, std::vector<std::string>& assumed) {
  if (!channel.in_total || channel.source != Source::model) return;
  const std::string how = channel.note.empty() ? "modelled" : channel.note;
  add_once(assumed, fmt::format("{}: {}", channel.id, how));
}

void add_assumed(const RunRecord& record, std::vector<std::string>& assumed) {
  for (const IntensityUsed& used : record.intensity) add_assumed(used, assumed);
  for (const ChannelInfo& channel : record.channels) add_assumed(channel, assumed);
  const bool shares = record.options.idle == IdleRule::reserved && record.machine.cpus <= 0;
  if (shares) add_once(assumed, "idle: the size of the machine is not known, all of it is charged");
}

// "typical year 2022" names its source already; some sources have no model.
std::string source_and_model(const IntensityUsed& used) {
  if (used.model.starts_with(used.source)) return used.model;
  return used.model.empty() ? used.source : used.source + " " + used.model;
}

void add_provenance(const RunRecord& record, const Tables& tables, Report& report) {
  for (const IntensityUsed& used : record.intensity) {
    std::string source =
        fmt::format("intensity {} {}: {}", used.zone, spell(used.signal), source_and_model(used));
    if (!used.sha256.empty()) source += ", sha256 " + used.sha256;
    if (!used.licence.empty()) source += ", " + used.licence;
    add_once(report.sources, source);
  }
  if (record.options.pue) add_once(report.sources, "PUE: " + record.options.pue_source);
  if (!report.carbon.total) return;
  for (const Equivalent& row : tables.equivalents) {
    if (row.factor > Carbon{}) {
      report.equivalents.push_back(
          {row.name, *report.carbon.total / row.factor, row.factor, row.edition, row.gas});
    }
  }
}

}  // namespace

Report derive(const RunRecord& record, const Tables& tables) {
  Report report;
  report.run = without_bulk(record);
  const std::vector<Event> contradictions = self_check(record);
  report.run.events.insert(report.run.events.end(), contradictions.begin(), contradictions.end());
  report.samples = record.samples;
  report.carbon.signal = record.options.headline;
  const Times times = add_times(record, report);
  std::vector<Charges> charges = charge(record);
  std::map<ChannelKind, std::vector<ErrorPart>> kinds;
  const std::optional<double> steps = counted_steps(record);
  for (Charges& channel : charges) {
    widen_alias(channel.sum.info.errors, report.active.value_or(Duration::zero()), steps);
    add_channel(channel, times, time_away(record, channel.sum.info.away), kinds, report);
  }
  // GPU before CPU before DRAM, whichever door opened first.
  std::sort(report.energy.kinds.begin(), report.energy.kinds.end(),
            [](const KindCharge& a, const KindCharge& b) { return a.kind < b.kind; });
  add_totals(record, charges, report);
  add_total_bounds(record, report);
  const IntensityUsed* headline = find_signal(record, record.options.headline);
  report.slots = cut_slots(record, charges, headline);
  add_intensity(record, headline, report);
  if (report.duration) report.embodied = embodied(record, times.held, tables.embodied);
  add_carbon(record, headline, report);
  add_assumed(record, report.carbon.assumed);
  for (const Charges& channel : charges) {
    const std::string shared = sharing_note(channel.pieces);
    if (!channel.sum.info.in_total || shared.empty()) continue;
    add_once(report.carbon.assumed, channel.sum.info.id + ": " + shared);
  }
  add_sci(report);
  add_provenance(record, tables, report);
  report.largest = largest_error(report);
  for (std::size_t i = 0; i < charges.size(); ++i) {
    ChannelCharge& channel = report.energy.channels[i];
    if (channel.info.in_total) channel.pieces = std::move(charges[i].pieces);
  }
  return report;
}

}  // namespace lowtide::account
