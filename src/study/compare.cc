#include "study/compare.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/names.h"

namespace lowtide::study {
namespace {

std::optional<Intensity> mean_of(const std::vector<Intensity>& slots) {
  Intensity sum;
  double known = 0;
  for (const Intensity value : slots) {
    if (!plan::is_known(value)) continue;
    sum += value;
    ++known;
  }
  return known > 0 ? std::optional(sum / known) : std::nullopt;
}

const char* reason(plan::LeftOut why) {
  switch (why) {
    case plan::LeftOut::country:
      return "not in a legal country";
    case plan::LeftOut::sku:
      return "the SKU is not offered there";
    case plan::LeftOut::no_result:
      return "no result";
  }
  return "";
}

auto kind_of(const Site& site) {
  return std::make_tuple(site.used.signal, site.used.scope, site.used.gas);
}

void mark_unlike(Comparison& comparison) {
  const Site* reference = comparison.reference();
  if (reference == nullptr) return;
  const auto kind = kind_of(*reference);
  for (Site& site : comparison.sites) site.unlike = kind_of(site) != kind;
}

void add_transfer(Site& site, Carbon transfer) {
  site.transfer = transfer;
  site.figures = plus(site.figures, transfer);
  for (Carbon& value : site.by_start) value += transfer;
}

}  // namespace

const Site* Comparison::own() const {
  const auto found =
      std::find_if(sites.begin(), sites.end(), [](const Site& site) { return site.own; });
  return found == sites.end() ? nullptr : &*found;
}

const Site* Comparison::best() const {
  const auto found =
      std::find_if(sites.begin(), sites.end(), [](const Site& site) { return site.eligible; });
  return found == sites.end() ? nullptr : &*found;
}

const Site* Comparison::lowest() const {
  const Site* lowest = nullptr;
  for (const Site& site : sites) {
    if (!site.eligible) continue;
    if (lowest == nullptr || site.figures.all.min < lowest->figures.all.min) lowest = &site;
  }
  return lowest;
}

const Site* Comparison::reference() const {
  if (own() != nullptr) return own();
  return sites.empty() ? nullptr : &sites.front();
}

Energy Comparison::energy() const {
  Energy sum;
  for (const Energy slot : work) sum += slot;
  return sum;
}

Result<plan::Profile> profile_of(const account::Report& report) {
  std::vector<EnergyPiece> pieces;
  for (const account::SlotReport& slot : report.slots) {
    if (slot.state != RunState::running || !slot.energy) continue;
    pieces.push_back({slot.span, *slot.energy, slot.quality});
  }
  return plan::profile_of(pieces);
}

Result<void> lay_over(const IntensitySeries& series, Interval starts, const Comparison& asked,
                      Site& site, const plan::SweepOptions& options) {
  const auto further = static_cast<int>(asked.work.size()) - 1;
  const Interval window{starts.begin, starts.end + kSlot * further};
  if (starts.empty()) return fail(ErrorKind::absent, "its series is shorter than the run");
  const std::vector<Intensity> slots = plan::by_slot(series, window);
  site.by_start = plan::baseline_for_all(slots, asked.work, options);
  for (Carbon& value : site.by_start) value *= site.pue;
  site.first = starts.begin;
  site.offered = site.by_start.size();
  site.mean = mean_of(slots);
  site.figures = figures_of(site.by_start, starts.begin, asked.at);
  if (!asked.coming) site.by_start = {};
  if (site.figures.all.starts > 0) return {};
  return fail(ErrorKind::absent, "its series has no start without a gap");
}

void rank(Comparison& comparison, plan::RegionRules rules) {
  mark_unlike(comparison);
  rules.transfer = comparison.transfer;
  std::vector<plan::Region> regions;
  for (const Site& site : comparison.sites) {
    if (site.own) rules.home = regions.size();
    regions.push_back({lower(site.key()), site.country, comparison.figure(site), site.mean});
  }
  const plan::RegionChoice choice = plan::choose_region(regions, rules);
  std::vector<Site> ordered;
  for (const auto& rank : choice.ranked) {
    ordered.push_back(std::move(comparison.sites[rank.region]));
    add_transfer(ordered.back(), rank.transfer);
  }
  for (const auto& out : choice.left_out) {
    Site& site = comparison.sites[out.region];
    comparison.left_out.push_back({site.zone, site.region, reason(out.why)});
    if (!site.own) continue;
    site.eligible = false;  // it stays, to compare with
    ordered.push_back(std::move(site));
  }
  comparison.sites = std::move(ordered);
}

}  // namespace lowtide::study
