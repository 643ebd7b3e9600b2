#include "study/fleet_study.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace lowtide::study {
namespace {

// Half a percent is less than regions, windows and charges are apart.
constexpr plan::FleetEffort kEffort{.gap = 5e-3, .rounds = 100, .patience = 25};

// In (0, 1], the same on every machine.
double uniform(std::mt19937_64& random) {
  constexpr int kBits = 53;  // of a double
  return std::ldexp(static_cast<double>((random() >> (64 - kBits)) + 1), -kBits);
}

Energy resume_of(const Study& study, const FleetAsk& ask, const StudyJob& job) {
  const Duration length = study.slot * static_cast<std::int64_t>(job.work.size());
  return job.energy() / length * ask.resume;
}

// Those that arrive and have a result.
plan::Fleet fleet_of(const Study& study, const FleetAsk& ask, FleetRow& row) {
  const auto& intensity = study.regions[row.region].intensity;
  plan::Fleet fleet{intensity, {}, row.machines};
  for (const FleetArrival& arrival : arrivals_of(study, ask, intensity.size())) {
    const StudyJob& job = study.jobs[arrival.job];
    const std::size_t window = job.work.size() + ask.window.slots(job.work.size(), study.slot);
    ++row.arrived;
    const bool inside = arrival.slot + window <= intensity.size();
    const auto seen = std::span(intensity).subspan(arrival.slot, inside ? window : 0);
    if (!inside || !std::all_of(seen.begin(), seen.end(), plan::is_known)) {
      ++row.dropped;
      continue;
    }
    fleet.jobs.push_back(
        {job.work, arrival.slot, arrival.slot + window, resume_of(study, ask, job)});
  }
  return fleet;
}

void keep_admitted(plan::Fleet& fleet) {
  std::vector<plan::FleetJob> jobs;
  for (const std::size_t job : plan::admit(fleet).admitted) jobs.push_back(fleet.jobs[job]);
  fleet.jobs = std::move(jobs);
}

double in_use(const plan::Fleet& fleet) {
  std::size_t work = 0;
  for (const plan::FleetJob& job : fleet.jobs) work += job.work.size();
  return static_cast<double>(work) /
         static_cast<double>(fleet.machines * std::max<std::size_t>(1, fleet.intensity.size()));
}

void add(FleetRow& sum, const FleetRow& more) {
  sum.arrived += more.arrived;
  sum.dropped += more.dropped;
  sum.admitted += more.admitted;
  sum.in_use += more.in_use;
  sum.now += more.now;
  sum.independent += more.independent;
  sum.overload.slots += more.overload.slots;
  sum.overload.most = std::max(sum.overload.most, more.overload.most);
  sum.plan += more.plan;
  sum.bound += more.bound;
  sum.resumes += more.resumes;
}

}  // namespace

double FleetRow::pct(Carbon then) const {
  return now > Carbon{} ? 100 * (1 - then / now) : std::numeric_limits<double>::quiet_NaN();
}

double FleetRow::gap_pct() const {
  return plan > Carbon{} ? 100 * ((plan - bound) / plan) : std::numeric_limits<double>::quiet_NaN();
}

std::vector<FleetArrival> arrivals_of(const Study& study, const FleetAsk& ask, std::size_t slots) {
  std::vector<FleetArrival> out;
  std::mt19937_64 random(ask.seed);
  const double mean = static_cast<double>(std::chrono::days(1) / study.slot) / ask.a_day;
  const auto gap = [&] {
    return ask.every > Duration{} ? static_cast<double>(ask.every / study.slot)
                                  : -std::log(uniform(random)) * mean;
  };
  for (double at = ask.every > Duration{} ? 0 : gap(); at < static_cast<double>(slots);
       at += gap()) {
    out.push_back({static_cast<std::size_t>(at), ask.jobs[out.size() % ask.jobs.size()]});
  }
  return out;
}

std::vector<FleetRow> fleet_over_regions(const std::vector<FleetRow>& rows) {
  std::vector<FleetRow> out;
  std::vector<double> regions;
  for (const FleetRow& row : rows) {
    const auto same = [&](const FleetRow& sum) { return sum.machines == row.machines; };
    const auto found = std::find_if(out.begin(), out.end(), same);
    if (found == out.end()) {
      out.push_back(row);
      regions.push_back(1);
      continue;
    }
    add(*found, row);
    ++regions[static_cast<std::size_t>(found - out.begin())];
  }
  for (std::size_t i = 0; i < out.size(); ++i) out[i].in_use /= regions[i];
  return out;
}

Result<FleetRow> fleet_row(const Study& study, const FleetAsk& ask, std::size_t region,
                           std::size_t machines) {
  FleetRow row;
  row.region = region;
  row.machines = machines;
  plan::Fleet fleet = fleet_of(study, ask, row);
  keep_admitted(fleet);
  row.admitted = fleet.jobs.size();
  row.in_use = in_use(fleet);
  if (fleet.jobs.empty()) return row;
  const auto now = plan::plan_now(fleet);
  if (!now) return tl::unexpected(now.error());
  const auto independent = plan::plan_independent(fleet);
  if (!independent) return tl::unexpected(independent.error());
  const auto plan = plan::plan_fleet(fleet, kEffort);
  if (!plan) return tl::unexpected(plan.error());
  row.now = plan::cost_of(fleet, *now).total();
  row.independent = plan::cost_of(fleet, *independent).total();
  row.overload = plan::overload_of(fleet, *independent);
  row.plan = plan->cost.total();
  row.bound = plan->bound;
  row.resumes = plan->cost.resumes;
  return row;
}

}  // namespace lowtide::study
