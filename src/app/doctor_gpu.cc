// Doctor: NVIDIA's library, its devices, and whether the driver can tell who uses them.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <optional>
#include <thread>

#include "app/doctor.h"
#include "app/setting_list.h"
#include "app/sources.h"
#include "host/proc.h"
#include "sense/nvml_door.h"
#include "sense/nvml_probe.h"

namespace lowtide::app {
namespace {

namespace fs = std::filesystem;
using show::DoctorFinding;
using show::Finding;

constexpr const char* kTopic = "GPU";
constexpr std::chrono::seconds kPatience{10};  // a cold driver takes seconds; a dead one for ever

struct Seen {
  Result<sense::NvmlProbe> library = sense::NvmlProbe{};
  sense::NvmlDevices devices;
  std::vector<Result<sense::NvmlHolders>> holders;  // by device
  std::vector<bool> counters;                       // it has an energy counter
};

Seen look() {
  Seen seen;
  seen.library = sense::probe_nvml();
  auto door = seen.library ? sense::open_nvml_door() : tl::unexpected(seen.library.error());
  if (!door) return seen;
  auto devices = (*door)->devices();
  if (!devices) {
    seen.library = tl::unexpected(devices.error());
    return seen;
  }
  for (const sense::NvmlDevice& device : devices->devices) {
    seen.holders.push_back((*door)->holders(device.handle));
    seen.counters.push_back((*door)->energy_mj(device.handle).has_value());
  }
  seen.devices = std::move(*devices);
  return seen;
}

// On a thread of its own, which is left behind if the driver hangs.
std::optional<Seen> look_in_time() {
  auto promise = std::make_shared<std::promise<Seen>>();
  auto answer = promise->get_future();
  std::thread([promise] { promise->set_value(look()); }).detach();
  if (answer.wait_for(kPatience) != std::future_status::ready) return std::nullopt;
  return answer.get();
}

// "nvidiactl", "nvidia0", ..
bool is_gpu_file(const std::string& name) {
  if (!name.starts_with("nvidia")) return false;
  const std::string rest = name.substr(6);
  return rest == "ctl" ||
         (!rest.empty() && rest.find_first_not_of("0123456789") == std::string::npos);
}

DoctorFinding denied_file(const host::User& user, const std::string& path) {
  struct stat about{};
  constexpr mode_t kBoth = S_IRGRP | S_IWGRP;
  const bool by_group =
      stat(path.c_str(), &about) == 0 && about.st_gid != 0 && (about.st_mode & kBoth) == kBoth;
  const std::string sudo = geteuid() == 0 ? "" : "sudo ";
  DoctorFinding finding{kTopic,
                        path,
                        Finding::denied,
                        user.name + " may not open it",
                        "NVIDIA's own mode is 666:",
                        {sudo + "chmod a+rw " + path}};
  if (by_group) {
    finding.hint = "join its group, and log in again:";
    finding.commands = {
        fmt::format("{}usermod -aG \"$(stat -c %G {})\" '{}'", sudo, path, user.name)};
  }
  return finding;
}

// The device files that this user may not open, each with the command that would let them.
void examine_device_files(const Patient& patient, Findings& found) {
  std::error_code code;
  for (const auto& entry : fs::directory_iterator("/dev", code)) {
    if (!is_gpu_file(entry.path().filename())) continue;
    if (host::may_access(patient.user, entry.path(), R_OK | W_OK)) continue;
    found.push_back(denied_file(patient.user, entry.path()));
  }
}

bool on_the_bus(const host::MachineFiles& files) {
  const std::string bus = "/sys/bus/pci/devices";
  const auto all = files.list(bus);
  return std::any_of(all.begin(), all.end(), [&](const std::string& name) {
    const auto vendor = files.read_line(bus + "/" + name + "/vendor");
    const auto kind = files.read_line(bus + "/" + name + "/class");
    return vendor && *vendor == "0x10de" && kind && kind->starts_with("0x03");
  });
}

DoctorFinding no_library(const Patient& patient, const Error& error) {
  DoctorFinding finding{kTopic, "NVML", Finding::absent, error.line(), ""};
  if (error.kind == ErrorKind::denied) {
    finding.state = Finding::denied;
  } else if (error.kind != ErrorKind::absent) {
    finding.state = Finding::trouble;
  } else if (fs::exists("/dev/nvidiactl")) {
    finding.state = Finding::trouble;
    finding.hint =
        "the driver is loaded, its library is not found: install libnvidia-ml1, or start the "
        "container with --gpus all -e NVIDIA_DRIVER_CAPABILITIES=compute,utility";
  } else if (on_the_bus(patient.files)) {
    finding.state = Finding::trouble;
    finding.hint = "an NVIDIA GPU is on the PCI bus without a driver: install NVIDIA's driver";
  }
  return finding;
}

bool in_first_pid_namespace() {
  std::error_code code;
  // The first namespace's inode is fixed: PROC_PID_INIT_INO in the kernel's proc_ns.h.
  return fs::read_symlink("/proc/self/ns/pid", code) == "pid:[4026531836]";
}

// Can the driver tell who uses the GPUs? Else all that are visible count.
DoctorFinding contexts(const Seen& seen, bool chosen) {
  DoctorFinding finding{kTopic, "contexts", Finding::ok, "", ""};
  std::size_t told = 0;
  std::size_t strangers = 0;  // processes that are not in our /proc
  std::size_t holders = 0;
  for (const auto& found : seen.holders) {
    if (!found) continue;
    ++told;
    holders += found->all.size();
    strangers += static_cast<std::size_t>(std::count_if(
        found->all.begin(), found->all.end(),
        [](const sense::NvmlHolder& holder) { return !host::process_stat(holder.pid); }));
  }
  const bool first = in_first_pid_namespace();
  finding.facts = {{"devices_that_tell", static_cast<double>(told)},
                   {"processes", static_cast<double>(holders)},
                   {"processes_not_in_proc", static_cast<double>(strangers)},
                   {"pid_namespace", first ? "first" : "own"}};
  if (chosen) {
    finding.state = Finding::info;
    finding.detail = "not asked: --gpus or CUDA_VISIBLE_DEVICES says which GPUs count";
    return finding;
  }
  if (told == seen.holders.size() && strangers == 0 && first) {
    finding.detail = "the driver names the processes on each GPU: those count that the job uses";
    return finding;
  }
  finding.state = Finding::trouble;
  finding.hint =
      "say which GPUs count with --gpus or CUDA_VISIBLE_DEVICES, or every visible one "
      "is counted where no context of the job is seen";
  if (told < seen.holders.size()) {
    finding.detail = "the driver does not name the processes on its GPUs";
  } else if (strangers > 0) {
    finding.detail =
        fmt::format("{} of {} processes on the GPUs are not in our /proc", strangers, holders);
  } else {
    finding.detail = "this is a PID namespace (a container): the driver may not name its processes";
    finding.state = Finding::info;
  }
  return finding;
}

void add_devices(const Seen& seen, Findings& found) {
  for (std::size_t i = 0; i < seen.devices.devices.size(); ++i) {
    const sense::NvmlDevice& device = seen.devices.devices[i];
    DoctorFinding finding{kTopic, fmt::format("gpu:{}", device.index), Finding::ok,
                          device.name + ", " + device.uuid, ""};
    finding.detail +=
        seen.counters[i] ? ": energy counter" : ": no energy counter, power is polled";
    finding.facts = {{"uuid", device.uuid},
                     {"source", seen.counters[i] ? "nvml-counter" : "nvml-power"}};
    if (device.limit) finding.facts.emplace_back("limit_w", as_watts(*device.limit));
    found.push_back(std::move(finding));
  }
  if (seen.devices.refused.empty()) return;
  found.push_back({kTopic, "devices", Finding::trouble, seen.devices.refused, ""});
}

}  // namespace

void examine_gpus(const Patient& patient, Settings& settings, Findings& found) {
  examine_device_files(patient, found);
  const auto seen = look_in_time();
  if (!seen) {
    found.push_back({kTopic, "NVML", Finding::trouble, "the driver does not answer in 10 s",
                     "see the kernel's log for Xid messages: sudo dmesg | grep -i xid"});
    return;
  }
  if (!seen->library) {
    found.push_back(no_library(patient, seen->library.error()));
    return;
  }
  const sense::NvmlProbe& library = *seen->library;
  const std::string driver = library.driver.empty() ? "of unknown version" : library.driver;
  found.push_back(
      {kTopic, "NVML", Finding::ok, "driver " + driver + ", library " + library.path, ""});
  found.back().facts = {
      {"driver", library.driver}, {"nvml", library.library}, {"path", library.path}};
  if (seen->devices.devices.empty()) {
    found.push_back({kTopic, "devices", Finding::absent, "the driver sees no GPU", ""});
    return;
  }
  add_devices(*seen, found);
  const auto gpus = in_force(settings, *find_setting("gpus"));
  SourceWishes wishes;
  if (gpus && gpus->set) wishes.gpus = gpus->value;
  found.push_back(contexts(*seen, gpus_chosen(wishes)));
}

}  // namespace lowtide::app
