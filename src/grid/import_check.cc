#include "grid/import_check.h"

#include <fmt/format.h>

#include <algorithm>

namespace lowtide::grid {
namespace {

// A grid that says the same for so long has most likely said nothing.
constexpr Duration kStands = std::chrono::hours(24);
// No grid's mean is lower: what is, is most likely in another unit.
constexpr Intensity kTooLow = grams_per_kwh(1);

}  // namespace

void ImportCheck::extend_run(const std::optional<Intensity>& value, std::int64_t line) {
  if (run_.rows > 0 && value == before_) {
    ++run_.rows;
  } else {
    run_ = {1, line};
  }
  before_ = value;
  Run& longest = value ? longest_value_ : longest_blank_;
  if (run_.rows > longest.rows) longest = run_;
}

void ImportCheck::add(const std::optional<Intensity>& value, std::int64_t line, bool estimated) {
  extend_run(value, line);
  if (!value) {
    ++missing_;
    return;
  }
  ++values_;
  estimated_ += estimated ? 1 : 0;
  if (*value == Intensity{}) zeros_.count(line);
  if (*value < Intensity{}) negative_.count(line);
  if (*value > kAbsurd) absurd_.count(line);
  low_.add(*value, line);
  sum_g_ += as_grams_per_kwh(*value);
  lowest_ = std::min(lowest_.value_or(*value), *value);
  highest_ = std::max(highest_.value_or(*value), *value);
}

void ImportCheck::finish(ImportReport& report) const {
  report.missing = missing_;
  report.estimated = estimated_;
  report.zeros = zeros_.rows;
  report.negative = negative_.rows;
  report.absurd = absurd_.rows;
  report.low = low_.values();
  report.lowest = lowest_;
  report.highest = highest_;
  if (values_ > 0) report.mean = grams_per_kwh(sum_g_ / static_cast<double>(values_));
  report.longest_constant = std::max(longest_value_.rows, longest_blank_.rows);
  warn_of_values(report);
  warn_of_runs(report);
}

void ImportCheck::warn_of_values(ImportReport& report) const {
  std::vector<std::string>& out = report.warnings;
  if (values_ == 0) out.emplace_back("no row has a value");
  if (missing_ > 0) {
    out.push_back(fmt::format("{} of {} rows have no value (gaps, never zeros)", missing_,
                              missing_ + values_));
  }
  if (zeros_.rows > 0) {
    out.push_back(
        fmt::format("{} of {} values are 0, the first in line {}: some files write 0 "
                    "where they know nothing; kept as they are",
                    zeros_.rows, values_, zeros_.line));
  }
  if (negative_.rows > 0) {
    out.push_back(fmt::format("{} values are below zero, the first in line {}; kept as they are",
                              negative_.rows, negative_.line));
  }
  if (absurd_.rows > 0) {
    out.push_back(
        fmt::format("{} values are above {:g} g/kWh, which no grid is, the first in line "
                    "{}: is the unit {}? kept as they are",
                    absurd_.rows, as_grams_per_kwh(kAbsurd), absurd_.line, report.unit.text));
  }
  if (low_.values() > 0) {
    out.push_back(
        fmt::format("{} values are below a quarter of each of the {} before and after them, the "
                    "first in line {}: was a part of the fleet not heard? kept as they are",
                    low_.values(), LowWatch::kNear, low_.line()));
  }
  if (report.mean && *report.mean > Intensity{} && *report.mean < kTooLow) {
    out.push_back(fmt::format("the mean is {:.2g} g/kWh, below any grid: is the unit {}?",
                              as_grams_per_kwh(*report.mean), report.unit.text));
  }
}

void ImportCheck::warn_of_runs(ImportReport& report) const {
  const auto too_long = [&](const Run& run) {
    return run.rows > 1 && run.rows * report.step >= kStands;
  };
  if (values_ > 1 && lowest_ == highest_) {
    report.warnings.emplace_back("all values are the same");
  } else if (too_long(longest_value_)) {
    report.warnings.push_back(fmt::format("the same value for {} from line {} on ({} rows)",
                                          format_duration(longest_value_.rows * report.step),
                                          longest_value_.line, longest_value_.rows));
  }
  if (longest_blank_.rows > 1) {
    report.warnings.push_back(fmt::format("{} blanks in a row from line {} on", longest_blank_.rows,
                                          longest_blank_.line));
  }
}

}  // namespace lowtide::grid
