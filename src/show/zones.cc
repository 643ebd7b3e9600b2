#include "show/zones.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "show/table.h"

namespace lowtide::show {
namespace {

using grid::ZoneFacts;
using grid::ZoneSeries;
using Json = nlohmann::ordered_json;

// Sources in the order in which they are first met; each is told by its number.
class Sources {
 public:
  std::string number(const std::string& what) {
    const auto found = std::find(all_.begin(), all_.end(), what);
    const auto at = found - all_.begin();
    if (found == all_.end()) all_.push_back(what);
    return fmt::format("[{}]", at + 1);
  }
  [[nodiscard]] std::string text(int width) const {
    std::string out;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      for (const std::string& line : wrap(fmt::format("[{}] {}", i + 1, all_[i]), width, 4)) {
        out += line + "\n";
      }
    }
    return out;
  }

 private:
  std::vector<std::string> all_;
};

// "life-cycle CO2e": what must be alike before two figures may be compared.
std::string kind_of(const ZoneSeries& series) {
  const std::string scope = !series.scope                       ? "scope not said"
                            : *series.scope == Scope::lifecycle ? "life-cycle"
                                                                : "direct";
  return fmt::format("{}, {} {}", spell(series.signal), scope, gas_text(series.gas));
}

std::string typical_text(const ZoneFacts& facts, Sources& sources) {
  if (!facts.typical) return "-";
  const ZoneSeries& series = *facts.typical;
  return fmt::format("{:.0f} {}{} {}", as_grams_per_kwh(series.mean), series.year,
                     series.note.empty() ? "" : ", " + escape(series.note),
                     sources.number(fmt::format("typical year by month, weekday or weekend, and "
                                                "hour: {}; {}",
                                                series.licence, kind_of(series))));
}

std::string annual_text(const ZoneFacts& facts, Sources& sources) {
  if (!facts.annual) return "-";
  const ZoneSeries& series = *facts.annual;
  return fmt::format("{:.0f} {} {}{}", as_grams_per_kwh(series.mean), series.year,
                     sources.number(fmt::format("annual mean: {}, {}; {}", escape(series.source),
                                                escape(series.licence), kind_of(series))),
                     series.of == facts.zone ? "" : " of " + escape(series.of));
}

std::string providers_text(const ZoneFacts& facts) {
  return facts.providers.empty() ? "-" : fmt::format("{}", fmt::join(facts.providers, " "));
}

Json maybe(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json json_of(const std::optional<ZoneSeries>& series) {
  if (!series) return nullptr;
  return {{"of", series->of},
          {"year", series->year},
          {"mean_g_per_kwh", as_grams_per_kwh(series->mean)},
          {"signal", spell(series->signal)},
          {"scope", series->scope ? Json(spell(*series->scope)) : Json(nullptr)},
          {"gas", series->gas ? Json(spell(*series->gas)) : Json(nullptr)},
          {"source", maybe(series->source)},
          {"licence", maybe(series->licence)},
          {"note", maybe(series->note)}};
}

}  // namespace

std::string zones_text(std::span<const ZoneFacts> zones, const Style& style) {
  Sources sources;
  Table table({{"zone", false, 0},
               {"name", false, 0, true},
               {"country", false, 2},
               {"typical year", false, 0},
               {"annual mean", false, 1},
               {"providers", false, 3}});
  for (const ZoneFacts& facts : zones) {
    table.add({escape(facts.zone), escape(facts.name),
               facts.country.empty() ? "-" : escape(facts.country), typical_text(facts, sources),
               annual_text(facts, sources), providers_text(facts)});
  }
  std::string out = table.text(style) + "\n";
  const std::string count = fmt::format("{} zone{}; mean of the year in g/kWh, the year, [source]",
                                        zones.size(), zones.size() == 1 ? "" : "s");
  for (const std::string& line : wrap(count, columns(style), 4)) out += line + "\n";
  return out + sources.text(columns(style));
}

std::string zones_json(std::span<const ZoneFacts> zones) {
  Json all = Json::array();
  for (const ZoneFacts& facts : zones) {
    all.push_back({{"zone", facts.zone},
                   {"name", facts.name},
                   {"country", maybe(facts.country)},
                   {"country_name", maybe(facts.country_name)},
                   {"typical", json_of(facts.typical)},
                   {"annual", json_of(facts.annual)},
                   {"providers", facts.providers}});
  }
  const Json whole = {{"schema", "lowtide.zones/1"}, {"zones", std::move(all)}};
  return whole.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace lowtide::show
