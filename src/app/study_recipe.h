// A study as its file has it (docs/study.md): what to lay over what, before anything is read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/import_wish.h"
#include "base/result.h"
#include "base/time.h"
#include "plan/problem.h"
#include "study/fleet_study.h"
#include "study/scale.h"
#include "study/study.h"

namespace lowtide::app {

// Where a region's intensity comes from; what is empty or absent is said by [series], or by the
// file itself.
struct SeriesRecipe {
  std::vector<std::string> files;  // patterns as of a shell, below the data folder
  std::string intensity;           // a source, as --intensity has it, instead of files
  ImportTexts said;
  std::string licence;
  std::optional<bool> non_commercial;
  std::optional<bool> zeros_are_missing;
};

struct RegionRecipe {
  std::string zone;  // also in `series` and `other`
  std::string name;
  std::string group;
  SeriesRecipe series;
  SeriesRecipe other;        // another signal of the same grid; may be empty
  std::optional<Utc> begin;  // of another year than the study's; as long as that
  std::string where;         // in the file
};

// [beyond]: what is looked at start by start (study/beyond.h). Jobs and windows by name; none: all.
struct BeyondRecipe {
  std::string starts;  // a start rule's name; empty: the first
  std::vector<std::string> jobs;
  std::vector<std::string> windows;
  std::vector<plan::Machine> machines;
  Duration resume{};
  Duration restore{};
  double idle_share = 0;
  Carbon hold_per_gpu_hour;
  std::optional<double> price_per_gpu_hour;
  std::string where;
};

// [fleet]: many jobs on K machines (study/fleet_study.h). Jobs by name; none: all.
struct FleetRecipe {
  std::vector<std::string> jobs;
  study::FleetAsk ask;  // without its jobs
  std::string where;
};

struct JobRecipe {
  std::string name;
  std::string title;
  int gpus = 0;
  // One of: mean power by energy and length; a profile's file; a run.
  std::optional<Energy> energy;
  std::optional<Duration> length;
  std::string profile;
  std::string run;
  std::string where;
};

// [scale]: every start of flat jobs in many zones, instead of jobs, windows and regions.
struct ScaleRecipe {
  std::vector<std::string> zones;  // empty: each that there is a series of
  SeriesRecipe series;             // of each zone
  study::ScaleAxes axes;
  Duration step{};   // of starts and slots
  std::string file;  // what is written: its name says as what
};

struct StudyRecipe {
  std::string path;
  std::string text;  // of the file
  std::string name;
  std::string title;
  std::string data;  // folder, as written; empty: the file's own
  Utc begin;
  Utc end;
  Duration slot = kSlot;
  double coverage = 0.95;  // of the span, that each series must have
  std::vector<RegionRecipe> regions;
  std::optional<ScaleRecipe> scale;
  bool papers_jobs = false;  // the eleven of Dodge et al., before `jobs`
  std::vector<JobRecipe> jobs;
  std::vector<study::StudyWindow> windows;
  std::vector<study::StudyPolicy> policies;
  std::vector<Duration> resumes;
  std::vector<study::StartRule> rules;
  bool compare_paper = false;
  std::string months_of;  // a job: the figure by month
  std::string table_of;   // a job and
  std::string table_in;   // a region: starts by hour
  std::optional<Utc> table_from;
  std::optional<BeyondRecipe> beyond;
  std::optional<FleetRecipe> fleet;
  std::string where;
};

// Errors malformed: file, line, key, and what is allowed.
[[nodiscard]] Result<StudyRecipe> parse_study(const std::string& text, const std::string& path);

}  // namespace lowtide::app
