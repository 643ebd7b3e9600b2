// What a fetch brought and what is kept, in words.
#include <fmt/format.h>

#include <algorithm>

#include "show/kept_view.h"

namespace lowtide::show {
namespace {

std::string kind_of(const grid::SeriesKey& key) {
  const std::string scope = !key.scope                       ? "scope not said"
                            : *key.scope == Scope::lifecycle ? "life-cycle"
                                                             : "direct";
  return fmt::format("{}, {}, {}", spell(key.signal), scope, gas_text(key.gas));
}

std::string row(const char* label, const std::string& text, const Style& style) {
  std::string out;
  const auto lines = wrap(text, std::max(columns(style) - 13, 20), 0);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    out += " " + pad(i == 0 ? label : "", 11) + " " + lines[i] + "\n";
  }
  return out;
}

std::string head(const KeptView& view, const Style& style) {
  std::string line =
      fmt::format("{}  {}  {}", escape(view.title), escape(view.key.zone), kind_of(view.key));
  if (!view.key.model.empty()) line += ", model " + escape(view.key.model);
  std::string out;
  for (const std::string& each : wrap(line, columns(style), 4)) {
    out += paint(each, Ink::bold, style) + "\n";
  }
  return out;
}

std::string gaps_text(const grid::KeptFacts& facts) {
  if (facts.gaps.empty()) return "none within this span";
  Duration sum{};
  for (const Interval& gap : facts.gaps) sum += gap.length();
  return fmt::format("{}, together {}; the first from {}", facts.gaps.size(), format_duration(sum),
                     zoned_time(facts.gaps.front().begin));
}

std::string values_text(const grid::KeptFacts& facts) {
  std::string text = fmt::format("{} of {}", facts.values, format_duration(facts.step));
  if (facts.estimated > 0) text += fmt::format(", {} of them estimated", facts.estimated);
  if (facts.forecast > 0) text += fmt::format(", {} of them forecast", facts.forecast);
  return text;
}

std::string facts_text(const KeptView& view, const Style& style) {
  const grid::KeptFacts facts = grid::facts_of(view.points);
  if (facts.values == 0) return row("values", "none are kept of this time", style);
  std::string out = row("values", values_text(facts), style);
  out += row("span", zoned_time(facts.span.begin) + " to " + zoned_time(facts.span.end), style);
  out += row("coverage",
             fmt::format("{} of the time asked for",
                         percent(as_seconds(facts.covered) / as_seconds(view.over.length()))),
             style);
  out += row("gaps", gaps_text(facts), style);
  out += row(
      "g/kWh",
      fmt::format("lowest {}, mean {}, highest {}", number(as_grams_per_kwh(*facts.lowest)),
                  number(as_grams_per_kwh(*facts.mean)), number(as_grams_per_kwh(*facts.highest))),
      style);
  return out;
}

std::string others_text(const KeptView& view, const Style& style) {
  std::string out;
  if (!view.revisions.empty()) {
    const grid::Revision& last = view.revisions.back();
    out += row("revisions",
               fmt::format("{}; the last of {}: {} was {} g/kWh", view.revisions.size(),
                           zoned_time(last.span.begin), number(as_grams_per_kwh(last.after)),
                           number(as_grams_per_kwh(last.before))),
               style);
  }
  if (view.models.size() > 1) {
    std::string all;
    for (const std::string& model : view.models) all += (all.empty() ? "" : ", ") + escape(model);
    out += row("models", all + "; the newest is shown", style);
  }
  if (!view.licence.empty()) out += row("licence", escape(view.licence), style);
  return out;
}

}  // namespace

bool provisional(const KeptView& view, Utc now) {
  const grid::KeptFacts facts = grid::facts_of(view.points);
  const Interval past = view.over.meet({view.over.begin, std::max(view.over.begin, now)});
  return facts.estimated > 0 || facts.forecast > 0 || facts.covered < past.length();
}

std::string fetched_text(const KeptView& view, const grid::Fetched& fetched, Utc now,
                         const Style& style) {
  std::string out = head(view, style);
  out += row("fetched",
             fetched.chunks == 0
                 ? "nothing: all of it is kept already"
                 : fmt::format("{} of {} chunk{}: {} new, {} revised, {} as known", fetched.done,
                               fetched.chunks, fetched.chunks == 1 ? "" : "s", fetched.put.added,
                               fetched.put.revised, fetched.put.equal),
             style);
  out += facts_text(view, style) + others_text(view, style);
  const Utc due = std::min(view.over.end, now);
  if (!view.points.empty() && view.points.back().span.end < due) {
    out += row("not yet", "nothing from " + zoned_time(view.points.back().span.end) + " on", style);
  }
  if (provisional(view, now)) {
    out += row("state", "provisional: what is missing, estimated or forecast is asked for again",
               style);
  }
  for (const std::string& note : fetched.notes) out += row("note", escape(note), style);
  return out;
}

std::string progress_text(const std::string& what, std::size_t done, std::size_t chunks,
                          Duration elapsed) {
  std::string line = fmt::format("{}: {} of {} chunks", what, done, chunks);
  if (done > 0 && done < chunks) {
    const auto left =
        elapsed / static_cast<std::int64_t>(done) * static_cast<std::int64_t>(chunks - done);
    line += ", about " + format_duration(std::chrono::round<std::chrono::seconds>(left)) + " left";
  }
  return line;
}

std::string kept_text(const KeptView& view, const Style& style) {
  return head(view, style) + facts_text(view, style) + others_text(view, style);
}

}  // namespace lowtide::show
