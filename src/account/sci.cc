#include "account/sci.h"

#include <fmt/core.h>

#include <charconv>

namespace lowtide::account {
namespace {

// "1000 samples" -> 1000 and "samples"; "samples" -> 1 and "samples".
std::pair<double, std::string> split_unit(const std::string& per) {
  double multiple = 1;
  const char* end = per.data() + per.size();
  const auto [stop, error] = std::from_chars(per.data(), end, multiple);
  if (error != std::errc{}) return {1, per};
  std::string name(stop, end);
  name.erase(0, name.find_first_not_of(' '));
  return {multiple, name};
}

FunctionalUnit counted(std::string_view per, const UnitInputs& inputs) {
  FunctionalUnit unit{std::string(per), {}, {}};
  const auto [multiple, name] = split_unit(unit.r);
  if (multiple <= 0 || name.empty()) {
    unit.reason = fmt::format("'{}' is not a number and the name of a count", per);
    return unit;
  }
  const auto found = inputs.counts == nullptr ? std::map<std::string, double>::const_iterator{}
                                              : inputs.counts->find(name);
  if (inputs.counts == nullptr || found == inputs.counts->end()) {
    unit.reason = fmt::format(
        "the run reported no count '{0}': --count {0}=N or a line {0}=N in $LOWTIDE_COUNTS", name);
  } else if (found->second <= 0) {
    unit.reason = fmt::format("the count '{}' is {:g}", name, found->second);
  } else {
    unit.count = found->second / multiple;
  }
  return unit;
}

FunctionalUnit timed(std::string_view per, double devices, const UnitInputs& inputs) {
  FunctionalUnit unit{std::string(per), {}, {}};
  if (!inputs.active || *inputs.active <= Duration::zero()) {
    unit.reason = "the run was not active";
  } else if (devices <= 0) {
    unit.reason = "no GPU is counted";
  } else {
    unit.count = devices * as_hours(*inputs.active);
  }
  return unit;
}

void append_note(std::string& note, const std::string& more) {
  if (!note.empty() && !more.empty()) note += "; ";
  note += more;
}

std::string coverage_note(const Report& report) {
  std::string note;
  if (report.carbon.coverage < 1) {
    append_note(note, fmt::format("the intensity is known for {:.4g} % of the energy and the rest "
                                  "is left out",
                                  report.carbon.coverage * 100));
  }
  if (report.energy.coverage < 1) {
    append_note(note, fmt::format("{:.4g} % of the time was read and the rest is left out",
                                  report.energy.coverage * 100));
  }
  return note;
}

}  // namespace

FunctionalUnit functional_unit(std::string_view per, const UnitInputs& inputs) {
  if (per.empty() || per == "run") return {"run", 1, {}};
  if (per == "hour") return timed(per, 1, inputs);
  if (per == "gpu-hour") return timed(per, static_cast<double>(inputs.gpus), inputs);
  return counted(per, inputs);
}

void add_sci(Report& report) {
  SciReport& sci = report.sci;
  std::size_t gpus = 0;
  for (const ChannelCharge& channel : report.energy.channels) {
    if (channel.info.in_total && channel.info.kind == ChannelKind::gpu) ++gpus;
  }
  const FunctionalUnit unit =
      functional_unit(report.run.options.per, {gpus, report.active, &report.run.counts});
  sci.r = unit.r;
  sci.r_count = unit.count;
  sci.unit = (report.carbon.gas == Gas::co2 ? "gCO2/" : "gCO2e/") + unit.r;
  sci.e = report.energy.total;
  sci.m = report.carbon.embodied;
  sci.boundary = report.energy.boundary;
  for (const IntensityReport& intensity : report.intensity) {
    if (intensity.headline) sci.i = intensity.energy_weighted;
  }
  sci.label = sci.m ? "SCI" : "operational carbon";
  sci.methodology = fmt::format(
      "ISO/IEC 21031:2024 (SCI 1.1.0): (E x I + M) per R, E x I summed per 5-minute slot, I "
      "location-based {}; {}",
      spell(report.carbon.signal), kMethodology);
  if (!sci.m) append_note(sci.note, "M is not included");
  if (!report.carbon.total) {
    append_note(sci.note, report.energy.it ? fmt::format("no {} intensity is known for this run",
                                                         spell(report.carbon.signal))
                                           : "no energy is known for this run");
  } else if (!unit.count) {
    append_note(sci.note, unit.reason);
  } else {
    sci.value = *report.carbon.total / *unit.count;
    if (report.carbon.low) sci.low = *report.carbon.low / *unit.count;
    if (report.carbon.high) sci.high = *report.carbon.high / *unit.count;
    append_note(sci.note, coverage_note(report));
  }
}

}  // namespace lowtide::account
