// What was imported, as JSON (lowtide.import/1).
#include <nlohmann/json.hpp>

#include "show/import_view.h"
#include "show/json_values.h"

namespace lowtide::show {
namespace {

Json changes_of(const grid::ImportReport& report) {
  Json out = Json::array();
  for (const grid::StepChange& change : report.step_changes) {
    out.push_back({{"line", change.line},
                   {"from_s", as_seconds(change.from)},
                   {"to_s", as_seconds(change.to)}});
  }
  return out;
}

// The members that an answer of `grid fetch` has too.
void put_series(Json& out, const grid::ImportReport& report) {
  const grid::SeriesKey& key = report.key;
  const grid::PutResult put = report.put.value_or(grid::PutResult{});
  out["source"] = key.provider;
  out["provider_zone"] = text(key.zone);
  out["scope"] = word(key.scope);
  out["gas"] = spell(key.gas);
  out["model"] = text(key.model);
  out["models"] = Json::array({key.model});
  out["from"] = format_utc(report.first);
  out["to"] = format_utc(report.last + report.step);
  out["chunks"] = 1;
  out["chunks_done"] = 1;
  out["added"] = put.added;
  out["revised"] = put.revised;
  out["equal"] = put.equal;
  out["estimated"] = report.estimated;
  out["forecast"] = 0;
  out["provisional"] = false;
  out["error"] = nullptr;
}

Json report_of(const grid::ImportReport& report) {
  Json out = {{"file", report.file},
              {"column", report.column},
              {"zone", text(report.key.zone)},
              {"signal", spell(report.key.signal)},
              {"unit", report.unit.text},
              {"factor_to_g_per_kwh", report.unit.g_per_kwh},
              {"step_s", as_seconds(report.step)},
              {"first", format_utc(report.first)},
              {"last", format_utc(report.last)},
              {"rows", report.rows},
              {"duplicates", report.duplicates},
              {"gaps", report.gaps},
              {"steps_lost", report.steps_lost},
              {"missing", report.missing},
              {"min", in_g_per_kwh(report.lowest)},
              {"mean", in_g_per_kwh(report.mean)},
              {"max", in_g_per_kwh(report.highest)},
              {"longest_constant_run", report.longest_constant},
              {"warnings", report.warnings}};
  put_series(out, report);
  out["form"] = report.form;
  out["time_zone"] = report.time_zone;
  out["shift_s"] = as_seconds(report.shift);
  out["duplicates_between_files"] = report.repeated;
  out["step_changes"] = changes_of(report);
  out["zeros"] = report.zeros;
  out["negative"] = report.negative;
  out["absurd"] = report.absurd;
  out["low"] = report.low;
  out["ignored_columns"] = report.ignored;
  out["sha256"] = report.sha256;
  out["kept"] = report.put.has_value();
  return out;
}

}  // namespace

std::string import_json(std::span<const grid::ImportReport> reports) {
  Json out = Json::array();
  for (const grid::ImportReport& report : reports) out.push_back(report_of(report));
  return dump(out);
}

}  // namespace lowtide::show
