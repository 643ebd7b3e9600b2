#include "show/doctor.h"

#include <nlohmann/json.hpp>

namespace lowtide::show {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kWord = 9;    // columns of "trouble" and what is round it
constexpr int kRoomy = 50;  // below that, further lines are hardly indented
constexpr int kNarrowIndent = 2;

Ink ink_of(Finding state) {
  switch (state) {
    case Finding::ok:
      return Ink::good;
    case Finding::denied:
    case Finding::trouble:
      return Ink::bad;
    case Finding::info:
    case Finding::absent:
      return Ink::dim;
  }
  return Ink::plain;
}

// A command is never wrapped: it is there to be copied.
std::string finding_text(const DoctorFinding& finding, const Style& style) {
  const bool roomy = columns(style) >= kRoomy;
  const int indent = roomy ? kWord : kNarrowIndent;
  const std::string word(spell(finding.state));
  std::string text = escape(finding.subject) + ": " + escape(finding.detail);
  if (!finding.hint.empty()) text += "; " + escape(finding.hint);
  if (!roomy) text = word + " " + text;
  const std::string hang(static_cast<std::size_t>(indent), ' ');
  std::string out = roomy ? " " + paint(word, ink_of(finding.state), style) +
                                std::string(kWord - 1 - word.size(), ' ')
                          : "";
  bool first = true;
  for (const std::string& line : wrap(text, columns(style) - indent, 0)) {
    out += (std::exchange(first, false) ? "" : hang) + line + "\n";
  }
  for (const std::string& command : finding.commands) out += hang + "$ " + escape(command) + "\n";
  return out;
}

Json finding_json(const DoctorFinding& finding) {
  Json facts = Json::object();
  for (const auto& [name, value] : finding.facts) {
    std::visit([&, key = name](const auto& known) { facts[key] = known; }, value);
  }
  return {{"topic", finding.topic},
          {"subject", finding.subject},
          {"state", spell(finding.state)},
          {"detail", finding.detail},
          {"hint", finding.hint.empty() ? Json(nullptr) : Json(finding.hint)},
          {"commands", finding.commands},
          {"facts", std::move(facts)}};
}

}  // namespace

std::string doctor_text(std::span<const DoctorFinding> findings, const Style& style) {
  std::string out;
  std::string topic;
  for (const DoctorFinding& finding : findings) {
    if (finding.topic != topic) out += paint(escape(finding.topic), Ink::bold, style) + "\n";
    topic = finding.topic;
    out += finding_text(finding, style);
  }
  return out;
}

std::string doctor_json(std::span<const DoctorFinding> findings) {
  Json all = Json::array();
  for (const DoctorFinding& finding : findings) all.push_back(finding_json(finding));
  const Json whole = {{"schema", "lowtide.doctor/1"}, {"findings", std::move(all)}};
  return whole.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string fixes_text(std::span<const DoctorFinding> findings) {
  std::string out;
  for (const DoctorFinding& finding : findings) {
    if (finding.commands.empty()) continue;
    out += "# " + escape(finding.subject) + ": " + escape(finding.detail) + "\n";
    for (const std::string& command : finding.commands) out += command + "\n";
  }
  return out;
}

}  // namespace lowtide::show
