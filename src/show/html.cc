#include "show/html.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <vector>

#include "show/cells.h"
#include "show/facts.h"
#include "show/html_chart.h"
#include "show/html_parts.h"
#include "show/phrases.h"
#include "show/statement.h"
#include "show/text.h"

namespace lowtide::show {
namespace {

using account::Report;
using account::Sum;

std::vector<std::string> escaped(const std::vector<std::string>& lines) {
  std::vector<std::string> out;
  out.reserve(lines.size());
  for (const std::string& line : lines) out.push_back(escape(line));
  return out;
}

// A value between its bounds, on a scale that ends a little above them.
template <typename Quantity>
std::string interval_bar(Quantity value, const std::optional<Quantity>& low,
                         const std::optional<Quantity>& high, Texture texture) {
  if (!low || !high || *high <= Quantity{}) return {};
  const auto percent_of = [&](Quantity q) { return q / *high * 94; };
  return html_bar({{percent_of(value), texture, "the value within its 95 % interval"}},
                  std::pair{percent_of(*low), percent_of(*high)});
}

template <typename Quantity>
Card figure_card(const char* label, const Quantity& value, const std::optional<Quantity>& low,
                 const std::optional<Quantity>& high) {
  const FigureText text = text_of(Figure<Quantity>{value, low, high});
  Card card{label, text.value, text.unit, {}, {}, {}};
  card.range = text.range.empty() ? "no bounds" : text.range + " " + text.unit + " (95 %)";
  return card;
}

Texture texture_of(double modelled_share) {
  return modelled_share > 0.5 ? Texture::hatched : Texture::solid;
}

Card carbon_card(const Report& report) {
  const account::CarbonReport& carbon = report.carbon;
  if (!carbon.total) return {"Carbon", "not known", {}, {}, escape(carbon.bounds_note), {}};
  Card card = figure_card("Carbon", *carbon.total, carbon.low, carbon.high);
  const FigureText whole = text_of(total_carbon(report));
  card.unit += " " + gas_text(carbon.gas);
  card.note = part_text(whole, *carbon.operational) + " operational";
  card.note += carbon.embodied ? " + " + part_text(whole, *carbon.embodied) + " embodied"
                               : ", embodied not included";
  card.bar = interval_bar(*carbon.total, carbon.low, carbon.high, Texture::solid);
  return card;
}

Card energy_card(const Report& report) {
  const account::EnergyReport& energy = report.energy;
  if (!energy.total)
    return {"Energy", "not known", {}, {}, "not known" + why_no_energy(report), {}};
  Card card = figure_card("Energy", *energy.total, energy.total_low, energy.total_high);
  card.note = boundary_text(energy);
  card.bar = interval_bar(*energy.total, energy.total_low, energy.total_high,
                          texture_of(energy.modelled_share.value_or(0)));
  return card;
}

Card intensity_card(const Report& report) {
  const account::IntensityReport* found = headline(report);
  if (found == nullptr) return {"Carbon intensity", "not known", {}, {}, "give --location", {}};
  const auto& value = found->energy_weighted ? found->energy_weighted : found->mean;
  Card card{"Carbon intensity",
            value ? number(as_grams_per_kwh(*value)) : "not known",
            value ? "g/kWh" : "",
            region_text(report),
            signal_phrase(found->used) + "; " + source_phrase(found->used),
            {}};
  if (found->used.fallback) card.note += "; a fallback";
  if (found->used.provisional) card.note += "; provisional";
  return card;
}

Card sci_card(const Report& report) {
  const account::SciReport& sci = report.sci;
  const char* label = sci.m ? "SCI" : "Operational carbon per R";
  if (!sci.value) return {label, "not known", {}, "per " + escape(sci.r), escape(sci.note), {}};
  Card card = figure_card(label, *sci.value, sci.low, sci.high);
  card.unit += " " + gas_text(report.carbon.gas) + " per " + escape(sci.r);
  card.bar = interval_bar(*sci.value, sci.low, sci.high, Texture::solid);
  card.note = sci.m ? "ISO/IEC 21031:2024" : "M is not included";
  return card;
}

std::string command_text(const RunRecord& run) { return joined(escaped(run.command), " "); }

std::string head_of(const Report& report) {
  const RunRecord& run = report.run;
  std::vector<std::string> about = {outcome(report)};
  if (run.begin) about.push_back("began " + zoned_time(*run.begin));
  if (!run.project.empty()) about.push_back("project " + escape(run.project));
  if (!run.host.empty()) about.push_back("on " + escape(run.host));
  about.push_back("run " + escape(run.id));
  std::string out = "<header>\n<p class=\"brand\">lowtide · carbon report</p>\n<h1>" +
                    in_html(title(run)) + "</h1>\n<p class=\"sub\">" +
                    in_html(joined(about, " · ")) + "</p>\n";
  if (const std::string command = command_text(run); !command.empty()) {
    out += "<p class=\"sub\"><code>" + in_html(command) + "</code></p>\n";
  }
  if (const std::string warning = modelled_warning(report.energy); !warning.empty()) {
    out += "<p class=\"warn\">" + in_html(warning) + ": an estimate, not a measurement</p>\n";
  }
  return out +
         html_cards(
             {carbon_card(report), energy_card(report), intensity_card(report), sci_card(report)}) +
         "</header>\n";
}

std::string time_table(std::span<const account::TimelineStep> steps) {
  Cells cells{{"From", "Power", "of it modelled", "Intensity", "Operational carbon so far"},
              {},
              {false, true, true, true, true}};
  for (const account::TimelineStep& step : steps) {
    std::string power =
        !step.power ? "a gap" : power_text(*step.power) + (step.partial ? " (partly read)" : "");
    if (step.state != RunState::running) power += fmt::format(" ({})", spell(step.state));
    cells.rows.push_back(
        {zoned_time(step.span.begin), power, step.power ? power_text(step.modelled) : "–",
         step.intensity ? intensity_text(*step.intensity) : "a gap", brief(step.cumulative)});
  }
  return cells.rows.empty()
             ? ""
             : "<details><summary>The same as a table</summary>" +
                   html_table(cells, "Means over equal parts of the run") + "</details>\n";
}

// The devices' bars share one scale: the highest end of an interval.
std::string device_bar(const account::ChannelCharge& channel, Energy scale) {
  const double percent = channel.charged / scale * 100;
  Texture texture = Texture::solid;
  if (channel.quality == Quality::modelled) texture = Texture::hatched;
  if (channel.quality == Quality::filled) texture = Texture::dotted;
  const std::string label =
      escape(channel.info.id) + ": " +
      text_of(Figure<Energy>{channel.charged, channel.low, channel.high}).full() + ", " +
      std::string(spell(channel.quality));
  std::optional<std::pair<double, double>> whisker;
  if (channel.low && channel.high) {
    whisker = std::pair{*channel.low / scale * 100, *channel.high / scale * 100};
  }
  return html_bar({{percent, texture, label}}, whisker);
}

std::string device_table(const Report& report) {
  const Cells cells = device_cells(report);
  if (cells.rows.empty()) return {};
  Energy scale;
  for (const account::ChannelCharge& channel : report.energy.channels) {
    if (!channel.info.in_total) continue;
    scale = std::max(scale, channel.high.value_or(channel.charged));
  }
  std::string out =
      "<div class=\"scroll\"><table>\n<caption>What the run is charged, with its 95 % interval. "
      "Solid: measured. Hatched: modelled. Dotted: a gap filled by a rule.</caption>\n<thead><tr>";
  for (const char* head :
       {"Device", "", "Charged", "95 % interval", "How it is known", "Coverage"}) {
    out += std::string("<th scope=\"col\">") + head + "</th>";
  }
  out += "</tr></thead>\n<tbody>\n";
  for (std::size_t i = 0; i < cells.rows.size(); ++i) {
    const account::ChannelCharge& channel = report.energy.channels[i];
    const auto& row = cells.rows[i];
    const bool drawn = channel.info.in_total && channel.device && scale > Energy{};
    out += "<tr><th scope=\"row\">" + in_html(row[0]) + "<br><span class=\"note\">" +
           in_html(row[1]) + "</span></th><td class=\"wide\">" +
           (drawn ? device_bar(channel, scale) : "") + "</td><td class=\"num\">" + in_html(row[3]) +
           "</td><td class=\"num\">" + in_html(row[4]) + "</td><td>" +
           in_html(row[5] + ", " + row[7]) + "</td><td class=\"num\">" + in_html(row[6]) +
           "</td></tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string facts_table(const Report& report) {
  std::string out =
      "<table class=\"facts\">\n<caption>Rounded to what the bounds justify</caption>"
      "\n<tbody>\n";
  for (const Row& row : figure_rows(report)) {
    out += fmt::format("<tr><th scope=\"row\"{}>{}</th><td>{}</td></tr>\n",
                       row.part ? " class=\"part\"" : "", in_html(row.label), in_html(row.value));
  }
  return out + "</tbody></table>\n";
}

std::string equivalents(const Report& report) {
  std::string out;
  for (const auto& row : equivalent_cells(report).rows) {
    out += "<div><dt>" + in_html(row[0] + " × " + row[1]) + "</dt><dd>" +
           in_html(row[2] + " each; edition " + row[3]) + "</dd></div>\n";
  }
  return out.empty() ? out : "<dl class=\"as\">\n" + out + "</dl>\n";
}

std::vector<std::string> event_lines(const Report& report) {
  std::vector<std::string> lines;
  lines.reserve(report.run.events.size());
  for (const Event& event : report.run.events) {
    lines.push_back(zoned_time(event.time) + " · " + escape(event.kind) +
                    (event.detail.empty() ? "" : ": " + escape(event.detail)));
  }
  return lines;
}

std::string coverage_lines(const Report& report) {
  const Fact coverage = coverage_fact(report);
  if (!coverage.phrases.empty()) return html_list(coverage.phrases);
  if (!report.energy.it) return "<p class=\"lead\">Nothing was read.</p>\n";
  return "<p class=\"lead\">All of the time was read, and all of the energy has an "
         "intensity.</p>\n";
}

std::string lead(const std::string& text) {
  return "<p class=\"lead\">" + in_html(text) + "</p>\n";
}

std::string foot(const std::string& version) {
  return "</main>\n<footer><p>" +
         in_html("Written by lowtide " + version + " · " + std::string(account::kMethodology) +
                 " · times are local with their offset · nothing on this page is loaded from "
                 "elsewhere") +
         "</p></footer>\n";
}

// Each once, in order.
std::vector<std::string> all_of(std::span<const Report> reports,
                                const std::vector<std::string>& (*get)(const Report&)) {
  std::vector<std::string> out;
  for (const Report& report : reports) {
    for (const std::string& line : get(report)) out.push_back(escape(line));
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

constexpr std::array kPhaseTextures = {Texture::hatched, Texture::dotted, Texture::solid};

// The phases' shares of a figure.
template <typename Get>
std::string phase_bar(const Sum& sum, Get get) {
  const auto whole = get(sum);
  if (!whole || *whole <= std::decay_t<decltype(*whole)>{}) return {};
  std::vector<BarPart> parts;
  for (std::size_t i = 0; i < sum.phases.size(); ++i) {
    const auto part = get(sum.phases[i]);
    if (!part) continue;
    const double share = *part / *whole;
    parts.push_back({share * 100, kPhaseTextures[i],
                     std::string(spell(static_cast<account::Phase>(i))) + " " + percent(share)});
  }
  return html_bar(parts);
}

std::string sum_head(std::span<const Report> reports, const Sum& sum) {
  std::vector<Card> cards;
  if (sum.total_carbon) {
    cards.push_back(figure_card("Carbon", *sum.total_carbon, sum.low, sum.high));
    cards.back().unit += " " + gas_text(sum.gas);
    cards.back().bar = phase_bar(sum, [](const Sum& part) { return part.total_carbon; });
  } else {
    cards.push_back({"Carbon", "not known", {}, {}, {}, {}});
  }
  if (sum.total) {
    cards.push_back(figure_card("Energy", *sum.total, sum.total_low, sum.total_high));
    cards.back().bar = phase_bar(sum, [](const Sum& part) { return part.total; });
  } else {
    cards.push_back({"Energy", "not known", {}, {}, {}, {}});
  }
  cards.push_back({"Runs", fmt::format("{}", sum.runs), {}, {}, {}, {}});
  if (sum.duration)
    cards.push_back(
        {"Duration", format_duration(*sum.duration), {}, {}, "of all runs together", {}});
  const std::string& project = reports.front().run.project;
  const bool same = std::all_of(reports.begin(), reports.end(), [&](const Report& report) {
    return report.run.project == project;
  });
  const std::string name =
      same && !project.empty() ? escape(project) : fmt::format("{} runs", sum.runs);
  return "<header>\n<p class=\"brand\">lowtide · carbon report</p>\n<h1>" + in_html(name) +
         "</h1>\n<p class=\"sub\">" + in_html(fmt::format("{} runs, failures included", sum.runs)) +
         "</p>\n" + html_cards(cards) + "</header>\n";
}

}  // namespace

std::string report_html(const Report& report, const RunOverTime& time) {
  std::string body = head_of(report) + "<main id=\"main\">\n";
  body +=
      html_section("time", "Over time", html_chart(report, time.chart) + time_table(time.table));
  body += html_section("devices", "Energy by device", device_table(report));
  body += html_section("statement", "In words", lead(statement(report)));
  body +=
      "<div class=\"two\">\n" + html_section("figures", "Figures", facts_table(report)) + "<div>\n";
  body += html_section("coverage", "Coverage", coverage_lines(report));
  body += html_section("assumed", "Assumed", html_list(escaped(report.carbon.assumed)));
  body += html_section("equivalents", "As much as", equivalents(report));
  body += html_section("events", "Events", html_list(event_lines(report)));
  body += html_section("sources", "Provenance", html_list(escaped(report.sources)));
  body += "</div></div>\n";
  const std::string largest = largest_phrase(report);
  body +=
      html_section("bounds", "Bounds",
                   (largest.empty() ? "" : lead(largest)) +
                       html_table(bound_cells(report), "95 % half-widths, of the figure named"));
  return html_page(title(report.run) + " · lowtide",
                   body + foot(escape(report.run.lowtide_version)));
}

std::string reports_html(std::span<const Report> reports, const Sum& sum) {
  std::string body = sum_head(reports, sum) + "<main id=\"main\">\n";
  Cells runs = run_cells(reports);
  body += html_section(
      "sums", "Exploration, failures, final",
      html_table(sum_cells(sum), "Hatched: exploration. Dotted: failures. Solid: final.") +
          html_list(sum_notes(sum)));
  body += html_section("statement", "In words", lead(statement(reports, sum)));
  body += html_section("runs", "Runs", html_table(runs, "One by one, as they were named"));
  body += html_section("assumed", "Assumed",
                       html_list(all_of(reports, [](const Report& report) -> const auto& {
                         return report.carbon.assumed;
                       })));
  body += html_section("sources", "Provenance",
                       html_list(all_of(reports, [](const Report& report) -> const auto& {
                         return report.sources;
                       })));
  return html_page(fmt::format("{} runs · lowtide", sum.runs),
                   body + foot(escape(reports.front().run.lowtide_version)));
}

}  // namespace lowtide::show
