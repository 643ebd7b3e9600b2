#include "show/markdown.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "show/cells.h"
#include "show/facts.h"
#include "show/markdown_parts.h"
#include "show/phrases.h"
#include "show/statement.h"
#include "show/text.h"

namespace lowtide::show {
namespace {

using account::Report;
using account::Sum;

std::string section(const std::string& name, const std::string& body) {
  return body.empty() ? "" : "\n## " + name + "\n\n" + body;
}

std::string list(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += "- " + markdown_text(escape(item)) + "\n";
  return out;
}

std::string figures(const Report& report) {
  Cells cells{{"Figure", "Value"}, {}, {false, false}};
  for (const Row& row : figure_rows(report)) {
    cells.rows.push_back({(row.part ? "– " : "") + row.label, row.value});
  }
  return markdown_table(cells);
}

// A double-quoted scalar. Control characters are gone already.
std::string yaml(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

struct Card {
  std::string emissions;
  std::string source;
  std::string training_type;
  std::string location;
  std::string hardware;
};

// Keys and units as the Hub's documentation has them (huggingface.co/docs/hub/model-cards-co2).
std::string card_text(const Card& card) {
  std::string out = "```yaml\nco2_eq_emissions:\n";
  out += "  emissions: " + (card.emissions.empty() ? "null" : card.emissions) + "  # grams\n";
  out += "  source: " + yaml(card.source) + "\n";
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) out += std::string("  ") + key + ": " + yaml(value) + "\n";
  };
  add("training_type", card.training_type);
  add("geographical_location", card.location);
  add("hardware_used", card.hardware);
  return section("Model card",
                 "For the head of the model's README.md on the Hugging Face Hub. Operational "
                 "emissions, as other tools give them there; embodied carbon is in the figures "
                 "above.\n\n" +
                     out + "```\n");
}

std::string tag_of(const RunRecord& run, const char* name) {
  const auto found = run.tags.find(name);
  return found == run.tags.end() ? "" : escape(found->second);
}

// What all runs agree on; where they do not, each value once.
template <typename Text>
std::string of_all(std::span<const Report> reports, Text text) {
  std::vector<std::string> all;
  for (const Report& report : reports) {
    const std::string one = text(report);
    if (!one.empty() && std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
  }
  std::string out;
  for (const std::string& one : all) out += (out.empty() ? "" : "; ") + one;
  return out;
}

Card card_of(std::span<const Report> reports) {
  Card card;
  card.source = of_all(reports, [](const Report& report) {
    const account::IntensityReport* found = headline(report);
    return fmt::format("lowtide {}: energy joined with the carbon intensity per 5 minutes; {}; {}",
                       escape(report.run.lowtide_version),
                       found == nullptr
                           ? std::string("no intensity is known")
                           : signal_phrase(found->used) + ", " + source_phrase(found->used),
                       boundary_text(report.energy));
  });
  card.training_type =
      of_all(reports, [](const Report& report) { return tag_of(report.run, "training_type"); });
  card.location = of_all(reports, region_text);
  card.hardware = of_all(reports, hardware_text);
  return card;
}

}  // namespace

std::string report_markdown(const Report& report) {
  std::string out = "# Carbon report: " + markdown_text(title(report.run)) + "\n\n" +
                    markdown_text(statement(report)) + "\n";
  out += section("Figures", figures(report));
  out += section("Energy by device", markdown_table(device_cells(report)));
  out += section("Assumed", list(report.carbon.assumed));
  out += section("Bounds", markdown_table(bound_cells(report)));
  out += section("As much as", markdown_table(equivalent_cells(report)));
  std::vector<std::string> events;
  events.reserve(report.run.events.size());
  for (const Event& event : report.run.events) {
    events.push_back(zoned_time(event.time) + " " + event.kind + ": " + event.detail);
  }
  out += section("Events", list(events));
  out += section("Sources", list(report.sources));
  Card card = card_of({&report, 1});
  if (report.carbon.operational) {
    card.emissions = grams_text(operational_carbon(report));
  }
  return out + card_text(card);
}

std::string reports_markdown(std::span<const Report> reports, const Sum& sum) {
  std::string out = fmt::format("# Carbon report: {} runs\n\n", sum.runs) +
                    markdown_text(statement(reports, sum)) + "\n";
  out += section("Sums", markdown_table(sum_cells(sum)) + "\n" + list(sum_notes(sum)));
  out += section("Runs", markdown_table(run_cells(reports)));
  std::vector<std::string> assumed;
  std::vector<std::string> sources;
  for (const Report& report : reports) {
    assumed.insert(assumed.end(), report.carbon.assumed.begin(), report.carbon.assumed.end());
    sources.insert(sources.end(), report.sources.begin(), report.sources.end());
  }
  for (std::vector<std::string>* all : {&assumed, &sources}) {
    std::sort(all->begin(), all->end());
    all->erase(std::unique(all->begin(), all->end()), all->end());
  }
  out += section("Assumed", list(assumed)) + section("Sources", list(sources));
  Card card = card_of(reports);
  card.source += fmt::format("; all {} runs, failures included", sum.runs);
  if (sum.operational) {
    card.emissions = grams_text(operational_carbon(sum));
  }
  return out + card_text(card);
}

}  // namespace lowtide::show
