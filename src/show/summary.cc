#include "show/summary.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "show/facts.h"

namespace lowtide::show {
namespace {

using account::Report;

constexpr int kLabel = 12;           // columns of the label
constexpr int kNarrow = 50;          // below this there is no column of labels, and no wrapping
constexpr int kAll = 1 << 20;        // wide enough for every phrase
constexpr std::size_t kNotices = 2;  // events worth a line here
constexpr std::size_t kAssumed = 3;  // assumptions worth a line here; the rest is in `show`

// As many phrases as fit the width, at least one.
std::string joined(const std::vector<std::string>& phrases, int width) {
  std::string text;
  for (const std::string& phrase : phrases) {
    if (phrase.empty()) continue;
    const std::string more = (text.empty() ? "" : " · ") + phrase;
    if (!text.empty() && width_of(text) + width_of(more) > width) break;
    text += more;
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

// What happened that a user may want to mend or know: a sensor that is denied, a meter that died.
Fact notice_fact(const Report& report) {
  Fact fact{"notice", {}};
  std::size_t left = 0;
  // That sensors contradict each other, or that the run came too late, goes first.
  for (const bool is_first : {true, false}) {
    for (const Event& event : report.run.events) {
      if ((event.kind == "self-check" || event.kind == "late") != is_first) continue;
      if (fact.phrases.size() < kNotices) {
        fact.phrases.push_back(escape(event.kind) + ": " + escape(event.detail));
      } else {
        ++left;
      }
    }
  }
  if (left > 0) fact.phrases.push_back(fmt::format("{} more in `lowtide show`", left));
  return fact;
}

Fact next_fact(const Report& report) {
  const std::string id = escape(record_id(report.run));
  Fact fact{"next", {}};
  fact.phrases.push_back("lowtide show " + id);
  if (!modelled_warning(report.energy).empty()) {
    fact.phrases.emplace_back("lowtide doctor");
  } else if (report.carbon.operational) {
    fact.phrases.push_back("lowtide compare " + id);
  }
  fact.phrases.push_back("lowtide report " + id + " --format json");
  return fact;
}

struct Block {
  Fact fact;
  Ink ink = Ink::plain;
};

std::vector<Block> blocks_of(const Report& report) {
  const std::string warning = modelled_warning(report.energy);
  std::vector<Block> blocks;
  Fact first{
      "lowtide",
      {title(report.run), outcome(report), warning,
       "run " + escape(record_id(report.run)) + (report.run.life_of.empty() ? "" : ", this life")}};
  blocks.push_back({std::move(first), warning.empty() ? Ink::bold : Ink::warn});
  const auto add = [&](Fact fact, Ink ink) {
    if (!fact.phrases.empty()) blocks.push_back({std::move(fact), ink});
  };
  add(energy_fact(report), Ink::plain);
  add(intensity_fact(report), Ink::plain);
  add(carbon_fact(report), Ink::bold);
  add(sci_fact(report), Ink::plain);
  add(coverage_fact(report), Ink::warn);
  add(notice_fact(report), Ink::warn);
  add(assumed_fact(report), Ink::dim);
  add(next_fact(report), Ink::dim);
  return blocks;
}

// The first line begins at the margin, the others one column in.
std::string label_of(const Block& block) {
  return (block.fact.label == "lowtide" ? "" : " ") + block.fact.label;
}

std::vector<std::string> wrapped(const std::vector<Block>& blocks, const Style& style) {
  const int width = columns(style);
  std::vector<std::string> out;
  for (const Block& block : blocks) {
    std::string label = label_of(block);
    for (const std::string& line : wrap(joined(block.fact.phrases, kAll), width - kLabel, 0)) {
      out.push_back(paint(pad(label, kLabel) + line, block.ink, style));
      label.clear();
    }
  }
  return out;
}

std::vector<std::string> one_line_each(const std::vector<Block>& blocks, const Style& style) {
  const int width = columns(style);
  std::vector<std::string> out;
  for (const Block& block : blocks) {
    const std::string label =
        width < kNarrow ? label_of(block) + " " : pad(label_of(block), kLabel);
    const std::string text = joined(block.fact.phrases, width - width_of(label));
    out.push_back(paint(clip(label + text, width), block.ink, style));
  }
  return out;
}

}  // namespace

std::string summary(const Report& report, const Style& style) {
  const std::vector<Block> blocks = blocks_of(report);
  std::vector<std::string> lines;
  if (columns(style) >= kNarrow) lines = wrapped(blocks, style);
  if (lines.empty() || lines.size() > kSummaryLines) lines = one_line_each(blocks, style);
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  return out;
}

}  // namespace lowtide::show
