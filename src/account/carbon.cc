#include "account/carbon.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <vector>

#include "account/bounds.h"
#include "account/slots.h"
#include "series/origin.h"

namespace lowtide::account {
namespace {

std::optional<Intensity> highest(const IntensitySeries& series) {
  std::optional<Intensity> out;
  for (const IntensityPiece& piece : series.pieces()) {
    out = out ? std::max(*out, piece.value) : piece.value;
  }
  return out;
}

// Shares of the half-width of the operational carbon: the energy's, carried by the mean intensity,
// the intensity's own, and what its gaps leave open.
void add_carbon_parts(const IntensityUsed& headline, const Priced& priced, Report& report) {
  for (ErrorPart& part : report.parts) {
    part.low_carbon = part.low * *priced.energy_weighted;
    part.high_carbon = part.high * *priced.energy_weighted;
  }
  const std::string name = fmt::format("intensity {}", headline.source);
  report.errors.push_back({"intensity", ErrorTermKind::intensity, headline.error_low_rel,
                           headline.error_high_rel, headline.error_reference});
  if (headline.error_low_rel && headline.error_high_rel) {
    report.parts.push_back({name,
                            {},
                            {},
                            *priced.carbon * *headline.error_low_rel,
                            *priced.carbon * *headline.error_high_rel,
                            "intensity"});
  }
  if (priced.unpriced > Energy{}) {
    const Carbon open = priced.unpriced * report.energy.pue.value_or(1.0) *
                        highest(headline.series).value_or(Intensity{});
    report.parts.push_back({"intensity gap", {}, {}, {}, open});
    report.errors.push_back({"intensity", ErrorTermKind::gap, 0.0, open / *priced.carbon,
                             "from nothing to the highest intensity of the run, over the energy "
                             "whose intensity is not known"});
  }
}

void add_embodied(Report& report) {
  const Embodied& made = report.embodied;
  report.carbon.embodied = made.value;
  report.carbon.assumed.insert(report.carbon.assumed.end(), made.assumed.begin(),
                               made.assumed.end());
  for (const std::string& source : made.sources) add_once(report.sources, source);
  if (!made.value || made.high <= made.low) return;
  const Carbon low = *made.value - made.low;
  const Carbon high = made.high - *made.value;
  report.parts.push_back({"embodied model", {}, {}, low, high, "embodied"});
  report.errors.push_back({"embodied", ErrorTermKind::model, low / *made.value, high / *made.value,
                           "range of published figures and of a server's life"});
}

// Bounds of a carbon figure by the parts so far.
void bound(Carbon value, const std::vector<ErrorPart>& parts, std::optional<Carbon>& low,
           std::optional<Carbon>& high) {
  const HalfWidths widths = combine(parts);
  low = std::max(Carbon{}, value - widths.low_carbon);
  high = value + widths.high_carbon;
}

// Of the energy; all of it where what is left is rounding.
double priced_share(const Priced& priced) {
  const Energy all = priced.energy + priced.unpriced;
  if (all <= Energy{}) return 0;
  return priced.unpriced <= all * 1e-12 ? 1 : priced.energy / all;
}

// Empty: the carbon has bounds.
std::string why_unbounded(const IntensityUsed& headline, const Priced& priced,
                          const Report& report) {
  if (!priced.carbon) {
    return report.energy.it ? "the intensity is a gap for the whole run"
                            : "no energy is known for this run";
  }
  if (!headline.error_low_rel || !headline.error_high_rel) {
    return fmt::format("the error of this intensity is not known ({})", headline.source);
  }
  return priced.energy_weighted ? "" : "no energy was used";
}

// Of the covered time, by origin.
std::vector<double> shares_of(const IntensityUsed& used, std::size_t origins) {
  std::vector<double> shares(origins);
  double whole = 0;
  for (const IntensityPiece& piece : used.series.pieces()) {
    const double length = as_seconds(piece.span.length());
    shares[std::min<std::size_t>(piece.origin, origins - 1)] += length;
    whole += length;
  }
  for (double& share : shares) share = whole > 0 ? share / whole : 0;
  return shares;
}

void add_other_signal(const RunRecord& record, const Priced& priced, Report& report) {
  const IntensityUsed* used = find_signal(record, other_than(report.carbon.signal));
  if (used == nullptr) return;
  const Priced by_other = price(report.slots, used->series, pue_factor(record));
  // A figure of less energy than the headline's would look like a saving.
  if (by_other.energy >= priced.energy * (1 - 1e-9)) report.carbon.other_signal = by_other.carbon;
}

}  // namespace

void add_once(std::vector<std::string>& list, const std::string& text) {
  if (!text.empty() && std::find(list.begin(), list.end(), text) == list.end()) {
    list.push_back(text);
  }
}

void add_intensity(const RunRecord& record, const IntensityUsed* headline, Report& report) {
  for (const IntensityUsed& used : record.intensity) {
    IntensityReport out;
    out.used = used;
    out.used.series = {};
    if (out.used.origins.empty()) out.used.origins = {origin_of(used, {})};
    out.shares = shares_of(used, out.used.origins.size());
    out.headline = &used == headline;
    double weighted = 0;  // g/kWh times seconds
    Duration known{};
    Duration whole{};
    for (const SlotReport& slot : report.slots) {
      const IntensitySeries::Mean mean = used.series.mean(slot.span);
      whole += slot.span.length();
      known += mean.covered;
      if (mean.value) weighted += as_grams_per_kwh(*mean.value) * as_seconds(mean.covered);
    }
    if (known > Duration::zero()) {
      out.mean = grams_per_kwh(weighted / as_seconds(known));
      out.coverage = as_seconds(known) / as_seconds(whole);
    }
    out.energy_weighted = price(report.slots, used.series, pue_factor(record)).energy_weighted;
    report.intensity.push_back(std::move(out));
  }
}

void add_carbon(const RunRecord& record, const IntensityUsed* headline, Report& report) {
  CarbonReport& carbon = report.carbon;
  if (headline == nullptr) {
    carbon.bounds_note = fmt::format("no {} intensity is known for this run", spell(carbon.signal));
    add_embodied(report);
    return;
  }
  carbon.gas = headline->gas;
  const Priced priced = price(report.slots, headline->series, pue_factor(record));
  carbon.coverage = priced_share(priced);
  carbon.operational = priced.carbon;
  carbon.bounds_note = why_unbounded(*headline, priced, report);
  add_other_signal(record, priced, report);
  if (priced.energy_weighted) add_carbon_parts(*headline, priced, report);
  const bool bounded = carbon.bounds_note.empty();
  if (bounded) {
    bound(*carbon.operational, report.parts, carbon.operational_low, carbon.operational_high);
  }
  add_embodied(report);
  if (!carbon.operational) return;
  carbon.total = *carbon.operational + carbon.embodied.value_or(Carbon{});
  if (bounded) bound(*carbon.total, report.parts, carbon.low, carbon.high);
}

}  // namespace lowtide::account
