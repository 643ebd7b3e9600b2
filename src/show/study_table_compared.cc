#include <algorithm>
#include <cmath>
#include <functional>

#include "show/study_table_parts.h"
#include "show/text.h"
#include "study/agreement.h"

namespace lowtide::show {
namespace {

using study::FigurePair;
using study::StudyPolicy;

// Two figures of the same cell.
struct Compared {
  CellPlace place;
  FigurePair pair;
};

std::vector<CellPlace> places_of(const study::Study& study, StudyPolicy policy, std::size_t rule) {
  std::vector<CellPlace> out;
  for (std::size_t job = 0; job < study.jobs.size(); ++job) {
    for (std::size_t window = 0; window < study.windows.size(); ++window) {
      out.push_back({job, window, policy, 0, rule});
    }
  }
  return out;
}

std::string where(const study::Study& study, const CellPlace& place) {
  return study.jobs[place.job].name + ", " + study.windows[place.window].name;
}

study::Agreement agreement(const std::vector<Compared>& compared) {
  std::vector<FigurePair> pairs;
  pairs.reserve(compared.size());
  for (const Compared& each : compared) pairs.push_back(each.pair);
  return study::agreement_of(pairs);
}

// Cells, rank correlation, mean and mean absolute difference, largest difference, both figures and
// where.
std::vector<StudyField> agreement_fields(const study::Study& study,
                                         const std::vector<Compared>& compared, int decimals) {
  const study::Agreement found = agreement(compared);
  const Compared& furthest = compared[found.furthest];
  const auto figure = [&](double value) {
    return StudyField{fixed(value, decimals), raw_number(value)};
  };
  return {text_field(where(study, furthest.place)),
          count_field(static_cast<double>(found.cells)),
          {fixed(found.rank, 3), raw_number(found.rank)},
          difference_field(found.mean_off, decimals),
          figure(found.mean_apart),
          difference_field(furthest.pair.ours - furthest.pair.theirs, decimals),
          figure(furthest.pair.ours),
          figure(furthest.pair.theirs)};
}

std::vector<StudyField> agreement_heads(std::vector<const char*> first, const char* ours,
                                        const char* theirs) {
  first.insert(first.end(),
               {"largest difference at", "cells", "rank correlation", "mean difference",
                "mean absolute difference", "largest difference", ours, theirs});
  std::vector<StudyField> out;
  out.reserve(first.size());
  for (const char* each : first) out.push_back(text_field(each));
  return out;
}

// A figure beside the paper's, in the cells that both have.
struct Against {
  std::string measure;
  StudyPolicy policy;
  double study::Cell::* figure;
  const char* average;
  int decimals;
};

std::vector<Compared> with_paper(const StudyIndex& index, const Against& against,
                                 std::size_t rule) {
  std::vector<Compared> out;
  for (const CellPlace& place : places_of(index.study(), against.policy, rule)) {
    const auto theirs = index.printed(place, against.measure);
    const study::MeanCell* mean = index.mean(place);
    if (!theirs || mean == nullptr || std::isnan(mean->of.*against.figure)) continue;
    out.push_back({place, {mean->of.*against.figure, *theirs}});
  }
  return out;
}

std::vector<Against> all_against() {
  const auto flexible = StudyPolicy::flexible_start;
  const auto lowest = StudyPolicy::lowest_slots;
  return {
      {"flexible_start", flexible, &study::Cell::mean_of_pct, "mean of percents, %", 1},
      {"flexible_start", flexible, &study::Cell::ratio_pct, "ratio of sums, %", 1},
      {"lowest_slots", lowest, &study::Cell::mean_of_pct, "mean of percents, %", 1},
      {"lowest_slots", lowest, &study::Cell::ratio_pct, "ratio of sums, %", 1},
      {std::string(kResumesMeasure), lowest, &study::Cell::resumes_per_hour, "an hour of window",
       2},
  };
}

// Means by another rule beside those by the first.
std::vector<Compared> with_first_rule(const StudyIndex& index, StudyPolicy policy,
                                      std::size_t rule) {
  std::vector<Compared> out;
  for (const CellPlace& place : places_of(index.study(), policy, rule)) {
    CellPlace of_first = place;
    of_first.rule = 0;
    const study::MeanCell* here = index.mean(place);
    const study::MeanCell* first = index.mean(of_first);
    if (here == nullptr || first == nullptr) continue;
    out.push_back({place, {here->of.mean_of_pct, first->of.mean_of_pct}});
  }
  return out;
}

StudyTable rules_in_short(const StudyIndex& index) {
  const study::Study& study = index.study();
  StudyTable out;
  out.name = "start_rules";
  out.title = "How far the figures move with the starts that count, points of percent";
  out.texts = 3;
  out.head = agreement_heads({"start rule", "policy"}, "by this rule", "by the first rule");
  for (std::size_t rule = 1; rule < study.rules.size(); ++rule) {
    for (const StudyPolicy policy : study.policies) {
      const auto compared = with_first_rule(index, policy, rule);
      if (compared.empty()) continue;
      auto& row = out.rows.emplace_back();
      row = {text_field(study.rules[rule].name), text_field(policy_text(policy))};
      for (StudyField& field : agreement_fields(study, compared, 1)) row.push_back(field);
    }
  }
  out.notes = {"Means over the regions, mean of percents, beside those of the first rule."};
  for (const study::StartRule& rule : study.rules) {
    out.notes.push_back(escape(rule.name) + ": " + rule_text(rule) + ".");
  }
  return out;
}

StudyTable rules_by_cell(const StudyIndex& index) {
  const study::Study& study = index.study();
  StudyTable out;
  out.name = "start_rules_cells";
  out.title = large_less_text(signal_of(study)) + " by start rule, mean of percents, %";
  out.texts = 3;
  out.head = {text_field("job"), text_field("window"), text_field("policy")};
  for (const study::StartRule& rule : study.rules) out.head.push_back(text_field(rule.name));
  out.head.push_back(text_field("highest less lowest"));
  for (const StudyPolicy policy : study.policies) {
    for (CellPlace place : places_of(study, policy, 0)) {
      std::vector<double> values;
      for (place.rule = 0; place.rule < study.rules.size(); ++place.rule) {
        const study::MeanCell* mean = index.mean(place);
        values.push_back(mean == nullptr ? std::nan("") : mean->of.mean_of_pct);
      }
      auto& row = out.rows.emplace_back();
      row = {{title_of(study.jobs[place.job]), text_field(study.jobs[place.job].name).raw},
             text_field(study.windows[place.window].name),
             text_field(policy_text(policy))};
      for (const double value : values) row.push_back(percent_field(value));
      std::erase_if(values, [](double value) { return std::isnan(value); });
      const auto [low, high] = std::minmax_element(values.begin(), values.end());
      row.push_back(percent_field(values.empty() ? std::nan("") : *high - *low));
    }
  }
  return out;
}

}  // namespace

std::vector<StudyTable> rule_tables(const StudyIndex& index) {
  if (index.study().rules.size() < 2) return {};
  return {rules_in_short(index), rules_by_cell(index)};
}

std::vector<StudyTable> agreement_tables(const StudyIndex& index) {
  const study::Study& study = index.study();
  StudyTable out;
  out.name = "agreement";
  out.title = "Agreement with the figures that the paper prints";
  out.texts = 4;
  out.head = agreement_heads({"figure", "average", "start rule"}, "in this study", "in the paper");
  for (const Against& against : all_against()) {
    for (std::size_t rule = 0; rule < study.rules.size(); ++rule) {
      const auto compared = with_paper(index, against, rule);
      if (compared.empty()) continue;
      auto& row = out.rows.emplace_back();
      const bool resumes = against.measure == kResumesMeasure;
      row = {text_field(resumes ? "resumes" : policy_text(against.policy)),
             text_field(against.average), text_field(study.rules[rule].name)};
      for (StudyField& field : agreement_fields(study, compared, against.decimals)) {
        row.push_back(field);
      }
    }
  }
  out.notes = {
      "Dodge et al. 2022, Tables 4 to 13: WattTime's marginal emissions of 2020 in 16 Azure "
      "regions, "
      "60 starts a region, mean of percents. Which regions, days and hours is not printed.",
      "Rank correlation is Spearman's over the cells of all jobs and windows. Differences are this "
      "study less the paper."};
  return {out};
}

}  // namespace lowtide::show
