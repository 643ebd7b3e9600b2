#include "show/statement.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "show/cells.h"
#include "show/facts.h"
#include "show/phrases.h"
#include "show/text.h"

namespace lowtide::show {
namespace {

using account::Report;
using account::Sum;

bool counts(const Report& report, ChannelKind kind) {
  return std::any_of(report.energy.kinds.begin(), report.energy.kinds.end(),
                     [&](const account::KindCharge& known) { return known.kind == kind; });
}

// Counted devices of a kind by their name, with how many there are.
std::vector<std::string> devices(const Report& report, ChannelKind kind) {
  std::map<std::string, int> names;
  for (const account::ChannelCharge& channel : report.energy.channels) {
    if (channel.info.kind == kind && channel.info.in_total) ++names[channel.info.name];
  }
  std::vector<std::string> out;
  for (const auto& [name, count] : names) {
    const std::string shown = name.empty() ? kind_text(kind) : escape(name);
    out.push_back(fmt::format("{} x {}", count, shown));
  }
  return out;
}

std::string cpu_text(const MachineShare& machine) {
  if (machine.cpus <= 0) return machine.cpu_model.empty() ? "" : escape(machine.cpu_model);
  return fmt::format("{:.4g} of {:.4g} CPUs{}", machine.cpus_reserved, machine.cpus,
                     machine.cpu_model.empty() ? "" : " (" + escape(machine.cpu_model) + ")");
}

std::string memory_text(const MachineShare& machine) {
  if (machine.memory_gb <= 0) return {};
  return fmt::format("{} of {} GB memory", number(machine.memory_reserved_gb),
                     number(machine.memory_gb));
}

std::string sources_of(const Report& report) {
  std::vector<std::string> measured;
  bool modelled = false;
  for (const account::ChannelCharge& channel : report.energy.channels) {
    if (!channel.info.in_total || !channel.device) continue;
    if (channel.info.source == Source::model) {
      modelled = true;
      continue;
    }
    const std::string by = channel.info.source == Source::rapl ? "RAPL" : "NVML";
    if (std::find(measured.begin(), measured.end(), by) == measured.end()) measured.push_back(by);
  }
  std::string out = measured.empty() ? "" : "measured by " + joined(measured, " and ");
  if (modelled) {
    const double share = report.energy.modelled_share.value_or(0);
    out += fmt::format("{}{} of it modelled from the rated power and the use of the processor",
                       out.empty() ? "" : "; ", percent(share));
  }
  return out;
}

std::string energy_sentence(const Report& report) {
  const account::EnergyReport& energy = report.energy;
  if (!energy.total) return "The energy used is not known" + why_no_energy(report) + ".";
  const std::string pue = energy.pue ? fmt::format(", including a PUE of {:.4g} ({})", *energy.pue,
                                                   escape(energy.pue_source))
                                     : "; no PUE is included";
  const std::string how = sources_of(report);
  return "It used " + full(energy.total, energy.total_low, energy.total_high) + " of electricity" +
         (how.empty() ? "" : ", " + how) + pue + ".";
}

std::string intensity_sentence(const Report& report) {
  const account::IntensityReport* found = headline(report);
  if (found == nullptr || !found->energy_weighted) {
    return fmt::format("No {} carbon intensity is known for it, so its carbon is not known.",
                       spell(report.carbon.signal));
  }
  const std::string region = region_text(report);
  return fmt::format(
      "The carbon intensity of the grid{}{} was {}, weighted by energy ({} signal; {}), joined "
      "with "
      "the energy in slots of 5 minutes.",
      region.empty() ? "" : " in ", region, intensity_text(*found->energy_weighted),
      signal_phrase(found->used), source_phrase(found->used));
}

std::string carbon_sentence(const Report& report) {
  const account::CarbonReport& carbon = report.carbon;
  if (!carbon.operational) return {};
  std::string out = "The emissions were " + carbon_text(operational_carbon(report), carbon.gas) +
                    " from operation";
  if (carbon.embodied) {
    const FigureText total = text_of(total_carbon(report));
    out += " and " + part_text(total, *carbon.embodied) + " embodied in the hardware";
    if (report.run.options.embodied == "auto") out += " (assumed)";
    out += ", " + carbon_text(total_carbon(report), carbon.gas) + " together";
  }
  if (report.sci.value && report.sci.r != "run") {
    out += "; that is " + joined(sci_fact(report).phrases, ", ");
  }
  return out + ".";
}

std::string equivalents_sentence(const Report& report) {
  const std::string all = joined(equivalent_phrases(report, 3), "; ");
  return all.empty() ? "" : "That is as much as " + all + ".";
}

std::string completion_sentence(const Report& report) {
  if (!report.complete) return {};
  const account::Completion& whole = *report.complete;
  const account::CarbonReport& carbon = whole.carbon;
  std::string out = fmt::format(
      "The run was {} of a job; extrapolated (modelled, not measured) the whole job used {}",
      whole.asked, full(whole.total, whole.total_low, whole.total_high));
  if (carbon.total) {
    out +=
        " and caused " + carbon_text({*carbon.total, carbon.low, carbon.high,
                                      energy_share(whole.total, whole.total_low, whole.total_high)},
                                     carbon.gas);
  }
  return out + ", if the rest runs like the part: same power, same mix of intensities.";
}

std::string bounds_sentence(bool bounded, const std::string& note) {
  if (bounded) return "Figures in brackets are 95 % intervals.";
  return note.empty() ? "" : "No bounds can be given: " + escape(note) + ".";
}

std::string boundary_name(const std::optional<account::Boundary>& boundary) {
  if (!boundary) return "none";
  if (*boundary == account::Boundary::gpu) return "GPUs only";
  if (*boundary == account::Boundary::it) return "IT equipment";
  if (*boundary == account::Boundary::node) return "the node at its wall meter";
  return "the facility";
}

std::string method_sentence(const Report& report) {
  return "Method: " + method_text(report) + ", by lowtide " + escape(report.run.lowtide_version) +
         ".";
}

std::string energy_sentence(const Sum& sum) {
  std::string text = fmt::format("The {} runs", sum.runs);
  if (sum.duration) text += " took " + format_duration(*sum.duration) + " together";
  text += " and used " + full(sum.total, sum.total_low, sum.total_high) + " of electricity";
  if (sum.modelled_share && *sum.modelled_share > 0) {
    text += ", " + percent(*sum.modelled_share) + " of it modelled";
  }
  return text + ".";
}

std::string carbon_sentence(const Sum& sum) {
  if (!sum.operational) return "The emissions are not known.";
  std::string text =
      "The emissions were " + carbon_text(operational_carbon(sum), sum.gas) + " from operation";
  if (sum.embodied) {
    const FigureText total = text_of(total_carbon(sum));
    text += " and " + part_text(total, *sum.embodied) + " embodied in the hardware, " +
            carbon_text(total_carbon(sum), sum.gas) + " together";
  }
  return text + ".";
}

std::string phase_sentence(const Sum& sum) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < sum.phases.size(); ++i) {
    const Sum& phase = sum.phases[i];
    if (phase.runs == 0) continue;
    std::string carbon = "not known";
    if (phase.total_carbon) {
      carbon = text_of(total_carbon(phase)).brief() + " " + gas_text(phase.gas);
    }
    parts.push_back(fmt::format("{} {} ({} run{})", spell(static_cast<account::Phase>(i)), carbon,
                                phase.runs, phase.runs > 1 ? "s" : ""));
  }
  return parts.size() > 1 ? "Of it " + joined(parts, "; ") + "." : "";
}

// What of the machine no counted channel is of.
std::vector<std::string> unmetered(const Report& report) {
  std::vector<std::string> parts;
  const bool node = counts(report, ChannelKind::node);
  for (const ChannelKind kind : {ChannelKind::cpu, ChannelKind::dram}) {
    if (!node && !counts(report, kind)) parts.push_back(kind_text(kind));
  }
  const auto& channels = report.energy.channels;
  const auto unused = std::count_if(channels.begin(), channels.end(), [](const auto& channel) {
    return channel.info.kind == ChannelKind::gpu && !channel.info.in_total;
  });
  if (unused > 0) parts.push_back(fmt::format("{} GPUs that the job did not use", unused));
  if (!node) parts.emplace_back("disks, network, fans and losses of power supplies");
  return parts;
}

}  // namespace

std::string hardware_text(const Report& report) {
  std::vector<std::string> parts = devices(report, ChannelKind::gpu);
  const MachineShare& machine = report.run.machine;
  std::vector<std::string> cpus = {cpu_text(machine)};
  if (cpus.front().empty()) cpus = devices(report, ChannelKind::cpu);
  parts.insert(parts.end(), cpus.begin(), cpus.end());
  parts.push_back(memory_text(machine));
  return joined(parts, ", ");
}

std::string region_text(const Report& report) {
  const account::IntensityReport* found = headline(report);
  if (found == nullptr || found->used.zone.empty()) return {};
  const IntensityUsed& used = found->used;
  std::string out = escape(used.zone);
  const std::string place = place_phrase(used);
  if (!place.empty()) return out + " (" + place + ")";
  const bool asked = !used.asked.empty() && used.asked != used.zone;
  return asked ? out + " (asked as " + escape(used.asked) + ")" : out;
}

std::string boundary_words(const Report& report) {
  return boundary_name(report.energy.boundary) + " (" + boundary_text(report.energy) + ")";
}

std::string method_text(const Report& report) {
  const std::string& all = report.sci.methodology;
  return escape(all.substr(0, all.find("; boundary ")));
}

std::string left_out_text(const Report& report) {
  std::vector<std::string> parts = unmetered(report);
  if (!report.energy.pue) parts.emplace_back("cooling and distribution (no PUE)");
  if (!report.carbon.embodied) parts.emplace_back("making of the hardware");
  const auto& idle = report.energy.idle_not_charged;
  if (idle && *idle > Energy{}) {
    parts.push_back("idle energy of the rest of the machine, " + brief(idle));
  }
  return joined(parts, "; ");
}

std::string statement(const Report& report) {
  const std::string hardware = hardware_text(report);
  const std::string length = report.duration ? format_duration(*report.duration) : "";
  std::string first = "The run " + title(report.run);
  if (report.duration) {
    const bool over = report.run.end.has_value();
    first += (over ? " took " : " has taken ") + length + (over ? "" : " so far");
  } else {
    first += " has no duration on record";
  }
  if (!hardware.empty()) first += " on " + hardware;
  const bool bounded = report.energy.total_low || report.carbon.low;
  return joined(
      {first + ".", energy_sentence(report), intensity_sentence(report), carbon_sentence(report),
       equivalents_sentence(report), completion_sentence(report),
       bounds_sentence(bounded, report.carbon.bounds_note),
       "The boundary is " + boundary_words(report) + "; left out: " + left_out_text(report) + ".",
       method_sentence(report)},
      " ");
}

std::string statement(std::span<const Report> reports, const Sum& sum) {
  std::string signal = fmt::format("Signal: {}", spell(sum.signal));
  if (sum.scope) signal += *sum.scope == Scope::lifecycle ? ", life-cycle" : ", direct";
  const std::string method = reports.empty() ? "" : method_sentence(reports.front());
  return joined({energy_sentence(sum), carbon_sentence(sum), phase_sentence(sum),
                 signal + ", joined with the energy in slots of 5 minutes.",
                 bounds_sentence(sum.total_low || sum.low, ""),
                 "The boundary is " +
                     (sum.boundary ? boundary_name(sum.boundary) : "mixed or not known") + ".",
                 method},
                " ");
}

}  // namespace lowtide::show
