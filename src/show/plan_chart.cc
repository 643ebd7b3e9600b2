#include "show/plan_chart.h"

#include <algorithm>
#include <array>
#include <utility>

#include "show/chart.h"

namespace lowtide::show {
namespace {

using plan::Policy;

// The slots [first, last) of each column.
std::vector<std::pair<std::size_t, std::size_t>> columns_of(std::size_t slots, const Style& style) {
  const std::size_t room = chart_steps(style);
  const std::size_t count = slots < room ? room / slots * slots : room;
  std::vector<std::pair<std::size_t, std::size_t>> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t first = i * slots / count;
    out[i] = {first, std::max(first + 1, (i + 1) * slots / count)};
  }
  return out;
}

using Columns = std::vector<std::pair<std::size_t, std::size_t>>;

std::string curve(const PlanView& view, const Columns& columns, const Style& style) {
  Plot plot{"g/kWh", {}};
  for (const auto& [first, last] : columns) {
    double sum = 0;
    for (std::size_t i = first; i < last; ++i) sum += as_grams_per_kwh(view.intensity[i]);
    plot.values.emplace_back(sum / static_cast<double>(last - first));
  }
  return draw(plot, style);
}

// The share of a column's slots in which the plan works, as height; x: nothing may run there.
std::string mark(const PlanView& view, const plan::Slots& slots, std::size_t first,
                 std::size_t last) {
  const auto from = std::lower_bound(slots.begin(), slots.end(), first);
  const auto works = static_cast<std::size_t>(std::lower_bound(from, slots.end(), last) - from);
  if (works > 0) return block(static_cast<double>(works) / static_cast<double>(last - first));
  const auto forbidden = [&](std::size_t i) {
    return !view.forbidden.empty() && view.forbidden[i];
  };
  for (std::size_t i = first; i < last; ++i) {
    if (!forbidden(i)) return "·";
  }
  return "x";
}

std::string strip(const std::string& label, const plan::Slots& slots, const PlanView& view,
                  const Columns& columns) {
  std::string line = pad_left(label, kChartAxis - 2) + " ";
  for (const auto& [first, last] : columns) line += mark(view, slots, first, last);
  return line + "\n";
}

std::string strips(const PlanView& view, const Columns& columns) {
  if (view.agreed) return strip("agreed", view.agreed->plan.slots, view, columns);
  constexpr std::array<std::pair<Policy, const char*>, 4> kLabels{
      {{Policy::flexible_start, "start"},
       {Policy::lowest_slots, "lowest"},
       {Policy::threshold, "thresh"},
       {Policy::exact, "exact"}}};
  std::string out;
  for (const auto& [policy, label] : kLabels) {
    const plan::Outcome& outcome = view.decision.of(policy);
    const bool shown = view.pausable || policy == Policy::flexible_start;
    if (shown && !outcome.slots.empty()) out += strip(label, outcome.slots, view, columns);
  }
  return out;
}

// Minutes between the marks of the axis: the least that leaves room for a date between two.
int step_of(const PlanView& view, std::size_t columns) {
  constexpr int kRoom = 7;  // "03-02", and a little
  constexpr std::array kSteps = {5,   10,  15,   30,   60,    120,   180,  240,
                                 360, 720, 1440, 2880, 10080, 20160, 43200};
  const double minutes = as_seconds(view.window.length()) / 60;
  for (const int step : kSteps) {
    if (static_cast<double>(columns) * step / minutes >= kRoom) return step;
  }
  return kSteps.back();
}

constexpr int kDay = 24 * 60;  // minutes

// What stands at a moment of the axis: a date at midnight, else the hour; empty between marks.
std::string axis_label(Utc t, int step) {
  const int minute = local_minute(t);
  if (step < kDay && minute % step != 0) return {};
  if (step >= kDay && minute != 0) return {};
  const std::string text = local_time(t);
  if (minute == 0) {
    const auto day = (t.time_since_epoch() + std::chrono::hours(12)) / std::chrono::days(1);
    const bool marked = step <= kDay || day % (step / kDay) == 0;
    return marked ? text.substr(5, 5) : std::string();
  }
  return step < 60 ? text.substr(11, 5) : text.substr(11, 2);
}

std::string axis(const PlanView& view, const Columns& columns) {
  const int step = step_of(view, columns.size());
  std::string line;
  for (std::size_t column = 0; column < columns.size(); ++column) {
    for (std::size_t i = columns[column].first; i < columns[column].second; ++i) {
      const std::string label =
          axis_label(view.window.begin + kSlot * static_cast<std::int64_t>(i), step);
      const bool repeats = column > 0 && columns[column - 1].first == i;  // of a wide slot
      const bool fits = line.size() <= column && column + label.size() <= columns.size();
      if (label.empty() || repeats || !fits) continue;
      line.resize(column, ' ');
      line += label + " ";
    }
  }
  while (line.ends_with(' ')) line.pop_back();
  return std::string(kChartAxis - 1, ' ') + line + "\n";
}

}  // namespace

std::string plan_chart(const PlanView& view, const Style& style) {
  const Columns columns = columns_of(view.intensity.size(), style);
  return curve(view, columns, style) + strips(view, columns) +
         paint(axis(view, columns), Ink::dim, style);
}

}  // namespace lowtide::show
