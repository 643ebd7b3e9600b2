#include "forecast/forecaster.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "forecast/baselines.h"
#include "forecast/learned.h"

namespace lowtide::forecast {
namespace {

constexpr auto kKinds = std::to_array<ForecasterKind>({
    {"persistence", "the newest value goes on", true, make_persistence},
    {"yesterday", "as at the same time yesterday", true, make_yesterday},
    {"last-week", "as at the same time a week ago", true, make_last_week},
    {"mean-7-days", "mean of 7 days at the same time", true, make_mean_of_7_days},
    {"decay", "mean of 7 days plus the newest deviation, fading", true, make_decay},
    {"ridge", "linear in recent days, hour and weekday, for each lead", false, make_ridge},
    {"blend", "ridge and decay by their own past errors", false, make_blend},
});

}  // namespace

std::vector<Intensity> Forecaster::predict(const Past& past, std::size_t slots) const {
  std::vector<std::size_t> leads(slots);
  std::iota(leads.begin(), leads.end(), std::size_t{0});
  return say(past, leads);
}

std::span<const ForecasterKind> forecaster_kinds() { return kKinds; }

const ForecasterKind* find_forecaster(std::string_view name) {
  const auto* found = std::find_if(kKinds.begin(), kKinds.end(),
                                   [&](const ForecasterKind& kind) { return kind.name == name; });
  return found == kKinds.end() ? nullptr : found;
}

}  // namespace lowtide::forecast
