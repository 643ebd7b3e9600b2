#include "show/report_text.h"

#include <fmt/core.h>

#include <algorithm>

#include "show/cells.h"
#include "show/chart.h"
#include "show/facts.h"
#include "show/phrases.h"
#include "show/runs_table.h"
#include "show/table.h"

namespace lowtide::show {
namespace {

using account::Report;

constexpr std::size_t kEvents = 20;  // the latest are shown; all are in the JSON
constexpr std::size_t kEquivalents = 3;

std::string block(const std::string& text, int indent, const Style& style) {
  std::string out;
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  for (const std::string& line : wrap(text, columns(style) - indent, 2)) {
    out += margin + line + "\n";
  }
  return out;
}

std::string heading(const std::string& text, const Style& style) {
  return "\n" + paint(clip(text, columns(style)), Ink::bold, style) + "\n";
}

std::string fact_text(const Fact& fact, const Style& style) {
  std::string out;
  for (const std::string& phrase : fact.phrases) {
    if (!phrase.empty()) out += block(phrase, 1, style);
  }
  return out.empty() ? out : heading(fact.label, style) + out;
}

std::string painted(const std::string& text, Ink ink, const Style& style) {
  std::string out;
  for (const std::string& line : wrap(text, columns(style), 2)) {
    out += paint(line, ink, style) + "\n";
  }
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + escape(word);
  return out;
}

// What the head says below its first line.
std::vector<std::string> head_lines(const Report& report) {
  const RunRecord& run = report.run;
  std::vector<std::string> lines = {joined(run.command)};
  if (run.begin) {
    lines.push_back(fmt::format("begin {}, end {}", local_time(*run.begin),
                                run.end ? local_time(*run.end) : "not yet"));
  }
  if (report.paused && *report.paused > Duration::zero()) {
    lines.push_back(fmt::format("active {}, paused {}", format_duration(*report.active),
                                format_duration(*report.paused)));
  }
  if (run.lives > 1)
    lines.push_back(fmt::format("{} lives; the time between them is {}", run.lives,
                                run.moved ? "paused time" : "not counted"));
  return lines;
}

std::string head(const Report& report, const Style& style) {
  const std::string first =
      fmt::format("run {} · {} · {}", escape(report.run.id), title(report.run), outcome(report));
  std::string out = painted(first, Ink::bold, style);
  for (const std::string& line : head_lines(report)) out += block(line, 1, style);
  return out + painted(modelled_warning(report.energy), Ink::warn, style);
}

std::string channel_table(const Report& report, const Style& style) {
  if (report.energy.channels.empty()) return {};
  Table table({{"channel", false, 0, true},
               {"device", true, 4},
               {"charged", true, 0},
               {"95 % bounds", true, 3},
               {"quality", false, 1},
               {"coverage", true, 2},
               {"source", false, 5},
               {"name", false, 6, true}});
  for (const account::ChannelCharge& channel : report.energy.channels) {
    const auto energy = [&](const std::optional<Energy>& e) {
      return e ? text_of(Figure<Energy>{*e, {}, {}}).brief() : std::string("-");
    };
    const FigureText bounds = text_of(Figure<Energy>{channel.charged, channel.low, channel.high});
    const bool counted = channel.info.in_total;
    table.add({escape(channel.info.id), energy(channel.device),
               !channel.device ? "-"
               : counted       ? energy(channel.charged)
                               : "not counted",
               counted && !bounds.range.empty() ? bounds.range + " " + bounds.unit : "-",
               std::string(spell(channel.quality)),
               just_begun(report) ? "-" : percent(channel.coverage),
               std::string(spell(channel.info.source)), escape(channel.info.name)});
  }
  return heading("channels", style) + table.text(style);
}

std::string energy_parts(const Report& report) {
  const account::EnergyReport& energy = report.energy;
  if (!energy.it) return {};
  const auto text = [](const std::optional<Energy>& e) {
    return text_of(Figure<Energy>{e.value_or(Energy{}), {}, {}}).brief();
  };
  std::string out = "IT " + text(energy.it) + " = active " + text(energy.active) +
                    " + idle charged " + text(energy.idle_charged);
  const auto add = [&](const char* name, const std::optional<Energy>& e) {
    if (e && *e > Energy{}) out += std::string(" + ") + name + " " + text(e);
  };
  add("paused", energy.paused);
  add("waiting", energy.waiting);
  return out + "; idle not charged " + text(energy.idle_not_charged);
}

// Empty where a part of it is not known.
std::string sci_equation(const account::SciReport& sci) {
  if (!sci.value || !sci.i) return {};
  const std::string used = fmt::format(
      "E {} x I {}", text_of(Figure<Energy>{*sci.e, {}, {}}).brief(), intensity_text(*sci.i));
  const std::string made =
      sci.m ? fmt::format("({} + M {})", used, text_of(Figure<Carbon>{*sci.m, {}, {}}).brief())
            : used;
  return fmt::format("= {} / {} {}", made, number(*sci.r_count), escape(sci.r));
}

std::string errors_text(const Report& report, const Style& style) {
  if (report.errors.empty()) return {};
  std::string out;
  for (const account::ErrorReport& error : report.errors) {
    const auto share = [](const std::optional<double>& rel) {
      return rel ? percent(*rel) : std::string("not known");
    };
    const bool same = error.low_rel == error.high_rel;
    const std::string width = same ? (error.low_rel ? "+-" : "") + share(error.low_rel)
                                   : "-" + share(error.low_rel) + " +" + share(error.high_rel);
    // The intensity's own error is of the kind "intensity".
    const bool named = spell(error.kind) == error.origin;
    const std::string what = error.origin + (named ? "" : " " + std::string(spell(error.kind)));
    const std::string reference = error.reference.empty() ? "" : ": " + error.reference;
    out += block(escape(what) + " " + width + escape(reference), 1, style);
  }
  const std::string largest = largest_phrase(report);
  if (!largest.empty()) out = block(largest, 1, style) + out;
  return heading("bounds (95 % half-widths)", style) + out;
}

std::string list(const std::string& name, const std::vector<std::string>& lines,
                 const Style& style) {
  std::string out;
  for (const std::string& line : lines) out += block(escape(line), 1, style);
  return out.empty() ? out : heading(name, style) + out;
}

std::string events_text(const Report& report, const Style& style) {
  const std::vector<Event>& events = report.run.events;
  const std::size_t first = events.size() > kEvents ? events.size() - kEvents : 0;
  std::string out;
  if (first > 0) out += block(fmt::format("({} earlier ones)", first), 1, style);
  for (std::size_t i = first; i < events.size(); ++i) {
    out += block(fmt::format("{} {} {}", local_time(events[i].time), escape(events[i].kind),
                             escape(events[i].detail)),
                 1, style);
  }
  return out.empty() ? out : heading("events", style) + out;
}

std::string provenance(const Report& report, const Style& style) {
  std::vector<std::string> lines = {"lowtide " + report.run.lowtide_version + ", " +
                                    std::string(account::kMethodology)};
  lines.insert(lines.end(), report.sources.begin(), report.sources.end());
  return list("provenance", lines, style);
}

std::string completion_text(const Report& report, const Style& style) {
  std::string out;
  for (const Row& row : completion_rows(report)) {
    out += row.part ? block(row.label + " " + row.value, 1, style)
                    : heading(row.label + ": " + row.value, style);
  }
  return out;
}

// "exploration: 2 runs, 1.3 kWh, 0.41 kg CO2e".
std::string phase_phrase(account::Phase name, const account::Sum& phase) {
  std::string text =
      fmt::format("{}: {} run{}", spell(name), phase.runs, phase.runs == 1 ? "" : "s");
  if (phase.total) {
    text += ", " + text_of(Figure<Energy>{*phase.total, phase.total_low, phase.total_high}).brief();
  }
  if (!phase.total_carbon) return text;
  return text + ", " + text_of(total_carbon(phase)).brief() + " " + gas_text(phase.gas);
}

}  // namespace

std::string report_text(const Report& report, std::span<const account::TimelineStep> steps,
                        const Style& style) {
  std::string out = head(report, style);
  if (!steps.empty()) out += "\n" + chart(steps, style);
  Fact energy = energy_fact(report);
  if (const std::string parts = energy_parts(report); !parts.empty()) {
    energy.phrases.push_back(parts);
  }
  out += fact_text(energy, style);
  out += channel_table(report, style);
  out += fact_text(intensity_fact(report), style);
  out += fact_text(carbon_fact(report), style);
  Fact sci = sci_fact(report);
  sci.phrases.push_back(sci_equation(report.sci));
  sci.phrases.push_back(report.sci.methodology);
  if (report.sci.value && !report.sci.note.empty()) sci.phrases.push_back(escape(report.sci.note));
  out += fact_text(sci, style);
  out += completion_text(report, style);
  out += fact_text(coverage_fact(report), style);
  out += list("assumed", report.carbon.assumed, style);
  out += errors_text(report, style);
  out += list("as much as", equivalent_phrases(report, kEquivalents), style);
  out += events_text(report, style);
  return out + provenance(report, style);
}

std::string reports_text(std::span<const Report> reports, const account::Sum& sum,
                         const Style& style) {
  std::string out = runs_table(reports, style);
  Fact fact{fmt::format("sum of {} runs", sum.runs), {}};
  if (sum.duration) fact.phrases.push_back(format_duration(*sum.duration));
  if (sum.total) {
    fact.phrases.push_back(
        "energy " + text_of(Figure<Energy>{*sum.total, sum.total_low, sum.total_high}).full());
  }
  if (sum.total_carbon) {
    const FigureText carbon = text_of(total_carbon(sum));
    fact.phrases.push_back(fmt::format("carbon {} {}{}, {}", carbon.brief(), gas_text(sum.gas),
                                       carbon.range.empty() ? "" : " (" + carbon.range + ")",
                                       spell(sum.signal)));
  }
  for (std::size_t i = 0; i < sum.phases.size(); ++i) {
    fact.phrases.push_back(phase_phrase(static_cast<account::Phase>(i), sum.phases[i]));
  }
  fact.phrases.push_back("boundary " +
                         (sum.boundary ? std::string(spell(*sum.boundary)) : "mixed or not known"));
  if (sum.modelled_share && *sum.modelled_share > 0) {
    fact.phrases.push_back(percent(*sum.modelled_share) + " of the energy is modelled");
  }
  if (!sum.note.empty()) fact.phrases.push_back(escape(sum.note));
  return out + fact_text(fact, style);
}

}  // namespace lowtide::show
