#include <algorithm>
#include <map>

#include "show/study_table_parts.h"
#include "show/text.h"

namespace lowtide::show {
namespace {

using Groups = std::map<std::string, std::vector<std::size_t>>;

// Regions by group, where one has several: years of one grid, or grids of one continent.
Groups groups_of(const study::Study& study) {
  Groups out;
  for (std::size_t region = 0; region < study.regions.size(); ++region) {
    if (!study.regions[region].group.empty()) out[study.regions[region].group].push_back(region);
  }
  for (auto group = out.begin(); group != out.end();) {
    group = group->second.size() < 2 ? out.erase(group) : std::next(group);
  }
  return out;
}

// Mean of percents of a group's regions that have a start: the region of the least and of the most.
struct Spread {
  std::size_t least = 0;
  std::size_t most = 0;
  double least_pct = 0;
  double most_pct = 0;
  double mean_pct = 0;
  std::size_t regions = 0;

  void add(std::size_t region, double pct) {
    if (regions == 0 || pct < least_pct) least = region, least_pct = pct;
    if (regions == 0 || pct > most_pct) most = region, most_pct = pct;
    mean_pct = (mean_pct * static_cast<double>(regions) + pct) / static_cast<double>(regions + 1);
    ++regions;
  }
};

Spread spread_in(const StudyIndex& index, const std::vector<std::size_t>& regions,
                 const CellPlace& place) {
  Spread out;
  for (const std::size_t region : regions) {
    const study::Cell* cell = index.cell(region, place);
    if (cell != nullptr && cell->starts > 0) out.add(region, cell->mean_of_pct);
  }
  return out;
}

std::vector<StudyField> row_of(const study::Study& study, const CellPlace& place,
                               const std::string& group, const Spread& spread) {
  return {text_field(group),
          text_field(study.jobs[place.job].name),
          text_field(study.windows[place.window].name),
          text_field(policy_text(place.policy)),
          text_field(study.regions[spread.least].name),
          text_field(study.regions[spread.most].name),
          percent_field(spread.least_pct),
          percent_field(spread.mean_pct),
          percent_field(spread.most_pct),
          percent_field(spread.most_pct - spread.least_pct)};
}

}  // namespace

std::vector<StudyTable> group_tables(const StudyIndex& index) {
  const study::Study& study = index.study();
  StudyTable table;
  table.name = "groups";
  table.title = "How far the regions of a group are apart";
  table.notes = {
      "Mean of percents over the starts of the first rule, without a resume charge where the "
      "first is none. Regions of a group may be years of one grid."};
  table.texts = 6;
  for (const char* head : {"group", "job", "window", "policy", "least in", "most in", "least, %",
                           "mean, %", "most, %", "apart, points"}) {
    table.head.push_back({head, head});
  }
  for (const auto& [group, regions] : groups_of(study)) {
    for (std::size_t job = 0; job < study.jobs.size(); ++job) {
      for (std::size_t window = 0; window < study.windows.size(); ++window) {
        for (const study::StudyPolicy policy : study.policies) {
          const CellPlace place{job, window, policy, 0, 0};
          const Spread spread = spread_in(index, regions, place);
          if (spread.regions > 1) table.rows.push_back(row_of(study, place, group, spread));
        }
      }
    }
  }
  return {std::move(table)};
}

}  // namespace lowtide::show
