#include "app/plan_regions.h"

#include <algorithm>

#include "app/named_places.h"
#include "app/paths.h"
#include "app/plan_window.h"
#include "grid/sources.h"
#include "plan/profile.h"

namespace lowtide::app {
namespace {

using Series = std::vector<Intensity>;

// What the double threshold learns its level from, as for the place at home.
constexpr Duration kHistory = std::chrono::days(7);

Result<std::vector<grid::Place>> places_of(const PlanFlags& flags) {
  if (!flags.rules.provider.empty()) return cloud_places(flags.rules.provider);
  std::vector<grid::Place> places;
  for (const std::string& name : flags.zones) {
    auto place = named_place(name, "--zones");
    if (!place) return tl::unexpected(place.error());
    places.push_back(std::move(*place));
  }
  return places;
}

Intensity mean_of(const Series& series) {
  Intensity sum;
  for (const Intensity value : series) sum += value;
  return sum / static_cast<double>(series.size());
}

// A region as the planner sees it, and its plan.
struct Planned {
  plan::Region region;
  show::RegionPlan shown;
};

Planned at_home(const PlanRequest& request, const show::PlanView& view) {
  const plan::Outcome& best = view.decision.of(view.decision.best);
  const grid::Place& place = request.home;
  return {{key_of(place), place.country, best.cost.total(), mean_of(view.intensity)},
          {key_of(place),
           place.name,
           best.policy,
           best.cost.total(),
           {},
           {},
           std::nullopt,
           view.timed_of(best.policy).runs,
           true}};
}

// Without a result where the place has no typical year over the window.
Planned elsewhere(const PlanRequest& request, const grid::Place& place, const plan::Problem& home,
                  const show::PlanView& view) {
  Planned out{{key_of(place), place.country, std::nullopt, std::nullopt},
              {key_of(place), place.name, {}, {}, {}, {}, std::nullopt, {}, false}};
  auto provider = grid::open_source({"typical", place, request.signal, data_folder()});
  if (!provider || (*provider)->describe().fallback) return out;
  const Interval before{view.window.begin - kHistory, view.window.begin};
  const auto used = (*provider)->fetch({before.begin, view.window.end});
  if (!used) return out;
  Series intensity = plan::by_slot(used->series, view.window);
  if (!std::all_of(intensity.begin(), intensity.end(), plan::is_known)) return out;
  out.region.mean = mean_of(intensity);
  const double pue = (place.pue ? place.pue : request.pue).value_or(1);
  for (Intensity& value : intensity) value *= pue;
  Series history = plan::by_slot(used->series, before);
  for (Intensity& value : history) value *= pue;
  plan::Problem problem = home;
  problem.intensity = intensity;
  plan::DecideOptions options{request.pausable, std::nullopt, history, request.only};
  options.with_break_even = false;
  const auto decision = plan::decide(problem, options);
  if (!decision) return out;
  const plan::Outcome& best = decision->of(decision->best);
  out.region.job = out.shown.job = best.cost.total();
  out.shown.policy = best.policy;
  out.shown.runs = runs_of(view, best.slots);
  return out;
}

const char* why_text(plan::LeftOut why, Signal signal) {
  switch (why) {
    case plan::LeftOut::country:
      return "not in a legal country";
    case plan::LeftOut::sku:
      return "the SKU is not offered";
    case plan::LeftOut::no_result:
      break;
  }
  return signal == Signal::marginal ? "no marginal series" : "no typical year";
}

}  // namespace

Result<void> read_regions(const PlanFlags& flags, PlanRequest& request) {
  const bool any_rule =
      flags.rules.legal || !flags.rules.sku.empty() || !flags.rules.transfer.empty();
  if (flags.zones.empty() && flags.rules.provider.empty()) {
    if (!any_rule) return {};
    return fail(ErrorKind::usage, "says which regions may take the job, and none is named",
                flags.rules.legal         ? "--legal"
                : flags.rules.sku.empty() ? "--transfer"
                                          : "--sku",
                "add --provider azure or --zones A,B");
  }
  auto places = places_of(flags);
  if (!places) return tl::unexpected(places.error());
  auto rules = read_rules(flags.rules);
  if (!rules) return tl::unexpected(rules.error());
  request.places = std::move(*places);
  request.rules = std::move(*rules);
  return {};
}

void add_regions(const PlanRequest& request, const plan::Problem& home, show::PlanView& view) {
  if (request.places.empty()) return;
  std::vector<Planned> all{at_home(request, view)};
  for (const grid::Place& place : request.places) {
    const bool known = std::any_of(all.begin(), all.end(), [&](const Planned& planned) {
      return planned.region.key == key_of(place);
    });
    if (!known) all.push_back(elsewhere(request, place, home, view));
  }
  std::vector<plan::Region> regions;
  regions.reserve(all.size());
  for (const Planned& planned : all) regions.push_back(planned.region);
  plan::RegionRules rules = request.rules.rules;
  rules.home = 0;
  const plan::RegionChoice choice = plan::choose_region(regions, rules);
  const Carbon here = *regions.front().job;
  for (const plan::RegionChoice::Rank& rank : choice.ranked) {
    show::RegionPlan shown = std::move(all[rank.region].shown);
    shown.home = rank.region == 0;
    shown.transfer = rank.transfer;
    shown.total = rank.total;
    if (here > Carbon{}) shown.saving_vs_home = 1 - rank.total / here;
    view.regions.push_back(std::move(shown));
  }
  for (const plan::RegionChoice::Out& out : choice.left_out) {
    view.regions_left_out.push_back({regions[out.region].key, why_text(out.why, request.signal)});
  }
  view.regions_asked = true;
  view.transfer_note = request.rules.transfer_note;
}

}  // namespace lowtide::app
