// Doctor: CPU packages and memory, by RAPL or by a model.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "app/doctor.h"
#include "app/machine_share.h"
#include "app/paths.h"
#include "sense/cpu_model.h"
#include "sense/dram_model.h"
#include "sense/machine.h"
#include "sense/rapl_zones.h"

namespace lowtide::app {
namespace {

using show::DoctorFinding;
using show::Finding;

constexpr const char* kTopic = "CPU and memory";
constexpr const char* kRule = "/etc/udev/rules.d/70-lowtide-powercap.rules";

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// Group and not world: a fine meter leaks what other processes compute (CVE-2020-8694). The first
// command lasts until the next boot, the second writes the rule that repeats it at each boot.
std::vector<std::string> grant(const Patient& patient, const std::vector<std::string>& paths) {
  const std::string sudo = geteuid() == 0 ? "" : "sudo ";
  const std::string group = quoted(patient.user.group);
  std::string files;
  for (const std::string& path : paths) files += " " + quoted(path);
  const std::string rule = patient.files.path(kRule);
  const std::string line = fmt::format(
      R"(SUBSYSTEM=="powercap", ACTION=="add", RUN+="/bin/chgrp {0} /sys%p/energy_uj", )"
      R"(RUN+="/bin/chmod g+r /sys%p/energy_uj")",
      patient.user.group);
  return {fmt::format("{0}chgrp {1}{2} && {0}chmod g+r{2}", sudo, group, files),
          fmt::format("{0}mkdir -p {1} && echo {2} | {0}tee {3} > /dev/null", sudo,
                      quoted(rule.substr(0, rule.rfind('/'))), quoted(line), quoted(rule))};
}

// A machine without the tree: why, and what would bring it.
DoctorFinding no_tree(const Patient& patient) {
  const sense::MachineFacts facts = sense::read_machine(patient.files);
  DoctorFinding none{kTopic, "RAPL", Finding::absent, "no powercap zone of a CPU package here", ""};
  if (patient.files.exists("/sys/class/powercap/intel-rapl")) {
    none.hint =
        "the control type is there without its zones: a container hides them; start it with "
        "-v /sys/devices/virtual/powercap:/sys/devices/virtual/powercap:ro";
  } else if (facts.virtual_machine) {
    none.hint =
        "this is a virtual machine: its hypervisor passes no RAPL on; CPU and memory are "
        "modelled";
  } else {
    none.hint = "on bare metal of Intel or AMD load the driver: sudo modprobe intel_rapl_msr";
  }
  return none;
}

DoctorFinding zone_finding(const sense::RaplZone& zone, bool readable) {
  DoctorFinding finding{kTopic, "RAPL " + zone.name, Finding::ok, "", ""};
  finding.detail = readable ? "energy counter readable: " + zone.energy_path
                            : "energy counter, denied: " + zone.energy_path;
  if (!readable) finding.state = Finding::denied;
  if (zone.kind == ChannelKind::psys) finding.hint = "recorded, never added: it holds the packages";
  finding.facts = {{"kind", std::string(spell(zone.kind))}, {"path", zone.energy_path}};
  if (zone.limit) finding.facts.emplace_back("limit_w", as_watts(*zone.limit));
  return finding;
}

struct Measured {
  bool cpu = false;
  bool dram = false;
};

Measured examine_rapl(const Patient& patient, Findings& found) {
  Measured measured;
  std::vector<std::string> denied;
  const auto zones = sense::find_rapl_zones(patient.files);
  for (const sense::RaplZone& zone : zones) {
    const bool readable = host::may_access(patient.user, zone.energy_path, R_OK);
    measured.cpu |= readable && zone.kind == ChannelKind::cpu;
    measured.dram |= readable && zone.kind == ChannelKind::dram;
    if (!readable) denied.push_back(zone.energy_path);
    found.push_back(zone_finding(zone, readable));
  }
  if (zones.empty()) found.push_back(no_tree(patient));
  if (!denied.empty()) {
    found.push_back({kTopic, "RAPL", Finding::denied,
                     fmt::format("{} of {} zones are not {}'s to read", denied.size(), zones.size(),
                                 patient.user.name),
                     "grant it to the group " + patient.user.group + ", now and at each boot:",
                     grant(patient, denied)});
  }
  return measured;
}

DoctorFinding cpu_model(const Patient& patient, bool measured) {
  const auto terms = sense::cpu_model_terms({patient.files, data_folder() + "/cpu_tdp.csv"});
  const MachineShare share = machine_share();
  DoctorFinding finding{kTopic, "CPU model", Finding::info, "", ""};
  finding.detail =
      (measured ? "not needed, the CPU is measured; it would say " : "in use: ") + terms.text() +
      fmt::format("; a job here holds {:g} of {:g} vCPU ({:.0f} %)", share.cpus_reserved,
                  terms.cpus, 100 * share.cpus_reserved / terms.cpus);
  if (!measured) finding.hint = "a model may be off by half or more: docs/accuracy.md";
  finding.facts = {
      {"in_use", measured ? "no" : "yes"},      {"cpu", terms.cpu},
      {"table_row", terms.thread.row},          {"vcpus", terms.cpus},
      {"vcpus_held", share.cpus_reserved},      {"full_w_per_vcpu", as_watts(terms.thread.full)},
      {"full_w", as_watts(terms.full())},       {"idle_w", as_watts(terms.idle())},
      {"idle_fraction", terms.idle_fraction},   {"low_pct", -100 * terms.thread.low_rel},
      {"high_pct", 100 * terms.thread.high_rel}};
  if (terms.thread.tdp) finding.facts.emplace_back("tdp_w", as_watts(*terms.thread.tdp));
  if (terms.thread.threads) finding.facts.emplace_back("tdp_threads", *terms.thread.threads);
  return finding;
}

DoctorFinding dram_model(const Patient& patient, bool measured) {
  DoctorFinding finding{kTopic, "memory model", Finding::info, "", ""};
  const host::SystemClock clock;
  const auto meter = sense::open_dram_model(patient.files, clock);
  if (!meter) return finding;
  const ChannelInfo& info = (*meter)->describe().front();
  finding.detail =
      (measured ? "not needed, the memory is measured; it would say " : "in use: ") + info.note;
  finding.facts = {{"in_use", measured ? "no" : "yes"}};
  if (info.idle_power) finding.facts.emplace_back("full_w", as_watts(*info.idle_power));
  return finding;
}

}  // namespace

void examine_cpu(const Patient& patient, Findings& found) {
  const Measured measured = examine_rapl(patient, found);
  found.push_back(cpu_model(patient, measured.cpu));
  found.push_back(dram_model(patient, measured.dram));
}

}  // namespace lowtide::app
