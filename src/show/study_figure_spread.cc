#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "show/study_figure_parts.h"
#include "show/text.h"

namespace lowtide::show {
namespace {

constexpr double kRow = 32;
constexpr double kTop = 46;
constexpr double kRight = kFigureWidth - 212;

// Powers of ten around all boxes. What is below, a start that emits nothing among it, lies at the
// left edge: a whisker must not make the scale.
class LogScale {
 public:
  LogScale(const std::vector<const study::JobSpread*>& spreads, double left) : left_(left) {
    constexpr double kBelowTheBox = 10;
    double low = HUGE_VAL;
    double high = 0;
    for (const study::JobSpread* spread : spreads) {
      for (const Carbon quarter : {spread->q1, spread->median, spread->q3}) {
        if (quarter <= Carbon{}) continue;
        const double least = std::max(as_grams(spread->min), as_grams(quarter) / kBelowTheBox);
        low = std::min(low, least);
        break;
      }
      high = std::max(high, as_grams(spread->max));
    }
    if (!(high > 0)) return;
    first_ = static_cast<int>(std::floor(std::log10(std::min(low, high))));
    last_ = std::max(first_ + 1, static_cast<int>(std::ceil(std::log10(high))));
  }
  [[nodiscard]] bool known() const { return last_ > first_; }
  [[nodiscard]] int first() const { return first_; }
  [[nodiscard]] int last() const { return last_; }
  [[nodiscard]] bool holds(Carbon carbon) const {
    return carbon > Carbon{} && std::log10(as_grams(carbon)) >= first_;
  }
  [[nodiscard]] double x_of(double exponent) const {
    return left_ + (kRight - left_) * (exponent - first_) / (last_ - first_);
  }
  [[nodiscard]] double x_at(Carbon carbon) const {
    return holds(carbon) ? x_of(std::log10(as_grams(carbon))) : left_;
  }

 private:
  double left_;
  int first_ = 0;
  int last_ = 0;
};

std::string power_of_ten(int exponent) {
  const double value = std::pow(10, exponent);
  const FigureText unit = text_of(Figure<Carbon>{grams(value), {}, {}});
  return fmt::format("{:g} {}", value / unit.factor, unit.unit);
}

void draw_axis(Drawing& drawing, const LogScale& scale, double bottom) {
  for (int exponent = scale.first(); exponent <= scale.last(); ++exponent) {
    const double x = scale.x_of(exponent);
    drawing.line({x, kTop}, {x, bottom}, "rule");
    drawing.text({x, bottom + 17}, power_of_ten(exponent), "mid");
  }
}

void draw_box(Drawing& drawing, const LogScale& scale, const study::JobSpread& spread, double y) {
  const double q1 = scale.x_at(spread.q1);
  const double q3 = scale.x_at(spread.q3);
  const double min = scale.x_at(spread.min);
  const double max = scale.x_at(spread.max);
  drawing.line({min, y}, {q1, y}, "edge");
  drawing.line({q3, y}, {max, y}, "edge");
  if (scale.holds(spread.min)) drawing.line({min, y - 5}, {min, y + 5}, "edge");
  drawing.line({max, y - 5}, {max, y + 5}, "edge");
  drawing.box({q1, y - 9}, q3 - q1, 18, "g0 soft");
  drawing.box({q1, y - 9}, q3 - q1, 18, "edge");
  const double median = scale.x_at(spread.median);
  drawing.line({median, y - 9}, {median, y + 9}, "edge thick");
  drawing.dot({scale.x_at(spread.mean), y}, 3.2, "g3");
}

}  // namespace

std::vector<StudyFigure> spread_figures(const StudyIndex& index) {
  std::vector<const study::JobSpread*> spreads;
  double widest = 0;
  for (const study::JobSpread& spread : index.view().spreads) {
    if (spread.starts == 0) continue;
    spreads.push_back(&spread);
    widest = std::max(widest, text_width(clip(title_of(index.study().jobs[spread.job]), 26)));
  }
  const LogScale scale(spreads, kMargin + widest + 16);
  if (!scale.known()) return {};
  const double bottom = kTop + kRow * static_cast<double>(spreads.size());
  Drawing drawing(kFigureWidth, bottom + 30);
  const std::string title = "What a job emits, over all regions and starts";
  drawing.text({kMargin, 24}, title, "head");
  drawing.text({kFigureWidth - kMargin, kTop - 6}, "median (lowest to highest)", "end");
  draw_axis(drawing, scale, bottom);
  double y = kTop + kRow / 2;
  for (const study::JobSpread* spread : spreads) {
    const std::string job = clip(title_of(index.study().jobs[spread->job]), 26);
    drawing.text({kMargin, y + 4}, job, "ink");
    draw_box(drawing, scale, *spread, y);
    const auto brief = [](Carbon carbon) {
      return text_of(Figure<Carbon>{carbon, {}, {}}).brief();
    };
    drawing.text(
        {kFigureWidth - kMargin, y + 4},
        fmt::format("{} ({} to {})", brief(spread->median), brief(spread->min), brief(spread->max)),
        "end");
    y += kRow;
  }
  return {{"figure2_spread", title,
           "Box: quartiles; line: median; dot: mean; whiskers: lowest and highest start. Powers of "
           "ten; a whisker without an end goes on below what is shown.",
           drawing.svg(title + ", a box a job, in powers of ten"), std::nullopt}};
}

}  // namespace lowtide::show
