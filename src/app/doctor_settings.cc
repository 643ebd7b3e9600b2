// Doctor: place, source and signal in force, and who said so.
#include <fmt/format.h>

#include <algorithm>

#include "app/doctor.h"
#include "app/paths.h"
#include "app/run_request.h"
#include "app/setting_list.h"

namespace lowtide::app {
namespace {

using show::DoctorFinding;
using show::Finding;

constexpr const char* kTopic = "place and settings";

std::string said_by(const std::string& origin) {
  return origin == "default" ? "by default" : "by " + origin;
}

std::string origin_of(Settings& settings, const char* key) {
  const auto value = in_force(settings, *find_setting(key));
  return value ? value->origin : "default";
}

DoctorFinding place_finding(const grid::Place& place, const std::string& origin) {
  DoctorFinding finding{kTopic, "zone", Finding::ok, "", ""};
  finding.detail = fmt::format(
      "{} ({}), {}", place.zone, place.name,
      place.assumed ? "assumed from " + place.resolved_by : "asked for " + said_by(origin));
  if (place.assumed) {
    finding.state = Finding::info;
    finding.hint = "say where this machine is: lowtide config set location ZONE";
    if (place.zone == "world") finding.state = Finding::trouble;
  }
  for (const std::string& note : place.notes) finding.detail += "; " + note;
  finding.facts = {{"zone", place.zone},
                   {"name", place.name},
                   {"country", place.country},
                   {"resolved_by", place.resolved_by},
                   {"origin", place.assumed ? "assumed" : origin}};
  return finding;
}

DoctorFinding pue_finding(const AccountingOptions& options) {
  DoctorFinding finding{kTopic, "PUE", Finding::info, "not known: not included", ""};
  if (!options.pue) {
    finding.hint = "lowtide config set pue 1.2";
    return finding;
  }
  finding.state = Finding::ok;
  finding.detail = fmt::format("{:g}, {}", *options.pue, options.pue_source);
  finding.facts = {{"pue", *options.pue}, {"source", options.pue_source}};
  return finding;
}

DoctorFinding source_finding(const RunRequest& request, const std::string& origin) {
  DoctorFinding finding{kTopic, "intensity", Finding::trouble, "no source: carbon will be unknown",
                        ""};
  if (!request.provider) return finding;
  const IntensityUsed& used = request.provider->describe();
  finding.state = used.fallback ? Finding::info : Finding::ok;
  finding.detail = fmt::format("{}{}, {}", used.source, used.model.empty() ? "" : ": " + used.model,
                               said_by(origin));
  const std::string& spec = request.record.options.intensity;
  if (spec.find(',') != spec.npos) finding.detail += fmt::format("; in this order: {}", spec);
  if (used.fallback) finding.hint = "a yearly mean knows no hour: give --intensity file:PATH";
  for (const std::string& note : request.provider->notes()) finding.detail += "; " + note;
  finding.facts = {{"source", used.source},
                   {"model", used.model},
                   {"zone", used.zone},
                   {"gas", std::string(spell(used.gas))},
                   {"scope", used.scope ? std::string(spell(*used.scope)) : ""},
                   {"fallback", used.fallback ? "yes" : "no"},
                   {"licence", used.licence},
                   {"origin", origin}};
  return finding;
}

DoctorFinding signal_finding(Signal signal, const std::string& origin) {
  DoctorFinding finding{kTopic, "signal", Finding::ok, "", ""};
  finding.detail = std::string(spell(signal)) + ", " + said_by(origin);
  finding.hint = signal == Signal::average ? "it accounts for a share of the grid's emissions"
                                           : "it says what one more job causes";
  finding.facts = {{"signal", std::string(spell(signal))}, {"origin", origin}};
  return finding;
}

// Settings that somebody has set and that have no finding of their own.
void add_others(Settings& settings, Findings& found) {
  for (const SettingKind& kind : all_settings()) {
    const auto value = in_force(settings, kind);
    const std::string key = kind.key;
    if (!value || !value->set || key == "location" || key == "intensity" || key == "signal")
      continue;
    const std::string shown = kind.secret ? "***" : value->value;
    found.push_back({kTopic, key, Finding::info, shown + ", " + said_by(value->origin), ""});
    found.back().facts = {{"value", shown}, {"origin", value->origin}};
  }
}

}  // namespace

void examine_settings(Settings& settings, Findings& found) {
  const std::string place = origin_of(settings, "location");
  const std::string source = origin_of(settings, "intensity");
  const std::string signal = origin_of(settings, "signal");
  RunFlags any;
  any.command = {"doctor"};
  if (const auto request = make_request(any, settings)) {
    found.push_back(place_finding(request->place, place));
    found.push_back(pue_finding(request->record.options));
    found.push_back(source_finding(*request, source));
    found.push_back(signal_finding(request->record.options.headline, signal));
  } else {
    found.push_back({kTopic, "settings", Finding::trouble, request.error().line(), ""});
  }
  add_others(settings, found);
  std::vector<std::string> said;
  for (const std::string& warning : settings.warnings()) {
    if (std::find(said.begin(), said.end(), warning) != said.end()) continue;
    said.push_back(warning);
    found.push_back({kTopic, "warning", Finding::trouble, warning, ""});
  }
}

}  // namespace lowtide::app
