#include <fmt/core.h>
#include <fmt/ranges.h>

#include <cmath>
#include <limits>

#include "show/study_table_parts.h"
#include "show/text.h"

namespace lowtide::show {
namespace {

using study::StudyPolicy;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// What a row of a window's table takes from a mean over regions.
struct Measure {
  std::string name;  // as the paper's table of figures names it
  double study::Cell::* figure;
  int decimals;
};

double value_of(const StudyIndex& index, const CellPlace& place, double study::Cell::* figure) {
  const study::MeanCell* mean = index.mean(place);
  return mean == nullptr ? kNaN : mean->of.*figure;
}

std::string charge_text(Duration resume) {
  if (resume == Duration{}) return "A resume costs nothing.";
  return "A resume costs " + minutes_text(resume) + " of the job's mean power.";
}

// A column for each job.
std::vector<StudyField> job_heads(const StudyIndex& index, std::vector<StudyField> first) {
  for (const study::StudyJob& job : index.study().jobs) {
    first.push_back({title_of(job), text_field(job.name).raw});
  }
  return first;
}

class WindowTable {
 public:
  WindowTable(const StudyIndex& index, std::size_t window) : index_(index), window_(window) {}

  StudyTable table(const std::string& stem) {
    const study::Study& study = index_.study();
    out_.name = "window_" + stem;
    out_.title = large_less_text(signal_of(study)) + " in a window of " +
                 escape(study.windows[window_].name) + in_the_paper();
    out_.texts = 2;
    out_.head = job_heads(index_, {text_field("figure"), text_field("as")});
    for (const StudyPolicy policy : study.policies) {
      add_block(policy, policy_text(policy),
                {std::string(spell(policy)), &study::Cell::mean_of_pct, 1}, "mean of percents");
      if (policy != StudyPolicy::lowest_slots) continue;
      add_block(policy, "resumes an hour",
                {std::string(kResumesMeasure), &study::Cell::resumes_per_hour, 2},
                policy_text(policy));
    }
    for (const StudyPolicy policy : study.policies) {
      add(policy_text(policy), "ratio of sums, %", [&](CellPlace place) {
        place.policy = policy;
        return percent_field(value_of(index_, place, &study::Cell::ratio_pct));
      });
    }
    add_starts();
    add_notes();
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string in_the_paper() const {
    const auto tables = index_.printed_in(window_);
    if (tables.empty()) return {};
    return fmt::format(" (the paper's Table{} {})", tables.size() > 1 ? "s" : "",
                       escape(fmt::format("{}", fmt::join(tables, " and "))));
  }

  template <typename FieldOf>
  void add(const std::string& figure, const std::string& as, FieldOf field_of) {
    auto& row = out_.rows.emplace_back();
    row = {text_field(figure), text_field(as)};
    for (std::size_t job = 0; job < index_.study().jobs.size(); ++job) {
      row.push_back(field_of(CellPlace{job, window_}));
    }
  }

  // Ours, the paper's and the difference; the last two only where the paper has any of them.
  void add_block(StudyPolicy policy, const std::string& name, const Measure& measure,
                 const std::string& as) {
    const bool percent = measure.decimals == 1;
    const auto ours = [&](CellPlace place) {
      place.policy = policy;
      return value_of(index_, place, measure.figure);
    };
    add(name, as + (percent ? ", %" : ""), [&](const CellPlace& place) {
      return percent ? percent_field(ours(place)) : rate_field(ours(place));
    });
    bool any = false;
    const auto theirs = [&](const CellPlace& place) {
      return index_.printed(place, measure.name).value_or(kNaN);
    };
    for (std::size_t job = 0; job < index_.study().jobs.size(); ++job) {
      any = any || !std::isnan(theirs({job, window_}));
    }
    if (!any) return;
    add(name, "paper", [&](const CellPlace& place) {
      const double value = theirs(place);
      return StudyField{fixed(value, measure.decimals), raw_number(value)};
    });
    add(name, "difference", [&](const CellPlace& place) {
      return difference_field(ours(place) - theirs(place), measure.decimals);
    });
  }

  void add_starts() {
    const StudyPolicy first = index_.study().policies.front();
    const auto of_mean = [&](const CellPlace& place, auto get) {
      const study::MeanCell* mean = index_.mean({place.job, place.window, first});
      return mean == nullptr ? count_field(0) : get(*mean);
    };
    add("starts", "mean of the regions", [&](const CellPlace& place) {
      return of_mean(place, [](const study::MeanCell& mean) {
        return StudyField{fixed(mean.starts, 0), raw_number(mean.starts)};
      });
    });
    add("regions", "with a start that counts", [&](const CellPlace& place) {
      return of_mean(place, [](const study::MeanCell& mean) {
        return count_field(static_cast<double>(mean.regions));
      });
    });
  }

  void add_notes() {
    const study::Study& study = index_.study();
    out_.notes = {
        "Percent of what starting at once emits, mean over the regions, each counted once. Mean of "
        "percents: over the starts (the paper's average). Ratio of sums: of all that the starts "
        "emit.",
        "Starts: " + escape(study.rules.front().name) + " (" + rule_text(study.rules.front()) +
            "). " + charge_text(study.resumes.front()) +
            " Resumes are by hour of the window, work and slack.",
        "Lowest slots is the paper's Pause and Resume; the exact plan is the lowest that any plan "
        "reaches, its resumes are not counted.",
        signal_caveat(signal_of(study))};
  }

  const StudyIndex& index_;
  std::size_t window_;
  StudyTable out_;
};

// A row of each region for each window, then the mean.
StudyTable region_table(const StudyIndex& index, StudyPolicy policy) {
  const study::Study& study = index.study();
  StudyTable out;
  out.name = "regions_" + std::string(spell(policy));
  out.title = large_less_text(signal_of(index.study())) + " by region: " + policy_text(policy) +
              ", mean of percents, %";
  out.texts = 3;
  out.head = job_heads(index, {text_field("window"), text_field("region"), text_field("zone")});
  for (std::size_t window = 0; window < study.windows.size(); ++window) {
    const StudyField name = text_field(study.windows[window].name);
    for (std::size_t region = 0; region < study.regions.size(); ++region) {
      auto& row = out.rows.emplace_back();
      row = {name, text_field(study.regions[region].name),
             text_field(study.regions[region].used.zone)};
      for (std::size_t job = 0; job < study.jobs.size(); ++job) {
        const study::Cell* cell = index.cell(region, {job, window, policy});
        row.push_back(percent_field(cell == nullptr ? kNaN : cell->mean_of_pct));
      }
    }
    auto& row = out.rows.emplace_back();
    row = {name, text_field("mean"), text_field("ALL")};
    for (std::size_t job = 0; job < study.jobs.size(); ++job) {
      row.push_back(
          percent_field(value_of(index, {job, window, policy}, &study::Cell::mean_of_pct)));
    }
  }
  out.notes = {"A dash: no start counted there. " + rule_text(study.rules.front()) + "."};
  return out;
}

// A column for each charge. Flexible start has none.
std::vector<StudyField> charge_row(const StudyIndex& index, const CellPlace& place,
                                   double study::Cell::* figure, double factor) {
  const study::Study& study = index.study();
  std::vector<StudyField> row = {
      {title_of(study.jobs[place.job]), text_field(study.jobs[place.job].name).raw},
      text_field(study.windows[place.window].name),
      text_field(policy_text(place.policy))};
  for (std::size_t resume = 0; resume < study.resumes.size(); ++resume) {
    CellPlace each = place;
    each.resume = resume;
    row.push_back(percent_field(factor * value_of(index, each, figure)));
  }
  return row;
}

StudyTable charge_table(const StudyIndex& index, const char* name, double study::Cell::* figure,
                        double factor) {
  const study::Study& study = index.study();
  StudyTable out;
  out.name = name;
  out.texts = 3;
  out.head = {text_field("job"), text_field("window"), text_field("policy")};
  for (const Duration resume : study.resumes) {
    out.head.push_back({minutes_text(resume), raw_number(as_seconds(resume) / 60) + "_min"});
  }
  for (std::size_t job = 0; job < study.jobs.size(); ++job) {
    for (std::size_t window = 0; window < study.windows.size(); ++window) {
      for (const StudyPolicy policy : study.policies) {
        out.rows.push_back(charge_row(index, {job, window, policy}, figure, factor));
      }
    }
  }
  return out;
}

}  // namespace

std::vector<StudyTable> window_tables(const StudyIndex& index) {
  std::vector<std::string> names;
  for (const study::StudyWindow& window : index.study().windows) names.push_back(window.name);
  const std::vector<std::string> stems = stems_of(names);
  std::vector<StudyTable> out;
  out.reserve(stems.size());
  for (std::size_t window = 0; window < stems.size(); ++window) {
    out.push_back(WindowTable(index, window).table(stems[window]));
  }
  return out;
}

std::vector<StudyTable> region_tables(const StudyIndex& index) {
  std::vector<StudyTable> out;
  for (const StudyPolicy policy : index.study().policies) {
    out.push_back(region_table(index, policy));
  }
  return out;
}

std::vector<StudyTable> charge_tables(const StudyIndex& index) {
  if (index.study().resumes.size() < 2) return {};
  StudyTable saved = charge_table(index, "resume_charge", &study::Cell::mean_of_pct, 1);
  saved.title = large_less_text(signal_of(index.study())) +
                " against what a resume costs, mean of percents, %";
  saved.notes = {
      "A resume costs so many minutes of the job's mean power. Flexible start never pauses. Lowest "
      "slots ranks by intensity alone, whatever a resume costs; the exact plan weighs it."};
  StudyTable worse = charge_table(index, "resume_charge_worse", &study::Cell::worse, 100);
  worse.title = "Starts that emit more than starting at once, by what a resume costs, %";
  worse.notes = {"Share of the starts, mean over the regions."};
  return {saved, worse};
}

}  // namespace lowtide::show
