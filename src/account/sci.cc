#include "account/sci.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace lowtide::account {
namespace {

// "1000 samples" -> 1000 and "samples"; "samples" -> 1 and "samples".
std::pair<double, std::string> split_unit(const std::string& per) {
  double multiple = 1;
  // from_chars would also take the "inf" of "inferences" and the "nan" of "nanoseconds".
  if (per.find_first_of("-.0123456789") != 0) return {1, per};
  const char* end = per.data() + per.size();
  const auto [stop, error] = std::from_chars(per.data(), end, multiple);
  if (error != std::errc{}) return {1, per};
  std::string name(stop, end);
  name.erase(0, name.find_first_not_of(' '));
  return {multiple, name};
}

// NaN is not above zero either.
bool countable(double value) { return value > 0 && std::isfinite(value); }

FunctionalUnit counted(std::string_view per, const UnitInputs& inputs) {
  FunctionalUnit unit{std::string(per), {}, {}};
  const auto [multiple, name] = split_unit(unit.r);
  if (!countable(multiple) || name.empty()) {
    unit.reason = fmt::format("'{}' is not a number and the name of a count", per);
    return unit;
  }
  static const std::map<std::string, double> none;
  const auto& counts = inputs.counts == nullptr ? none : *inputs.counts;
  const auto found = counts.find(name);
  if (found == counts.end()) {
    unit.reason = fmt::format(
        "the run reported no count '{0}': --count {0}=N or a line {0}=N in $LOWTIDE_COUNTS", name);
  } else if (const double units = found->second / multiple; countable(units)) {
    unit.count = units;
  } else {
    unit.reason = fmt::format("the count '{}' is {:g}: a count is above zero", name, found->second);
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
    append_note(note,
                fmt::format("the intensity is known for {:.4g} % of the energy and I is taken "
                            "to be the same for the rest",
                            report.carbon.coverage * 100));
  }
  if (report.energy.coverage < 1) {
    append_note(note, fmt::format("{:.4g} % of the time was read and the rest is left out",
                                  report.energy.coverage * 100));
  }
  return note;
}

// What of a job's energy the boundary does not hold.
std::string left_out(const EnergyReport& energy) {
  std::string text;
  const auto add = [&](bool missing, const char* what) {
    if (missing) text += (text.empty() ? "" : ", ") + std::string(what);
  };
  const auto has = [&](ChannelKind kind) {
    return std::any_of(energy.kinds.begin(), energy.kinds.end(),
                       [&](const KindCharge& known) { return known.kind == kind; });
  };
  const bool node = has(ChannelKind::node);
  add(!node && !has(ChannelKind::cpu), "CPU");
  add(!node && !has(ChannelKind::dram), "DRAM");
  add(!node, "the rest of the machine");
  add(true, "network and storage outside it");
  add(!energy.pue, "cooling and losses of the building (PUE)");
  return text;
}

std::string methodology(const Report& report) {
  std::string text = fmt::format(
      "ISO/IEC 21031:2024 (SCI 1.1.0): (E x I + M) per R, E x I summed per 5-minute slot, I "
      "location-based {}; {}",
      spell(report.carbon.signal), kMethodology);
  if (!report.energy.boundary) return text;
  return text + fmt::format("; boundary {}; left out: {}", spell(*report.energy.boundary),
                            left_out(report.energy));
}

std::size_t counted_gpus(const Report& report) {
  const auto& channels = report.energy.channels;
  return static_cast<std::size_t>(
      std::count_if(channels.begin(), channels.end(), [](const ChannelCharge& channel) {
        return channel.info.in_total && channel.info.kind == ChannelKind::gpu;
      }));
}

std::optional<Intensity> headline_mean(const Report& report) {
  for (const IntensityReport& intensity : report.intensity) {
    if (intensity.headline) return intensity.energy_weighted;
  }
  return std::nullopt;
}

// Empty: there is a value.
std::string why_no_value(const Report& report, const FunctionalUnit& unit) {
  if (!report.energy.it) return "no energy is known for this run";
  if (!report.carbon.total) {
    return fmt::format("no {} intensity is known for this run", spell(report.carbon.signal));
  }
  return unit.count ? "" : unit.reason;
}

}  // namespace

FunctionalUnit functional_unit(std::string_view per, const UnitInputs& inputs) {
  if (per.empty() || per == "run") return {"run", 1, {}};
  // An instance is held for as long as its run is active.
  if (per == "hour" || per == "instance-hour") return timed(per, 1, inputs);
  if (per == "gpu-hour") return timed(per, static_cast<double>(inputs.gpus), inputs);
  return counted(per, inputs);
}

void add_sci(Report& report) {
  SciReport& sci = report.sci;
  const FunctionalUnit unit = functional_unit(
      report.run.options.per, {counted_gpus(report), report.active, &report.run.counts});
  sci.r = unit.r;
  sci.r_count = unit.count;
  sci.unit = (report.carbon.gas == Gas::co2 ? "gCO2/" : "gCO2e/") + unit.r;
  sci.e = report.energy.total;
  sci.i = headline_mean(report);
  sci.m = report.carbon.embodied;
  sci.boundary = report.energy.boundary;
  sci.label = sci.m ? "SCI" : "operational carbon";
  sci.methodology = methodology(report);
  if (!sci.m)
    append_note(sci.note, fmt::format("operational carbon per {}: M is not included", sci.r));
  const std::string reason = why_no_value(report, unit);
  append_note(sci.note, reason.empty() ? coverage_note(report) : reason);
  if (!reason.empty()) return;
  // Of no energy there is no I.
  const Carbon used = sci.i ? *sci.e * *sci.i : *report.carbon.operational;
  sci.value = (used + sci.m.value_or(Carbon{})) / *unit.count;
  if (report.carbon.low) sci.low = *report.carbon.low / *unit.count;
  if (report.carbon.high) sci.high = *report.carbon.high / *unit.count;
}

}  // namespace lowtide::account
