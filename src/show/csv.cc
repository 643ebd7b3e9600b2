#include "show/csv.h"

#include <fmt/core.h>

#include <cmath>
#include <functional>
#include <optional>
#include <vector>

#include "show/csv_field.h"
#include "show/facts.h"
#include "show/text.h"

namespace lowtide::show {
namespace {

using account::Report;
using account::Sum;

std::string real(double value) { return std::isfinite(value) ? fmt::format("{}", value) : ""; }
std::string maybe(const std::optional<double>& value) { return value ? real(*value) : ""; }
std::string in_kwh(const std::optional<Energy>& e) { return e ? real(as_kwh(*e)) : ""; }
std::string in_grams(const std::optional<Carbon>& c) { return c ? real(as_grams(*c)) : ""; }
std::string in_g_per_kwh(const std::optional<Intensity>& i) {
  return i ? real(as_grams_per_kwh(*i)) : "";
}
std::string in_seconds(const std::optional<Duration>& d) { return d ? real(as_seconds(*d)) : ""; }
std::string at(const std::optional<Utc>& t) { return t ? format_utc(*t) : ""; }
template <typename Enum>
std::string word(const std::optional<Enum>& value) {
  return value ? std::string(spell(*value)) : "";
}

// A column: its value for a run, and for a sum where it has one.
struct Column {
  const char* name;
  std::function<std::string(const Report&)> run;
  std::function<std::string(const Sum&)> sum = nullptr;
};

std::string kind_kwh(const Report& report, ChannelKind kind) {
  for (const account::KindCharge& charge : report.energy.kinds) {
    if (charge.kind == kind) return in_kwh(charge.charged);
  }
  return "";
}

// A figure of the headline series.
template <typename Value>
auto of_series(Value value) {
  return [value](const Report& report) -> std::string {
    const account::IntensityReport* found = headline(report);
    return found == nullptr ? "" : value(*found);
  };
}

std::vector<Column> run_columns() {
  return {
      {"id", [](const Report& r) { return csv_text(r.run.id); }},
      {"name", [](const Report& r) { return csv_text(r.run.name); }},
      {"project", [](const Report& r) { return csv_text(r.run.project); }},
      {"phase", [](const Report& r) { return std::string(spell(account::phase_of(r.run))); }},
      {"parent", [](const Report& r) { return csv_text(r.run.parent); }},
      {"host", [](const Report& r) { return csv_text(r.run.host); }},
      {"state", [](const Report& r) { return std::string(spell(r.run.state)); }},
      {"exit_status",
       [](const Report& r) {
         return r.run.exit_status ? fmt::format("{}", *r.run.exit_status) : "";
       }},
      {"runs", [](const Report&) { return std::string("1"); },
       [](const Sum& s) { return fmt::format("{}", s.runs); }},
      {"submitted", [](const Report& r) { return format_utc(r.run.submitted); }},
      {"begin", [](const Report& r) { return at(r.run.begin); }},
      {"end", [](const Report& r) { return at(r.run.end); }},
      {"duration_s", [](const Report& r) { return in_seconds(r.duration); },
       [](const Sum& s) { return in_seconds(s.duration); }},
      {"active_s", [](const Report& r) { return in_seconds(r.active); },
       [](const Sum& s) { return in_seconds(s.active); }},
      {"paused_s", [](const Report& r) { return in_seconds(r.paused); },
       [](const Sum& s) { return in_seconds(s.paused); }},
      {"waiting_s", [](const Report& r) { return in_seconds(r.waiting); },
       [](const Sum& s) { return in_seconds(s.waiting); }},
  };
}

std::vector<Column> energy_columns() {
  return {
      {"boundary", [](const Report& r) { return word(r.energy.boundary); },
       [](const Sum& s) { return word(s.boundary); }},
      {"total_kwh", [](const Report& r) { return in_kwh(r.energy.total); },
       [](const Sum& s) { return in_kwh(s.total); }},
      {"total_low_kwh", [](const Report& r) { return in_kwh(r.energy.total_low); },
       [](const Sum& s) { return in_kwh(s.total_low); }},
      {"total_high_kwh", [](const Report& r) { return in_kwh(r.energy.total_high); },
       [](const Sum& s) { return in_kwh(s.total_high); }},
      {"it_kwh", [](const Report& r) { return in_kwh(r.energy.it); },
       [](const Sum& s) { return in_kwh(s.it); }},
      {"gpu_kwh", [](const Report& r) { return kind_kwh(r, ChannelKind::gpu); }},
      {"cpu_kwh", [](const Report& r) { return kind_kwh(r, ChannelKind::cpu); }},
      {"dram_kwh", [](const Report& r) { return kind_kwh(r, ChannelKind::dram); }},
      {"node_kwh", [](const Report& r) { return kind_kwh(r, ChannelKind::node); }},
      {"active_kwh", [](const Report& r) { return in_kwh(r.energy.active); }},
      {"paused_kwh", [](const Report& r) { return in_kwh(r.energy.paused); }},
      {"waiting_kwh", [](const Report& r) { return in_kwh(r.energy.waiting); }},
      {"idle_charged_kwh", [](const Report& r) { return in_kwh(r.energy.idle_charged); }},
      {"idle_not_charged_kwh", [](const Report& r) { return in_kwh(r.energy.idle_not_charged); }},
      {"pue", [](const Report& r) { return maybe(r.energy.pue); }},
      {"pue_source", [](const Report& r) { return csv_text(r.energy.pue_source); }},
      {"modelled_share", [](const Report& r) { return maybe(r.energy.modelled_share); },
       [](const Sum& s) { return maybe(s.modelled_share); }},
      {"energy_coverage",
       [](const Report& r) { return r.energy.it ? real(r.energy.coverage) : ""; }},
  };
}

std::vector<Column> intensity_columns() {
  using account::IntensityReport;
  return {
      {"zone", of_series([](const IntensityReport& i) { return csv_text(i.used.zone); })},
      {"signal", [](const Report& r) { return std::string(spell(r.carbon.signal)); },
       [](const Sum& s) { return s.gas ? std::string(spell(s.signal)) : ""; }},
      {"scope", of_series([](const IntensityReport& i) { return word(i.used.scope); }),
       [](const Sum& s) { return word(s.scope); }},
      {"gas", [](const Report& r) { return word(r.carbon.gas); },
       [](const Sum& s) { return word(s.gas); }},
      {"intensity_source",
       of_series([](const IntensityReport& i) { return csv_text(i.used.source); })},
      {"intensity_model",
       of_series([](const IntensityReport& i) { return csv_text(i.used.model); })},
      {"mean_g_per_kwh", of_series([](const IntensityReport& i) { return in_g_per_kwh(i.mean); })},
      {"energy_weighted_g_per_kwh",
       of_series([](const IntensityReport& i) { return in_g_per_kwh(i.energy_weighted); })},
      {"intensity_coverage", of_series([](const IntensityReport& i) { return real(i.coverage); })},
      {"fallback",
       of_series([](const IntensityReport& i) { return i.used.fallback ? "true" : "false"; })},
      {"provisional",
       of_series([](const IntensityReport& i) { return i.used.provisional ? "true" : "false"; })},
      {"series_sha256",
       of_series([](const IntensityReport& i) { return csv_text(i.used.sha256); })},
  };
}

std::vector<Column> carbon_columns() {
  return {
      {"operational_g", [](const Report& r) { return in_grams(r.carbon.operational); },
       [](const Sum& s) { return in_grams(s.operational); }},
      {"embodied_g", [](const Report& r) { return in_grams(r.carbon.embodied); },
       [](const Sum& s) { return in_grams(s.embodied); }},
      {"total_g", [](const Report& r) { return in_grams(r.carbon.total); },
       [](const Sum& s) { return in_grams(s.total_carbon); }},
      {"low_g", [](const Report& r) { return in_grams(r.carbon.low); },
       [](const Sum& s) { return in_grams(s.low); }},
      {"high_g", [](const Report& r) { return in_grams(r.carbon.high); },
       [](const Sum& s) { return in_grams(s.high); }},
      {"other_signal_g", [](const Report& r) { return in_grams(r.carbon.other_signal); },
       [](const Sum& s) { return in_grams(s.other_signal); }},
      {"sci_value", [](const Report& r) { return in_grams(r.sci.value); }},
      {"sci_unit", [](const Report& r) { return csv_text(r.sci.unit); }},
      {"sci_r_count", [](const Report& r) { return maybe(r.sci.r_count); }},
      {"note", [](const Report& r) { return csv_text(r.sci.note); },
       [](const Sum& s) { return csv_text(s.note); }},
      {"methodology", [](const Report&) { return std::string(account::kMethodology); },
       [](const Sum&) { return std::string(account::kMethodology); }},
      {"lowtide_version", [](const Report& r) { return csv_text(r.run.lowtide_version); }},
  };
}

// Empty without --complete.
template <typename Value>
auto of_whole(Value value) {
  return [value](const Report& report) -> std::string {
    return report.complete ? value(*report.complete) : "";
  };
}

// "2.5 smartphone_charge of 12.4 g CO2 (edition 2024, EPA ..); ..": every row, nothing rounded.
std::string equivalents(const Report& report) {
  std::string out;
  for (const account::EquivalentReport& row : report.equivalents) {
    out += fmt::format("{}{} {} of {} g {} (edition {})", out.empty() ? "" : "; ", real(row.amount),
                       escape(row.name), real(as_grams(row.factor)), gas_text(row.gas),
                       escape(row.edition));
  }
  return csv_text(out);
}

std::vector<Column> last_columns() {
  using account::Completion;
  return {
      {"complete_asked", of_whole([](const Completion& c) { return csv_text(c.asked); })},
      {"complete_factor", of_whole([](const Completion& c) { return real(c.factor); })},
      {"complete_quality", of_whole([](const Completion&) { return std::string("modelled"); })},
      {"complete_duration_s", of_whole([](const Completion& c) { return in_seconds(c.duration); })},
      {"complete_total_kwh", of_whole([](const Completion& c) { return in_kwh(c.total); })},
      {"complete_total_low_kwh", of_whole([](const Completion& c) { return in_kwh(c.total_low); })},
      {"complete_total_high_kwh",
       of_whole([](const Completion& c) { return in_kwh(c.total_high); })},
      {"complete_operational_g",
       of_whole([](const Completion& c) { return in_grams(c.carbon.operational); })},
      {"complete_embodied_g",
       of_whole([](const Completion& c) { return in_grams(c.carbon.embodied); })},
      {"complete_total_g", of_whole([](const Completion& c) { return in_grams(c.carbon.total); })},
      {"complete_low_g", of_whole([](const Completion& c) { return in_grams(c.carbon.low); })},
      {"complete_high_g", of_whole([](const Completion& c) { return in_grams(c.carbon.high); })},
      {"complete_sci_value", of_whole([](const Completion& c) { return in_grams(c.sci.value); })},
      {"complete_note", of_whole([](const Completion& c) { return csv_text(c.sci.note); })},
      {"equivalents", equivalents},
  };
}

std::vector<Column> all_columns() {
  std::vector<Column> all = run_columns();
  for (const auto& more :
       {energy_columns(), intensity_columns(), carbon_columns(), last_columns()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

// `row` says what the row is of: run, a phase, or sum.
template <typename Cell>
std::string row_of(std::string_view row, const std::vector<Column>& columns, Cell cell) {
  std::string out(row);
  for (const Column& column : columns) out += "," + csv_quoted(cell(column));
  return out + "\r\n";
}

std::string sum_row(std::string_view row, const std::vector<Column>& columns, const Sum& sum) {
  return row_of(row, columns,
                [&](const Column& column) { return column.sum ? column.sum(sum) : ""; });
}

}  // namespace

std::string reports_csv(std::span<const Report> reports, const Sum* sum) {
  const std::vector<Column> columns = all_columns();
  std::string out = row_of("row", columns, [](const Column& column) { return column.name; });
  for (const Report& report : reports) {
    out += row_of("run", columns, [&](const Column& column) { return column.run(report); });
  }
  if (sum == nullptr) return out;
  for (std::size_t i = 0; i < sum->phases.size(); ++i) {
    out += sum_row(spell(static_cast<account::Phase>(i)), columns, sum->phases[i]);
  }
  return out + sum_row("sum", columns, *sum);
}

}  // namespace lowtide::show
