#include "account/sum.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <utility>

#include "account/bounds.h"
#include "account/overlap.h"

namespace lowtide::account {
namespace {

const IntensityReport* headline(const Report& report) {
  for (const IntensityReport& intensity : report.intensity) {
    if (intensity.headline) return &intensity;
  }
  return nullptr;
}

std::string named(const std::optional<Boundary>& boundary) {
  return boundary ? std::string(spell(*boundary)) : "none";
}

std::string series_of(const Report& report) {
  const IntensityReport* used = headline(report);
  if (used == nullptr) return fmt::format("{}, no series", spell(report.carbon.signal));
  return fmt::format("{}, {}, {}", spell(used->used.signal),
                     used->used.scope ? spell(*used->used.scope) : "scope not said",
                     spell(used->used.gas));
}

// Unlike figures are not added without being asked to.
Result<void> check_alike(std::span<const Report* const> reports, SumOptions options) {
  const Report* first = nullptr;
  const Report* first_bounded = nullptr;
  for (const Report* report : reports) {
    if (report->energy.boundary) {
      if (first_bounded == nullptr) first_bounded = report;
      const bool same = first_bounded->energy.boundary == report->energy.boundary;
      if (!same && !options.mixed_boundary) {
        return fail(ErrorKind::usage,
                    fmt::format("runs {} (boundary {}) and {} (boundary {}) are not summed",
                                first_bounded->run.id, named(first_bounded->energy.boundary),
                                report->run.id, named(report->energy.boundary)),
                    {}, "--mixed-boundary adds them all the same");
      }
    }
    if (!report->carbon.operational) continue;
    if (first == nullptr) first = report;
    if (series_of(*first) != series_of(*report)) {
      return fail(
          ErrorKind::usage,
          fmt::format("runs {} ({}) and {} ({}) are not summed: their intensities are unlike",
                      first->run.id, series_of(*first), report->run.id, series_of(*report)),
          {}, "report them one by one");
    }
  }
  return {};
}

// A run of the sum and what of it others have charged already.
struct Counted {
  const Report* report = nullptr;
  Excess excess;
};

void add_run(const Counted& run, Sum& sum) {
  const Report& report = *run.report;
  ++sum.runs;
  ++sum.states[report.run.state];
  const auto add_length = [](auto& total, const auto& part) {
    if (part) total = total.value_or(Duration{}) + *part;
  };
  add_length(sum.duration, report.duration);
  add_length(sum.active, report.active);
  add_length(sum.paused, report.paused);
  add_length(sum.waiting, report.waiting);
  const auto add = [](auto& total, const auto& part, const auto& excess) {
    if (part) total = (total ? *total + *part : *part) - excess;
  };
  add(sum.total, report.energy.total, run.excess.energy * report.energy.pue.value_or(1.0));
  add(sum.it, report.energy.it, run.excess.energy);
  add(sum.operational, report.carbon.operational, run.excess.operational);
  // M alone, without the carbon it goes with, would make a total of unlike parts.
  if (report.carbon.total) add(sum.embodied, report.carbon.embodied, run.excess.embodied);
  add(sum.total_carbon, report.carbon.total, run.excess.operational + run.excess.embodied);
}

void add_boundary(const std::vector<Counted>& runs, Sum& sum) {
  for (const Counted& run : runs) {
    const auto& boundary = run.report->energy.boundary;
    if (!boundary) continue;
    if (!sum.boundary) sum.boundary = boundary;
    if (sum.boundary == boundary) continue;
    sum.boundary.reset();
    sum.note += "boundaries are mixed; ";
    return;
  }
}

void add_modelled_share(const std::vector<Counted>& runs, Sum& sum) {
  if (!sum.it || *sum.it <= Energy{}) return;
  Energy modelled;
  for (const Counted& run : runs) {
    const EnergyReport& energy = run.report->energy;
    if (energy.it) modelled += *energy.it * energy.modelled_share.value_or(0) - run.excess.modelled;
  }
  sum.modelled_share = modelled / *sum.it;
}

// Facts of the series, which hold for all runs, and the other signal where all runs know it whole.
void add_series(const std::vector<Counted>& runs, Sum& sum) {
  bool other = true;
  for (const Counted& run : runs) {
    const CarbonReport& carbon = run.report->carbon;
    if (!carbon.operational) continue;
    sum.signal = carbon.signal;
    sum.gas = carbon.gas;
    if (const IntensityReport* used = headline(*run.report)) sum.scope = used->used.scope;
    // What of the other signal's carbon was charged twice is not known.
    other = other && carbon.other_signal && run.excess.operational <= Carbon{};
    if (other) sum.other_signal = sum.other_signal.value_or(Carbon{}) + *carbon.other_signal;
  }
  if (!other) sum.other_signal.reset();
}

// The run's parts of the half-widths, as far as its figures are counted.
void append_parts(const Counted& run, std::vector<ErrorPart>& parts) {
  for (ErrorPart part : run.report->parts) {
    const auto found = run.excess.kept.find(part.origin);
    const double kept = found == run.excess.kept.end() ? 1 : found->second;
    part.low *= kept;
    part.high *= kept;
    const double kept_carbon = run.report->carbon.total ? kept : 0;
    part.low_carbon *= kept_carbon;
    part.high_carbon *= kept_carbon;
    parts.push_back(part);
  }
}

void add_bounds(const std::vector<Counted>& runs, Sum& sum) {
  std::vector<ErrorPart> parts;
  for (const Counted& run : runs) append_parts(run, parts);
  const bool carbon_bounded = std::all_of(runs.begin(), runs.end(), [](const Counted& run) {
    return !run.report->carbon.operational || run.report->carbon.low;
  });
  const HalfWidths widths = combine(parts);
  if (sum.total) {
    sum.total_low = std::max(Energy{}, *sum.total - widths.low);
    sum.total_high = *sum.total + widths.high;
  }
  if (sum.operational && carbon_bounded) {
    std::erase_if(parts, [](const ErrorPart& part) { return part.origin == "embodied"; });
    const HalfWidths operational = combine(parts);
    sum.operational_low = std::max(Carbon{}, *sum.operational - operational.low_carbon);
    sum.operational_high = *sum.operational + operational.high_carbon;
  }
  if (sum.total_carbon && carbon_bounded) {
    sum.low = std::max(Carbon{}, *sum.total_carbon - widths.low_carbon);
    sum.high = *sum.total_carbon + widths.high_carbon;
  }
  if (!carbon_bounded) sum.note += "no bounds: the error of an intensity is not known; ";
}

void add_notes(const std::vector<Counted>& runs, Sum& sum) {
  std::size_t without_energy = 0;
  std::size_t without_carbon = 0;
  Energy excess;
  for (const Counted& run : runs) {
    if (!run.report->energy.total) ++without_energy;
    if (!run.report->carbon.operational) ++without_carbon;
    excess += run.excess.energy;
  }
  if (without_energy > 0) sum.note += fmt::format("{} without energy; ", without_energy);
  if (without_carbon > 0) sum.note += fmt::format("{} without carbon; ", without_carbon);
  if (excess > Energy{}) {
    sum.note += fmt::format(
        "{:.3g} kWh that more than one run charged of a device at the same time is counted once; ",
        as_kwh(excess));
  }
  if (sum.left_out.empty()) return;
  sum.note +=
      fmt::format("{} inside another run of the list, counted there; ", sum.left_out.size());
}

// A run inside another was metered twice, and one that is named twice is one run.
std::vector<const Report*> outermost(std::span<const Report> reports, Sum& sum) {
  std::set<std::string> ids;
  for (const Report& report : reports) ids.insert(report.run.id);
  std::vector<const Report*> kept;
  std::set<std::string> seen;
  for (const Report& report : reports) {
    if (!seen.insert(report.run.id).second) continue;
    const bool nested = !report.run.parent.empty() && ids.contains(report.run.parent);
    if (nested) {
      sum.left_out.push_back(report.run.id);
    } else {
      kept.push_back(&report);
    }
  }
  return kept;
}

// Fills what the runs add up to. `out` knows what was left out.
void add_up(const std::vector<Counted>& runs, Sum& out) {
  for (const Counted& run : runs) add_run(run, out);
  add_boundary(runs, out);
  add_modelled_share(runs, out);
  add_series(runs, out);
  add_bounds(runs, out);
  add_notes(runs, out);
  if (out.note.ends_with("; ")) out.note.resize(out.note.size() - 2);
}

}  // namespace

Phase phase_of(const RunRecord& run) {
  const auto is = [&](RunState state) { return run.state == state; };
  if (is(RunState::failed) || is(RunState::killed) || is(RunState::interrupted) ||
      is(RunState::cancelled)) {
    return Phase::failures;
  }
  const auto tag = run.tags.find("phase");
  return tag != run.tags.end() && tag->second == "final" ? Phase::final : Phase::exploration;
}

Result<Sum> sum(std::span<const Report> reports, SumOptions options) {
  Sum out;
  const std::vector<const Report*> kept = outermost(reports, out);
  if (auto alike = check_alike(kept, options); !alike) {
    return tl::unexpected<Error>(alike.error());
  }
  std::vector<Excess> excess = find_excess(kept);
  std::vector<Counted> runs;
  runs.reserve(kept.size());
  for (std::size_t i = 0; i < kept.size(); ++i) runs.push_back({kept[i], std::move(excess[i])});
  add_up(runs, out);
  for (const Phase phase : {Phase::exploration, Phase::failures, Phase::final}) {
    std::vector<Counted> some;
    std::copy_if(runs.begin(), runs.end(), std::back_inserter(some),
                 [&](const Counted& run) { return phase_of(run.report->run) == phase; });
    add_up(some, out.phases.emplace_back());
  }
  return out;
}

}  // namespace lowtide::account
