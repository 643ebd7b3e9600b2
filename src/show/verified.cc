#include "show/verified.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "show/json_values.h"

namespace lowtide::show {
namespace {

const char* word_of(Verification verdict) {
  switch (verdict) {
    case Verification::holds:
      return "holds";
    case Verification::differs:
      return "differs";
    case Verification::not_checked:
      return "not checked";
  }
  return "?";
}

std::string line_of(const Check& check, const Style& style) {
  const Ink ink = check.verdict == Verification::holds     ? Ink::good
                  : check.verdict == Verification::differs ? Ink::bad
                                                           : Ink::warn;
  const std::string figures = check.figures > 0 ? fmt::format(" ({})", check.figures) : "";
  const std::string detail = check.detail.empty() ? "" : ": " + escape(check.detail);
  return fmt::format(" {} {}{}{}\n",
                     paint(fmt::format("{:<11}", word_of(check.verdict)), ink, style),
                     escape(check.what), figures, detail);
}

}  // namespace

bool Verified::holds() const {
  return std::none_of(checks.begin(), checks.end(),
                      [](const Check& check) { return check.verdict == Verification::differs; });
}

bool all_hold(std::span<const Verified> all) {
  return std::all_of(all.begin(), all.end(), [](const Verified& run) { return run.holds(); });
}

std::string verified_text(std::span<const Verified> all, const Style& style) {
  std::string text;
  std::int64_t figures = 0;
  for (const Verified& run : all) {
    text += fmt::format("{}\n", run.run == "sum" ? "sum of the runs" : "run " + run.run);
    for (const Check& check : run.checks) {
      text += line_of(check, style);
      figures += check.figures;
    }
  }
  return text + (all_hold(all)
                     ? fmt::format("All of it holds: {} figures derived again, offline.\n", figures)
                     : std::string("Not all of it holds.\n"));
}

std::string verified_json(std::span<const Verified> all) {
  Json runs = Json::array();
  for (const Verified& run : all) {
    Json checks = Json::array();
    for (const Check& check : run.checks) {
      checks.push_back({{"what", check.what},
                        {"verdict", word_of(check.verdict)},
                        {"figures", check.figures},
                        {"detail", check.detail.empty() ? Json(nullptr) : Json(check.detail)}});
    }
    runs.push_back({{"run", run.run}, {"holds", run.holds()}, {"checks", std::move(checks)}});
  }
  const Json out = {
      {"schema", "lowtide.verify/1"}, {"holds", all_hold(all)}, {"runs", std::move(runs)}};
  return out.dump(2) + "\n";
}

}  // namespace lowtide::show
