#include "show/plan_regions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "show/plan_verdict.h"
#include "show/table.h"

namespace lowtide::show {
namespace {

constexpr std::size_t kShown = 8;

std::string percent_text(const std::optional<double>& saving) {
  if (!saving) return "-";
  if (*saving < -9) return fmt::format("{:.0f} times", 1 - *saving);
  return fmt::format("{:+.1f} %", *saving * -100);
}

std::string policy_text(const RegionPlan& region, Utc at) {
  std::string name(spell(region.policy));
  std::replace(name.begin(), name.end(), '_', ' ');
  return region.runs.empty() ? name : name + ", " + moment_text(region.runs.front().begin, at);
}

std::string table_of(const PlanView& view, const Style& style) {
  const bool moved = !view.transfer_note.empty();
  std::vector<Table::Column> head{{"", true}, {"region", false}, {"name", false, 3, true}};
  head.push_back({"best plan, from", false, 2, true});
  head.push_back({"carbon", true});
  if (moved) head.push_back({"of it moving", true, 1});
  head.push_back({"against here", true});
  Table table(head);
  for (std::size_t i = 0; i < view.regions.size(); ++i) {
    const RegionPlan& region = view.regions[i];
    if (i >= kShown && !region.home) continue;
    std::vector<std::string> cells{std::to_string(i + 1), escape(region.key), escape(region.name),
                                   policy_text(region, view.at), carbon_brief(region.total)};
    if (moved) cells.push_back(carbon_brief(region.transfer));
    cells.push_back(region.home ? "here" : percent_text(region.saving_vs_home));
    table.add(std::move(cells));
  }
  return table.text(style);
}

std::string best_text(const PlanView& view) {
  if (view.regions.empty()) return "No region may take the job.";
  const RegionPlan& best = view.regions.front();
  if (best.home) return "Best region: here.";
  const bool average = view.used.signal == Signal::average;
  const std::string name = escape(best.key);
  const double saving = best.saving_vs_home.value_or(0);
  if (saving > kNothing) {
    return fmt::format("Best region: {}, {}{} than the plan here.", name, less_text(saving),
                       average ? " attributed" : "");
  }
  return fmt::format("Best region that may take the job: {}, but the plan here is not worse.",
                     name);
}

std::string left_out_text(const PlanView& view) {
  std::map<std::string, int> counts;
  for (const RegionOut& out : view.regions_left_out) ++counts[out.why];
  std::string text;
  for (const auto& [why, count] : counts) {
    text += fmt::format("{}{} {}", text.empty() ? "Left out: " : ", ", count, why);
  }
  return text.empty() ? text : text + ".";
}

}  // namespace

std::string plan_regions_text(const PlanView& view, const Style& style) {
  if (!view.regions_asked) return {};
  std::string text = best_text(view);
  if (view.used.source != "typical") {
    text +=
        " Elsewhere the typical year is laid over the window, here another series: they are not"
        " of one kind.";
  }
  const std::string out = left_out_text(view);
  if (!out.empty()) text += " " + out;
  if (!view.transfer_note.empty()) text += " Moving the data: " + escape(view.transfer_note) + ".";
  if (view.regions.size() > kShown) {
    text += fmt::format(" All {} regions: --json.", view.regions.size());
  }
  std::string lines = table_of(view, style);
  for (const std::string& line : wrap(text, columns(style) - 1, 0)) lines += " " + line + "\n";
  return lines;
}

}  // namespace lowtide::show
