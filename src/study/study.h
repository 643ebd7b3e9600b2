// A study: jobs laid over regions, windows, policies, charges and starts; and what came of it.
// Pure, plain values. docs/adr/0019-the-study.md says how they flow, docs/study.md how each is
// defined.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "base/words.h"
#include "plan/profile.h"
#include "series/run.h"

namespace lowtide::study {

enum class StudyPolicy { flexible_start, lowest_slots, exact };

// A file that something was read from, as the study names it.
struct SourceFile {
  std::string name;
  std::string sha256;
};

// A place with its grid.
struct StudyRegion {
  std::string name;                  // "West US"; the zone where it has none
  std::string group;                 // "North America", for figures; may be empty
  IntensityUsed used;                // zone, signal, source, hash, licence; without its series
  std::vector<SourceFile> files;     // empty: another source
  std::vector<std::string> notes;    // what a user should hear of the series
  bool non_commercial = false;       // what the series may not be used for goes with the figures
  std::optional<Utc> begin;          // of its slot 0; absent: Study::begin
  double coverage = 0;               // of the study's span, 0 to 1
  std::vector<Intensity> intensity;  // by slot; kMissing for a gap
};

struct StudyJob {
  std::string name;
  std::string title;   // as a table heads it; the name where it has none
  int gpus = 0;        // 0: not stated
  plan::Profile work;  // energy of each work slot
  std::string source;  // "flat, 3.1 kWh in 6 h", "run 7f3a of ..", a file
  // Equal energy in each slot; the kernels differ, the definitions do not.
  [[nodiscard]] bool flat() const;
  [[nodiscard]] Energy energy() const;
};

// How long after the job's own length its end may be.
struct StudyWindow {
  std::string name;               // "6h", "25%"
  std::optional<Duration> slack;  // either a time
  std::optional<double> of_work;  // or a share of the job's length
  // Rounded down, at least 1.
  [[nodiscard]] std::size_t slots(std::size_t work, Duration slot) const;
};

// Which of all starts count. Days and hours are those of a zone of time that is `offset` ahead of
// UTC, without daylight saving.
struct StartRule {
  std::string name;
  Duration every{};                // of the day, from its midnight; 0: by days and hours
  std::vector<int> days_of_month;  // empty: each
  std::vector<int> hours;          // of the day; where `every` is 0
  Duration offset{};
  [[nodiscard]] bool holds(Utc start) const;
};

struct Study {
  std::string name;
  std::string title;
  Utc begin;  // of slot 0 of each region
  Duration slot = std::chrono::minutes(5);
  std::vector<StudyRegion> regions;
  std::vector<StudyJob> jobs;
  std::vector<StudyWindow> windows;
  std::vector<StudyPolicy> policies;
  // A resume costs so long of the job's mean power; the first is what results.csv has.
  std::vector<Duration> resumes = {Duration{}};
  std::vector<StartRule> rules;  // likewise

  // When a region's slot begins.
  [[nodiscard]] Utc at(std::size_t region, std::size_t slot_number) const {
    return regions[region].begin.value_or(begin) + slot * static_cast<std::int64_t>(slot_number);
  }
};

// One job in one region under one of everything else. Percents are of what starting at once emits,
// positive is better. NaN: no start counted, or (resumes of exact) it is not known.
struct Cell {
  std::size_t region = 0;
  std::size_t job = 0;
  std::size_t window = 0;
  StudyPolicy policy = StudyPolicy::flexible_start;
  std::size_t resume = 0;
  std::size_t rule = 0;

  std::size_t starts = 0;       // that counted
  std::size_t dropped = 0;      // whose window leaves the series or touches a gap
  double mean_of_pct = 0;       // a start without emissions has nothing to save: 0
  double ratio_pct = 0;         // of the sums
  double resumes_per_hour = 0;  // of the window, mean
  double worse = 0;             // share of starts that cost more than starting at once
  Carbon baseline{};            // mean of the starts
  Carbon cost{};
};

}  // namespace lowtide::study

template <>
struct lowtide::Spelling<lowtide::study::StudyPolicy> {
  static constexpr auto table = std::to_array<std::pair<study::StudyPolicy, std::string_view>>(
      {{study::StudyPolicy::flexible_start, "flexible_start"},
       {study::StudyPolicy::lowest_slots, "lowest_slots"},
       {study::StudyPolicy::exact, "exact"}});
};
