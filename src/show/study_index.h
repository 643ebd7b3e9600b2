// A study's cells by what they are of, and the words and numbers that its files share. For show
// alone.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "show/study_view.h"

namespace lowtide::show {

// Which cells, whatever the region. Flexible start has no resumes: any `resume` finds it.
struct CellPlace {
  std::size_t job = 0;
  std::size_t window = 0;
  study::StudyPolicy policy = study::StudyPolicy::flexible_start;
  std::size_t resume = 0;
  std::size_t rule = 0;
};

// Holds pointers into the view.
class StudyIndex {
 public:
  explicit StudyIndex(const StudyView& view);
  // Null: there is none.
  [[nodiscard]] const study::Cell* cell(std::size_t region, const CellPlace& place) const;
  [[nodiscard]] const study::MeanCell* mean(const CellPlace& place) const;
  // As the paper prints it, whatever the table.
  [[nodiscard]] std::optional<double> printed(const CellPlace& place,
                                              std::string_view measure) const;
  // "4", "13": where the paper prints a window; in order.
  [[nodiscard]] std::vector<std::string> printed_in(std::size_t window) const;

  [[nodiscard]] const StudyView& view() const { return view_; }
  [[nodiscard]] const study::Study& study() const { return view_.study; }

 private:
  using Key = std::tuple<std::size_t, std::size_t, study::StudyPolicy, std::size_t, std::size_t>;
  [[nodiscard]] static Key key_of(const CellPlace& place);

  const StudyView& view_;
  std::map<std::pair<std::size_t, Key>, const study::Cell*> cells_;
  std::map<Key, const study::MeanCell*> means_;
};

inline constexpr std::string_view kResumesMeasure = "resumes_per_hour";

// The first resume charge and start rule.
[[nodiscard]] inline bool is_first(const study::Cell& cell) {
  return cell.resume == 0 && cell.rule == 0;
}

// What a lower figure is called on a signal: a plan made on an average one saves nothing that
// anybody could point at, it is attributed less. Small or large first letter.
[[nodiscard]] std::string less_text(Signal signal);
[[nodiscard]] std::string large_less_text(Signal signal);
// What must be said with such figures.
[[nodiscard]] std::string signal_caveat(Signal signal);
[[nodiscard]] inline Signal signal_of(const study::Study& study) {
  return study.regions.front().used.signal;
}
// What a user should hear of the series, "REGION: ..", each once; typical years beside others too.
[[nodiscard]] std::vector<std::string> series_notes(const StudyView& view);
// The zone, or the region's name where several regions have the zone.
[[nodiscard]] std::string zone_text(const study::Study& study, std::size_t region);
[[nodiscard]] std::string title_of(const study::StudyJob& job);    // escaped
[[nodiscard]] std::string policy_text(study::StudyPolicy policy);  // "flexible start"
[[nodiscard]] std::string minutes_text(Duration resume);           // "90 min", "0.5 min"
[[nodiscard]] std::string length_text(Duration length);            // "3 h", "5 min"
// "every 3 h", "days 1, 7 at 0, 12 h", each with the zone of time.
[[nodiscard]] std::string rule_text(const study::StartRule& rule);

[[nodiscard]] std::string month_text(std::chrono::year_month month);  // "2020-01"
// Do all begin in the same month? Else they stand beside each other by month alone.
[[nodiscard]] bool of_one_year(const std::vector<study::MonthLine>& lines);

// For people; what is not known is a dash.
[[nodiscard]] std::string fixed(double value, int decimals);       // "12.3", "−0.4"
[[nodiscard]] std::string difference(double value, int decimals);  // "+0.3", "−0.4", "0.0"
// For CSV, empty where not known: percent to four decimals, anything else to seven digits; never an
// exponent.
[[nodiscard]] std::string raw_percent(double value);
[[nodiscard]] std::string raw_number(double value);

// Names for files: letters, digits, - and _ as they are, "%" as "pct"; each once.
[[nodiscard]] std::vector<std::string> stems_of(const std::vector<std::string>& names);

}  // namespace lowtide::show
