#include "app/study_beyond.h"

#include <fmt/format.h>

#include <mutex>

#include "app/progress_line.h"
#include "app/study_names.h"
#include "app/study_series.h"
#include "host/threads.h"

namespace lowtide::app {
namespace {

Result<study::BeyondAsk> beyond_ask(const BeyondRecipe& recipe, const study::Study& study) {
  const auto jobs = all_named(study.jobs, recipe.jobs, "job", recipe.where);
  if (!jobs) return tl::unexpected(jobs.error());
  const auto windows = all_named(study.windows, recipe.windows, "window", recipe.where);
  if (!windows) return tl::unexpected(windows.error());
  study::BeyondAsk out;
  if (!recipe.starts.empty()) {
    const auto rule = named(study.rules, recipe.starts, "start rule", recipe.where);
    if (!rule) return tl::unexpected(rule.error());
    out.rule = *rule;
  }
  out.jobs = *jobs;
  out.windows = *windows;
  out.machines = recipe.machines;
  out.resume = recipe.resume;
  out.restore = recipe.restore;
  out.idle_share = recipe.idle_share;
  out.hold_per_gpu_hour = recipe.hold_per_gpu_hour;
  out.price_per_gpu_hour = recipe.price_per_gpu_hour;
  return out;
}

// What is asked for beyond the cells, with the regions' other signal.
Result<void> begin_plans(const StudyRecipe& recipe, const std::string& data,
                         show::StudyView& view) {
  if (!recipe.beyond) return {};
  auto ask = beyond_ask(*recipe.beyond, view.study);
  if (!ask) return tl::unexpected(ask.error());
  auto other = read_other(recipe, data);
  if (!other) return tl::unexpected(other.error());
  for (study::StudyRegion& region : *other) ask->other.push_back(std::move(region.intensity));
  view.other = std::move(*other);
  view.beyond_ask = std::move(*ask);
  return {};
}

void look_at_plans(show::StudyView& view) {
  if (!view.beyond_ask) return;
  std::vector<study::Piece> pieces;
  for (const std::size_t job : view.beyond_ask->jobs) {
    for (std::size_t region = 0; region < view.study.regions.size(); ++region) {
      pieces.push_back({region, job});
    }
  }
  std::vector<std::vector<study::BeyondRow>> rows(pieces.size());
  std::mutex mutex;
  std::size_t done = 0;
  ProgressLine line;
  host::spread(pieces.size(), [&](std::size_t i) {
    rows[i] = study::beyond(view.study, *view.beyond_ask, pieces[i]);
    const std::lock_guard lock(mutex);
    ++done;
    line.show(fmt::format("study: start by start, {} of {} jobs and regions{}", done, pieces.size(),
                          line.about_left(done, pieces.size())));
  });
  for (const auto& each : rows) view.beyond.insert(view.beyond.end(), each.begin(), each.end());
}

Result<void> begin_fleet(const StudyRecipe& recipe, show::StudyView& view) {
  if (!recipe.fleet) return {};
  const auto jobs = all_named(view.study.jobs, recipe.fleet->jobs, "job", recipe.fleet->where);
  if (!jobs) return tl::unexpected(jobs.error());
  view.fleet_ask = recipe.fleet->ask;
  view.fleet_ask->jobs = *jobs;
  return {};
}

Result<void> look_at_fleet(show::StudyView& view) {
  if (!view.fleet_ask) return {};
  const study::FleetAsk& ask = *view.fleet_ask;
  const std::size_t each = ask.machines.size();
  std::vector<Result<study::FleetRow>> rows(view.study.regions.size() * each);
  std::mutex mutex;
  std::size_t done = 0;
  ProgressLine line;
  host::spread(rows.size(), [&](std::size_t i) {
    rows[i] = study::fleet_row(view.study, ask, i / each, ask.machines[i % each]);
    const std::lock_guard lock(mutex);
    ++done;
    line.show(fmt::format("study: jobs on machines, {} of {} fleets{}", done, rows.size(),
                          line.about_left(done, rows.size())));
  });
  for (const auto& row : rows) {
    if (!row) return tl::unexpected(row.error());
    view.fleet.push_back(*row);
  }
  return {};
}

}  // namespace

Result<void> begin_beyond(const StudyRecipe& recipe, const std::string& data,
                          show::StudyView& view) {
  if (auto plans = begin_plans(recipe, data, view); !plans) return plans;
  return begin_fleet(recipe, view);
}

Result<void> look_beyond(show::StudyView& view) {
  look_at_plans(view);
  return look_at_fleet(view);
}

}  // namespace lowtide::app
