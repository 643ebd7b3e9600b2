#include "show/study_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "show/study_index.h"

namespace lowtide::show {
namespace {

using study::StudyPolicy;

std::size_t longest_name(const study::Study& study) {
  std::size_t out = 0;
  for (const auto& job : study.jobs) out = std::max(out, job.name.size());
  return out;
}

// Jobs down, windows across: percent, mean of percents.
std::string table_of(const StudyIndex& index, StudyPolicy policy, std::size_t resume,
                     const Style& style) {
  const study::Study& study = index.study();
  const int name = static_cast<int>(longest_name(study));
  std::string title = policy_text(policy);
  if (study.resumes.size() > 1 && policy != StudyPolicy::flexible_start) {
    title += ", a resume costs " + minutes_text(study.resumes[resume]);
  }
  std::string out = paint(title, Ink::dim, style) + "\n  " + pad("", name);
  for (const auto& window : study.windows) out += pad_left(window.name, 8);
  out += "\n";
  for (std::size_t job = 0; job < study.jobs.size(); ++job) {
    out += "  " + pad(escape(study.jobs[job].name), name);
    for (std::size_t window = 0; window < study.windows.size(); ++window) {
      const study::MeanCell* mean = index.mean({job, window, policy, resume, 0});
      out += pad_left(mean == nullptr ? "-" : fixed(mean->of.mean_of_pct, 1), 8);
    }
    out += "\n";
  }
  return out;
}

// Dropped, and all, of the first policy, charge and start rule.
std::pair<std::size_t, std::size_t> windows_of(const StudyView& view) {
  std::size_t dropped = 0;
  std::size_t all = 0;
  for (const study::Cell& cell : view.cells) {
    if (!is_first(cell) || cell.policy != view.study.policies.front()) continue;
    dropped += cell.dropped;
    all += cell.dropped + cell.starts;
  }
  return {dropped, all};
}

}  // namespace

std::string study_text(const StudyView& view, const std::string& folder, const Style& style) {
  const study::Study& study = view.study;
  const StudyIndex index(view);
  const IntensityUsed& used = study.regions.front().used;
  std::string out = paint(escape(study.title), Ink::bold, style) + "\n";
  out += fmt::format("  {} jobs, {} regions, {} windows; {} intensity; starts: {}\n",
                     study.jobs.size(), study.regions.size(), study.windows.size(),
                     spell(used.signal), rule_text(study.rules.front()));
  out += fmt::format(
      "  {} against starting at once, %, mean of percents over starts, then over regions\n\n",
      less_text(signal_of(study)));
  for (const StudyPolicy policy : study.policies) {
    const std::size_t resumes = policy == StudyPolicy::flexible_start ? 1 : study.resumes.size();
    for (std::size_t resume = 0; resume < resumes; ++resume) {
      out += table_of(index, policy, resume, style) + "\n";
    }
  }
  if (const auto [dropped, all] = windows_of(view); dropped > 0) {
    out += fmt::format(
        "  {} of {} windows dropped, which leave the series or touch a gap (cells.csv)\n", dropped,
        all);
  }
  out += "  " + signal_caveat(signal_of(study)) + "\n";
  for (const std::string& note : series_notes(view)) out += "  note: " + escape(note) + "\n";
  return out + fmt::format("  {0}/index.html, {0}/results.csv, {0}/tables, {0}/figures\n",
                           escape(folder));
}

}  // namespace lowtide::show
