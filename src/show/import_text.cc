// What was imported, in words.
#include <fmt/format.h>

#include <algorithm>

#include "show/import_view.h"

namespace lowtide::show {
namespace {

using grid::ImportReport;

constexpr std::size_t kBlocks = 6;        // more are a line each
constexpr std::size_t kNamedColumns = 6;  // that are ignored; the rest is counted

std::string row(const char* label, const std::string& text, const Style& style) {
  std::string out;
  const auto lines = wrap(text, std::max(columns(style) - 13, 7), 0);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    fmt::format_to(std::back_inserter(out), " {} {}\n", pad(i == 0 ? label : "", 11), lines[i]);
  }
  return out;
}

std::string kind_of(const grid::SeriesKey& key) {
  const std::string scope = !key.scope                       ? "scope not said"
                            : *key.scope == Scope::lifecycle ? "life-cycle"
                                                             : "direct";
  return fmt::format("{}, {}, {}", spell(key.signal), scope, gas_text(key.gas));
}

// A date for a file's rows: it is UTC as the series is.
std::string utc_text(Utc t) { return format_utc(t).substr(0, 16) + "Z"; }

std::string ignored_text(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < kNamedColumns; ++i) {
    if (i > 0) out += ", ";
    out += escape(names[i]);
  }
  if (names.size() > kNamedColumns) {
    fmt::format_to(std::back_inserter(out), " and {} more", names.size() - kNamedColumns);
  }
  return out;
}

std::string values_text(const ImportReport& report) {
  if (!report.mean) return "no values";
  return fmt::format("lowest {}, mean {}, highest {}", number(as_grams_per_kwh(*report.lowest)),
                     number(as_grams_per_kwh(*report.mean)),
                     number(as_grams_per_kwh(*report.highest)));
}

std::string kept_text(const ImportReport& report) {
  if (!report.put) return "nothing: --check only looks";
  std::string out = fmt::format("{} new, {} as known", report.put->added, report.put->equal);
  if (report.put->revised > 0) {
    fmt::format_to(std::back_inserter(out), ", {} revised", report.put->revised);
  }
  return out + ": import model " + report.key.model;
}

std::string rows_text(const ImportReport& report) {
  std::string out = fmt::format("{} of {}, {} to {}", report.rows, format_duration(report.step),
                                utc_text(report.first), utc_text(report.last));
  if (report.estimated > 0) {
    fmt::format_to(std::back_inserter(out), ", {} of them estimated", report.estimated);
  }
  return out;
}

std::string block(const ImportReport& report, const Style& style) {
  std::string out;
  const std::string head = fmt::format(
      "{}  {}  {}", escape(report.file),
      report.key.zone.empty() ? "zone not said" : escape(report.key.zone), kind_of(report.key));
  for (const std::string& line : wrap(head, columns(style), 4)) {
    out += paint(line, Ink::bold, style);
    out += '\n';
  }
  out += row("form", fmt::format("{}, column {}", report.form, escape(report.column)), style);
  out += row("unit",
             fmt::format("{}, {:.9g} g/kWh each", escape(report.unit.text), report.unit.g_per_kwh),
             style);
  std::string time = report.time_zone;
  if (report.shift != Duration::zero()) {
    const bool back = report.shift < Duration::zero();
    fmt::format_to(std::back_inserter(time), ", moved {} by {}", back ? "back" : "on",
                   format_duration(back ? -report.shift : report.shift));
  }
  out += row("time", time, style);
  out += row("rows", rows_text(report), style);
  out += row(
      "gaps",
      report.gaps == 0 ? "none" : fmt::format("{}, {} rows lost", report.gaps, report.steps_lost),
      style);
  out += row("g/kWh", values_text(report), style);
  for (const std::string& warning : report.warnings) out += row("note", escape(warning), style);
  if (!report.ignored.empty()) out += row("ignored", ignored_text(report.ignored), style);
  return out + row("kept", kept_text(report), style);
}

// One of many: what it is and what is odd about it.
std::string line(const ImportReport& report, const Style& style) {
  const std::string& file = report.file;
  std::string text = fmt::format(
      "{}  {}: {} rows of {}, mean {}, {}", escape(file.substr(file.rfind('/') + 1)),
      kind_of(report.key), report.rows, format_duration(report.step),
      report.mean ? number(as_grams_per_kwh(*report.mean)) : "none",
      report.warnings.empty() ? "nothing odd" : fmt::format("{} notes", report.warnings.size()));
  std::string out;
  for (const std::string& each : wrap(text, columns(style), 4)) {
    out += each;
    out += '\n';
  }
  return out;
}

std::string sum_text(std::span<const ImportReport> reports) {
  grid::PutResult sum;
  std::int64_t repeated = 0;
  bool kept = false;
  for (const ImportReport& report : reports) {
    const grid::PutResult put = report.put.value_or(grid::PutResult{});
    sum.added += put.added;
    sum.revised += put.revised;
    sum.equal += put.equal;
    repeated += report.repeated;
    kept = kept || report.put;
  }
  std::string out = fmt::format("{} columns of files", reports.size());
  if (repeated > 0) {
    fmt::format_to(std::back_inserter(out), ", {} rows in more than one of them", repeated);
  }
  if (!kept) return out + "; nothing kept: --check only looks";
  return out +
         fmt::format("; {} values new, {} revised, {} as known", sum.added, sum.revised, sum.equal);
}

}  // namespace

std::string import_text(std::span<const ImportReport> reports, const Style& style) {
  std::string out;
  if (reports.size() <= kBlocks) {
    for (const ImportReport& report : reports) {
      if (!out.empty()) out += '\n';
      out += block(report, style);
    }
    return out;
  }
  for (const ImportReport& report : reports) out += line(report, style);
  for (const std::string& each : wrap(sum_text(reports), columns(style), 4)) {
    out += each;
    out += '\n';
  }
  return out;
}

std::string import_progress(const std::string& file, double share, Duration elapsed,
                            const char* done) {
  std::string out =
      fmt::format("{}: {} {}", escape(file.substr(file.rfind('/') + 1)), percent(share), done);
  if (share <= 0 || share >= 1) return out;
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::duration<double>(as_seconds(elapsed) * (1 - share) / share));
  return out + ", about " + format_duration(left) + " left";
}

}  // namespace lowtide::show
