#include "plan_measures.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <functional>
#include <numeric>
#include <utility>

#include "host/threads.h"
#include "plan/exact.h"
#include "plan/fleet.h"
#include "plan/lanes_kernel.h"
#include "plan/sweep.h"
#include "plan/sweep_reference.h"
#include "plan/vector_targets.h"

namespace lowtide::bench {
namespace {

// Work slots of the eleven jobs of the evaluation, the longest first: threads end together.
constexpr std::size_t kJobs[] = {2592, 2304, 1080, 432, 252, 228, 228, 72, 5, 4, 4};
constexpr int kRounds = 3;
constexpr double kLong = 3;  // seconds: measured once

// Results go here, so that nobody may leave the work out.
volatile double the_sum = 0;

double clock_s(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

Spent median_of(const std::function<void()>& work) {
  std::vector<Spent> all;
  do {
    const double wall = clock_s(CLOCK_MONOTONIC);
    const double cpu = clock_s(CLOCK_PROCESS_CPUTIME_ID);
    work();
    all.push_back({clock_s(CLOCK_MONOTONIC) - wall, clock_s(CLOCK_PROCESS_CPUTIME_ID) - cpu});
  } while (all.size() < kRounds && all.front().wall_s < kLong);
  std::sort(all.begin(), all.end(), [](Spent a, Spent b) { return a.wall_s < b.wall_s; });
  return all[all.size() / 2];
}

double least_of(int rounds, const std::function<void()>& work) {
  double least = INFINITY;
  for (int i = 0; i < rounds; ++i) {
    const double begin = clock_s(CLOCK_THREAD_CPUTIME_ID);
    work();
    least = std::min(least, clock_s(CLOCK_THREAD_CPUTIME_ID) - begin);
  }
  return least;
}

std::vector<Energy> profile(std::size_t work) {
  std::vector<Energy> out(work);
  for (std::size_t j = 0; j < work; ++j) {
    out[j] = kwh(1 + 0.5 * std::sin(0.1 * static_cast<double>(j)));
  }
  return out;
}

// Two hours to a day, and a quarter of the job to all of it.
std::vector<std::size_t> slacks_of(std::size_t work) {
  std::vector<std::size_t> slacks = {72, 144, 216, 288};
  for (std::size_t quarter = 1; quarter <= 4; ++quarter) {
    slacks.push_back(std::max<std::size_t>(1, work * quarter / 4));
  }
  return slacks;
}

double total(const std::vector<Carbon>& costs) {
  double sum = 0;
  for (const Carbon cost : costs) sum += as_grams(cost);
  return sum;
}

// ask(region, work) for each region and job, spread over the cores, longest jobs first.
Spent evaluate(const Regions& regions,
               const std::function<double(std::size_t region, std::size_t work)>& ask) {
  return median_of([&] {
    std::vector<double> sums(regions.size() * std::size(kJobs));
    host::spread(sums.size(), [&](std::size_t i) {
      sums[i] = ask(i % regions.size(), kJobs[i / regions.size()]);
    });
    the_sum = std::accumulate(sums.begin(), sums.end(), 0.0);
  });
}

std::vector<plan::RankedSeries> ranked(const Regions& regions) {
  std::vector<plan::RankedSeries> out;
  for (const auto& series : regions) out.emplace_back(series);
  return out;
}

plan::Charges charges_of(Charged charged) {
  plan::Charges charges;
  if (charged == Charged::no) return charges;
  charges.resume = kwh(1);
  if (charged == Charged::resume) return charges;
  charges.pause = kwh(0.2);
  charges.restore_slots = 2;
  charges.restore_power = watts(6000);
  charges.min_run = 12;
  charges.min_pause = 3;
  charges.machine = plan::Machine::held;
  charges.idle_power = watts(800);
  charges.hold_per_hour = grams(37);
  return charges;
}

// Each addition waits for the one before: one a cycle.
template <std::size_t... kUnrolled>
void additions(std::uint64_t& x, std::index_sequence<kUnrolled...> /*steps*/) {
  const auto one = [&](std::size_t /*step*/) {
    x += 1;
    asm volatile("" : "+r"(x));
  };
  (one(kUnrolled), ...);
}
double clock_hz() {
  constexpr long kTimes = 1'000'000;
  constexpr std::size_t kUnrolled = 64;
  std::uint64_t x = 1;
  const double seconds = least_of(9, [&] {
    for (long i = 0; i < kTimes; ++i) additions(x, std::make_index_sequence<kUnrolled>());
    the_sum = static_cast<double>(x);
  });
  return kTimes * static_cast<double>(kUnrolled) / seconds;
}

}  // namespace

Spent flexible_start(const Regions& regions) {
  return evaluate(regions, [&](std::size_t region, std::size_t work) {
    const auto baseline = plan::baseline_for_all(regions[region], profile(work));
    double sum = 0;
    for (const auto& costs : plan::flexible_start_for_all(baseline, slacks_of(work))) {
      sum += as_grams(costs.front());
    }
    return sum;
  });
}

Spent lowest_flat(const Regions& regions) {
  const auto series = ranked(regions);
  return evaluate(regions, [&](std::size_t region, std::size_t work) {
    double sum = 0;
    for (const std::size_t slack : slacks_of(work)) {
      sum += as_grams(plan::flat_lowest_slots_for_all(series[region], kwh(1), work, slack).front());
    }
    return sum;
  });
}

Spent lowest_flat_with_resumes(const Regions& regions) {
  const auto series = ranked(regions);
  return evaluate(regions, [&](std::size_t region, std::size_t work) {
    double sum = 0;
    for (const std::size_t slack : slacks_of(work)) {
      const auto found =
          plan::flat_lowest_slots_with_resumes_for_all(series[region], kwh(1), work, slack);
      sum += as_grams(found.carbon.front()) + found.resumes.front();
    }
    return sum;
  });
}

Spent lowest_profile(const Regions& regions) {
  const auto series = ranked(regions);
  return evaluate(regions, [&](std::size_t region, std::size_t work) {
    double sum = 0;
    for (const std::size_t slack : slacks_of(work)) {
      const auto found = plan::lowest_slots_for_all(series[region], profile(work), slack);
      sum += as_grams(found.carbon.front()) + found.resumes.front();
    }
    return sum;
  });
}

Spent exact_flat(const Regions& regions) {
  return evaluate(regions, [&](std::size_t region, std::size_t work) {
    double sum = 0;
    for (const std::size_t slack : slacks_of(work)) {
      sum += as_grams(
          plan::flat_exact_for_all(regions[region], {kwh(1), work, kwh(1)}, slack).front());
    }
    return sum;
  });
}

Spent exact_sixty(const Regions& regions, Energy resume) {
  return evaluate(regions, [&](std::size_t region, std::size_t work) {
    std::vector<std::size_t> starts(60);
    for (std::size_t i = 0; i < starts.size(); ++i) starts[i] = i * 1660;
    const auto energies = profile(work);
    const auto slacks = slacks_of(work);
    double sum = 0;
    for (const auto& costs :
         plan::exact_for_starts(regions[region], {energies, resume, slacks, starts})) {
      sum += total(costs);
    }
    return sum;
  });
}

double one_job(const std::vector<Intensity>& series, std::size_t work, std::size_t slack,
               Charged charged) {
  const auto energies = profile(work);
  const plan::Problem problem{std::span(series).first(work + slack), energies, charges_of(charged)};
  return least_of(7, [&] { the_sum = as_grams(plan::exact(problem)->cost); });
}

FleetFigures month_of_jobs(const std::vector<Intensity>& series, std::size_t machines) {
  constexpr std::size_t kMonth = 30 * 288;
  constexpr std::size_t kWork = 228;
  constexpr std::size_t kSlack = 288;
  constexpr std::size_t kEvery = 72;
  const auto energies = profile(kWork);
  plan::Fleet fleet{std::span(series).first(kMonth), {}, machines};
  for (std::size_t begin = 0; begin + kWork + kSlack <= kMonth; begin += kEvery) {
    fleet.jobs.push_back({energies, begin, begin + kWork + kSlack, kwh(1)});
  }
  plan::FleetPlan plan;
  const double seconds = least_of(3, [&] { plan = *plan::plan_fleet(fleet); });
  return {fleet.jobs.size(), plan.rounds, plan.gap(), seconds};
}

States states_a_second(const std::vector<Intensity>& series) {
  const auto work = profile(2592);
  const std::vector<std::size_t> slacks = {2592};
  std::vector<std::size_t> starts(512);
  std::iota(starts.begin(), starts.end(), 0);
  const double seconds = least_of(5, [&] {
    the_sum = total(plan::exact_for_starts(series, {work, Energy(), slacks, starts})[0]);
  });
  const auto count = static_cast<double>(work.size() * (slacks[0] + 1) * starts.size());
  return {plan::starts_in_lanes(), clock_hz(), count / seconds};
}

std::vector<Compared> compare(const std::vector<Intensity>& series, std::size_t work,
                              std::size_t slack) {
  constexpr std::size_t kFew = 4096;       // starts, as in plan_numpy.py
  constexpr std::size_t kExact = 256;      // likewise
  constexpr std::size_t kPlainExact = 64;  // the plain program is slow
  const std::size_t window = work + slack;
  const auto few = std::span(series).first(kFew + window - 1);
  const auto energies = profile(work);
  const std::vector<Energy> flat(work, kwh(1));
  const std::vector<std::size_t> slacks = {slack};
  std::vector<std::size_t> starts(kExact);
  std::iota(starts.begin(), starts.end(), 0);
  const plan::ManyStarts asked{energies, Energy(), slacks, starts};
  const plan::ManyStarts plain_asked{energies, Energy(), slacks,
                                     std::span(starts).first(kPlainExact)};
  const plan::RankedSeries order(few);

  std::vector<Compared> rows;
  const auto add = [&](const char* name, std::size_t count, const std::function<double()>& ours,
                       std::size_t plain_count, const std::function<double()>& plain) {
    double sum = 0;
    const double our_s = least_of(5, [&] { sum = ours(); });
    const double plain_s = least_of(1, [&] { the_sum = plain(); });
    rows.push_back({name, our_s * 1e9 / static_cast<double>(count),
                    plain_s * 1e9 / static_cast<double>(plain_count), sum});
  };
  add(
      "flexible_start", series.size() - window + 1,
      [&] {
        return total(
            plan::flexible_start_for_all(plan::baseline_for_all(series, energies), slacks)[0]);
      },
      kFew,
      [&] {
        const auto baseline = plan::reference::baseline_for_all(few, energies);
        return total(plan::reference::flexible_start_for_all(baseline, slacks)[0]);
      });
  add(
      "lowest_flat", kFew,
      [&] { return total(plan::flat_lowest_slots_for_all(order, kwh(1), work, slack)); }, kFew,
      [&] { return total(plan::reference::lowest_slots_for_all(few, flat, slack).carbon); });
  add(
      "lowest_profile", kFew,
      [&] { return total(plan::lowest_slots_for_all(order, energies, slack).carbon); }, kFew,
      [&] { return total(plan::reference::lowest_slots_for_all(few, energies, slack).carbon); });
  add(
      "exact", kExact, [&] { return total(plan::exact_for_starts(series, asked)[0]); }, kPlainExact,
      [&] { return total(plan::reference::exact_for_starts(series, plain_asked)[0]); });
  return rows;
}

std::string vectors_in_use() { return plan::vector_targets().front(); }

}  // namespace lowtide::bench
