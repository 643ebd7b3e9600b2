// What a study's figures are drawn with: SVG that needs nothing else, in the colours of the HTML
// report, light and dark. For show alone.
//
// Colours are written out, not variables: what turns SVG into PDF for a paper knows no variables.
// Lengths are CSS pixels.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lowtide::show {

inline constexpr std::size_t kGroupColours = 4;

// The rules that each figure's classes need; once a page.
[[nodiscard]] std::string study_svg_style();

struct Point {
  double x = 0;
  double y = 0;
};

class Drawing {
 public:
  Drawing(double width, double height) : width_(width), height_(height) {}

  // Classes: of text "ink", "head", "small", "end", "mid"; of lines "rule", "base"; of a group
  // "g0".. (filled, text too) and "l0".. (a line).
  void text(Point at, std::string_view words, std::string_view classes = {});
  void line(Point from, Point to, std::string_view classes);
  void path(const std::string& data, std::string_view classes);
  void box(Point corner, double width, double height, std::string_view classes);
  void dot(Point at, double radius, std::string_view classes);

  // `said` is what a screen reader says.
  [[nodiscard]] std::string svg(std::string_view said) const;

 private:
  double width_;
  double height_;
  std::string shapes_;
};

// One decimal is a tenth of a pixel.
[[nodiscard]] std::string px(double value);
// "g2", of a group's number; groups beyond the colours begin anew.
[[nodiscard]] std::string group_class(char kind, std::size_t group);
// 1, 2 or 5 times a power of ten, so that at most `ticks` of them reach `span`.
[[nodiscard]] double nice_step(double span, int ticks);
// Heights of labels that want to be at these, at least `apart` from each other and within
// [top, bottom] where there is room.
[[nodiscard]] std::vector<double> spread_labels(const std::vector<double>& wanted, double apart,
                                                double top, double bottom);

}  // namespace lowtide::show
