// The score of forecasts in words: a table of errors, and one of what plans keep.
#include <fmt/format.h>

#include <cmath>
#include <string_view>

#include "show/score_view.h"

namespace lowtide::show {
namespace {

using study::JobScore;
using study::ModelScore;
using study::Spread;

std::string of(double value, std::string_view form) {
  return std::isnan(value) ? std::string("·") : fmt::format(fmt::runtime(form), value);
}
std::string in_percent(double share) { return of(share * 100, "{:.1f}"); }
std::string with_range(const Spread& spread) {
  return fmt::format("{} ({} to {})", in_percent(spread.value), in_percent(spread.low),
                     in_percent(spread.high));
}

std::string errors_table(const ScoreView& view, const Style& style) {
  const int name = 12;
  std::string out = paint("errors: MAE in % of the mean, by hours ahead", Ink::dim, style) + "\n";
  out += fmt::format("  {}{:>7}{:>7}{:>7}{:>7}{:>7}  {:>5} {:>6} {:>8}  {}\n", pad("", name), "1 h",
                     "6 h", "12 h", "24 h", "48 h", "rank", "band", "pinball",
                     "all, against the best baseline");
  for (const ModelScore& model : view.score.models) {
    out += "  " + pad(model.name, name);
    for (const std::size_t hour : {1, 6, 12, 24, 48}) {
      out += pad_left(in_percent(model.mae_by_hour[hour - 1]), 7);
    }
    out += fmt::format("  {:>5} {:>6} {:>8}  {}, {}\n", of(model.rank, "{:.2f}"),
                       in_percent(model.coverage.value), in_percent(model.pinball.value),
                       in_percent(model.mae.value), with_range(model.against_baseline));
  }
  out += fmt::format("  {}{}{:>8}\n", pad("climatology", name), std::string(49, ' '),
                     in_percent(view.score.climatology_pinball.value));
  return out;
}

std::string jobs_table(const ScoreView& view, const Style& style) {
  std::string out =
      paint("of the oracle's saving kept, %, planned anew each hour; worse: starts in %", Ink::dim,
            style) +
      "\n" +
      fmt::format("  {}{:>6} {:<15}{:>7}  {:<24}{:>6}  {:<24}{:>6}\n", pad("", 12), "job", "policy",
                  "oracle", "kept", "worse", "with the gate", "worse");
  for (const ModelScore& model : view.score.models) {
    for (std::size_t i = 0; i + 1 < model.jobs.size(); i += 2) {
      const JobScore& free = model.jobs[i];
      const JobScore& gated = model.jobs[i + 1];
      out +=
          fmt::format("  {}{:>6} {:<15}{:>7}  {:<24}{:>6}  {:<24}{:>6}\n",
                      pad(i == 0 ? model.name : "", 12), fmt::format("{:g} h", as_hours(free.job)),
                      spell(free.policy), in_percent(free.oracle), with_range(free.kept),
                      in_percent(free.worse), with_range(gated.kept), in_percent(gated.worse));
    }
  }
  return out;
}

}  // namespace

std::string score_text(const ScoreView& view, const Style& style) {
  const IntensityUsed& used = view.used;
  std::string out =
      paint(fmt::format("{}  {}, forecasts scored from {} to {}", escape(used.zone),
                        spell(used.signal), zoned_time(view.over.begin), zoned_time(view.over.end)),
            Ink::bold, style) +
      "\n";
  out += fmt::format(
      "  {}, a value every {}, {} of them known; mean {} g/kWh; {} forecasts looked at\n\n",
      escape(used.source), format_duration(view.step), percent(view.coverage),
      number(view.score.mean), view.score.forecasts);
  out += errors_table(view, style) + "\n" + jobs_table(view, style);
  for (const std::string& note : view.notes) out += "  note: " + escape(note) + "\n";
  return out;
}

std::string score_progress(std::size_t done, std::size_t all, Duration elapsed) {
  std::string line = fmt::format("scoring: {} of {} steps", done, all);
  if (done > 0 && done < all) {
    const auto left =
        elapsed / static_cast<std::int64_t>(done) * static_cast<std::int64_t>(all - done);
    line += ", about " + format_duration(std::chrono::round<std::chrono::seconds>(left)) + " left";
  }
  return line;
}

}  // namespace lowtide::show
