#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "show/study_figure_parts.h"
#include "show/text.h"

namespace lowtide::show {
namespace {

using study::StudyPolicy;

constexpr double kLeft = 62;
constexpr double kBetween = 30;
constexpr double kPlot = 120;  // height of a panel's plot
constexpr double kPanel = kPlot + 66;
constexpr double kTop = 44;

std::string line_class(StudyPolicy policy) {
  switch (policy) {
    case StudyPolicy::flexible_start:
      return "l2 dash";
    case StudyPolicy::lowest_slots:
      return "l1";
    case StudyPolicy::exact:
      return "l0";
  }
  return "l3";
}

std::string text_class(StudyPolicy policy) { return "g" + line_class(policy).substr(1, 1); }

class ChargeChart {
 public:
  ChargeChart(const StudyIndex& index, std::size_t job)
      : index_(index), study_(index.study()), job_(job) {
    for (const Duration resume : study_.resumes) longest_ = std::max(longest_, resume);
    for (std::size_t window = 0; window < study_.windows.size(); ++window) {
      for (const StudyPolicy policy : study_.policies) {
        for (std::size_t resume = 0; resume < study_.resumes.size(); ++resume) {
          const auto value = saved(window, policy, resume);
          if (!value) continue;
          any_ = true;
          low_ = std::min(low_, *value);
          high_ = std::max(high_, *value);
        }
      }
    }
    const double between = kBetween * static_cast<double>(columns_ - 1);
    width_ = (kFigureWidth - kMargin - kLeft - between) / static_cast<double>(columns_);
    step_ = nice_step(high_ - low_, 4);
    low_ = step_ * std::floor(low_ / step_);
    high_ = std::max(low_ + step_, step_ * std::ceil(high_ / step_));
  }

  std::optional<StudyFigure> figure(const std::string& stem) {
    if (!any_ || longest_ <= Duration{}) return std::nullopt;
    const std::size_t rows = (study_.windows.size() + columns_ - 1) / columns_;
    Drawing drawing(kFigureWidth, kTop + kPanel * static_cast<double>(rows));
    const std::string title = large_less_text(signal_of(study_)) +
                              " against what a resume costs: " + title_of(study_.jobs[job_]);
    drawing.text({kMargin, 24}, title, "head");
    double x = kMargin + text_width(title) * 1.12 + 40;
    for (const StudyPolicy policy : study_.policies) {
      drawing.line({x, 20}, {x + 20, 20}, line_class(policy));
      drawing.text({x + 26, 24}, policy_text(policy), text_class(policy) + " bold");
      x += 26 + text_width(policy_text(policy)) + 22;
    }
    for (std::size_t window = 0; window < study_.windows.size(); ++window) {
      draw_panel(drawing, window);
    }
    return StudyFigure{
        "resume_charge_" + stem, title,
        "Percent of what starting at once emits, mean of percents and of the regions, a panel a "
        "window; across: what a resume costs, in minutes of the job's mean power.",
        drawing.svg(title + ", a line a policy"), job_};
  }

 private:
  [[nodiscard]] std::optional<double> saved(std::size_t window, StudyPolicy policy,
                                            std::size_t resume) const {
    const study::MeanCell* mean = index_.mean({job_, window, policy, resume});
    if (mean == nullptr || std::isnan(mean->of.mean_of_pct)) return std::nullopt;
    return mean->of.mean_of_pct;
  }
  [[nodiscard]] double x_at(double left, Duration resume) const {
    return left + width_ * (as_seconds(resume) / as_seconds(longest_));
  }
  [[nodiscard]] double y_at(double top, double value) const {
    return top + kPlot * (high_ - value) / (high_ - low_);
  }

  void draw_panel(Drawing& drawing, std::size_t window) const {
    const std::size_t column = window % columns_;
    const std::size_t row = window / columns_;
    const double left = kLeft + (width_ + kBetween) * static_cast<double>(column);
    const double top = kTop + 24 + kPanel * static_cast<double>(row);
    drawing.text({left, top - 8}, escape(study_.windows[window].name), "head");
    for (int i = 0; low_ + i * step_ <= high_ + 0.001 * step_; ++i) {
      const double value = low_ + i * step_;
      const double y = y_at(top, value);
      drawing.line({left, y}, {left + width_, y}, std::abs(value) < 1e-9 ? "base" : "rule");
      if (column == 0) drawing.text({left - 6, y + 4}, tick_text(value) + " %", "end");
    }
    draw_charges(drawing, left, top + kPlot + 16);
    for (const StudyPolicy policy : study_.policies)
      draw_line(drawing, {left, top}, window, policy);
  }

  // Where there is room.
  void draw_charges(Drawing& drawing, double left, double y) const {
    double taken = -HUGE_VAL;
    for (std::size_t i = 0; i < study_.resumes.size(); ++i) {
      const Duration resume = study_.resumes[i];
      std::string text = raw_number(as_seconds(resume) / 60);
      if (resume == longest_) text += " min";
      const double x = x_at(left, resume);
      const double half = text_width(text) / 2;
      if (x - half < taken + 4) continue;
      drawing.text({x, y}, text, resume == longest_ ? "end" : "mid");
      taken = x + half;
    }
  }

  void draw_line(Drawing& drawing, Point corner, std::size_t window, StudyPolicy policy) const {
    std::string data;
    for (std::size_t resume = 0; resume < study_.resumes.size(); ++resume) {
      const auto value = saved(window, policy, resume);
      if (!value) continue;
      const Point at{x_at(corner.x, study_.resumes[resume]), y_at(corner.y, *value)};
      data += fmt::format("{}{} {}", data.empty() ? "M" : "L", px(at.x), px(at.y));
      if (policy != StudyPolicy::flexible_start) drawing.dot(at, 2.2, text_class(policy));
    }
    drawing.path(data, line_class(policy));
  }

  const StudyIndex& index_;
  const study::Study& study_;
  std::size_t job_;
  std::size_t columns_ = std::clamp<std::size_t>(study_.windows.size(), 1, kMostPanels);
  double width_ = 0;
  Duration longest_{};
  bool any_ = false;
  double low_ = 0;
  double high_ = 0;
  double step_ = 1;
};

}  // namespace

std::vector<StudyFigure> charge_figures(const StudyIndex& index) {
  const study::Study& study = index.study();
  if (study.resumes.size() < 2) return {};
  const std::vector<std::string> stems = job_stems(study);
  std::vector<StudyFigure> out;
  for (std::size_t job = 0; job < study.jobs.size(); ++job) {
    auto figure = ChargeChart(index, job).figure(stems[job]);
    if (figure) out.push_back(*std::move(figure));
  }
  return out;
}

}  // namespace lowtide::show
