#include "record/gpu_use.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "host/proc.h"

namespace lowtide::record {
namespace {

// In a container the driver may list nothing of what runs in it.
bool in_pid_namespace() {
  std::array<char, 64> target{};
  const ssize_t length = readlink("/proc/self/ns/pid", target.data(), target.size() - 1);
  // The first namespace's inode is fixed: PROC_PID_INIT_INO in the kernel's proc_ns.h.
  return length > 0 && std::string_view(target.data()) != "pid:[4026531836]";
}

void add_note(ChannelInfo& channel, const char* text) {
  if (!channel.note.empty()) channel.note += "; ";
  channel.note += text;
}

}  // namespace

void GpuUse::note(const std::vector<sense::Holders>& all, const Ours& ours,
                  const host::UtcAnchor& anchor, Buckets& into) {
  for (const sense::Holders& seen : all) {
    Device& device = devices_[seen.channel];
    count(seen.channel, device, anchor.at(seen.at), into);
    device.counted_until = std::max(device.counted_until, anchor.at(seen.at));
    device.told = seen.all;
    look(device, ours);
  }
}

void GpuUse::look_again(const Ours& ours) {
  is_ours_.clear();
  for (auto& [channel, device] : devices_) look(device, ours);
}

void GpuUse::look(Device& device, const Ours& ours) {
  device.ours = device.others = 0;
  device.part = 0;
  if (!device.told) {
    device.cannot_tell = true;
    return;
  }
  device.answered = true;
  std::map<std::optional<unsigned>, double> parts;
  for (const sense::Holder& holder : *device.told) {
    auto known = is_ours_.find(holder.pid);
    if (known == is_ours_.end()) {
      // A process that is not in our /proc is in another container: it may be the job's or not.
      if (!host::process_stat(holder.pid)) {
        device.cannot_tell = device.cannot_tell || !device.held;
        continue;
      }
      known = is_ours_.emplace(holder.pid, ours(holder.pid)).first;
    }
    ++(known->second ? device.ours : device.others);
    if (known->second) parts[holder.part] = holder.part_share;
  }
  device.held = device.held || device.ours > 0;
  for (const auto& [part, share] : parts) device.part += share;
}

void GpuUse::count(std::size_t channel, Device& device, Utc until, Buckets& into) {
  if (device.others > 0 && until > device.counted_until) {
    const Duration length = until - device.counted_until;
    DeviceUse use;
    use.shared = length;
    use.held_ours = length * device.ours;
    use.held_all = length * (device.ours + device.others);
    use.part_ours = seconds(as_seconds(length) * device.part);
    into.add_device_use(channel, {device.counted_until, until}, use);
  }
  device.counted_until = std::max(device.counted_until, until);
}

void GpuUse::count(const std::vector<sense::Busy>& all, const host::UtcAnchor& anchor,
                   std::optional<Utc> end, Buckets& into) {
  for (const sense::Busy& busy : all) {
    const Interval span{anchor.at(busy.span.begin), anchor.at(busy.span.end)};
    if (end && span.end > *end) continue;
    DeviceUse use;
    bool shared = false;
    for (const auto& [pid, length] : busy.by_pid) {
      const auto known = is_ours_.find(pid);
      if (known == is_ours_.end()) continue;
      use.busy_all += length;
      if (known->second) use.busy_ours += length;
      shared = shared || !known->second;
    }
    use.busy_told = busy.span.length();
    if (shared) into.add_device_use(busy.channel, span, use);
  }
  for (auto& [channel, device] : devices_) count(channel, device, into.newest_end(), into);
}

GpuUse GpuUse::next(Utc begin) const {
  GpuUse after;
  after.is_ours_ = is_ours_;
  for (const auto& [channel, device] : devices_) {
    after.devices_[channel].told = device.told;
    after.devices_[channel].counted_until = begin;
  }
  return after;
}

std::vector<std::size_t> GpuUse::settle(std::vector<ChannelInfo>& channels) const {
  const bool seen_at_all =
      std::any_of(devices_.begin(), devices_.end(), [](const auto& at) { return at.second.held; });
  const bool blind = !seen_at_all && in_pid_namespace();
  std::vector<std::size_t> settled;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (channels[i].kind != ChannelKind::gpu) continue;
    const auto at = devices_.find(i);
    const bool told =
        at != devices_.end() && at->second.answered && !at->second.cannot_tell && !blind;
    if (told && !at->second.held) {
      channels[i].in_total = false;
      add_note(channels[i], "not counted: no process of the job held a context on it");
    } else if (!told) {
      add_note(channels[i], "counted: the driver could not tell whether the job used it");
    }
    settled.push_back(i);
  }
  return settled;
}

}  // namespace lowtide::record
