// One channel: what was read, and what of it the run is charged.
#include <algorithm>

#include "account/charge.h"
#include "series/merge_lives.h"
#include "show/derivation_steps.h"

namespace lowtide::show {
namespace {

using account::ChannelCharge;
using account::ChargePiece;
using account::Report;

const std::string kToKwh = " / 3600000 J/kWh";

void add_bucket(const Sample& sample, Chapter& chapter) {
  Step& step =
      chapter.work("power of a bucket", "{} / {}",
                   {{"read", as_joules(sample.energy), "J"}, in_seconds("t", sample.span.length())},
                   in_watts("mean", sample.energy / sample.span.length()));
  step.span = sample.span;
  step.note = fmt::format("from {:.4g} to {:.4g} W", as_watts(sample.min), as_watts(sample.max));
}

// What was read of a channel: how often, from when to when, how much of the time.
void add_readings(const Report& report, std::size_t number, bool all, Chapter& chapter) {
  const ChannelCharge& channel = report.energy.channels[number];
  std::vector<const Sample*> buckets;
  for (const Sample& sample : report.samples) {
    if (sample.channel == number && !sample.span.empty()) buckets.push_back(&sample);
  }
  Step& kept = chapter.say(
      "readings", fmt::format("{}, {}; {} buckets kept, {} pieces of slots",
                              with_note(std::string(spell(channel.info.source)), channel.info.name),
                              spell(channel.quality), buckets.size(), channel.pieces.size()));
  if (!buckets.empty()) kept.span = Interval{buckets.front()->span.begin, buckets.back()->span.end};
  std::vector<Value> read;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    read.push_back({fmt::format("bucket {}", i + 1), as_joules(buckets[i]->energy), "J"});
    if (shown(i, buckets.size(), all)) add_bucket(*buckets[i], chapter);
  }
  if (!read.empty()) {
    Energy sum;
    for (const Sample* bucket : buckets) sum += bucket->energy;
    chapter.add_up("energy read", elided(std::move(read), all), {"read", as_joules(sum), "J"});
    chapter.work("energy read", "{}" + kToKwh, {{"read", as_joules(sum), "J"}},
                 in_kwh("E_read", sum));
  }
  if (channel.covered + channel.missing > Duration::zero()) {
    chapter.work("coverage", "{} / ({} + {})",
                 {in_seconds("covered", channel.covered), in_seconds("covered", channel.covered),
                  in_seconds("missing", channel.missing)},
                 plain("coverage", channel.coverage));
  }
}

// Idle and dynamic energy of one piece, and what of both is charged.
void add_piece(const ChargePiece& piece, const std::string& id, Chapter& chapter) {
  const std::string in =
      piece.state == RunState::running ? "" : ", " + std::string(spell(piece.state));
  const auto named = [&](const char* what) { return fmt::format("{} of {}{}", what, id, in); };
  const Energy idle = piece.idle_charged + piece.idle_not_charged;
  chapter
      .work(named("idle energy"), "min({} x {}" + kToKwh + ", {})",
            {in_watts("P_idle", *piece.idle_power), in_seconds("covered", piece.covered),
             in_kwh("E_device", piece.device)},
            in_kwh("idle", idle))
      .span = piece.span;
  const std::vector<Value> dynamic = {in_kwh("E_device", piece.device), in_kwh("idle", idle)};
  if (piece.machine_cpu > Duration::zero()) {
    chapter
        .work(named("dynamic energy"), "({} - {}) x {} / {}",
              {dynamic[0], dynamic[1], in_seconds("job_cpu", piece.job_cpu),
               in_seconds("machine_cpu", piece.machine_cpu)},
              in_kwh("job", piece.job))
        .span = piece.span;
  } else {
    chapter
        .work(named("dynamic energy"), "({} - {}) x {}",
              {dynamic[0], dynamic[1], plain("share", piece.job_share())}, in_kwh("job", piece.job))
        .note = "no CPU time was seen";
  }
  chapter
      .work(named("charge"), "{} + {} x {}",
            {in_kwh("job", piece.job), in_kwh("idle", idle), plain("idle share", piece.idle_share)},
            in_kwh("charged", piece.charged()))
      .span = piece.span;
}

// The same of a GPU's piece in which others held it too.
void add_shared_piece(const ChargePiece& piece, const std::string& id, Chapter& chapter) {
  const account::Sharing& sharing = *piece.sharing;
  const Energy shared = piece.device - sharing.sole;
  const Energy idle = piece.idle_charged + piece.idle_not_charged;
  const Value device = in_kwh("E_device", piece.device);
  const Value length = in_seconds("shared", sharing.length);
  const Value span = in_seconds("t", piece.span.length());
  const auto work = [&](const char* what, std::string formula, std::vector<Value> inputs,
                        Value result) {
    chapter
        .work(fmt::format("{} of {}", what, id), std::move(formula), std::move(inputs),
              std::move(result))
        .span = piece.span;
  };
  work("energy while shared", "{} x {} / {}", {device, length, span}, in_kwh("E_shared", shared));
  work("idle energy", "min({} x {} x {} / {}" + kToKwh + ", {})",
       {in_watts("P_idle", *piece.idle_power), in_seconds("covered", piece.covered), length, span,
        in_kwh("E_shared", shared)},
       in_kwh("idle", idle));
  work("charge", "{} - {} + ({} - {}) x {} + {} x {}",
       {device, in_kwh("E_shared", shared), in_kwh("E_shared", shared), in_kwh("idle", idle),
        plain("part of dynamic", sharing.active), in_kwh("idle", idle),
        plain("part of idle", piece.idle_share)},
       in_kwh("charged", piece.charged()));
}

void add_idle_rule(const RunRecord& record, const ChannelCharge& channel, Chapter& chapter) {
  const bool own =
      channel.info.idle_power && channel.pieces.front().idle_power == channel.info.idle_power;
  chapter.state("idle power", in_watts("P_idle", *channel.pieces.front().idle_power)).note =
      own ? "the device's own figure" : "the lowest power seen in a slot";
  const MachineShare& machine = machine_of(record, channel.info.machine);
  const bool memory = channel.info.kind == ChannelKind::dram;
  const double total = memory ? machine.memory_gb : machine.cpus;
  const double reserved = memory ? machine.memory_reserved_gb : machine.cpus_reserved;
  const Value share = plain("idle share", channel.pieces.front().idle_share);
  if (record.options.idle == IdleRule::reserved && total > 0 && reserved > 0) {
    const char* unit = memory ? "GB" : "CPUs";
    chapter.work("share of the idle energy", "min(1, {} / {})",
                 {{"reserved", reserved, unit}, {"all", total, unit}}, share);
  } else {
    chapter.state("share of the idle energy", share).note =
        record.options.idle == IdleRule::reserved ? "the machine's size is not known" : "--idle";
  }
}

void add_cpu_time(const MachineShare& machine, Chapter& chapter) {
  if (!machine.cpu_time_by.empty()) chapter.say("CPU time of the job", "by " + machine.cpu_time_by);
}

void add_charge(const RunRecord& record, const ChannelCharge& channel, bool all, Chapter& chapter) {
  const bool gpu = channel.info.kind == ChannelKind::gpu;
  const bool shared = std::any_of(channel.pieces.begin(), channel.pieces.end(),
                                  [](const ChargePiece& piece) { return piece.idle_power; });
  if (shared && !gpu) {
    add_idle_rule(record, channel, chapter);
    add_cpu_time(machine_of(record, channel.info.machine), chapter);
  }
  std::vector<Value> devices;
  std::vector<Value> parts;
  const std::size_t count = channel.pieces.size();
  for (std::size_t i = 0; i < count; ++i) {
    const ChargePiece& piece = channel.pieces[i];
    devices.push_back(in_kwh(fmt::format("piece {}", i + 1), piece.device));
    parts.push_back(in_kwh(fmt::format("piece {}", i + 1), piece.charged()));
    if (!piece.idle_power || !shown(i, count, all)) continue;
    if (piece.sharing) {
      add_shared_piece(piece, channel.info.id, chapter);
    } else {
      add_piece(piece, channel.info.id, chapter);
    }
  }
  const Value device = in_kwh("E_device", *channel.device);
  const Value charged = in_kwh("charged", channel.charged);
  chapter.add_up("energy of the device", elided(std::move(devices), all), device);
  if (shared) {
    chapter.add_up("charge of " + channel.info.id, elided(std::move(parts), all), charged);
  } else {
    chapter.work("charge of " + channel.info.id, "{}", {device}, charged).note =
        "a GPU's only user is charged all of it";
  }
}

}  // namespace

Section explain_channel(const RunRecord& record, const Report& report, std::size_t number,
                        bool all) {
  const ChannelCharge& channel = report.energy.channels[number];
  Chapter chapter("channel " + channel.info.id, "charges");
  if (!channel.info.in_total) {
    chapter.say("charge of " + channel.info.id,
                with_note("recorded, not counted", channel.info.note));
    return chapter.take();
  }
  chapter.at("coverage");
  add_readings(report, number, all, chapter);
  chapter.at("charges");
  if (channel.pieces.empty() || !channel.device) {
    chapter.say("charge of " + channel.info.id, "nothing was read");
  } else {
    add_charge(record, channel, all, chapter);
    if (!channel.info.note.empty()) chapter.say("device", channel.info.note);
  }
  return chapter.take();
}

}  // namespace lowtide::show
