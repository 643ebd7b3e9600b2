// For tests only: a small study with its cells, three regions of two groups, one of them with gaps
// and one without a single start that counts in the longer windows.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "show/study_view.h"

namespace lowtide::show {

inline study::StudyRegion made_region(const char* name, const char* zone, const char* group,
                                      double phase) {
  study::StudyRegion region;
  region.name = name;
  region.group = group;
  region.used.zone = zone;
  region.used.signal = Signal::marginal;
  region.used.source = "file";
  region.used.model = "made";
  region.used.sha256 = std::string(64, 'a');
  region.used.licence = "made for a test, CC0";
  for (int t = 0; t < 288 * 40; ++t) {
    const double of_day = std::sin(t * 2 * 3.14159 / 288 + phase);
    const double ripple = ((t * 7919) % 101) / 101.0;
    region.intensity.push_back(grams_per_kwh(250 + 150 * of_day + 80 * ripple + 60 * phase));
  }
  return region;
}

struct MadeStudy {
  MadeStudy() {
    using std::chrono::hours;
    using std::chrono::minutes;
    study.name = "made";
    study.title = "A made study <of> tests & \"quotes\"";
    study.begin = *parse_utc("2020-01-05T00:00Z");
    study.regions = {made_region("West", "A", "America", 0), made_region("East", "A", "America", 1),
                     made_region("North", "=B,\"c\"", "Europe", 2)};
    study.regions[1].non_commercial = true;
    study.regions[1].intensity[700] = grams_per_kwh(std::nan(""));
    study.regions[2].intensity.resize(40);
    study.jobs = {job("bert-finetune", "BERT finetune", 24, 0.1), job("vit-tiny", "", 60, 0.02)};
    study.jobs[0].gpus = 4;
    study.windows = {{"6h", hours(6), {}}, {"100%", {}, 1.0}};
    study.policies = {study::StudyPolicy::flexible_start, study::StudyPolicy::lowest_slots,
                      study::StudyPolicy::exact};
    study.resumes = {Duration{}, minutes(10)};
    study.rules = {{"3h", hours(3), {}, {}, {}}, {"mornings", {}, {7, 8}, {8, 10}, hours(-8)}};
    for (const study::Piece piece : study::pieces_of(study)) {
      const auto made = study::evaluate(study, piece);
      view.cells.insert(view.cells.end(), made.begin(), made.end());
    }
    study::put_in_order(view.cells);
    view.means = study::means_of(view.cells);
    for (std::size_t i = 0; i < 2; ++i) view.spreads.push_back(study::spread_of(study, i));
    for (std::size_t i = 0; i < 3; ++i) view.months.push_back(study::months_of(study, 0, i));
    view.start_tables = {study::starts_by_hour(study, {0, 0, study.begin, 3, hours(3)})};
    view.command = "lowtide study made.toml --out made";
    view.version = "0.1.0";
    add_paper();
  }

  static study::StudyJob job(const char* name, const char* title, std::size_t slots, double each) {
    study::StudyJob job;
    job.name = name;
    job.title = title;
    job.work.assign(slots, kwh(each));
    job.source = "flat";
    return job;
  }
  void add_paper() {
    view.paper = {{"3", "bert-finetune", "day 1 0:00", "carbon_g", 2381},
                  {"3", "bert-finetune", "day 1 3:00", "carbon_g", 2341},
                  {"5", "bert-finetune", "100%", "flexible_start", 7.0},
                  {"9", "bert-finetune", "100%", "flexible_start", 7.0},
                  {"9", "bert-finetune", "100%", "lowest_slots", 9.5},
                  {"9", "bert-finetune", "100%", "resumes_per_hour", 0.42},
                  {"10", "bert-finetune", "6h", "flexible_start", 6.9},
                  {"10", "vit-tiny", "6h", "flexible_start", 2.3},
                  {"10", "vit-tiny", "6h", "lowest_slots", 5.5}};
  }

  MadeStudy(const MadeStudy&) = delete;
  MadeStudy& operator=(const MadeStudy&) = delete;

  study::Study study;
  StudyView view{study, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}};
};

// The fields of a CSV text, as RFC 4180 has them.
inline std::vector<std::vector<std::string>> csv_rows(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row(1);
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      if (inside && i + 1 < text.size() && text[i + 1] == '"') {
        row.back() += text[++i];
      } else {
        inside = !inside;
      }
    } else if (!inside && c == ',') {
      row.emplace_back();
    } else if (!inside && c == '\n') {
      rows.push_back(row);
      row.assign(1, "");
    } else {
      row.back() += c;
    }
  }
  return rows;
}

}  // namespace lowtide::show
