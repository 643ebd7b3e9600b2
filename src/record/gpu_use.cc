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

void GpuUse::note(const sense::Holders& seen, const Ours& ours) {
  holders_[seen.channel] = seen.pids;
  look(seen.channel, ours);
}

void GpuUse::look_again(const Ours& ours) {
  for (const auto& [channel, pids] : holders_) look(channel, ours);
}

void GpuUse::look(std::size_t channel, const Ours& ours) {
  const auto& pids = holders_[channel];
  if (!pids) {
    cannot_tell_.insert(channel);
    return;
  }
  bool& held = held_[channel];
  if (held) return;  // "at any time": there is nothing more to learn, and /proc is not free
  for (const int pid : *pids) {
    // A process that is not in our /proc is in another container: it may be the job's or not.
    if (!host::process_stat(pid)) cannot_tell_.insert(channel);
    held = held || ours(pid);
  }
}

GpuUse GpuUse::next() const {
  GpuUse after;
  after.holders_ = holders_;
  return after;
}

std::vector<std::size_t> GpuUse::settle(std::vector<ChannelInfo>& channels) const {
  const bool seen_at_all =
      std::any_of(held_.begin(), held_.end(), [](const auto& entry) { return entry.second; });
  const bool blind = !seen_at_all && in_pid_namespace();
  std::vector<std::size_t> settled;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (channels[i].kind != ChannelKind::gpu) continue;
    const auto seen = held_.find(i);
    const bool told = seen != held_.end() && !cannot_tell_.contains(i) && !blind;
    if (told && !seen->second) {
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
