#include "show/runs_table.h"

#include <algorithm>
#include <vector>

#include "show/table.h"

namespace lowtide::show {
namespace {

using account::Report;

std::string sci_text(const account::SciReport& sci) {
  if (!sci.value) return "-";
  return text_of(Figure<Carbon>{*sci.value, {}, {}}).brief() + "/" + escape(sci.r);
}

std::vector<std::string> row_of(const Report& report) {
  const RunRecord& run = report.run;
  return {escape(run.id),
          title(run),
          run.begin ? local_time(*run.begin) : "-",
          report.duration ? format_duration(*report.duration) : "-",
          report.energy.total ? number(as_kwh(*report.energy.total)) : "-",
          report.carbon.total ? number(as_grams(*report.carbon.total)) : "-",
          sci_text(report.sci),
          std::string(spell(run.state))};
}

}  // namespace

std::string runs_table(std::span<const Report> reports, const Style& style,
                       std::string_view if_none) {
  if (reports.empty()) {
    std::string out;
    for (const std::string& line : wrap(escape(if_none), columns(style), 0)) out += line + "\n";
    return out;
  }
  // Rank: what is left out first on a narrow terminal has the highest.
  Table table({{"id", false, 0},
               {"name", false, 0, true},
               {"begin", false, 4},
               {"duration", true, 3},
               {"kWh", true, 1},
               {"gCO2e", true, 0},
               {"SCI", true, 5},
               {"state", false, 2}});
  for (const Report& report : reports) table.add(row_of(report));
  return table.text(style);
}

}  // namespace lowtide::show
