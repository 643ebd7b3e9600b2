#include "account/sum.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "account/bounds.h"

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

template <typename T>
void add(std::optional<T>& sum, const std::optional<T>& part) {
  if (part) sum = sum.value_or(T{}) + *part;
}

void add_run(const Report& report, Sum& sum) {
  ++sum.runs;
  ++sum.states[report.run.state];
  sum.duration += report.duration.value_or(Duration{});
  sum.active += report.active.value_or(Duration{});
  sum.paused += report.paused.value_or(Duration{});
  sum.waiting += report.waiting.value_or(Duration{});
  add(sum.total, report.energy.total);
  add(sum.it, report.energy.it);
  add(sum.operational, report.carbon.operational);
  // M alone, without the carbon it goes with, would make a total of unlike parts.
  if (report.carbon.total) add(sum.embodied, report.carbon.embodied);
  add(sum.total_carbon, report.carbon.total);
}

// Facts that hold for all runs, or for none.
void add_common(std::span<const Report* const> reports, Sum& sum) {
  bool mixed = false;
  bool other = true;
  Energy modelled;
  for (const Report* report : reports) {
    if (report->energy.boundary) {
      if (!sum.boundary) sum.boundary = report->energy.boundary;
      mixed = mixed || sum.boundary != report->energy.boundary;
    }
    if (report->energy.it)
      modelled += *report->energy.it * report->energy.modelled_share.value_or(0);
    if (!report->carbon.operational) continue;
    sum.signal = report->carbon.signal;
    sum.gas = report->carbon.gas;
    if (const IntensityReport* used = headline(*report)) sum.scope = used->used.scope;
    other = other && report->carbon.other_signal;
    add(sum.other_signal, report->carbon.other_signal);
  }
  if (!other) sum.other_signal.reset();
  if (mixed) sum.boundary.reset();
  if (sum.it && *sum.it > Energy{}) sum.modelled_share = modelled / *sum.it;
  if (mixed) sum.note += "boundaries are mixed; ";
}

void add_bounds(std::span<const Report* const> reports, Sum& sum) {
  std::vector<ErrorPart> parts;
  bool carbon_bounded = true;
  std::size_t without_energy = 0;
  std::size_t without_carbon = 0;
  for (const Report* report : reports) {
    for (ErrorPart part : report->parts) {
      if (!report->carbon.total) part.low_carbon = part.high_carbon = Carbon{};
      parts.push_back(part);
    }
    if (!report->energy.total) ++without_energy;
    if (!report->carbon.operational) ++without_carbon;
    if (report->carbon.operational && !report->carbon.low) carbon_bounded = false;
  }
  const HalfWidths widths = combine(parts);
  if (sum.total) {
    sum.total_low = std::max(Energy{}, *sum.total - widths.low);
    sum.total_high = *sum.total + widths.high;
  }
  if (sum.total_carbon && carbon_bounded) {
    sum.low = std::max(Carbon{}, *sum.total_carbon - widths.low_carbon);
    sum.high = *sum.total_carbon + widths.high_carbon;
  }
  if (without_energy > 0) sum.note += fmt::format("{} without energy; ", without_energy);
  if (without_carbon > 0) sum.note += fmt::format("{} without carbon; ", without_carbon);
  if (!carbon_bounded) sum.note += "no bounds: the error of an intensity is not known; ";
}

}  // namespace

Result<Sum> sum(std::span<const Report> reports, SumOptions options) {
  std::set<std::string> ids;
  for (const Report& report : reports) ids.insert(report.run.id);
  Sum out;
  std::vector<const Report*> counted;
  std::set<std::string> seen;
  for (const Report& report : reports) {
    // A run inside another was metered twice, and one that is named twice is one run.
    const bool nested = !report.run.parent.empty() && ids.contains(report.run.parent);
    const bool again = !seen.insert(report.run.id).second;
    if (nested && !again) out.left_out.push_back(report.run.id);
    if (!nested && !again) counted.push_back(&report);
  }
  if (auto alike = check_alike(counted, options); !alike) {
    return tl::unexpected<Error>(alike.error());
  }
  for (const Report* report : counted) add_run(*report, out);
  add_common(counted, out);
  add_bounds(counted, out);
  if (!out.left_out.empty()) {
    out.note +=
        fmt::format("{} inside another run of the list, counted there; ", out.left_out.size());
  }
  if (out.note.ends_with("; ")) out.note.resize(out.note.size() - 2);
  return out;
}

}  // namespace lowtide::account
