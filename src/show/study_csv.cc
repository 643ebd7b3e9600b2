#include "show/study_csv.h"

#include "show/csv_field.h"
#include "show/study_index.h"

namespace lowtide::show {
namespace {

std::string text(const std::string& value) { return csv_quoted(csv_text(value)); }

// "JOB,WINDOW,POLICY".
std::string which(const study::Study& study, const study::Cell& cell) {
  return text(study.jobs[cell.job].name) + "," + text(study.windows[cell.window].name) + "," +
         std::string(spell(cell.policy));
}

// "PERCENT,PERCENT,RESUMES,GRAMS,GRAMS"; nothing is known where no start counted.
std::string figures(const study::Cell& cell, bool counted) {
  if (!counted) return ",,,,";
  return raw_percent(cell.mean_of_pct) + "," + raw_percent(cell.ratio_pct) + "," +
         raw_number(cell.resumes_per_hour) + "," + raw_number(as_grams(cell.baseline)) + "," +
         raw_number(as_grams(cell.cost));
}

}  // namespace

std::string study_results_csv(const StudyView& view) {
  const study::Study& study = view.study;
  std::string out =
      "zone,job,window,policy,starts,saving_mean_of_pct,saving_ratio_of_sums_pct,"
      "pauses_per_hour,baseline_g,cost_g\n";
  const auto add = [&](const std::string& zone, const study::Cell& cell, double starts) {
    out += zone + "," + which(study, cell) + "," + raw_number(starts) + "," +
           figures(cell, starts > 0) + "\n";
  };
  for (const study::Cell& cell : view.cells) {
    if (!is_first(cell)) continue;
    add(text(zone_text(study, cell.region)), cell, static_cast<double>(cell.starts));
  }
  for (const study::MeanCell& mean : view.means) {
    if (is_first(mean.of)) add("ALL", mean.of, mean.starts);
  }
  return out;
}

std::string study_cells_csv(const StudyView& view) {
  const study::Study& study = view.study;
  std::string out =
      "region,zone,job,window,policy,resume_min,start_rule,starts,dropped,saving_mean_of_pct,"
      "saving_ratio_of_sums_pct,pauses_per_hour,baseline_g,cost_g,worse_pct\n";
  for (const study::Cell& cell : view.cells) {
    const study::StudyRegion& region = study.regions[cell.region];
    const bool counted = cell.starts > 0;
    out += text(region.name) + "," + text(region.used.zone) + "," + which(study, cell) + "," +
           raw_number(as_seconds(study.resumes[cell.resume]) / 60) + "," +
           text(study.rules[cell.rule].name) + "," + std::to_string(cell.starts) + "," +
           std::to_string(cell.dropped) + "," + figures(cell, counted) + "," +
           (counted ? raw_percent(cell.worse * 100) : "") + "\n";
  }
  return out;
}

}  // namespace lowtide::show
