#include "show/compare_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <vector>

#include "show/compare_notes.h"
#include "show/phrases.h"
#include "show/table.h"

namespace lowtide::show {
namespace {

using account::Report;
using study::Comparison;
using study::Site;

constexpr std::size_t kFirst = 10;  // shown of a long list, without --all
constexpr std::size_t kLast = 3;
constexpr double kDiffers = 0.01;  // of the highest
constexpr double kManyTimes = 10;  // from here on not in percent
constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<const char*, 8> kBlocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

std::string block(const std::string& text, int indent, const Style& style) {
  std::string out;
  for (const std::string& line : wrap(text, columns(style) - indent, 2)) {
    out += std::string(static_cast<std::size_t>(indent), ' ') + line + "\n";
  }
  return out;
}

std::string heading(const std::string& text, const Style& style) {
  return "\n" + paint(clip(text, columns(style)), Ink::bold, style) + "\n";
}

std::string head(const Report& report, const Comparison& comparison, const Style& style) {
  const auto slots = comparison.work.size();
  const std::string first =
      fmt::format("run {} · {} · {}", escape(report.run.id), title(report.run), outcome(report));
  std::string out = paint(clip(first, columns(style)), Ink::bold, style) + "\n";
  out += block(fmt::format("{} in {} slot{} of 5 minutes · boundary {}",
                           text_of(Figure<Energy>{comparison.energy(), {}, {}}).brief(), slots,
                           slots == 1 ? "" : "s", boundary_text(report.energy)),
               1, style);
  return out + block(starts_phrase(comparison), 1, style);
}

// "-96 %" or "12x" of what the run's own place has; empty for that one.
std::string against(const Site& site, const Comparison& comparison) {
  const Site* own = comparison.own();
  if (own == nullptr || site.own || comparison.figure(*own) <= Carbon{}) return {};
  const double times = comparison.figure(site) / comparison.figure(*own);
  if (times >= kManyTimes) return fmt::format("{:.0f}x", times);
  return fmt::format("{:+.0f} %", (times - 1) * 100);
}

// Which rows are shown; a jump in them is drawn as dots.
std::vector<std::size_t> shown(const Comparison& comparison, bool all) {
  std::vector<std::size_t> rows;
  const std::size_t count = comparison.sites.size();
  for (std::size_t i = 0; i < count; ++i) {
    const bool ends = i < kFirst || i + kLast >= count;
    if (all || ends || comparison.sites[i].own) rows.push_back(i);
  }
  return rows;
}

// "-": not known.
std::string cell(const Scale& scale, const std::optional<Carbon>& carbon) {
  return carbon ? scale.number_of(*carbon) : "-";
}

std::string table(const Comparison& comparison, const Scale& scale, bool all, const Style& style) {
  const bool priced = !comparison.price_source.empty();
  Table table({{"", true, 0},
               {"place", false, 0},
               {"name", false, 7, true},
               {"min", true, 1},
               {"q1", true, 4},
               {"median", true, 3},
               {"mean", true, 0},
               {"q3", true, 4},
               {"max", true, 1},
               {"now", true, 2},
               {priced ? "price" : "", true, priced ? 0 : 9},
               {comparison.own() == nullptr ? "" : "to own", true, 0}});
  std::size_t expected = 0;
  for (const std::size_t i : shown(comparison, all)) {
    const Site& site = comparison.sites[i];
    if (i != expected) {
      table.add({"..", fmt::format("{} more: --all", i - expected), "", "", "", "", "", "", "", "",
                 "", ""});
    }
    expected = i + 1;
    const study::StartFigures& figures = site.figures;
    table.add({site.eligible ? std::to_string(i + 1) : "-", escape(site.key()) + mark_of(site),
               escape(site.name), cell(scale, figures.all.min), cell(scale, figures.q1),
               cell(scale, figures.median), cell(scale, figures.all.mean), cell(scale, figures.q3),
               cell(scale, figures.all.max), cell(scale, figures.now),
               site.price ? number(*site.price) : "",
               site.own ? "own" : against(site, comparison)});
  }
  const char* by = comparison.by == study::RankBy::mean ? "lowest mean" : "best start";
  return heading(fmt::format("{} of the run over its starts, the place of the {} first",
                             unit_phrase(comparison, scale), by),
                 style) +
         table.text(style);
}

// Every `step`th value as a block, from the lowest to the highest; a gap is a dot.
std::string bars(const std::vector<std::optional<Carbon>>& values, std::size_t step) {
  std::optional<Carbon> low;
  std::optional<Carbon> high;
  for (const auto& value : values) {
    if (!value) continue;
    low = std::min(low.value_or(*value), *value);
    high = std::max(high.value_or(*value), *value);
  }
  std::string out;
  for (std::size_t i = 0; i < values.size(); i += step) {
    const auto& value = values[i];
    if (!value) {
      out += "·";
      continue;
    }
    // What hardly differs is drawn as one height.
    const bool differs = *high - *low > *high * kDiffers;
    const double part = differs ? (*value - *low) / (*high - *low) : 0.5;
    out += kBlocks.at(static_cast<std::size_t>(std::lround(part * 7)));
  }
  return out;
}

template <std::size_t N>
std::vector<std::optional<Carbon>> means_of(const std::array<study::Range, N>& ranges) {
  std::vector<std::optional<Carbon>> means;
  means.reserve(N);
  for (const study::Range& range : ranges) {
    means.push_back(range.starts > 0 ? std::optional(range.mean) : std::nullopt);
  }
  return means;
}

struct Pattern {
  const char* name;
  std::vector<std::string> heads;
  std::array<std::size_t, 3> steps;  // of the numbers, the finest first
  std::size_t bar_step;
  std::vector<std::optional<Carbon>> (*means)(const study::StartFigures& figures);
};

// The best one and the run's own, each once.
std::vector<const Site*> detailed(const Comparison& comparison) {
  std::vector<const Site*> sites = {comparison.best()};
  const Site* own = comparison.own();
  if (own != nullptr && own != sites.front()) sites.push_back(own);
  return sites;
}

// A line a place: bars of all means, and every `step`th of them as a number.
Table pattern(const Comparison& comparison, const Scale& scale, const Pattern& of,
              std::size_t step) {
  std::vector<Table::Column> columns = {{"", false, 0, true}, {"", false, 0}};
  for (std::size_t i = 0; i < of.heads.size(); i += step) columns.push_back({of.heads[i], true, 1});
  Table table(std::move(columns));
  for (const Site* site : detailed(comparison)) {
    const auto means = of.means(site->figures);
    std::vector<std::string> row = {escape(site->key()), bars(means, of.bar_step)};
    for (std::size_t i = 0; i < means.size(); i += step) row.push_back(cell(scale, means[i]));
    table.add(std::move(row));
  }
  return table;
}

// In the first of the steps whose numbers all fit.
std::string pattern_text(const Comparison& comparison, const Scale& scale, const Pattern& of,
                         const Style& style) {
  std::size_t step = of.steps.back();
  for (const std::size_t finer : {of.steps[1], of.steps[0]}) {
    if (pattern(comparison, scale, of, finer).fits(style)) step = finer;
  }
  return heading(fmt::format("by {} of the start (UTC), mean, {}", of.name, scale.unit()), style) +
         pattern(comparison, scale, of, step).text(style);
}

std::string months(const Comparison& comparison, const Scale& scale, const Style& style) {
  const Pattern of{"month",
                   {kMonths.begin(), kMonths.end()},
                   {1, 2, 3},
                   1,
                   [](const study::StartFigures& figures) { return means_of(figures.months); }};
  return pattern_text(comparison, scale, of, style);
}

// Every third hour at most, as in the paper; a block each two hours.
std::string hours(const Comparison& comparison, const Scale& scale, const Style& style) {
  Pattern of{"hour", {}, {3, 6, 12}, 2, [](const study::StartFigures& figures) {
               return means_of(figures.hours);
             }};
  for (int hour = 0; hour < 24; ++hour) of.heads.push_back(fmt::format("{}:00", hour));
  return pattern_text(comparison, scale, of, style);
}

// What a start at each third hour of each day gives, in local time.
std::string days(const Comparison& comparison, const Scale& scale, const Style& style) {
  std::vector<Table::Column> columns = {{"", false, 0, true}, {"day", false, 0}};
  for (int hour = 0; hour < 24; hour += 3) columns.push_back({fmt::format("{}:00", hour), true, 2});
  Table table(std::move(columns));
  bool any = false;
  for (const Site* site : detailed(comparison)) {
    std::map<std::string, std::vector<std::string>> by_day;
    for (std::size_t i = 0; i < site->by_start.size(); ++i) {
      const std::string at = local_time(site->first + kSlot * static_cast<int>(i));
      const int hour = std::stoi(at.substr(11, 2));
      auto& cells = by_day.try_emplace(at.substr(0, 10), 8, "").first->second;
      const Carbon value = site->by_start[i];
      if (at.substr(14, 2) != "00" || hour % 3 != 0 || std::isnan(as_grams(value))) continue;
      cells.at(static_cast<std::size_t>(hour / 3)) = cell(scale, value);
    }
    for (const auto& [day, cells] : by_day) {
      if (std::all_of(cells.begin(), cells.end(), [](const auto& text) { return text.empty(); })) {
        continue;
      }
      any = true;
      std::vector<std::string> row = {escape(site->key()), day.substr(5)};
      row.insert(row.end(), cells.begin(), cells.end());
      table.add(std::move(row));
    }
  }
  if (!any) return {};
  return heading(fmt::format("by start, local time, {}", scale.unit()), style) + table.text(style);
}

}  // namespace

std::string compare_text(const Report& report, const Comparison& comparison, bool all,
                         const Style& style) {
  const Scale scale(comparison);
  std::string out = head(report, comparison, style);
  out += table(comparison, scale, all, style);
  if (comparison.coming) {
    out += days(comparison, scale, style);
  } else {
    out += months(comparison, scale, style) + hours(comparison, scale, style);
  }
  out += "\n";
  for (const std::string& line : verdict(comparison, scale)) {
    for (const std::string& part : wrap(line, columns(style), 2)) {
      out += paint(part, Ink::bold, style) + "\n";
    }
  }
  for (const std::string& note : notes(report, comparison)) out += block(note, 1, style);
  return out;
}

}  // namespace lowtide::show
