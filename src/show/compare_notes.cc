#include "show/compare_notes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "show/chart.h"
#include "show/facts.h"
#include "show/phrases.h"
#include "show/text.h"

namespace lowtide::show {
namespace {

using account::Report;
using study::Comparison;
using study::Site;

constexpr double kWorthSaying = 0.995;  // of the figure before: less than half a percent is none
constexpr std::size_t kNamed = 6;       // of those left out for one reason

bool is_flat(const Site& site) {
  return site.used.source == "annual" || site.used.source == "constant";
}

std::string source_word(const Site& site) {
  if (site.used.source == "typical") return "typical year";
  return site.used.source == "annual" ? "annual mean" : escape(site.used.source);
}

bool any(const Comparison& comparison, bool (*holds)(const Site&)) {
  return std::any_of(comparison.sites.begin(), comparison.sites.end(), holds);
}

std::string kind_phrase(const Site& site) {
  return signal_phrase(site.used) + (site.used.scope ? "" : ", scope not said") + ", " +
         gas_text(site.used.gas);
}

// "+1234567" as 1,234,567.
std::string with_commas(std::size_t count) {
  std::string text = std::to_string(count);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3) {
    text.insert(static_cast<std::size_t>(at), ",");
  }
  return text;
}

// How a figure is said, and that it is less.
struct Words {
  const Scale& scale;
  const char* less;
};

// "62 % less attributed than FR (17 g), where the run was"; empty where it is not less.
std::string against(Carbon carbon, const std::optional<Carbon>& before, const std::string& what,
                    const Words& words) {
  if (!before || *before <= Carbon{} || carbon >= *before * kWorthSaying) return {};
  return fmt::format(": {} {} than {} ({})", percent(1 - carbon / *before), words.less, what,
                     words.scale.of(*before));
}

std::string best_place(const Comparison& comparison, const Words& words) {
  const Site& best = *comparison.best();
  const Site* own = comparison.own();
  const bool mean = comparison.by == study::RankBy::mean;
  std::string text = fmt::format("Best place: {}, {} {}", escape(best.key()),
                                 words.scale.of(comparison.figure(best)),
                                 mean ? "on average over its starts" : "at its best start");
  if (&best == own) return text + ", where the run was.";
  if (own != nullptr) {
    const auto before = mean ? std::optional(own->figures.all.mean) : own->figures.now;
    text += against(comparison.figure(best), before,
                    (mean ? "" : "a start now in ") + escape(own->key()) + ", where the run was",
                    words);
    if (before && comparison.figure(best) > *before) {
      text += fmt::format(", but {} in {}, where the run was", words.scale.of(*before),
                          escape(own->key()));
    }
  }
  return text + (best.unlike ? ", by another kind of series (*)." : ".");
}

std::string best_start(const Site& site, const char* what, const Words& words) {
  const study::StartFigures& figures = site.figures;
  if (is_flat(site)) {
    return fmt::format("No start in {} is better than another: its intensity is one value.",
                       escape(site.key()));
  }
  const std::optional<Carbon>& now = figures.now;
  return fmt::format("{} {}: {}, {}", what, escape(site.key()),
                     local_time(figures.best_begin).substr(0, 16),
                     words.scale.of(figures.all.min)) +
         against(figures.all.min, now ? now : std::optional(figures.all.mean),
                 now ? "a start now there" : "the mean there", words) +
         ".";
}

std::string uncertainty(const Report& report) {
  const account::EnergyReport& energy = report.energy;
  const std::string spread =
      energy.total ? spread_text({*energy.total, energy.total_low, energy.total_high}) : "";
  return fmt::format(
      "The run's energy{} is the same in all places: its error moves every figure alike and no "
      "comparison between them.",
      spread.empty() ? "" : " (" + spread + ")");
}

std::string pue_note(const Report& report, const Comparison& comparison) {
  const bool regions = any(comparison, [](const Site& site) { return !site.region.empty(); });
  const auto& pue = report.energy.pue;
  const std::string run = pue ? fmt::format("{:.4g} ({})", *pue, escape(report.energy.pue_source))
                              : std::string("not included");
  if (!regions) return fmt::format("PUE as in the report, in all places: {}.", run);
  std::string text =
      fmt::format("PUE: each cloud region's own; of the run's place and of zones {}", run);
  if (any(comparison, [](const Site& site) { return site.pue_is_average; })) {
    text += "; +-0.05 where it is the provider's average";
  }
  if (!pue) text += ". So the run's own place looks better than it is: give the run its --pue";
  return text + ".";
}

std::string left_out_of_energy(const Report& report, const Comparison& comparison) {
  std::string text = "Not in the figures: embodied carbon";
  const account::EnergyReport& energy = report.energy;
  const Energy resting = energy.paused.value_or(Energy{}) + energy.waiting.value_or(Energy{});
  if (resting > Energy{}) {
    text +=
        fmt::format(", {} of pauses and waiting", text_of(Figure<Energy>{resting, {}, {}}).brief());
  }
  if (energy.coverage < 1) {
    text += fmt::format(", what the sensors missed (the worst covered {} of the time)",
                        percent(energy.coverage));
  }
  if (comparison.transfer_note.empty()) text += ", moving the data (--transfer 200GB)";
  return text + ".";
}

std::string signal_note(Signal signal) {
  return signal == Signal::average
             ? "Average signal: what is less is attributed less. Which plants would run less for "
               "it, this signal does not tell."
             : "Marginal signal: what one more job changes. A thousand jobs that follow it would "
               "move the margin itself (price-taker).";
}

// Years, licence and bounds of the typical years.
std::string typical_note(const Comparison& comparison) {
  std::set<int> years;
  const Site* one = nullptr;
  for (const Site& site : comparison.sites) {
    if (site.used.source != "typical") continue;
    if (site.year) years.insert(*site.year);
    if (one == nullptr || site.own) one = &site;
  }
  if (one == nullptr) return {};
  std::string text = fmt::format(
      "Typical year: means by month, weekday or weekend, and hour of {}, not a forecast",
      fmt::join(years, " or "));
  if (one->used.error_low_rel && one->used.error_high_rel) {
    text += fmt::format("; an hour in {} may be off by -{} +{} (95 %)", escape(one->key()),
                        percent(*one->used.error_low_rel), percent(*one->used.error_high_rel));
  }
  return text + ". " + escape(one->used.licence) + ".";
}

std::string unlike_note(const Comparison& comparison) {
  std::set<std::string> kinds;
  for (const Site& site : comparison.sites) {
    if (site.unlike) kinds.insert(kind_phrase(site));
  }
  if (kinds.empty()) return {};
  const Site& reference = *comparison.reference();
  return fmt::format(
      "* another kind of series ({}) than that of {} ({}): the difference may lie in "
      "what is counted.",
      fmt::join(kinds, "; "), escape(reference.key()), kind_phrase(reference));
}

std::string place_note(const Report& report) {
  const account::IntensityReport* used = headline(report);
  const std::string place = used == nullptr ? "place not known" : place_phrase(used->used);
  return place.empty() ? "" : "Where the run was: " + place + ".";
}

// "Series: FR of file fr.csv, DE of file de.csv."
std::string series_note(const Comparison& comparison) {
  std::vector<std::string> given;
  for (const Site& site : comparison.sites) {
    if (site.used.source != "file") continue;
    given.push_back(escape(site.key()) + " of " + source_phrase(site.used));
  }
  return given.empty() ? "" : fmt::format("Series: {}.", fmt::join(given, ", "));
}

// "Starts that touch a gap of the series have no result: left are 24 of 36 in FR."
std::string gap_note(const Comparison& comparison) {
  std::vector<std::string> gapped;
  for (const Site& site : comparison.sites) {
    const std::size_t starts = site.figures.all.starts;
    if (starts == site.offered) continue;
    gapped.push_back(fmt::format("{} of {} in {}", with_commas(starts), with_commas(site.offered),
                                 escape(site.key())));
  }
  if (gapped.empty()) return {};
  return fmt::format("Starts that touch a gap of the series have no result: left are {}.",
                     fmt::join(gapped, ", "));
}

std::string transfer_note(const Comparison& comparison) {
  if (comparison.transfer_note.empty()) return {};
  return fmt::format("Moving the data is in the figures: {}, half of it at each end.",
                     escape(comparison.transfer_note));
}

std::string price_note(const Comparison& comparison) {
  if (comparison.price_source.empty()) return {};
  return fmt::format("Price: as {} has it; it does not decide.", escape(comparison.price_source));
}

// "Left out: 11 without a typical year (AE, CN, ..)".
std::vector<std::string> left_out(const Comparison& comparison) {
  std::map<std::string, std::vector<std::string>> by_reason;
  for (const study::LeftOut& out : comparison.left_out) {
    by_reason[out.why].push_back(out.region.empty() ? out.zone : out.region);
  }
  std::vector<std::string> lines;
  for (const auto& [why, keys] : by_reason) {
    std::vector<std::string> named;
    for (std::size_t i = 0; i < std::min(keys.size(), kNamed); ++i) {
      named.push_back(escape(keys[i]));
    }
    if (keys.size() > kNamed) named.emplace_back("..");
    lines.push_back(
        fmt::format("Left out: {}, {} ({}).", keys.size(), escape(why), fmt::join(named, ", ")));
  }
  return lines;
}

}  // namespace

Scale::Scale(const Comparison& comparison) {
  const Unit unit = carbon_unit(comparison.reference()->figures.all.mean);
  factor_ = unit.factor;
  unit_ = std::string_view(unit.name).substr(0, std::string_view(unit.name).find("CO2e"));
}

std::string unit_phrase(const Comparison& comparison, const Scale& scale) {
  return scale.unit() + " " + gas_text(comparison.reference()->used.gas);
}

std::string mark_of(const Site& site) {
  return std::string(site.unlike ? "*" : "") + (is_flat(site) ? "~" : "");
}

std::string starts_phrase(const Comparison& comparison) {
  const Site& best = *comparison.best();
  const bool alike =
      std::all_of(comparison.sites.begin(), comparison.sites.end(), [&](const Site& site) {
        return site.first == best.first && site.figures.all.starts == best.figures.all.starts;
      });
  const std::size_t starts = best.figures.all.starts;
  std::string text = fmt::format("over {} start{} from {}", with_commas(starts),
                                 starts == 1 ? "" : "s", local_time(best.first).substr(0, 16));
  if (!alike) text += fmt::format(" in {}, other starts elsewhere", escape(best.key()));
  std::set<std::string> sources;
  for (const Site& site : comparison.sites) sources.insert(source_word(site));
  return text + fmt::format(", one each 5 minutes · {} place{} · {} · {}", comparison.sites.size(),
                            comparison.sites.size() == 1 ? "" : "s",
                            kind_phrase(*comparison.reference()), fmt::join(sources, ", "));
}

std::vector<std::string> verdict(const Comparison& comparison, const Scale& scale) {
  const Words words{scale, comparison.signal == Signal::average ? "less attributed" : "less"};
  std::vector<std::string> lines = {best_place(comparison, words)};
  const Site* best = comparison.best();
  lines.push_back(best_start(*best, "Best start in", words));
  const Site* own = comparison.own();
  if (own != nullptr && own != best) lines.push_back(best_start(*own, "Best start in", words));
  const Site* lowest = comparison.lowest();
  if (lowest != best && lowest != own) {
    lines.push_back(best_start(*lowest, "Lowest of all starts, in", words));
  }
  return lines;
}

std::vector<std::string> notes(const Report& report, const Comparison& comparison) {
  std::vector<std::string> all = {place_note(report),   signal_note(comparison.signal),
                                  uncertainty(report),  series_note(comparison),
                                  gap_note(comparison), typical_note(comparison)};
  if (any(comparison, is_flat)) {
    all.emplace_back("~ one value for all time: no start is better than another there.");
  }
  all.push_back(unlike_note(comparison));
  all.push_back(pue_note(report, comparison));
  all.push_back(transfer_note(comparison));
  all.push_back(price_note(comparison));
  all.push_back(left_out_of_energy(report, comparison));
  const std::vector<std::string> out = left_out(comparison);
  all.insert(all.end(), out.begin(), out.end());
  std::erase(all, "");
  return all;
}

}  // namespace lowtide::show
