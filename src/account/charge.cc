#include "account/charge.h"

#include <fmt/core.h>

#include <algorithm>

#include "series/merge_lives.h"

namespace lowtide::account {
namespace {

// The job's share of a machine's CPU time, over any stretch of time.
class CpuShare {
 public:
  CpuShare(const std::vector<UseSlot>& use, std::size_t machine) {
    std::copy_if(use.begin(), use.end(), std::back_inserter(use_),
                 [&](const UseSlot& slot) { return slot.machine == machine; });
    std::sort(use_.begin(), use_.end(),
              [](const UseSlot& a, const UseSlot& b) { return a.span.begin < b.span.begin; });
    for (const UseSlot& slot : use_) add(slot, 1, job_, machine_);
  }

  // Sets what the piece's share is made of: that of the whole run where its time was not seen, but
  // for a pause, in which the job computes nothing.
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
    piece.job_cpu = seconds(seen ? job : piece.state == RunState::paused ? 0 : job_);
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

bool is_shared(const ChannelSlot& slot) { return slot.use && slot.use->shared > Duration::zero(); }

// What the device draws when nothing runs. A measured device is never idler than its lowest seen
// power; a model's own figure is exact by construction. Absent for a GPU that nobody else used.
std::optional<Power> idle_power(const RunRecord& record, std::size_t channel) {
  const ChannelInfo& info = record.channels[channel];
  std::optional<Power> lowest;
  bool split = info.kind != ChannelKind::gpu;
  for (const ChannelSlot& slot : record.slots) {
    if (slot.channel != channel || !readable(slot)) continue;
    lowest = lowest ? std::min(*lowest, slot.lowest) : slot.lowest;
    split = split || is_shared(slot);
  }
  if (!split) return std::nullopt;
  if (!info.idle_power) return lowest;
  if (info.source == Source::model || !lowest) return info.idle_power;
  return std::min(*info.idle_power, *lowest);
}

struct Rule {
  std::optional<Power> idle;
  double idle_share = 1;
  double paused_idle_share = 1;
  IdleRule asked = IdleRule::reserved;
  bool by_cpu = true;  // dynamic energy goes by the job's share of the CPU time
};

double ratio(Duration part, Duration whole) { return as_seconds(part) / as_seconds(whole); }

// The run's part of a GPU while others held it too: by its MIG instances, else by its processes.
double reserved_part(const DeviceUse& use) {
  if (use.part_ours > Duration::zero()) return std::min(1.0, ratio(use.part_ours, use.shared));
  return use.held_all > Duration::zero() ? ratio(use.held_ours, use.held_all) : 1;
}

// At the least so much of the charge of a shared GPU is left open: utilisation is the time in which
// any SM was busy, not how many, and two loads of like utilisation may draw unlike power.
constexpr double kLeastOpen = 0.3;

// Energy inside the piece is spread evenly over its time; the low end of the bracket allows for a
// time alone that drew no more than the lowest power seen.
void share_gpu(const ChannelSlot& slot, const Rule& rule, ChargePiece& piece) {
  const DeviceUse& use = *slot.use;
  const double reserved = reserved_part(use);
  const double part = std::min(1.0, ratio(use.shared, slot.span.length()));
  Sharing sharing;
  sharing.length = seconds(as_seconds(slot.span.length()) * part);
  sharing.sole = slot.device * (1 - part);
  const Energy shared = slot.device - sharing.sole;
  const Energy idle = std::max(Energy{}, std::min(*rule.idle * slot.covered * part, shared));
  piece.idle_power = rule.idle;
  piece.idle_share = rule.asked == IdleRule::reserved ? reserved : rule.idle_share;
  const Energy least_sole = std::min(slot.lowest * slot.covered * (1 - part), sharing.sole);
  Energy low = least_sole;
  if (use.busy_told > Duration::zero()) {
    sharing.by = Sharing::By::utilisation;
    const bool busy = use.busy_all > Duration::zero();
    sharing.active = busy ? ratio(use.busy_ours, use.busy_all) : reserved;
    low += (slot.device - least_sole - idle) * sharing.active;
  } else if (use.part_ours > Duration::zero()) {
    sharing.by = Sharing::By::slices;
    sharing.active = reserved;
    low += idle * reserved;
  } else {
    sharing.active = piece.idle_share = use.held_ours > Duration::zero() ? 1 : 0;
    low += (slot.device - least_sole) * reserved;
  }
  piece.idle_charged = idle * piece.idle_share;
  piece.idle_not_charged = idle - piece.idle_charged;
  piece.job = sharing.sole + (shared - idle) * sharing.active;
  const Energy least = (piece.charged() - sharing.sole) * kLeastOpen;
  sharing.low = std::max(piece.charged() - low, least);
  sharing.high = std::max(slot.device - piece.charged(), least);
  piece.sharing = sharing;
}

ChargePiece charge_piece(const ChannelSlot& slot, const Rule& rule, const CpuShare& cpu) {
  ChargePiece piece;
  piece.span = slot.span;
  piece.state = slot.state;
  piece.covered = slot.covered;
  piece.quality = slot.quality;
  piece.device = slot.device;
  if (is_shared(slot)) {
    share_gpu(slot, rule, piece);
    return piece;
  }
  if (!rule.idle || !rule.by_cpu) {
    piece.job = slot.device;
    return piece;
  }
  piece.idle_power = rule.idle;
  const bool paused = slot.state == RunState::paused;
  piece.idle_share = paused ? rule.paused_idle_share : rule.idle_share;
  cpu.put(piece);
  const Energy idle = std::max(Energy{}, std::min(*rule.idle * slot.covered, slot.device));
  piece.idle_charged = idle * piece.idle_share;
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
  if (piece.sharing) {
    charges.attribution_low += piece.sharing->low;
    charges.attribution_high += piece.sharing->high;
    return;
  }
  if (charges.sum.info.kind == ChannelKind::gpu) return;
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

std::string sharing_note(const std::vector<ChargePiece>& pieces) {
  Duration length{};
  Sharing::By by = Sharing::By::utilisation;
  for (const ChargePiece& piece : pieces) {
    if (!piece.sharing) continue;
    length += piece.sharing->length;
    by = std::max(by, piece.sharing->by);
  }
  if (length == Duration::zero()) return {};
  const char* how = "charged by its utilisation, idle energy by its processes";
  if (by == Sharing::By::slices) how = "charged by its MIG slices";
  if (by == Sharing::By::nothing) how = "charged whole: the driver does not tell how busy each was";
  return fmt::format("other processes held it too for {:.4g} s, {}", as_seconds(length), how);
}

double idle_share(const RunRecord& record, const ChannelInfo& info) {
  if (record.options.idle == IdleRule::all) return 1;
  if (record.options.idle == IdleRule::none) return 0;
  const MachineShare& machine = machine_of(record, info.machine);
  const bool memory = info.kind == ChannelKind::dram;
  const double total = memory ? machine.memory_gb : machine.cpus;
  const double reserved = memory ? machine.memory_reserved_gb : machine.cpus_reserved;
  if (total <= 0 || reserved <= 0) return 1;
  return std::min(1.0, reserved / total);
}

namespace {

// One for each channel.
std::vector<Rule> rules_of(const RunRecord& record) {
  // A machine that is not held for the run idles for others, or for nobody, while it is paused.
  const bool held =
      record.options.machine.value_or(MachineWhilePaused::held) == MachineWhilePaused::held;
  std::vector<Rule> rules;
  for (std::size_t i = 0; i < record.channels.size(); ++i) {
    const ChannelInfo& info = record.channels[i];
    const double share = idle_share(record, info);
    rules.push_back({idle_power(record, i), share, held ? share : 0, record.options.idle,
                     info.kind != ChannelKind::gpu});
  }
  return rules;
}

}  // namespace

std::vector<Charges> charge(const RunRecord& record) {
  std::vector<CpuShare> cpus;
  for (std::size_t i = 0; i <= record.others.size(); ++i) cpus.emplace_back(record.use, i);
  std::vector<Charges> all(record.channels.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i].sum.info = record.channels[i];
  const std::vector<Rule> rules = rules_of(record);
  for (const ChannelSlot& slot : record.slots) {
    if (slot.channel >= all.size() || !readable(slot)) continue;
    Charges& charges = all[slot.channel];
    const Rule& rule = rules[slot.channel];
    const ChargePiece piece = charge_piece(slot, rule, cpus[charges.sum.info.machine]);
    if (rule.idle) add_attribution(piece, charges.sum.info.idle_power.has_value(), charges);
    add_to_sum(piece, charges.sum);
    charges.pieces.push_back(piece);
  }
  for (Charges& charges : all) {
    std::sort(
        charges.pieces.begin(), charges.pieces.end(),
        [](const ChargePiece& a, const ChargePiece& b) { return a.span.begin < b.span.begin; });
    const std::string shared = sharing_note(charges.pieces);
    std::string& note = charges.sum.info.note;
    if (!shared.empty()) note += (note.empty() ? "" : "; ") + shared;
  }
  return all;
}

}  // namespace lowtide::account
