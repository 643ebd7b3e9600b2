#include "app/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "account/complete.h"
#include "account/derive.h"
#include "account/sum.h"
#include "app/paths.h"
#include "app/provider_access.h"
#include "app/tables.h"
#include "app/values.h"
#include "app/verify_series.h"
#include "series/merge_lives.h"
#include "show/json.h"

namespace lowtide::app {
namespace {

using nlohmann::json;

// Other compilers round differently in the last digits.
constexpr double kSame = 1e-9;

bool same_number(double a, double b) {
  return a == b || std::abs(a - b) <= kSame * std::max(std::abs(a), std::abs(b));
}

void differs(Check& check, const std::string& path, const json& told, const json& derived) {
  check.verdict = Verification::differs;
  if (!check.detail.empty()) return;
  check.detail =
      fmt::format("{}: the report has {}, the ledger gives {}", path, told.dump(), derived.dump());
}

void compare(const json& told, const json& derived, const std::string& path, Check& check);

void compare_objects(const json& told, const json& derived, const std::string& path, Check& check) {
  const auto below = [&](const std::string& key) { return fmt::format("{}.{}", path, key); };
  for (const auto& [key, value] : derived.items()) {
    const auto mine = told.find(key);
    compare(mine == told.end() ? json("(nothing)") : *mine, value, below(key), check);
  }
  for (const auto& [key, value] : told.items()) {
    if (!derived.contains(key)) differs(check, below(key), value, json("(nothing)"));
  }
}

void compare_arrays(const json& told, const json& derived, const std::string& path, Check& check) {
  if (told.size() != derived.size())
    differs(check, path + " (how many)", told.size(), derived.size());
  for (std::size_t i = 0; i < std::min(told.size(), derived.size()); ++i)
    compare(told[i], derived[i], fmt::format("{}[{}]", path, i), check);
}

void compare(const json& told, const json& derived, const std::string& path, Check& check) {
  if (told.is_object() && derived.is_object()) return compare_objects(told, derived, path, check);
  if (told.is_array() && derived.is_array()) return compare_arrays(told, derived, path, check);
  ++check.figures;
  const bool numbers = told.is_number() && derived.is_number();
  const bool same =
      numbers ? same_number(told.get<double>(), derived.get<double>()) : told == derived;
  if (!same) differs(check, path, told, derived);
}

// What may be changed by `lowtide edit`, or grows by what happens to a run later.
void take_labels(json& report, json& labels) {
  for (const char* key : {"name", "project"}) {
    labels[key] = std::exchange(report["run"][key], nullptr);
  }
  labels["events"] = std::exchange(report["events"], nullptr);
  labels["provenance"] = std::exchange(report["provenance"]["lowtide_version"], nullptr);
}

void compare_all(json told, json derived, std::vector<Check>& checks) {
  json told_labels;
  json labels;
  take_labels(told, told_labels);
  take_labels(derived, labels);
  for (const auto& [section, value] : derived.items()) {
    Check check{section, Verification::holds, 0, {}};
    compare(told.contains(section) ? told[section] : json(nullptr), value, section, check);
    checks.push_back(std::move(check));
  }
  Check changed{"name, project and events", Verification::holds, 0, {}};
  compare(told_labels, labels, "now", changed);
  if (changed.verdict == Verification::differs) changed.verdict = Verification::not_checked;
  changed.figures = 0;
  if (!changed.detail.empty()) changed.detail = "no figures; changed since: " + changed.detail;
  checks.push_back(std::move(changed));
}

std::optional<double> number_at(const json& object, const char* pointer) {
  const json::json_pointer at(pointer);
  if (!object.contains(at) || !object[at].is_number()) return std::nullopt;
  return object[at].get<double>();
}

// The sum of a member over an array; absent where no row has it.
std::optional<double> sum_of(const json& rows, const char* key) {
  std::optional<double> sum;
  if (!rows.is_array()) return sum;
  for (const json& row : rows) {
    const auto value = row.is_object() ? row.find(key) : row.end();
    if (!row.is_object() || value == row.end() || !value->is_number()) continue;
    sum = sum.value_or(0) + value->get<double>();
  }
  return sum;
}

void add_up(const char* what, std::optional<double> parts, std::optional<double> whole,
            std::vector<Check>& checks) {
  if (!parts || !whole) return;
  Check check{what, Verification::holds, 1, {}};
  // A sum of many rounds more than one figure.
  const bool same = std::abs(*parts - *whole) <= 1e-7 * std::max(std::abs(*whole), 1e-12);
  if (!same) {
    check.verdict = Verification::differs;
    check.detail = fmt::format("{} against {}", *parts, *whole);
  }
  checks.push_back(std::move(check));
}

json counted_channels(const json& told) {
  json counted = json::array();
  for (const json& channel : told.value(json::json_pointer("/energy/by_channel"), json::array())) {
    if (channel.is_object() && channel.value("in_total", false)) counted.push_back(channel);
  }
  return counted;
}

// A report is asked by itself: its parts make its totals.
void check_sums(const json& told, std::vector<Check>& checks) {
  const json slots = told.value("slots", json::array());
  const auto it = number_at(told, "/energy/it_kwh");
  const double pue = number_at(told, "/energy/pue").value_or(1);
  add_up("sum of the channels' energy", sum_of(counted_channels(told), "kwh"), it, checks);
  add_up("sum of the slots' energy", sum_of(slots, "energy_kwh"), it, checks);
  add_up("IT energy x PUE", it ? std::optional(*it * pue) : it,
         number_at(told, "/energy/total_kwh"), checks);
  add_up("sum of the slots' carbon", sum_of(slots, "carbon_g"),
         number_at(told, "/carbon/operational_g"), checks);
  double products = 0;
  bool any = false;
  for (const json& slot : slots) {
    const auto energy = number_at(slot, "/energy_kwh");
    const auto intensity = number_at(slot, "/intensity_g_per_kwh");
    if (!energy || !intensity) continue;
    products += *energy * pue * *intensity;
    any = true;
  }
  add_up("energy x PUE x intensity, slot by slot", any ? std::optional(products) : std::nullopt,
         number_at(told, "/carbon/operational_g"), checks);
  const auto operational = number_at(told, "/carbon/operational_g");
  if (operational) {
    add_up("operational + embodied carbon",
           *operational + number_at(told, "/carbon/embodied_g").value_or(0),
           number_at(told, "/carbon/total_g"), checks);
  }
}

// Tables of the edition that the report's equivalents are of.
account::Tables tables_of(const json& told) {
  const json rows = told.value("equivalents", json::array());
  const bool old = rows.is_array() && !rows.empty() &&
                   std::all_of(rows.begin(), rows.end(), [](const json& row) {
                     return row.is_object() && row.value("edition", json()).is_string() &&
                            row["edition"].get<std::string>().starts_with("2021");
                   });
  return read_tables(data_folder(), old ? std::optional(2021) : std::nullopt);
}

Result<account::Report> derive_again(const RunRecord& record, const json& told) {
  account::Report report = account::derive(record, tables_of(told));
  const json complete = told.value("complete", json());
  if (!complete.is_object()) return report;
  const auto share = parse_job_share(complete.value("asked", std::string()));
  if (!share) return tl::unexpected(share.error());
  account::complete(report, *share);
  return report;
}

struct Derived {
  Verified verified;
  account::Report report;
};

Result<Derived> verify_one(record::Ledger& ledger, const json& told) {
  const std::string id = told.value(json::json_pointer("/run/id"), std::string());
  const auto line = ledger.find(id);
  if (!line || line->id != id) {
    return fail(ErrorKind::absent, "the ledger does not have this run", "run " + id,
                "verify where it was recorded, or name that folder with LOWTIDE_HOME");
  }
  Derived out;
  out.verified.run = id;
  auto lives = lives_as_reported(ledger, line->key, told, out.verified.checks);
  if (!lives) return tl::unexpected(lives.error());
  check_samples(*lives, out.verified.checks);
  const RunRecord record = lives->size() == 1 ? lives->front() : merge_lives(std::move(*lives));
  auto report = derive_again(record, told);
  if (!report) return tl::unexpected(report.error());
  const bool samples = told.contains("samples");
  compare_all(told, json::parse(show::report_json(*report, {samples})), out.verified.checks);
  check_sums(told, out.verified.checks);
  out.report = std::move(*report);
  return out;
}

}  // namespace

Result<Verified> verify_report(record::Ledger& ledger, const json& told) {
  auto derived = verify_one(ledger, told);
  if (!derived) return tl::unexpected(derived.error());
  return std::move(derived->verified);
}

Result<std::vector<Verified>> verify_reports(record::Ledger& ledger, const json& told) {
  std::vector<Verified> all;
  std::vector<account::Report> reports;
  for (const json& run : told.value("runs", json::array())) {
    auto derived = verify_one(ledger, run);
    if (!derived) return tl::unexpected(derived.error());
    all.push_back(std::move(derived->verified));
    reports.push_back(std::move(derived->report));
  }
  const auto sum = account::sum(reports, {true});
  if (!sum) return tl::unexpected(sum.error());
  Verified whole{"sum", {}};
  const json derived = json::parse(show::reports_json(reports, *sum));
  Check check{"sum", Verification::holds, 0, {}};
  compare(told.value("sum", json()), derived["sum"], "sum", check);
  whole.checks.push_back(std::move(check));
  all.push_back(std::move(whole));
  return all;
}

}  // namespace lowtide::app
