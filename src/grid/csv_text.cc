#include "grid/csv_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "grid/step_watch.h"

namespace lowtide::grid {
namespace {

// A value that holds for longer is written by the hour: a reader knows no such step.
constexpr Duration kLongestStep = std::chrono::days(1);

struct Row {
  Utc time;
  std::optional<Intensity> value;
};

enum class Gaps { left_out, written };

class Rows {
 public:
  Rows(std::span<const IntensityPiece> pieces, Duration step, Gaps gaps) {
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const Interval& span = pieces[i].span;
      add(span, step, pieces[i].value);
      const bool last = i + 1 == pieces.size();
      const Interval gap{span.end, last ? span.end : pieces[i + 1].span.begin};
      if (gaps == Gaps::written) add(gap, step, std::nullopt);
      // Else the reader would let it hold for the whole step.
      const bool cut = rows_.back().time + step > span.end && (last || !gap.empty());
      if (cut && rows_.back().value) rows_.push_back({span.end, std::nullopt});
    }
    if (rows_.size() == 1) rows_.push_back({pieces.front().span.end, std::nullopt});
  }

  // Whether a reader takes it for the step of the file.
  [[nodiscard]] bool say(Duration step) const {
    StepWatch watch;
    for (const Row& row : rows_) watch.add(row.time, 0);
    return watch.has_step() && watch.usual() == step;
  }

  [[nodiscard]] std::string text() const {
    std::string out = "time,g_per_kwh\n";
    for (const Row& row : rows_) {
      write_time(out, row.time);
      if (row.value) fmt::format_to(std::back_inserter(out), "{}", as_grams_per_kwh(*row.value));
      out += '\n';
    }
    return out;
  }

 private:
  void add(Interval span, Duration step, std::optional<Intensity> value) {
    for (Utc at = span.begin; at < span.end; at += step) rows_.push_back({at, value});
  }

  // With as many digits of a second as it takes.
  static void write_time(std::string& out, Utc time) {
    constexpr std::size_t kWholeSeconds = 19;
    out.append(format_utc(time), 0, kWholeSeconds);
    const Duration part = time - std::chrono::floor<std::chrono::seconds>(time);
    if (part != Duration::zero()) {
      fmt::format_to(std::back_inserter(out), ".{:09}", part.count());
    }
    out += "Z,";
  }

  std::vector<Row> rows_;
};

}  // namespace

Duration usual_length(const IntensitySeries& series) {
  std::map<Duration, std::size_t> counts;
  for (const IntensityPiece& piece : series.pieces()) ++counts[piece.span.length()];
  const auto most =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts.end() ? Duration{} : most->first;
}

Result<std::string> csv_text(const IntensitySeries& series) {
  if (series.empty()) return fail(ErrorKind::absent, "there are no values");
  Duration step = usual_length(series);
  if (step > kLongestStep) step = std::chrono::hours(1);
  for (const Gaps gaps : {Gaps::left_out, Gaps::written}) {
    const Rows rows(series.pieces(), step, gaps);
    if (rows.say(step)) return rows.text();
  }
  return fail(ErrorKind::usage, "the values follow no step, and the CSV has room for one alone", {},
              "give --format json, which has the begin and end of each");
}

}  // namespace lowtide::grid
