#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "show/study_figure_parts.h"
#include "show/text.h"

namespace lowtide::show {
namespace {

using study::StudyPolicy;

constexpr double kRow = 15;
constexpr double kHead = 34;     // of a panel
constexpr double kBetween = 14;  // panels
constexpr double kNumber = 34;   // room for the figure behind a bar
constexpr double kTop = 50;

struct Bar {
  std::string name;
  std::string classes;
  std::vector<double> by_window;  // NaN: no start counted
};

class RegionChart {
 public:
  RegionChart(const StudyIndex& index, std::size_t job, StudyPolicy policy)
      : index_(index), study_(index.study()), groups_(study_), job_(job), policy_(policy) {
    for (std::size_t region = 0; region < study_.regions.size(); ++region) {
      const std::size_t group = groups_.names.empty() ? 0 : groups_.of[region];
      add(study_.regions[region].name, group_class('g', group), [&](const CellPlace& place) {
        const study::Cell* cell = index_.cell(region, place);
        return cell == nullptr || cell->starts == 0 ? kNaN : cell->mean_of_pct;
      });
    }
    if (study_.regions.size() > 1) {
      add("mean of regions", "ink", [&](const CellPlace& place) {
        const study::MeanCell* mean = index_.mean(place);
        return mean == nullptr ? kNaN : mean->of.mean_of_pct;
      });
    }
    const double span = std::max(high_ - low_, 1e-9);
    const double between = kBetween * static_cast<double>(columns_ - 1);
    panel_ = (kFigureWidth - 2 * kMargin - names_ - between) / static_cast<double>(columns_);
    of_percent_ = (panel_ - kNumber) / span;
  }

  std::optional<StudyFigure> figure(const std::string& stem) {
    if (!any_) return std::nullopt;
    const std::size_t rows = (study_.windows.size() + columns_ - 1) / columns_;
    const double height = kHead + kRow * static_cast<double>(bars_.size()) + 10;
    Drawing drawing(kFigureWidth, kTop + height * static_cast<double>(rows) + 4);
    const std::string title = large_less_text(signal_of(study_)) +
                              " by region, %: " + title_of(study_.jobs[job_]) + ", " +
                              policy_text(policy_);
    drawing.text({kMargin, 24}, title, "head");
    draw_legend(drawing, {kMargin, 43}, groups_);
    for (std::size_t window = 0; window < study_.windows.size(); ++window) {
      const std::size_t column = window % columns_;
      const std::size_t row = window / columns_;
      const double top = kTop + height * static_cast<double>(row);
      const double left = kMargin + names_ + (panel_ + kBetween) * static_cast<double>(column);
      if (column == 0) draw_names(drawing, top);
      draw_panel(drawing, {left, top}, window);
    }
    return StudyFigure{
        "regions_" + stem, title,
        "Percent of what starting at once emits, mean of percents, a panel a window; one scale "
        "throughout.",
        drawing.svg(title + ", percent of what starting at once emits"), job_};
  }

 private:
  static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

  template <typename ValueOf>
  void add(const std::string& name, const std::string& classes, ValueOf value_of) {
    Bar bar{clip(escape(name), 24), classes, {}};
    for (std::size_t window = 0; window < study_.windows.size(); ++window) {
      const double value = value_of(CellPlace{job_, window, policy_});
      bar.by_window.push_back(value);
      if (std::isnan(value)) continue;
      any_ = true;
      low_ = std::min(low_, value);
      high_ = std::max(high_, value);
    }
    names_ = std::max(names_, 1.08 * text_width(bar.name) + 12);
    bars_.push_back(std::move(bar));
  }

  void draw_names(Drawing& drawing, double top) const {
    double y = top + kHead;
    for (const Bar& bar : bars_) {
      const bool mean = bar.classes == "ink";
      drawing.text({kMargin + names_ - 10, y + 11}, bar.name, mean ? "end ink bold" : "end ink");
      y += kRow;
    }
  }

  void draw_panel(Drawing& drawing, Point corner, std::size_t window) const {
    const double zero = corner.x - low_ * of_percent_;
    drawing.text({zero, corner.y + 22}, escape(study_.windows[window].name), "head");
    double y = corner.y + kHead;
    drawing.line({zero, y - 3}, {zero, y + kRow * static_cast<double>(bars_.size())}, "base");
    for (const Bar& bar : bars_) {
      const double value = bar.by_window[window];
      const double end = std::isnan(value) ? zero : zero + value * of_percent_;
      if (end != zero) {
        drawing.box({std::min(zero, end), y + 2}, std::abs(end - zero), kRow - 4, bar.classes);
      }
      const bool mean = bar.classes == "ink";
      drawing.text({std::max(zero, end) + 4, y + 11}, fixed(value, 1),
                   mean ? "small ink bold" : "small");
      y += kRow;
    }
  }

  const StudyIndex& index_;
  const study::Study& study_;
  RegionGroups groups_;
  std::size_t job_;
  StudyPolicy policy_;
  std::size_t columns_ = std::clamp<std::size_t>(study_.windows.size(), 1, kMostPanels);
  std::vector<Bar> bars_;
  bool any_ = false;
  double low_ = 0;
  double high_ = 0;
  double names_ = 0;
  double panel_ = 0;
  double of_percent_ = 1;
};

}  // namespace

std::vector<StudyFigure> region_figures(const StudyIndex& index) {
  const study::Study& study = index.study();
  const std::vector<std::string> stems = job_stems(study);
  std::vector<StudyFigure> out;
  for (std::size_t job = 0; job < study.jobs.size(); ++job) {
    for (const StudyPolicy policy : study.policies) {
      auto figure =
          RegionChart(index, job, policy).figure(stems[job] + "_" + std::string(spell(policy)));
      if (figure) out.push_back(*std::move(figure));
    }
  }
  return out;
}

}  // namespace lowtide::show
