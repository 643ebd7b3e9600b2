#include "show/facts.h"

#include <fmt/core.h>

#include <algorithm>

#include "show/phrases.h"
#include "show/summary.h"
#include "show/text.h"

namespace lowtide::show {
namespace {

constexpr const char* kNoPlace = "place not known";

using account::Report;

std::string kind_phrase(const account::KindCharge& kind, const FigureText& whole) {
  std::string text = kind_text(kind.kind) + " " + part_text(whole, kind.charged) + " (";
  if (kind.devices > 1) text += fmt::format("{} devices, ", kind.devices);
  text += spell(kind.quality);
  const std::string spread = spread_text({kind.charged, kind.low, kind.high});
  return text + (spread.empty() ? ")" : " " + spread + ")");
}

// What is to be said of GPUs that are not in the sum.
std::string gpu_phrase(const Report& report) {
  std::size_t seen = 0;
  std::size_t counted = 0;
  for (const account::ChannelCharge& channel : report.energy.channels) {
    if (channel.info.kind != ChannelKind::gpu) continue;
    ++seen;
    if (channel.info.in_total) ++counted;
  }
  if (seen == 0) return "no GPU seen";
  if (counted == 0) return fmt::format("{} GPU{} seen, none used", seen, seen > 1 ? "s" : "");
  if (counted == seen) return {};
  return fmt::format("{} of {} GPUs used", counted, seen);
}

std::vector<std::string> uncovered_channels(const account::EnergyReport& energy) {
  std::vector<std::string> phrases;
  for (const account::ChannelCharge& channel : energy.channels) {
    if (!channel.info.in_total || channel.coverage >= 1) continue;
    phrases.push_back(
        fmt::format("{} {} of the time", escape(channel.info.id), percent(channel.coverage)));
  }
  if (phrases.size() <= 3) return phrases;
  // A node has up to 16 GPUs; the worst ones say enough in a summary.
  return {fmt::format("{} channels, the least {} of the time", phrases.size(),
                      percent(energy.coverage))};
}

}  // namespace

std::string signal_phrase(const IntensityUsed& used) {
  std::string text(spell(used.signal));
  if (used.scope) text += *used.scope == Scope::lifecycle ? ", life-cycle" : ", direct";
  return text;
}

std::string source_phrase(const IntensityUsed& used) {
  if (used.source == "constant") return "a constant given by hand";
  std::string text = escape(used.model.empty() ? used.source : used.model);
  if (used.source == "file") text = "file " + text;
  if (used.source == "annual" && text.find("annual") == std::string::npos) text = "annual, " + text;
  return text;
}

// No place is needed where a number was given by hand.
std::string place_phrase(const IntensityUsed& used) {
  if (!used.place_assumed || used.source == "constant") return {};
  if (used.resolved_by == "world") return kNoPlace;
  return "place assumed from " + escape(used.resolved_by);
}

std::string why_no_energy(const Report& report) {
  if (just_begun(report)) return " yet: nothing is on record so far";
  if (!report.run.begin) return ": the run never began";
  for (const Event& event : report.run.events) {
    if (event.kind.starts_with("sensor-")) return ": " + escape(event.detail);
  }
  std::string mute;
  for (const account::ChannelCharge& channel : report.energy.channels) {
    if (channel.info.in_total) mute += (mute.empty() ? "" : ", ") + escape(channel.info.id);
  }
  if (!mute.empty()) return ": nothing was read from " + mute;
  return report.energy.channels.empty() ? ": no sensor here, and no model for this machine"
                                        : ": no channel counts for this run";
}

const account::IntensityReport* headline(const Report& report) {
  for (const account::IntensityReport& intensity : report.intensity) {
    if (intensity.headline) return &intensity;
  }
  return nullptr;
}

std::string modelled_warning(const account::EnergyReport& energy) {
  if (!energy.modelled_share || *energy.modelled_share <= kMostlyModelled) return {};
  return fmt::format("energy {} modelled", percent(*energy.modelled_share));
}

Fact energy_fact(const Report& report) {
  const account::EnergyReport& energy = report.energy;
  Fact fact{"energy", {}};
  if (!energy.it) {
    fact.phrases.push_back("not known" + why_no_energy(report));
    return fact;
  }
  const FigureText total =
      text_of(Figure<Energy>{*energy.total, energy.total_low, energy.total_high});
  fact.phrases.push_back(total.full());
  if (energy.pue) fact.phrases.push_back("of it IT " + part_text(total, *energy.it));
  for (const account::KindCharge& kind : energy.kinds) {
    fact.phrases.push_back(kind_phrase(kind, total));
  }
  if (const std::string gpu = gpu_phrase(report); !gpu.empty()) fact.phrases.push_back(gpu);
  return fact;
}

namespace {

// "80 % watttime history, 20 % forecast"; empty where the user gave the series.
std::string origins_phrase(const account::IntensityReport& intensity) {
  const IntensityUsed& used = intensity.used;
  std::string text;
  for (std::size_t i = 0; i < intensity.shares.size() && i < used.origins.size(); ++i) {
    const IntensityOrigin& origin = used.origins[i];
    if (intensity.shares[i] <= 0 || origin.kind == IntensityKind::stated) continue;
    const bool shipped = origin.kind >= IntensityKind::typical;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", percent(intensity.shares[i]),
                        shipped ? escape(origin.model)
                                : escape(origin.source) + " " + std::string(spell(origin.kind)));
  }
  return text;
}

std::string sources_phrase(const account::IntensityReport& intensity) {
  const IntensityUsed& used = intensity.used;
  const bool shipped = used.source == "typical" || used.source == "annual";
  const std::string origins = shipped ? "" : origins_phrase(intensity);
  return origins.empty() ? source_phrase(used) : origins;
}

std::vector<std::string> why_no_intensity(const Report& report) {
  if (just_begun(report)) return {"not known yet"};
  if (!report.run.begin) return {"none: the run never began"};
  return {fmt::format("no {} intensity is known", spell(report.carbon.signal)),
          "give --location or --intensity"};
}

}  // namespace

Fact intensity_fact(const Report& report) {
  Fact fact{"intensity", {}};
  const account::IntensityReport* found = headline(report);
  if (found == nullptr) {
    fact.phrases = why_no_intensity(report);
    return fact;
  }
  const IntensityUsed& used = found->used;
  const auto& shown = found->energy_weighted ? found->energy_weighted : found->mean;
  fact.phrases.push_back(shown ? intensity_text(*shown) : "not known for this time");
  if (!used.zone.empty()) fact.phrases.push_back(escape(used.zone));
  fact.phrases.push_back(signal_phrase(used));
  fact.phrases.push_back(sources_phrase(*found));
  if (used.fallback) fact.phrases.emplace_back("a fallback");
  if (used.provisional) fact.phrases.emplace_back("provisional");
  const std::string place = place_phrase(used);
  fact.phrases.push_back(place == kNoPlace ? place + ": give --location" : place);
  return fact;
}

Fact carbon_fact(const Report& report) {
  const account::CarbonReport& carbon = report.carbon;
  Fact fact{"carbon", {}};
  const std::string gas = gas_text(carbon.gas);
  if (!carbon.total) {
    fact.phrases = {"not known yet"};
    if (!just_begun(report)) fact.phrases = {"not known", carbon.bounds_note};
    return fact;
  }
  const FigureText total = text_of(total_carbon(report));
  fact.phrases.push_back(total.brief() + " " + gas +
                         (total.range.empty() ? "" : " (" + total.range + ")"));
  if (carbon.embodied) {
    const bool given = report.run.options.embodied != "auto";
    fact.phrases.push_back(
        fmt::format("{} operational + {} embodied{}", part_text(total, *carbon.operational),
                    part_text(total, *carbon.embodied), given ? "" : " (assumed)"));
  }
  fact.phrases.push_back("boundary " + boundary_text(report.energy));
  if (carbon.other_signal) {
    const bool other_is_marginal = carbon.signal == Signal::average;
    fact.phrases.push_back(fmt::format("by the {} signal {} operational",
                                       other_is_marginal ? "marginal" : "average",
                                       part_text(total, *carbon.other_signal)));
  }
  if (!carbon.low) fact.phrases.push_back("no bounds: " + escape(carbon.bounds_note));
  return fact;
}

Fact sci_fact(const Report& report) {
  const account::SciReport& sci = report.sci;
  Fact fact{"SCI", {}};
  if (!sci.value) {
    fact.phrases = {"not known per " + escape(sci.r), escape(sci.note)};
    return fact;
  }
  const std::string value = text_of(carbon_figure(report, *sci.value, sci.low, sci.high)).brief();
  const std::string what = sci.m ? "" : "operational carbon ";
  if (!sci.m) fact.label = "no SCI";
  fact.phrases.push_back(
      fmt::format("{} {} {}per {}", value, gas_text(report.carbon.gas), what, escape(sci.r)));
  if (!sci.m) fact.phrases.emplace_back("M not included");
  return fact;
}

namespace {

// "GPU gain", "GPU+CPU model", "intensity", "embodied carbon": whose figure, and what is wrong with
// it.
std::string name_of(const account::LargestError& error, const account::EnergyReport& energy) {
  std::vector<std::string> kinds;
  for (const account::ChannelCharge& channel : energy.channels) {
    const auto& of = error.origins;
    if (std::find(of.begin(), of.end(), channel.info.id) == of.end()) continue;
    const std::string kind = kind_text(channel.info.kind);
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(kind);
  }
  if (!kinds.empty()) {
    return joined(kinds, "+") + " " + error.cause.substr(error.cause.rfind(' ') + 1);
  }
  if (error.cause == "intensity gap") return error.cause;
  if (error.cause == "embodied model") return "embodied carbon";
  return error.cause == "pue gain" ? "PUE" : "intensity";
}

}  // namespace

std::string largest_phrase(const Report& report) {
  if (!report.largest) return {};
  const account::LargestError& error = *report.largest;
  std::string text = "largest error: " + name_of(error, report.energy);
  if (error.low_rel && error.high_rel) {
    const std::string of = error.of_carbon
                               ? text_of(Figure<Carbon>{*error.of_carbon, {}, {}}).brief()
                               : text_of(Figure<Energy>{*error.of_energy, {}, {}}).brief();
    text += ", " + (error.low_rel == error.high_rel
                        ? "+-" + percent(*error.high_rel)
                        : "-" + percent(*error.low_rel) + " +" + percent(*error.high_rel));
    text += " of " + of;
  }
  text += ", " + percent(error.share) + " of the squares that make the bounds";
  return text + "; " + (error.remedy.empty() ? "nothing on this machine shrinks it" : error.remedy);
}

Fact coverage_fact(const Report& report) {
  Fact fact{"coverage", {}};
  if (just_begun(report)) return fact;
  fact.phrases = uncovered_channels(report.energy);
  // Of no energy there is no share.
  const bool any = report.energy.it && *report.energy.it > Energy{};
  if (any && report.carbon.operational && report.carbon.coverage < 1) {
    fact.phrases.push_back(
        fmt::format("intensity {} of the energy", percent(report.carbon.coverage)));
  }
  if (!fact.phrases.empty()) fact.phrases.emplace_back("the rest is left out of the figures");
  return fact;
}

}  // namespace lowtide::show
