#include "sense/nvml_select.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "base/quote.h"

namespace lowtide::sense {
namespace {

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t comma = list.find(',');
    parts.push_back(trim(list.substr(0, comma)));
    if (comma == std::string_view::npos) return parts;
    list.remove_prefix(comma + 1);
  }
}

struct Match {
  std::size_t device = 0;
  bool by_index = false;
  bool part = false;  // of a MIG device
};

// Whether `wanted` names, or begins the name of, a part of the device.
bool has_part(const GpuIdentity& device, std::string_view wanted) {
  // Drivers before R470 name a part MIG-GPU-<uuid of the device>/<gpu>/<compute instance>.
  constexpr std::string_view kOld = "MIG-";
  if (wanted.starts_with("MIG-GPU-") &&
      wanted.substr(kOld.size()).substr(0, wanted.find('/') - kOld.size()) == device.uuid) {
    return true;
  }
  return std::any_of(device.mig_uuids.begin(), device.mig_uuids.end(),
                     [&](const std::string& uuid) { return uuid.starts_with(wanted); });
}

std::optional<std::size_t> read_index(std::string_view text) {
  std::size_t index = 0;
  const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), index);
  return code == std::errc() && stop == text.data() + text.size() ? std::optional(index)
                                                                  : std::nullopt;
}

// The one device that an index, a UUID or the unique beginning of one names.
std::optional<Match> match(std::span<const GpuIdentity> devices, std::string_view wanted) {
  if (const auto index = read_index(wanted)) {
    return *index < devices.size() ? std::optional(Match{*index, true, false}) : std::nullopt;
  }
  if (!wanted.starts_with("GPU-") && !wanted.starts_with("MIG-")) return std::nullopt;
  std::optional<Match> found;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const bool part = has_part(devices[i], wanted);
    if (!part && !devices[i].uuid.starts_with(wanted)) continue;
    if (found) return std::nullopt;  // not unique
    found = Match{i, false, part};
  }
  return found;
}

void say(std::string& note, std::string_view more) {
  if (!note.empty()) note += "; ";
  note += more;
}

bool unlike(std::span<const GpuIdentity> devices) {
  return std::any_of(devices.begin(), devices.end(), [&](const GpuIdentity& device) {
    return device.name != devices.front().name;
  });
}

GpuChoice every(std::span<const GpuIdentity> devices) {
  GpuChoice choice;
  for (std::size_t i = 0; i < devices.size(); ++i) choice.chosen.push_back(i);
  return choice;
}

GpuChoice from(const std::set<std::size_t>& devices) {
  return {{devices.begin(), devices.end()}, {}, {}};
}

Result<GpuChoice> choose_named(std::span<const GpuIdentity> devices, std::string_view list) {
  if (list == "all") return every(devices);
  if (list == "none") return GpuChoice{};
  std::set<std::size_t> chosen;
  std::string absent;
  bool part = false;
  bool empty_word = false;
  for (const std::string_view wanted : split(list)) {
    empty_word |= wanted.empty();
    if (const auto found = match(devices, wanted)) {
      chosen.insert(found->device);
      part |= found->part;
    } else {
      absent += (absent.empty() ? "" : ", ") + in_quotes(wanted);
    }
  }
  const Error missing{
      ErrorKind::usage, absent + " names no single GPU here", "--gpus",
      fmt::format("give all, none, indices below {} or UUIDs (nvidia-smi -L)", devices.size())};
  // One that is here is metered, whatever stands beside it.
  if (chosen.empty() || empty_word) return tl::unexpected(missing);
  GpuChoice choice = from(chosen);
  if (!absent.empty()) choice.missing = missing;
  if (part) say(choice.note, "a MIG part was named: its device is recorded as a whole");
  return choice;
}

GpuChoice choose_visible(std::span<const GpuIdentity> devices, const GpuWish& wish) {
  std::set<std::size_t> chosen;
  bool part = false;
  bool by_index = false;
  for (const std::string_view wanted : split(*wish.cuda_visible)) {
    const auto found = match(devices, wanted);
    if (!found) break;  // -1, NoDevFiles, an unknown name: CUDA sees nothing from here on
    chosen.insert(found->device);
    part |= found->part;
    by_index |= found->by_index;
  }
  GpuChoice choice = from(chosen);
  if (chosen.empty()) say(choice.note, "CUDA_VISIBLE_DEVICES shows the job no GPU");
  if (part) {
    say(choice.note,
        "CUDA_VISIBLE_DEVICES names a part of a MIG device, which is recorded as a whole");
  }
  if (by_index && wish.cuda_order != "PCI_BUS_ID" && unlike(devices)) {
    say(choice.note,
        "indices in CUDA_VISIBLE_DEVICES are read in PCI order; with unlike GPUs CUDA numbers the "
        "fastest first unless CUDA_DEVICE_ORDER=PCI_BUS_ID");
  }
  return choice;
}

}  // namespace

Result<GpuChoice> choose_gpus(std::span<const GpuIdentity> devices, const GpuWish& wish) {
  if (wish.gpus) return choose_named(devices, trim(*wish.gpus));
  if (wish.cuda_visible) return choose_visible(devices, wish);
  return every(devices);
}

}  // namespace lowtide::sense
