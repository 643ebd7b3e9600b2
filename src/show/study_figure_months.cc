#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "show/study_figure_parts.h"
#include "show/text.h"

namespace lowtide::show {
namespace {

constexpr double kLeft = 62;
constexpr double kTop = 58;
constexpr double kLabelApart = 14.5;
constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

class MonthChart {
 public:
  explicit MonthChart(const StudyIndex& index)
      : index_(index),
        lines_(index.view().months),
        groups_(index.study()),
        height_(std::max(380.0, kLabelApart * static_cast<double>(lines_.size()))) {
    double widest = 0;
    for (const study::MonthLine& line : lines_) {
      count_ = std::max(count_, line.months.size());
      widest = std::max(widest, text_width(label_of(line)));
      for (const auto& [month, mean] : line.months) top_ = std::max(top_, mean.value_or(top_));
    }
    unit_ = text_of(Figure<Carbon>{top_, {}, {}});
    step_ = nice_step(as_grams(top_) / unit_.factor, 6);
    highest_ = step_ * std::ceil(as_grams(top_) / unit_.factor / step_);
    right_ = kFigureWidth - kMargin - widest - 26;
  }

  std::optional<StudyFigure> figure() {
    if (top_ <= Carbon{}) return std::nullopt;
    const std::string job = title_of(index_.study().jobs[lines_.front().job]);
    const std::string title = "What " + job + " emits by the month of its start";
    drawing_.text({kMargin, 24}, title, "head");
    draw_legend(drawing_, {kMargin, 44}, groups_);
    draw_axes();
    draw_lines();
    return StudyFigure{"figure1_months", title,
                       "Mean of the starts of a month (UTC), a line a region. A month without a "
                       "start that counts is left empty.",
                       drawing_.svg(title + ", a line a region"), std::nullopt};
  }

 private:
  [[nodiscard]] std::string label_of(const study::MonthLine& line) const {
    return clip(escape(index_.study().regions[line.region].name), 26);
  }
  [[nodiscard]] double x_at(std::size_t i) const {
    return kLeft + (right_ - kLeft) * (static_cast<double>(i) + 0.5) / static_cast<double>(count_);
  }
  [[nodiscard]] double y_at(double value) const { return kTop + height_ * (1 - value / highest_); }
  [[nodiscard]] double y_at(Carbon carbon) const { return y_at(as_grams(carbon) / unit_.factor); }

  // Lines of one colour are told apart by their dashes.
  [[nodiscard]] int dash_of(std::size_t region) const {
    if (groups_.names.empty()) return static_cast<int>(region / kGroupColours % 3);
    const auto of = groups_.of.begin();
    const auto end = of + static_cast<std::ptrdiff_t>(region);
    return static_cast<int>(std::count(of, end, groups_.of[region]) % 3);
  }

  void draw_axes() {
    for (int i = 0; i * step_ <= highest_ * 1.001; ++i) {
      const double y = y_at(i * step_);
      drawing_.line({kLeft, y}, {right_, y}, i == 0 ? "base" : "rule");
      drawing_.text({kLeft - 8, y + 4}, fmt::format("{:g} {}", i * step_, unit_.unit), "end");
    }
    const double apart = (right_ - kLeft) / static_cast<double>(count_);
    const auto each = static_cast<std::size_t>(std::max(1.0, std::ceil(30 / apart)));
    const auto longest = std::max_element(lines_.begin(), lines_.end(), [](auto& a, auto& b) {
      return a.months.size() < b.months.size();
    });
    for (std::size_t i = 0; i < count_; i += each) {
      const std::chrono::year_month month = longest->months[i].first;
      const auto of_year = static_cast<unsigned>(month.month()) - 1;
      drawing_.text({x_at(i), kTop + height_ + 18}, kMonths.at(of_year), "mid");
      if (!of_one_year(lines_) || (i != 0 && of_year >= each)) continue;
      drawing_.text({x_at(i), kTop + height_ + 33},
                    fmt::format("{}", static_cast<int>(month.year())), "mid");
    }
  }

  void draw_lines() {
    std::vector<const study::MonthLine*> drawn;
    std::vector<double> ends;
    for (const study::MonthLine& line : lines_) {
      const std::optional<Point> end = draw_line(line);
      if (!end) continue;
      drawn.push_back(&line);
      ends.push_back(end->y);
    }
    const auto heights = spread_labels(ends, kLabelApart, kTop, kTop + height_);
    const double last = x_at(count_ - 1);
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      const std::size_t group = groups_.of[drawn[i]->region];
      drawing_.path(fmt::format("M{} {}L{} {}L{} {}", px(last + 5), px(ends[i]), px(right_ + 12),
                                px(heights[i]), px(right_ + 18), px(heights[i])),
                    group_class('l', group) + " lead");
      drawing_.text({right_ + 22, heights[i] + 4}, label_of(*drawn[i]), group_class('g', group));
    }
  }

  // In pieces where months are missing; its last point.
  std::optional<Point> draw_line(const study::MonthLine& line) {
    std::string data;
    std::optional<Point> last;
    std::size_t in_piece = 0;
    const std::size_t group = groups_.of[line.region];
    for (std::size_t i = 0; i <= line.months.size(); ++i) {
      const auto mean = i < line.months.size() ? line.months[i].second : std::nullopt;
      if (!mean) {
        if (in_piece == 1) drawing_.dot(*last, 2.4, group_class('g', group));
        in_piece = 0;
        continue;
      }
      last = Point{x_at(i), y_at(*mean)};
      data += fmt::format("{}{} {}", in_piece++ == 0 ? "M" : "L", px(last->x), px(last->y));
    }
    drawing_.path(data, group_class('l', group) + fmt::format(" d{}", dash_of(line.region)));
    return last;
  }

  const StudyIndex& index_;
  const std::vector<study::MonthLine>& lines_;
  RegionGroups groups_;
  double height_;
  std::size_t count_ = 0;
  Carbon top_;
  FigureText unit_;
  double step_ = 1;
  double highest_ = 1;
  double right_ = 0;
  Drawing drawing_{kFigureWidth, kTop + height_ + 46};
};

}  // namespace

std::vector<StudyFigure> month_figures(const StudyIndex& index) {
  if (index.view().months.empty()) return {};
  auto figure = MonthChart(index).figure();
  if (!figure) return {};
  return {*std::move(figure)};
}

}  // namespace lowtide::show
