#include "plan/region.h"

#include <algorithm>
#include <tuple>

namespace lowtide::plan {
namespace {

std::optional<LeftOut> why_not(const Region& region, const RegionRules& rules) {
  if (rules.countries && !rules.countries->contains(region.country)) return LeftOut::country;
  if (rules.offering && !rules.offering->contains(region.key)) return LeftOut::sku;
  if (!region.job) return LeftOut::no_result;
  return std::nullopt;
}

}  // namespace

Carbon transfer_carbon(std::span<const Region> regions, std::size_t region,
                       const RegionRules& rules) {
  if (rules.home == region) return {};
  const Intensity there = regions[region].mean.value_or(Intensity{});
  const std::optional<Intensity> here = rules.home ? regions[*rules.home].mean : std::nullopt;
  return rules.transfer * ((there + here.value_or(there)) / 2);
}

RegionChoice choose_region(std::span<const Region> regions, const RegionRules& rules) {
  RegionChoice choice;
  for (std::size_t i = 0; i < regions.size(); ++i) {
    if (const auto why = why_not(regions[i], rules)) {
      choice.left_out.push_back({i, *why});
      continue;
    }
    const Carbon transfer = transfer_carbon(regions, i, rules);
    choice.ranked.push_back({i, transfer, *regions[i].job + transfer});
  }
  std::sort(choice.ranked.begin(), choice.ranked.end(), [](const auto& a, const auto& b) {
    return std::tie(a.total, a.region) < std::tie(b.total, b.region);
  });
  return choice;
}

}  // namespace lowtide::plan
