// What a study's files are made of. Computes nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "study/beyond.h"
#include "study/evaluate.h"
#include "study/fleet_study.h"
#include "study/spreads.h"
#include "study/study.h"

namespace lowtide::show {

// A figure as the paper prints it: data/paper_2022.csv.
struct PaperFigure {
  std::string table;   // "4"
  std::string job;     // StudyJob::name
  std::string window;  // StudyWindow::name; of Table 3 "day 1 3:00"
  std::string
      measure;  // "flexible_start", "lowest_slots" (percent), "resumes_per_hour", "carbon_g"
  double value = 0;
};

struct StudyView {
  const study::Study& study;
  std::vector<study::Cell> cells;               // in order
  std::vector<study::MeanCell> means;           // in order
  std::vector<study::JobSpread> spreads;        // by job: Figure 2
  std::vector<study::MonthLine> months;         // by region, of one job: Figure 1
  std::vector<study::StartTable> start_tables;  // Table 3
  std::vector<PaperFigure> paper;               // empty: nothing to compare with
  std::optional<study::BeyondAsk> beyond_ask;   // start by start; absent: not asked for
  std::vector<study::BeyondRow> beyond;         // by job, region, window, machine, policy
  std::vector<study::StudyRegion> other;        // the other signal's facts, by region
  std::optional<study::FleetAsk> fleet_ask;     // jobs on machines; absent: not asked for
  std::vector<study::FleetRow> fleet;           // by region and machines, as they were asked for
  std::string command;                          // that made it
  std::string version;                          // of lowtide
};

// A file of a study's folder: "tables/window_24h.md".
struct StudyFile {
  std::string name;
  std::string text;
};

}  // namespace lowtide::show
