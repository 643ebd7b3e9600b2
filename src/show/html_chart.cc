#include "show/html_chart.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <vector>

#include "show/chart.h"
#include "show/html_parts.h"
#include "show/text.h"

namespace lowtide::show {
namespace {

using account::Report;
using account::TimelineStep;
using Steps = std::span<const TimelineStep>;
using Values = std::vector<std::optional<double>>;

constexpr double kLeft = 62;
constexpr double kWidth = 1000 - kLeft - 22;
constexpr double kTitle = 34;  // height of a panel's title
constexpr double kAxis = 30;   // height of the time axis

// A plot: values in its unit, and where it stands.
struct Panel {
  std::string name;
  std::string unit;
  double top = 0;
  double height = 0;
  double highest = 0;  // of the scale
  double tick = 1;
  [[nodiscard]] double y(double value) const { return top + height * (1 - value / highest); }
};

double x_at(std::size_t i, std::size_t count) {
  return kLeft + kWidth * static_cast<double>(i) / static_cast<double>(count);
}

// One decimal is a tenth of a pixel.
std::string px(double value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

// 1, 2 or 5 times a power of ten, so that about `ticks` of them reach `top`.
double nice_tick(double top, int ticks) {
  if (top <= 0) return 1;
  const double raw = top / ticks;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (raw <= factor * power) return factor * power;
  }
  return 10 * power;
}

void scale(Panel& panel, double top, int ticks) {
  panel.tick = nice_tick(top, ticks);
  panel.highest = std::max(1.0, std::ceil(top / panel.tick - 1e-9)) * panel.tick;
}

// Neighbours that are known, as index ranges [first, last).
std::vector<std::pair<std::size_t, std::size_t>> known(const Values& values) {
  std::vector<std::pair<std::size_t, std::size_t>> out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i]) continue;
    if (out.empty() || out.back().second != i) out.emplace_back(i, i);
    ++out.back().second;
  }
  return out;
}

// The upper edge as steps, from the left end of `first` to the right end of `last`.
std::string edge(const Values& values, const Panel& panel, std::size_t first, std::size_t last) {
  std::string out;
  std::string before;
  for (std::size_t i = first; i < last; ++i) {
    const std::string y = px(panel.y(*values[i]));
    if (y == before) continue;
    const std::string x = px(x_at(i, values.size()));
    out += fmt::format(fmt::runtime(out.empty() ? "M{} {}" : "H{}V{}"), x, y);
    before = y;
  }
  return out + "H" + px(x_at(last, values.size()));
}

// Straight from end to end of steps; flat stretches are one piece.
std::string slope(const Values& values, const Panel& panel, std::size_t first, std::size_t last) {
  std::string before = px(panel.y(first == 0 ? 0 : *values[first]));
  std::string out = "M" + px(x_at(first, values.size())) + " " + before;
  for (std::size_t i = first; i < last; ++i) {
    const std::string y = px(panel.y(*values[i]));
    const bool bend = y != before || i + 1 == last || px(panel.y(*values[i + 1])) != y;
    if (bend) out += "L" + px(x_at(i + 1, values.size())) + " " + y;
    before = y;
  }
  return out;
}

// All known stretches; closed down to the ground they are an area. What is drawn later covers the
// lower part.
enum class Outline { line, area };
std::string outline(const Values& values, const Panel& panel, Outline how,
                    std::string (*upper)(const Values&, const Panel&, std::size_t, std::size_t)) {
  std::string out;
  for (const auto& [first, last] : known(values)) {
    out += upper(values, panel, first, last);
    if (how == Outline::line) continue;
    out += "V" + px(panel.top + panel.height) + "H" + px(x_at(first, values.size())) + "Z";
  }
  return out;
}

std::string path(const char* what, const std::string& d) {
  return d.empty() ? "" : fmt::format("<path {} d=\"{}\"/>\n", what, d);
}

std::string frame(const Panel& panel) {
  std::string out = fmt::format(
      "<text class=\"name\" x=\"0\" y=\"{}\">{}</text><text x=\"1000\" "
      "y=\"{}\" text-anchor=\"end\">{}</text>\n",
      px(panel.top - 15), in_html(panel.name), px(panel.top - 15), in_html(panel.unit));
  for (double value = 0; value <= panel.highest * 1.001; value += panel.tick) {
    const std::string y = px(panel.y(value));
    out += fmt::format(
        "<line class=\"{}\" x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/>"
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{:.6g}</text>\n",
        value == 0 ? "base" : "rule", kLeft, kLeft + kWidth, y, y, kLeft - 8,
        px(panel.y(value) + 4), value);
  }
  return out;
}

// A box over each stretch of columns that is known in `where`, named by its class.
std::string boxes(const Values& where, double top, double height, const char* look,
                  const char* what) {
  std::string out;
  for (const auto& [first, last] : known(where)) {
    const double x = x_at(first, where.size());
    out += fmt::format(
        "<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\">"
        "<title>{}</title></rect>\n",
        look, px(x), px(top), px(std::max(1.0, x_at(last, where.size()) - x)), px(height), what);
  }
  return out;
}

// Where nothing is known, over the height of the panel; where a channel is missing, at its foot.
std::string gaps(const Values& values, const Panel& panel, Steps partial) {
  Values holes(values.size());
  Values parts(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i]) holes[i] = 1;
    if (values[i] && !partial.empty() && partial[i].partial) parts[i] = 1;
  }
  return boxes(holes, panel.top, panel.height, "missing", "a gap: not known") +
         boxes(parts, panel.top + panel.height + 1, 6, "missing", "some device was not read");
}

template <typename Get>
Values values_of(Steps steps, Get get) {
  Values out;
  for (const TimelineStep& step : steps) out.push_back(get(step));
  return out;
}

// Behind all panels: when the job was paused, or waited.
std::string rests(Steps steps, double top, double foot) {
  std::string out;
  for (const RunState state : {RunState::paused, RunState::waiting}) {
    const Values where = values_of(steps, [&](const TimelineStep& step) {
      return step.state == state ? std::optional(1.0) : std::nullopt;
    });
    out += boxes(where, top, foot - top, "rest", std::string(spell(state)).c_str());
  }
  return out;
}

double highest(const Values& values) {
  double top = 0;
  for (const auto& value : values) top = std::max(top, value.value_or(0));
  return top;
}

void divide(Values& values, double factor) {
  for (auto& value : values) {
    if (value) *value /= factor;
  }
}

// The series of a chart in the units of its panels.
struct Series {
  Values power;
  Values uncertain;  // modelled and filled, of the power
  Values filled;
  Values intensity;
  Values carbon;
  Unit watt{1, "W"};
  Unit gram{1, "g"};
  std::string carbon_name;  // "kg CO2e"
  Unit per_kwh{1, "g/kWh"};
};

Series series_of(Steps steps, const Report& report) {
  Series all;
  all.power = values_of(steps, [](const TimelineStep& step) {
    return step.power ? std::optional(as_watts(*step.power)) : std::nullopt;
  });
  all.uncertain = values_of(steps, [](const TimelineStep& step) {
    const Power part = step.modelled + step.filled;
    return step.power && part > Power{} ? std::optional(as_watts(part)) : std::nullopt;
  });
  all.filled = values_of(steps, [](const TimelineStep& step) {
    return step.filled > Power{} ? std::optional(as_watts(step.filled)) : std::nullopt;
  });
  all.intensity = values_of(steps, [](const TimelineStep& step) {
    return step.intensity ? std::optional(as_grams_per_kwh(*step.intensity)) : std::nullopt;
  });
  all.carbon = values_of(steps, [](const TimelineStep& step) {
    return step.cumulative ? std::optional(as_grams(*step.cumulative)) : std::nullopt;
  });
  all.watt = power_unit(watts(highest(all.power)));
  all.per_kwh = intensity_unit(grams_per_kwh(highest(all.intensity)));
  const Carbon most =
      std::max(report.carbon.operational_high.value_or(Carbon{}), grams(highest(all.carbon)));
  all.gram = carbon_unit(most);
  const std::string_view name = all.gram.name;  // "kgCO2e"
  all.carbon_name =
      std::string(name.substr(0, name.find("CO2"))) + " " + gas_text(report.carbon.gas);
  for (Values* values : {&all.power, &all.uncertain, &all.filled}) divide(*values, all.watt.factor);
  divide(all.intensity, all.per_kwh.factor);
  divide(all.carbon, all.gram.factor);
  return all;
}

struct TimeTick {
  long seconds;
  bool date;
};
constexpr auto kTimeTicks = std::to_array<TimeTick>(
    {{1, false},      {2, false},      {5, false},    {10, false},    {15, false},
     {30, false},     {60, false},     {120, false},  {300, false},   {600, false},
     {900, false},    {1800, false},   {3600, false}, {7200, false},  {10800, false},
     {21600, false},  {43200, false},  {86400, true}, {172800, true}, {604800, true},
     {2592000, true}, {31536000, true}});

// How far local time is ahead of UTC.
long offset_seconds(Utc t) {
  const std::string text = zoned_time(t);
  if (text.size() < 26) return 0;
  const long minutes = std::stol(text.substr(21, 2)) * 60 + std::stol(text.substr(24, 2));
  return (text[20] == '-' ? -60 : 60) * minutes;
}

// At whole local times. Without seconds where no tick needs them.
std::string time_axis(Steps steps, double y, double top) {
  const Utc begin = steps.front().span.begin;
  const double length = as_seconds(steps.back().span.end - begin);
  TimeTick tick = kTimeTicks.back();
  for (const TimeTick& candidate : kTimeTicks) {
    if (length / static_cast<double>(candidate.seconds) > 8) continue;
    tick = candidate;
    break;
  }
  const double local =
      as_seconds(begin.time_since_epoch()) + static_cast<double>(offset_seconds(begin));
  const auto step = static_cast<double>(tick.seconds);
  std::string out;
  for (double at = std::ceil(local / step) * step - local; at <= length; at += step) {
    const std::string text = local_time(begin + seconds(at + 1e-6));
    const bool midnight = text.substr(11, 8) == "00:00:00";
    std::string label = text.substr(11, tick.seconds < 60 ? 8 : 5);
    if (tick.date || (midnight && tick.seconds >= 3600)) label = text.substr(5, 5);
    const std::string x = px(kLeft + kWidth * at / length);
    out += fmt::format(
        "<line class=\"rule\" x1=\"{0}\" x2=\"{0}\" y1=\"{1}\" y2=\"{2}\"/>"
        "<text x=\"{0}\" y=\"{3}\" text-anchor=\"middle\">{4}</text>\n",
        x, px(top), px(y + 5), px(y + 20), label);
  }
  return out;
}

std::string json_numbers(const Values& values) {
  std::string out;
  for (const auto& value : values) {
    out += out.empty() ? "" : ",";
    out += value ? fmt::format("{:.4g}", *value) : "null";
  }
  return "[" + out + "]";
}

std::string series_json(Steps steps, const Series& all) {
  const Utc begin = steps.front().span.begin;
  return fmt::format(
      "<script type=\"application/json\" id=\"series\">{{\"begin_ms\":{:.0f},\"step_ms\":{:.6g},"
      "\"offset_ms\":{},\"left\":{},\"width\":{},\"units\":[\"{}\",\"{}\",\"{}\"],\n\"power\":{},\n"
      "\"intensity\":{},\n\"carbon\":{}}}</script>\n",
      as_seconds(begin.time_since_epoch()) * 1e3, as_seconds(steps.front().span.length()) * 1e3,
      offset_seconds(begin) * 1000, kLeft, kWidth, all.watt.name, all.per_kwh.name, all.carbon_name,
      json_numbers(all.power), json_numbers(all.intensity), json_numbers(all.carbon));
}

std::string swatch(const std::string& shape, const char* text) {
  return "<li><svg width=\"22\" height=\"14\" aria-hidden=\"true\">" + shape + "</svg>" + text +
         "</li>";
}

std::string legend(const Series& all, bool gap, bool rest) {
  const auto box = [](std::string_view fill) {
    return fmt::format("<rect width=\"22\" height=\"14\" fill=\"{}\"/>", fill);
  };
  const auto any = [](const Values& values) { return !known(values).empty(); };
  std::string out = "<ul class=\"legend\">";
  bool measured = false;
  for (std::size_t i = 0; i < all.power.size(); ++i) {
    measured = measured || all.power[i].value_or(0) > all.uncertain[i].value_or(0) * (1 + 1e-9);
  }
  if (measured) out += swatch(box("var(--power)"), "measured power");
  if (any(all.uncertain)) out += swatch(box(texture_fill(Texture::hatched)), "modelled power");
  if (any(all.filled)) out += swatch(box(texture_fill(Texture::dotted)), "filled gap");
  if (gap) out += swatch(box("url(#missing)"), "gap, or a device not read");
  if (rest) out += swatch(box("var(--rest)"), "paused or waiting");
  out += swatch("<line y1=\"7\" y2=\"7\" x2=\"22\" stroke=\"var(--grid)\" stroke-width=\"2\"/>",
                "intensity of the grid");
  out += swatch("<path d=\"M0 13L22 2\" stroke=\"var(--carbon)\" stroke-width=\"2.2\"/>",
                "operational carbon so far");
  return out + "</ul>\n";
}

std::string end_whisker(const Report& report, const Panel& panel, double factor) {
  const auto& low = report.carbon.operational_low;
  const auto& high = report.carbon.operational_high;
  if (!low || !high) return {};
  const double x = kLeft + kWidth + 9;
  const std::string top = px(panel.y(as_grams(*high) / factor));
  const std::string foot = px(panel.y(as_grams(*low) / factor));
  return fmt::format(
      "<g class=\"whisker\"><title>95 % interval of the operational carbon</title>"
      "<line x1=\"{0}\" x2=\"{0}\" y1=\"{3}\" y2=\"{4}\"/>"
      "<line x1=\"{1}\" x2=\"{2}\" y1=\"{3}\" y2=\"{3}\"/>"
      "<line x1=\"{1}\" x2=\"{2}\" y1=\"{4}\" y2=\"{4}\"/></g>\n",
      px(x), px(x - 5), px(x + 5), top, foot);
}

std::string description(const Report& report, Steps steps) {
  std::string text = "Power from " + zoned_time(steps.front().span.begin) + " to " +
                     zoned_time(steps.back().span.end);
  if (report.carbon.operational) {
    text += "; operational carbon at the end " +
            text_of(Figure<Carbon>{*report.carbon.operational, report.carbon.operational_low,
                                   report.carbon.operational_high})
                .full();
  }
  return text + ". The table below has the same by time.";
}

}  // namespace

std::string html_chart(const Report& report, Steps steps) {
  if (steps.empty()) return {};
  const Series all = series_of(steps, report);
  std::array<Panel, 3> panels = {Panel{"Power", all.watt.name, kTitle, 190},
                                 Panel{"Carbon intensity", all.per_kwh.name, 0, 110},
                                 Panel{"Operational carbon so far", all.carbon_name, 0, 140}};
  panels[1].top = panels[0].top + panels[0].height + kTitle + 12;
  panels[2].top = panels[1].top + panels[1].height + kTitle + 12;
  const double high = as_grams(report.carbon.operational_high.value_or(Carbon{})) / all.gram.factor;
  scale(panels[0], highest(all.power), 4);
  scale(panels[1], highest(all.intensity), 2);
  scale(panels[2], std::max(high, highest(all.carbon)), 3);
  const double foot = panels[2].top + panels[2].height;
  std::string svg;
  const std::string rest = rests(steps, panels[0].top, foot);
  svg += rest + time_axis(steps, foot, panels[0].top);
  for (const Panel& panel : panels) svg += frame(panel);
  const std::string holes = gaps(all.power, panels[0], steps) + gaps(all.intensity, panels[1], {});
  svg += path("fill=\"var(--power)\"", outline(all.power, panels[0], Outline::area, edge));
  svg += path("fill=\"url(#hatched)\"", outline(all.uncertain, panels[0], Outline::area, edge));
  svg += path("fill=\"url(#dotted)\"", outline(all.filled, panels[0], Outline::area, edge));
  svg += path("class=\"poweredge\"", outline(all.power, panels[0], Outline::line, edge)) + holes;
  svg += path("class=\"gridline\"", outline(all.intensity, panels[1], Outline::line, edge));
  svg += path("class=\"carbonarea\"", outline(all.carbon, panels[2], Outline::area, slope));
  svg += path("class=\"carbonline\"", outline(all.carbon, panels[2], Outline::line, slope));
  svg += end_whisker(report, panels[2], all.gram.factor);
  return fmt::format(
      "<figure><div class=\"plot\"><div class=\"scrub\" id=\"scrub\"><svg viewBox=\"0 0 1000 {}\" "
      "role=\"img\" aria-labelledby=\"chart-title chart-desc\">\n<title id=\"chart-title\">Power, "
      "carbon intensity and carbon over time</title>\n<desc id=\"chart-desc\">{}</desc>\n{}"
      "<line id=\"cursor\" x1=\"0\" x2=\"0\" y1=\"{}\" y2=\"{}\"/>\n</svg></div></div>\n"
      "<p id=\"readout\"></p>\n{}</figure>\n{}",
      px(foot + kAxis), in_html(description(report, steps)), svg, px(panels[0].top), px(foot),
      legend(all, !holes.empty(), !rest.empty()), series_json(steps, all));
}

}  // namespace lowtide::show
