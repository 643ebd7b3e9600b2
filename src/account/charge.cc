#include "account/charge.h"

#include <algorithm>

namespace lowtide::account {
namespace {

// The job's share of the machine's CPU time, over any stretch of time.
class CpuShare {
 public:
  explicit CpuShare(const std::vector<UseSlot>& use) : use_(use) {
    std::sort(use_.begin(), use_.end(),
              [](const UseSlot& a, const UseSlot& b) { return a.span.begin < b.span.begin; });
    for (const UseSlot& slot : use_) add(slot, 1, job_, machine_);
  }

  // Sets what the piece's share is made of: that of the whole run where its time was not seen.
  void put(ChargePiece& piece) const {
    const Interval span = piece.span;
    auto slot = std::partition_point(use_.begin(), use_.end(), [&](const UseSlot& candidate) {
      return candidate.span.end <= span.begin;
    });
    double job = 0;
    double machine = 0;
    bool seen = false;
    for (; slot != use_.end() && slot->span.begin < span.end; ++slot) {
      const Duration common = slot->span.meet(span).length();
      add(*slot, as_seconds(common) / as_seconds(slot->span.length()), job, machine);
      seen = true;
    }
    piece.use_seen = !use_.empty();
    piece.job_cpu = seconds(seen ? job : job_);
    piece.machine_cpu = seconds(seen ? machine : machine_);
  }

 private:
  // The two clocks tick apart: the job never has more than the machine.
  static void add(const UseSlot& slot, double part, double& job, double& machine) {
    job += part * as_seconds(slot.job_cpu);
    machine += part * as_seconds(std::max(slot.machine_cpu, slot.job_cpu));
  }

  std::vector<UseSlot> use_;
  double job_ = 0;  // s, of the whole run
  double machine_ = 0;
};

bool readable(const ChannelSlot& slot) {
  return slot.covered > Duration::zero() && !slot.span.empty();
}

// What the device draws when nothing runs. A measured device is never idler than its lowest seen
// power; a model's own figure is exact by construction. Absent for GPUs: nothing is shared there.
std::optional<Power> idle_power(const RunRecord& record, std::size_t channel) {
  const ChannelInfo& info = record.channels[channel];
  if (info.kind == ChannelKind::gpu) return std::nullopt;
  std::optional<Power> lowest;
  for (const ChannelSlot& slot : record.slots) {
    if (slot.channel != channel || !readable(slot)) continue;
    lowest = lowest ? std::min(*lowest, slot.lowest) : slot.lowest;
  }
  if (!info.idle_power) return lowest;
  if (info.source == Source::model || !lowest) return info.idle_power;
  return std::min(*info.idle_power, *lowest);
}

struct Rule {
  std::optional<Power> idle;
  double idle_share = 1;
};

ChargePiece charge_piece(const ChannelSlot& slot, const Rule& rule, const CpuShare& cpu) {
  ChargePiece piece;
  piece.span = slot.span;
  piece.state = slot.state;
  piece.covered = slot.covered;
  piece.quality = slot.quality;
  piece.device = slot.device;
  if (!rule.idle) {
    piece.job = slot.device;
    return piece;
  }
  piece.idle_power = rule.idle;
  piece.idle_share = rule.idle_share;
  cpu.put(piece);
  const Energy idle = std::max(Energy{}, std::min(*rule.idle * slot.covered, slot.device));
  piece.idle_charged = idle * rule.idle_share;
  piece.idle_not_charged = idle - piece.idle_charged;
  piece.job = (slot.device - idle) * piece.job_share();
  return piece;
}

void add_to_sum(const ChargePiece& piece, ChannelCharge& sum) {
  sum.device = sum.device.value_or(Energy{}) + piece.device;
  sum.quality = sum.quality == Quality::gap ? piece.quality : std::max(sum.quality, piece.quality);
  if (!sum.info.in_total) return;
  sum.charged += piece.charged();
  sum.idle_not_charged += piece.idle_not_charged;
  if (piece.state == RunState::paused) {
    sum.paused += piece.charged();
  } else if (piece.state == RunState::waiting) {
    sum.waiting += piece.charged();
  } else {
    sum.job += piece.job;
    sum.idle_charged += piece.idle_charged;
  }
}

// The ends of what attribution leaves open: the idle power may be anything from nothing to the
// lowest power seen where the device's own figure is not known, and a dynamic part whose users were
// never seen may be nobody's.
void add_attribution(const ChargePiece& piece, bool idle_known, Charges& charges) {
  if (!piece.use_seen) {
    charges.attribution_low += piece.job;
    return;
  }
  if (idle_known) return;
  const Energy without_idle = piece.device * piece.job_share();
  const Energy more = without_idle - piece.charged();
  (more > Energy{} ? charges.attribution_high : charges.attribution_low) +=
      more > Energy{} ? more : -more;
}

}  // namespace

double idle_share(const RunRecord& record, ChannelKind kind) {
  if (record.options.idle == IdleRule::all) return 1;
  if (record.options.idle == IdleRule::none) return 0;
  const MachineShare& machine = record.machine;
  const bool memory = kind == ChannelKind::dram;
  const double total = memory ? machine.memory_gb : machine.cpus;
  const double reserved = memory ? machine.memory_reserved_gb : machine.cpus_reserved;
  if (total <= 0 || reserved <= 0) return 1;
  return std::min(1.0, reserved / total);
}

std::vector<Charges> charge(const RunRecord& record) {
  const CpuShare cpu(record.use);
  std::vector<Charges> all(record.channels.size());
  std::vector<Rule> rules;
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].sum.info = record.channels[i];
    rules.push_back({idle_power(record, i), idle_share(record, record.channels[i].kind)});
  }
  for (const ChannelSlot& slot : record.slots) {
    if (slot.channel >= all.size() || !readable(slot)) continue;
    Charges& charges = all[slot.channel];
    const Rule& rule = rules[slot.channel];
    const ChargePiece piece = charge_piece(slot, rule, cpu);
    if (rule.idle) add_attribution(piece, charges.sum.info.idle_power.has_value(), charges);
    add_to_sum(piece, charges.sum);
    charges.pieces.push_back(piece);
  }
  for (Charges& charges : all) {
    std::sort(
        charges.pieces.begin(), charges.pieces.end(),
        [](const ChargePiece& a, const ChargePiece& b) { return a.span.begin < b.span.begin; });
  }
  return all;
}

}  // namespace lowtide::account
