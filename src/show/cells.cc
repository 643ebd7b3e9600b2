#include "show/cells.h"

#include <fmt/core.h>

#include <algorithm>

#include "show/facts.h"
#include "show/phrases.h"
#include "show/statement.h"
#include "show/text.h"

namespace lowtide::show {
namespace {

using account::Report;
using account::Sum;

std::string kind_row(const account::KindCharge& kind, const FigureText& whole) {
  std::string text = part_text(whole, kind.charged) + " (";
  if (kind.devices > 1) text += fmt::format("{} devices, ", kind.devices);
  text += spell(kind.quality);
  if (const std::string spread = spread_text({kind.charged, kind.low, kind.high});
      spread.size() > 2) {
    text += ", ±" + spread.substr(2);
  }
  return text + ")";
}

void add_run_rows(const Report& report, std::vector<Row>& rows) {
  const RunRecord& run = report.run;
  rows.push_back({"Run", title(run) + " (" + escape(run.id) + ")"});
  if (!run.project.empty()) rows.push_back({"Project", escape(run.project)});
  rows.push_back({"Outcome", outcome(report)});
  if (run.begin) {
    rows.push_back({"Time", zoned_time(*run.begin) + " to " +
                                (run.end ? zoned_time(*run.end) : "now: it still runs")});
  }
  if (report.paused && *report.paused > Duration::zero()) {
    rows.push_back({"Active, paused",
                    format_duration(*report.active) + ", " + format_duration(*report.paused),
                    true});
  }
  if (const std::string hardware = hardware_text(report); !hardware.empty()) {
    rows.push_back({"Hardware", hardware});
  }
}

void add_energy_rows(const Report& report, std::vector<Row>& rows) {
  const account::EnergyReport& energy = report.energy;
  if (!energy.total) {
    rows.push_back({"Energy", "not known" + why_no_energy(report)});
    return;
  }
  const FigureText total =
      text_of(Figure<Energy>{*energy.total, energy.total_low, energy.total_high});
  rows.push_back({"Energy", total.full()});
  for (const account::KindCharge& kind : energy.kinds) {
    rows.push_back({kind_text(kind.kind), kind_row(kind, total), true});
  }
  rows.push_back({"PUE", energy.pue
                             ? fmt::format("{:.4g} ({})", *energy.pue, escape(energy.pue_source))
                             : "not included"});
}

void add_intensity_rows(const Report& report, std::vector<Row>& rows) {
  const account::IntensityReport* found = headline(report);
  if (found == nullptr) {
    rows.push_back(
        {"Grid intensity", fmt::format("no {} intensity is known", spell(report.carbon.signal))});
    return;
  }
  const IntensityUsed& used = found->used;
  std::string value = "not known for this time";
  if (found->mean) value = intensity_text(*found->mean) + ", mean over time";
  if (found->energy_weighted) {
    value = intensity_text(*found->energy_weighted) + ", weighted by energy";
    if (found->mean) value += " (mean over time " + intensity_text(*found->mean) + ")";
  }
  rows.push_back({"Grid intensity", value});
  if (const std::string region = region_text(report); !region.empty()) {
    rows.push_back({"Region", region});
  }
  rows.push_back({"Signal and source", signal_phrase(used) + "; " + source_phrase(used) +
                                           (used.fallback ? "; a fallback" : "") +
                                           (used.provisional ? "; provisional" : "")});
}

void add_carbon_rows(const Report& report, std::vector<Row>& rows) {
  const account::CarbonReport& carbon = report.carbon;
  if (!carbon.total) {
    rows.push_back(
        {"Carbon",
         "not known" + (carbon.bounds_note.empty() ? "" : ": " + escape(carbon.bounds_note))});
  } else {
    const FigureText text = text_of(total_carbon(report));
    rows.push_back({"Carbon", carbon_text(total_carbon(report), carbon.gas)});
    rows.push_back({"operational", part_text(text, *carbon.operational), true});
    const bool given = report.run.options.embodied != "auto";
    rows.push_back({"embodied",
                    carbon.embodied
                        ? part_text(text, *carbon.embodied) + (given ? "" : " (assumed)")
                        : "not included",
                    true});
    if (carbon.other_signal) {
      const Signal other = carbon.signal == Signal::average ? Signal::marginal : Signal::average;
      rows.push_back({fmt::format("operational, {} signal", spell(other)),
                      part_text(text, *carbon.other_signal), true});
    }
    if (!carbon.low) rows.push_back({"Bounds", "none: " + escape(carbon.bounds_note)});
  }
  rows.push_back(
      {report.sci.m ? "SCI" : "Operational carbon per R", joined(sci_fact(report).phrases, "; ")});
}

void add_method_rows(const Report& report, std::vector<Row>& rows) {
  const Fact coverage = coverage_fact(report);
  rows.push_back({"Coverage", coverage.phrases.empty()
                                  ? (report.energy.it ? "all of the time" : "nothing")
                                  : joined(coverage.phrases, "; ")});
  rows.push_back({"Boundary", boundary_words(report)});
  rows.push_back({"Left out", left_out_text(report)});
  rows.push_back({"Method", method_text(report)});
  rows.push_back({"Written by", "lowtide " + escape(report.run.lowtide_version)});
}

void add_whole_carbon(const Report& report, std::vector<Row>& rows) {
  const account::Completion& whole = *report.complete;
  const account::CarbonReport& carbon = whole.carbon;
  if (!carbon.total) {
    rows.push_back({"carbon", "not known", true});
    return;
  }
  const Figure<Carbon> figure{*carbon.total, carbon.low, carbon.high,
                              energy_share(whole.total, whole.total_low, whole.total_high)};
  const FigureText text = text_of(figure);
  rows.push_back({"carbon", carbon_text(figure, carbon.gas), true});
  rows.push_back({"operational", part_text(text, *carbon.operational), true});
  rows.push_back(
      {"embodied", carbon.embodied ? part_text(text, *carbon.embodied) : "not included", true});
  const account::SciReport& sci = whole.sci;
  if (!sci.value) return;
  rows.push_back({sci.m ? "SCI" : "operational carbon",
                  text_of(carbon_figure(report, *sci.value, sci.low, sci.high)).brief() + " " +
                      gas_text(carbon.gas) + " per " + escape(sci.r),
                  true});
}

// "2024, EPA calculator (..): 12.4 g" as "2024, EPA calculator".
std::string short_edition(const std::string& edition) {
  const std::size_t source = edition.find(", ");
  if (source == std::string::npos) return edition;
  std::string out = edition.substr(0, edition.find_first_of(",:;(", source + 2));
  if (out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace

std::vector<Row> completion_rows(const Report& report) {
  if (!report.complete) return {};
  const account::Completion& whole = *report.complete;
  std::vector<Row> rows = {
      {"Whole job",
       fmt::format("extrapolated from {} of it, x {}{}", whole.asked, number(whole.factor),
                   whole.modelled_share ? ": energy " + percent(*whole.modelled_share) + " modelled"
                                        : "")}};
  const auto add = [&](const char* label, const std::string& value) {
    rows.push_back({label, value, true});
  };
  if (whole.duration) add("duration", format_duration(*whole.duration));
  add("energy", full(whole.total, whole.total_low, whole.total_high));
  add_whole_carbon(report, rows);
  for (const account::ErrorReport& error : whole.errors) {
    add(error.origin.c_str(), width_text(error) + ", " + error.reference);
  }
  for (const std::string& assumed : whole.carbon.assumed) {
    if (assumed.starts_with("whole job: ")) add("assumed", escape(assumed.substr(11)));
  }
  return rows;
}

std::vector<Row> figure_rows(const Report& report) {
  std::vector<Row> rows;
  add_run_rows(report, rows);
  add_energy_rows(report, rows);
  add_intensity_rows(report, rows);
  add_carbon_rows(report, rows);
  for (Row& row : completion_rows(report)) rows.push_back(std::move(row));
  add_method_rows(report, rows);
  return rows;
}

std::string width_text(const account::ErrorReport& error) {
  const auto share = [](const std::optional<double>& rel) {
    return rel ? percent(*rel) : std::string("not known");
  };
  if (error.low_rel == error.high_rel) {
    return (error.low_rel ? "±" : "") + share(error.low_rel);
  }
  return "−" + share(error.low_rel) + " +" + share(error.high_rel);
}

Cells device_cells(const Report& report) {
  Cells cells{{"Channel", "Device", "Whole device", "Charged", "95 % interval", "Quality",
               "Coverage", "Source"},
              {},
              {false, false, true, true, true, false, true, false}};
  for (const account::ChannelCharge& channel : report.energy.channels) {
    const bool counted = channel.info.in_total;
    const FigureText charged = text_of(Figure<Energy>{channel.charged, channel.low, channel.high});
    std::string value = counted ? charged.brief() : "not counted";
    if (!channel.device) value = "not known";
    cells.rows.push_back(
        {escape(channel.info.id), escape(channel.info.name),
         counted && channel.device ? part_text(charged, *channel.device) : brief(channel.device),
         value, counted && !charged.range.empty() ? charged.range + " " + charged.unit : "",
         std::string(spell(channel.quality)), just_begun(report) ? "" : percent(channel.coverage),
         std::string(spell(channel.info.source))});
  }
  return cells;
}

Cells bound_cells(const Report& report) {
  Cells cells{
      {"Figure", "Kind of error", "95 % half-width", "Reference"}, {}, {false, false, true, false}};
  for (const account::ErrorReport& error : report.errors) {
    cells.rows.push_back({escape(error.origin), std::string(spell(error.kind)), width_text(error),
                          escape(error.reference)});
  }
  return cells;
}

Cells equivalent_cells(const Report& report) {
  Cells cells{{"Amount", "Of", "Factor of one", "Edition"}, {}, {true, false, true, false}};
  for (const account::EquivalentReport& row : report.equivalents) {
    if (row.amount < 0.1 || row.amount > 1000) continue;  // that nobody can picture
    std::string name = escape(row.name);
    std::replace(name.begin(), name.end(), '_', ' ');
    cells.rows.push_back(
        {number(row.amount), name,
         text_of(Figure<Carbon>{row.factor, {}, {}}).brief() + " " + gas_text(row.gas),
         escape(row.edition)});
  }
  return cells;
}

std::vector<std::string> equivalent_phrases(const Report& report, std::size_t most) {
  std::vector<std::string> phrases;
  for (const auto& row : equivalent_cells(report).rows) {
    if (phrases.size() == most) break;
    phrases.push_back(fmt::format("{} x {} ({} each, edition {})", row[0], row[1], row[2],
                                  short_edition(row[3])));
  }
  return phrases;
}

Cells run_cells(std::span<const Report> reports) {
  Cells cells{{"Run", "Id", "Phase", "Outcome", "Begin", "Energy", "Carbon", "Boundary"},
              {},
              {false, false, false, false, false, true, true, false}};
  for (const Report& report : reports) {
    const account::EnergyReport& energy = report.energy;
    const account::CarbonReport& carbon = report.carbon;
    cells.rows.push_back(
        {title(report.run), escape(report.run.id),
         std::string(spell(account::phase_of(report.run))), outcome(report),
         report.run.begin ? zoned_time(*report.run.begin) : "not begun",
         full(energy.total, energy.total_low, energy.total_high),
         carbon.total ? carbon_text(total_carbon(report), carbon.gas) : "not known",
         energy.boundary ? std::string(spell(*energy.boundary)) : "none"});
  }
  return cells;
}

Cells sum_cells(const Sum& sum) {
  Cells cells{{"Phase", "Runs", "Duration", "Energy", "Operational", "Embodied", "Carbon"},
              {},
              {false, true, true, true, true, true, true}};
  const auto add = [&](std::string_view name, const Sum& part) {
    const auto none = [&](const std::string& text) { return part.runs == 0 ? "–" : text; };
    cells.rows.push_back(
        {std::string(name), fmt::format("{}", part.runs),
         part.duration ? format_duration(*part.duration) : "–",
         none(full(part.total, part.total_low, part.total_high)),
         none(full(part.operational, part.operational_low, part.operational_high)),
         none(part.embodied && part.total_carbon
                  ? part_text(text_of(total_carbon(part)), *part.embodied)
                  : "not included"),
         none(part.total_carbon ? carbon_text(total_carbon(part), part.gas) : "not known")});
  };
  for (std::size_t i = 0; i < sum.phases.size(); ++i) {
    add(spell(static_cast<account::Phase>(i)), sum.phases[i]);
  }
  add("total", sum);
  return cells;
}

std::vector<std::string> sum_notes(const Sum& sum) {
  std::vector<std::string> notes = {
      "failures: runs that failed, were killed, interrupted or cancelled; final: runs with the tag "
      "phase=final; exploration: all others"};
  if (!sum.note.empty()) notes.push_back(escape(sum.note));
  return notes;
}

}  // namespace lowtide::show
