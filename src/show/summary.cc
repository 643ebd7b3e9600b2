#include "show/summary.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "show/facts.h"

namespace lowtide::show {
namespace {

using account::Report;

constexpr int kLabel = 12;           // columns of the label
constexpr int kNarrow = 50;          // below this the label stands in the text
constexpr std::size_t kAssumed = 3;  // assumptions worth a line here; the rest is in `show`

std::string joined(const std::vector<std::string>& phrases) {
  std::string text;
  for (const std::string& phrase : phrases) {
    if (phrase.empty()) continue;
    text += (text.empty() ? "" : " · ") + phrase;
  }
  return text;
}

Fact assumed_fact(const Report& report) {
  Fact fact{"assumed", {}};
  for (const std::string& assumed : report.carbon.assumed) {
    // The place and the embodied carbon are marked where their figures stand.
    if (assumed.starts_with("place:") || assumed.starts_with("embodied:")) continue;
    if (fact.phrases.size() < kAssumed) fact.phrases.push_back(escape(assumed));
  }
  return fact;
}

Fact next_fact(const Report& report) {
  const std::string id = escape(report.run.id);
  Fact fact{"next", {}};
  if (!report.energy.it || !modelled_warning(report.energy).empty()) {
    fact.phrases.emplace_back("lowtide doctor says what would measure it");
  }
  fact.phrases.push_back("lowtide show " + id);
  fact.phrases.push_back("lowtide report " + id + " --format json");
  return fact;
}

struct Block {
  std::string label;
  std::string text;
  Ink ink = Ink::plain;
};

std::vector<Block> blocks_of(const Report& report) {
  const std::string warning = modelled_warning(report.energy);
  std::vector<Block> blocks;
  blocks.push_back(
      {"lowtide",
       joined({title(report.run), outcome(report), warning, "run " + escape(report.run.id)}),
       warning.empty() ? Ink::bold : Ink::warn});
  const auto add = [&](const Fact& fact, Ink ink) {
    if (!fact.phrases.empty()) blocks.push_back({fact.label, joined(fact.phrases), ink});
  };
  add(energy_fact(report), Ink::plain);
  add(intensity_fact(report), Ink::plain);
  add(carbon_fact(report), Ink::bold);
  add(sci_fact(report), Ink::plain);
  add(coverage_fact(report), Ink::warn);
  add(assumed_fact(report), Ink::dim);
  add(next_fact(report), Ink::dim);
  return blocks;
}

// The first line begins at the margin, the others one column in.
std::string labelled(const Block& block, bool narrow) {
  const std::string margin = block.label == "lowtide" ? "" : " ";
  const std::string label = margin + block.label;
  return (narrow ? label + " " : pad(label, kLabel)) + block.text;
}

std::vector<std::string> lay_out(const std::vector<Block>& blocks, const Style& style,
                                 bool one_line_each) {
  const int width = columns(style);
  const bool narrow = width < kNarrow;
  std::vector<std::string> out;
  for (const Block& block : blocks) {
    const std::string text = labelled(block, narrow);
    if (one_line_each) {
      out.push_back(paint(clip(text, width), block.ink, style));
      continue;
    }
    // The label holds runs of spaces, which wrap() would take for words.
    const int indent = narrow ? 2 : kLabel;
    std::vector<std::string> lines = wrap(block.text, width - indent, 0);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const Block part{i == 0 ? block.label : "", lines[i], block.ink};
      std::string line =
          narrow && i == 0
              ? labelled(part, true)
              : pad(i == 0 ? labelled({block.label, "", {}}, false) : "", indent) + lines[i];
      out.push_back(paint(clip(line, width), block.ink, style));
    }
  }
  return out;
}

}  // namespace

std::string summary(const Report& report, const Style& style) {
  const std::vector<Block> blocks = blocks_of(report);
  std::vector<std::string> lines = lay_out(blocks, style, columns(style) < kNarrow);
  if (lines.size() > kSummaryLines) lines = lay_out(blocks, style, true);
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

}  // namespace lowtide::show
