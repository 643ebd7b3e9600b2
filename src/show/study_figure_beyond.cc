#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "show/study_figure_parts.h"
#include "show/text.h"

namespace lowtide::show {
namespace {

constexpr double kRow = 26;
constexpr double kBar = 10;
constexpr double kHead = 34;
constexpr double kTop = 62;
constexpr double kNames = 210;
constexpr double kNumber = 44;  // room for the figure behind a bar
constexpr double kBetween = 18;

// Start by start: a panel a job and window, a row a machine state and policy, a bar a signal.
class BeyondChart {
 public:
  explicit BeyondChart(const StudyIndex& index)
      : index_(index), study_(index.study()), rows_(study::over_regions(index.view().beyond)) {
    rows_.erase(std::remove_if(rows_.begin(), rows_.end(),
                               [](const study::BeyondRow& row) { return row.sums.starts == 0; }),
                rows_.end());
    for (const study::BeyondRow& row : rows_) {
      const std::pair panel{row.job, row.window};
      if (panels_.empty() || panels_.back() != panel) panels_.push_back(panel);
      const std::pair name{row.machine, row.policy};
      if (std::find(names_.begin(), names_.end(), name) == names_.end()) names_.push_back(name);
      for (const double value : {row.saving_pct(), row.other_saving_pct()}) {
        if (std::isnan(value)) continue;
        low_ = std::min(low_, value);
        high_ = std::max(high_, value);
      }
    }
    columns_ = std::clamp<std::size_t>(panels_.size(), 1, 2);
    const double between = kBetween * static_cast<double>(columns_ - 1);
    panel_ = (kFigureWidth - 2 * kMargin - kNames - between) / static_cast<double>(columns_);
    // A figure stands behind a bar on either side of zero.
    const double numbers = low_ < 0 ? 2 * kNumber : kNumber;
    of_percent_ = (panel_ - numbers) / std::max(high_ - low_, 1e-9);
  }

  [[nodiscard]] std::vector<StudyFigure> figures() const {
    if (rows_.empty()) return {};
    const std::size_t lines = (panels_.size() + columns_ - 1) / columns_;
    const double height = kHead + kRow * static_cast<double>(names_.size()) + 12;
    Drawing drawing(kFigureWidth, kTop + height * static_cast<double>(lines));
    const std::string title =
        large_less_text(signal_of(study_)) + " start by start, by machine and policy, %";
    drawing.text({kMargin, 24}, title, "head");
    drawing.text({kMargin, 44}, "on the planned signal", "g0 bold");
    if (!index_.view().other.empty()) drawing.text({kMargin + 170, 44}, "on the other", "g1 bold");
    for (std::size_t i = 0; i < panels_.size(); ++i) {
      const std::size_t line = i / columns_;
      const double top = kTop + height * static_cast<double>(line);
      const double left =
          kMargin + kNames + (panel_ + kBetween) * static_cast<double>(i % columns_);
      if (i % columns_ == 0) draw_names(drawing, top);
      draw_panel(drawing, {left, top}, panels_[i]);
    }
    return {{"start_by_start", title,
             "Percent of what starting at once emits, ratio of sums over starts and regions; one "
             "scale throughout. What the starts and charges are stands with the table.",
             drawing.svg(title), std::nullopt}};
  }

 private:
  void draw_names(Drawing& drawing, double top) const {
    double y = top + kHead;
    for (const auto& [machine, policy] : names_) {
      std::string name = fmt::format("{}, {}", spell(machine), spell(policy));
      std::replace(name.begin(), name.end(), '_', ' ');
      drawing.text({kMargin + kNames - 10, y + 15}, name, "end ink");
      y += kRow;
    }
  }

  void draw_panel(Drawing& drawing, Point corner,
                  const std::pair<std::size_t, std::size_t>& panel) const {
    const double zero = corner.x + (low_ < 0 ? kNumber : 0) - low_ * of_percent_;
    const std::string head =
        title_of(study_.jobs[panel.first]) + ", " + escape(study_.windows[panel.second].name);
    drawing.text({corner.x, corner.y + 22}, clip(head, 40), "head");
    const double bottom = corner.y + kHead + kRow * static_cast<double>(names_.size());
    drawing.line({zero, corner.y + kHead - 3}, {zero, bottom}, "base");
    for (const study::BeyondRow& row : rows_) {
      if (std::pair(row.job, row.window) != panel) continue;
      const auto name = std::find(names_.begin(), names_.end(), std::pair(row.machine, row.policy));
      const double y = corner.y + kHead + kRow * static_cast<double>(name - names_.begin());
      draw_bar(drawing, {zero, y + 2}, row.saving_pct(), "g0");
      draw_bar(drawing, {zero, y + 2 + kBar}, row.other_saving_pct(), "g1");
    }
  }

  void draw_bar(Drawing& drawing, Point from, double value, const char* classes) const {
    if (std::isnan(value)) return;
    const double end = from.x + value * of_percent_;
    drawing.box({std::min(from.x, end), from.y}, std::abs(end - from.x), kBar - 2, classes);
    const bool below = value < 0;
    drawing.text({below ? end - 4 : end + 4, from.y + 8}, fixed(value, 1),
                 below ? "small end" : "small");
  }

  const StudyIndex& index_;
  const study::Study& study_;
  std::vector<study::BeyondRow> rows_;
  std::vector<std::pair<std::size_t, std::size_t>> panels_;  // job, window
  std::vector<std::pair<plan::Machine, plan::Policy>> names_;
  std::size_t columns_ = 1;
  double low_ = 0;
  double high_ = 0;
  double panel_ = 0;
  double of_percent_ = 1;
};

}  // namespace

std::vector<StudyFigure> beyond_figures(const StudyIndex& index) {
  return BeyondChart(index).figures();
}

}  // namespace lowtide::show
