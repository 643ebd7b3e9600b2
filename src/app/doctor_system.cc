// Doctor: where runs are kept, cgroups, the clock.
#include <fmt/format.h>
#include <sys/timex.h>
#include <unistd.h>

#include <filesystem>

#include "app/doctor.h"
#include "app/paths.h"
#include "host/cgroup.h"
#include "host/file_system.h"
#include "record/ledger.h"

namespace lowtide::app {
namespace {

using show::DoctorFinding;
using show::Finding;

constexpr const char* kTopic = "system";

// The nearest folder of a path that is there.
std::string nearest(std::filesystem::path path) {
  std::error_code code;
  while (!std::filesystem::exists(path, code) && path.has_relative_path())
    path = path.parent_path();
  return path;
}

DoctorFinding ledger_finding(const Patient& patient) {
  const std::string path = ledger_path();
  if (path.empty()) {
    return {kTopic, "ledger", Finding::trouble, "there is no home folder: runs are not kept",
            "name one with LOWTIDE_HOME"};
  }
  const host::FileSystem disk = host::file_system_of(path);
  DoctorFinding finding{kTopic, "ledger", Finding::ok, path + " on " + disk.name, ""};
  finding.facts = {
      {"path", path}, {"file_system", disk.name}, {"network", disk.network ? "yes" : "no"}};
  if (disk.network) {
    finding.detail +=
        ", a network file system: each run goes to a file of its own in spool/, "
        "merged by who next reads";
  }
  if (!host::may_access(patient.user, nearest(path), W_OK)) {
    finding.state = Finding::denied;
    finding.hint = patient.user.name +
                   " may not write there: runs are not kept; name another "
                   "folder with LOWTIDE_HOME";
    return finding;
  }
  auto ledger = record::Ledger::open_to_read(path);
  if (!ledger && ledger.error().kind == ErrorKind::absent) {
    finding.detail += "; no run yet";
  } else if (!ledger) {
    finding.state = Finding::trouble;
    finding.hint = ledger.error().line();
  } else if (const auto runs = ledger->count_runs()) {
    finding.detail += fmt::format("; {} run{}", *runs, *runs == 1 ? "" : "s");
    finding.facts.emplace_back("runs", static_cast<double>(*runs));
  }
  return finding;
}

// Where the first of a version is mounted; empty when none is.
std::string mount_of(bool version_2) {
  for (const host::CgroupMount& mount : host::cgroup_mounts()) {
    if (mount.version_2 == version_2) return mount.folder;
  }
  return {};
}

// May a job be given a group of its own?
bool own_groups(const Patient& patient) {
  const std::string folder = host::cgroup_folder_of(getpid());
  return !folder.empty() && host::may_access(patient.user, folder, W_OK);
}

const char* version_of(const std::string& v1, const std::string& v2) {
  if (!v2.empty()) return "2";
  return v1.empty() ? "" : "1";
}

DoctorFinding cgroup_finding(const Patient& patient) {
  const std::string v1 = mount_of(false);
  const std::string v2 = mount_of(true);
  const std::string group = host::cgroup_of(getpid());
  const bool own = own_groups(patient);
  DoctorFinding finding{kTopic, "cgroup", Finding::ok, "", ""};
  if (!v2.empty()) {
    finding.detail = fmt::format("version 2 at {}, this process in {}", v2, group);
    if (!v1.empty()) finding.detail += ", beside version 1 at " + v1;
    finding.detail += own ? "; a job's CPU time is counted by a group of its own"
                          : "; a job's CPU time is counted by its process tree";
    if (!v1.empty()) finding.hint = "limits set in version 1 are not seen";
    if (!own) {
      finding.hint =
          "a group of its own would count it exactly and for nothing: "
          "systemd-run --user --scope lowtide run -- ..";
    }
  } else if (!v1.empty()) {
    finding.state = Finding::info;
    finding.detail = "version 1 at " + v1;
    finding.hint =
        "what is reserved is then known by CPU affinity alone; version 2 comes with the "
        "kernel's parameter systemd.unified_cgroup_hierarchy=1";
  } else {
    finding.state = Finding::absent;
    finding.detail = "not mounted";
    finding.hint = "what is reserved is then known by CPU affinity alone";
  }
  finding.facts = {{"version", version_of(v1, v2)},
                   {"mount", v2.empty() ? v1 : v2},
                   {"group", group},
                   {"cpu_time_by", own ? "cgroup" : "process tree"}};
  return finding;
}

// The kernel's own word: STA_UNSYNC until a time service has disciplined the clock.
DoctorFinding clock_finding() {
  timex state{};
  const int code = adjtimex(&state);
  DoctorFinding finding{kTopic, "clock", Finding::ok, "", ""};
  if (code < 0) {
    finding.state = Finding::info;
    finding.detail = "the kernel does not tell whether it is synchronised";
    return finding;
  }
  const bool synchronised = code != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
  const double most_s = static_cast<double>(state.maxerror) * 1e-6;
  finding.detail = synchronised ? fmt::format("synchronised, off by {:.3g} s at most", most_s)
                                : "no time service disciplines it";
  if (!synchronised) {
    finding.state = Finding::trouble;
    finding.hint =
        "intensities are joined by UTC: start one, with systemd by: sudo timedatectl "
        "set-ntp true";
  }
  finding.facts = {{"synchronised", synchronised ? "yes" : "no"}};
  if (synchronised) finding.facts.emplace_back("most_off_s", most_s);
  return finding;
}

}  // namespace

void examine_system(const Patient& patient, Findings& found) {
  found.push_back(ledger_finding(patient));
  found.push_back(cgroup_finding(patient));
  found.push_back(clock_finding());
}

}  // namespace lowtide::app
