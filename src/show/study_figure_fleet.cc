#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "show/study_figure_parts.h"
#include "show/text.h"

namespace lowtide::show {
namespace {

constexpr double kLeft = 56;
constexpr double kTop = 52;
constexpr double kPlot = 200;  // height
constexpr double kWidth = kFigureWidth - kMargin - kLeft;

struct Curve {
  const char* name;
  const char* line;
  const char* text;
  double (study::FleetRow::*saved)() const;
};
constexpr std::array<Curve, 3> kCurves = {{
    {"a machine for each job", "l2 dash", "g2", &study::FleetRow::independent_pct},
    {"bound", "l1 d2", "g1", &study::FleetRow::bound_pct},
    {"plan", "l0", "g0", &study::FleetRow::plan_pct},
}};

// Saving against the number of machines.
class FleetChart {
 public:
  FleetChart(std::vector<study::FleetRow> rows, Signal signal)
      : rows_(std::move(rows)), signal_(signal) {
    std::erase_if(rows_, [](const study::FleetRow& row) { return std::isnan(row.plan_pct()); });
    std::sort(rows_.begin(), rows_.end(),
              [](const auto& a, const auto& b) { return a.machines < b.machines; });
    for (const study::FleetRow& row : rows_) {
      for (const Curve& curve : kCurves) {
        low_ = std::min(low_, (row.*curve.saved)());
        high_ = std::max(high_, (row.*curve.saved)());
      }
    }
    step_ = nice_step(high_ - low_, 5);
    low_ = step_ * std::floor(low_ / step_);
    high_ = std::max(low_ + step_, step_ * std::ceil(high_ / step_));
  }

  [[nodiscard]] std::optional<StudyFigure> figure() const {
    if (rows_.size() < 2) return std::nullopt;
    const std::string title = large_less_text(signal_) + " by many jobs on few machines";
    Drawing drawing(kFigureWidth, kTop + kPlot + 56);
    drawing.text({kMargin, 24}, title, "head");
    draw_legend_of_curves(drawing, kMargin + text_width(title) * 1.12 + 40);
    draw_rules(drawing);
    for (std::size_t i = 0; i < rows_.size(); ++i) draw_machines(drawing, i);
    for (const Curve& curve : kCurves) draw_curve(drawing, curve);
    return StudyFigure{
        "fleet", title,
        "Percent of what the same jobs emit in a queue, sums over regions; across: machines in "
        "each region. Where not all jobs can be on time, how many were admitted stands below.",
        drawing.svg(title + ", against the number of machines: plan, bound, and each job alone"),
        std::nullopt};
  }

 private:
  [[nodiscard]] double x_at(std::size_t i) const {
    return kLeft + kWidth * (static_cast<double>(i) + 0.5) / static_cast<double>(rows_.size());
  }
  [[nodiscard]] double y_at(double value) const {
    return kTop + kPlot * (high_ - value) / (high_ - low_);
  }

  static void draw_legend_of_curves(Drawing& drawing, double x) {
    for (const Curve& curve : kCurves) {
      drawing.line({x, 20}, {x + 20, 20}, curve.line);
      drawing.text({x + 26, 24}, curve.name, std::string(curve.text) + " bold");
      x += 26 + 1.08 * text_width(curve.name) + 24;
    }
  }

  void draw_rules(Drawing& drawing) const {
    for (int i = 0; low_ + i * step_ <= high_ + 0.001 * step_; ++i) {
      const double value = low_ + i * step_;
      const double y = y_at(value);
      drawing.line({kLeft, y}, {kLeft + kWidth, y}, std::abs(value) < 1e-9 ? "base" : "rule");
      drawing.text({kLeft - 6, y + 4}, tick_text(value) + " %", "end");
    }
  }

  void draw_machines(Drawing& drawing, std::size_t i) const {
    const study::FleetRow& row = rows_[i];
    const std::string unit = i > 0 ? "" : row.machines == 1 ? " machine" : " machines";
    drawing.text({x_at(i), kTop + kPlot + 18}, std::to_string(row.machines) + unit, "mid");
    const std::size_t asked = row.arrived - row.dropped;
    if (row.admitted == asked) return;
    drawing.text({x_at(i), kTop + kPlot + 36},
                 fmt::format("{} of {} admitted", row.admitted, asked), "mid small");
  }

  void draw_curve(Drawing& drawing, const Curve& curve) const {
    std::string data;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      const Point at{x_at(i), y_at((rows_[i].*curve.saved)())};
      data += fmt::format("{}{} {}", data.empty() ? "M" : "L", px(at.x), px(at.y));
      drawing.dot(at, 2.4, curve.text);
    }
    drawing.path(data, curve.line);
  }

  std::vector<study::FleetRow> rows_;
  Signal signal_;
  double low_ = 0;
  double high_ = 0;
  double step_ = 1;
};

}  // namespace

std::vector<StudyFigure> fleet_figures(const StudyIndex& index) {
  auto figure =
      FleetChart(study::fleet_over_regions(index.view().fleet), signal_of(index.study())).figure();
  if (!figure) return {};
  return {*std::move(figure)};
}

}  // namespace lowtide::show
