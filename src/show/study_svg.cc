#include "show/study_svg.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "show/html_parts.h"

namespace lowtide::show {
namespace {

// Those of html_style.h and a fourth group: a contrast of 4.5 for text on the sheet.
struct Colours {
  const char* sheet;
  const char* ink;
  const char* soft;
  const char* line;
  const char* faint;
  std::array<const char*, kGroupColours> groups;
};
constexpr Colours kLight{"#fff",    "#16211f", "#52605d",
                         "#dfe4e1", "#a3afab", {"#0b7a75", "#a85b00", "#5a4a9c", "#b0245a"}};
constexpr Colours kDark{"#171f1e", "#e8efed", "#a2b1ad",
                        "#2b3634", "#5d6b68", {"#4cc9bf", "#f0a952", "#b5a5f5", "#f58fb0"}};

std::string rules(const Colours& colours) {
  std::string out = fmt::format(
      ".fig .sheet{{fill:{}}}.fig text{{fill:{}}}.fig .ink,.fig .head{{fill:{}}}"
      ".fig .rule{{stroke:{}}}.fig .base{{stroke:{}}}.fig .edge{{stroke:{}}}\n",
      colours.sheet, colours.soft, colours.ink, colours.line, colours.faint, colours.ink);
  for (std::size_t i = 0; i < kGroupColours; ++i) {
    out += fmt::format(".fig .g{0}{{fill:{1}}}.fig .l{0}{{stroke:{1}}}", i, colours.groups[i]);
  }
  return out + "\n";
}

// Labels that would touch move as one.
struct Block {
  double at;  // of its first label
  std::size_t count;
};

std::string class_of(std::string_view classes) {
  return classes.empty() ? "" : fmt::format(" class=\"{}\"", classes);
}

}  // namespace

std::string study_svg_style() {
  return ".fig{font-family:system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto Sans\","
         "\"DejaVu Sans\",sans-serif;font-size:12px}\n"
         ".fig text{font-variant-numeric:tabular-nums}.fig .head{font-size:13px;font-weight:600}"
         ".fig .small{font-size:10.5px}.fig .end{text-anchor:end}.fig .mid{text-anchor:middle}"
         ".fig .bold{font-weight:600}\n"
         ".fig .rule,.fig .base{stroke-width:1}.fig .edge{stroke-width:1.5;fill:none}"
         ".fig .thick{stroke-width:3}\n"
         ".fig .l0,.fig .l1,.fig .l2,.fig .l3{fill:none;stroke-width:1.8;stroke-linejoin:round}"
         ".fig .d1{stroke-dasharray:7 3}.fig .d2{stroke-dasharray:2 2.5}.fig "
         ".lead{stroke-width:.7}.fig .dash{fill:none;stroke-width:1.6;stroke-dasharray:5 3}"
         ".fig .soft{fill-opacity:.3}\n" +
         rules(kLight) + "@media screen and (prefers-color-scheme:dark){\n" + rules(kDark) + "}\n";
}

void Drawing::text(Point at, std::string_view words, std::string_view classes) {
  shapes_ += fmt::format("<text x=\"{}\" y=\"{}\"{}>{}</text>\n", px(at.x), px(at.y),
                         class_of(classes), in_html(words));
}

void Drawing::line(Point from, Point to, std::string_view classes) {
  shapes_ += fmt::format("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"{}/>\n", px(from.x),
                         px(from.y), px(to.x), px(to.y), class_of(classes));
}

void Drawing::path(const std::string& data, std::string_view classes) {
  if (!data.empty()) shapes_ += fmt::format("<path d=\"{}\"{}/>\n", data, class_of(classes));
}

void Drawing::box(Point corner, double width, double height, std::string_view classes) {
  shapes_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{}/>\n", px(corner.x),
                         px(corner.y), px(width), px(height), class_of(classes));
}

void Drawing::dot(Point at, double radius, std::string_view classes) {
  shapes_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\"{}/>\n", px(at.x), px(at.y),
                         px(radius), class_of(classes));
}

std::string Drawing::svg(std::string_view said) const {
  return fmt::format(
             "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"fig\" role=\"img\" "
             "aria-label=\"{}\" viewBox=\"0 0 {} {}\">\n",
             in_html(said), px(width_), px(height_)) +
         fmt::format("<rect class=\"sheet\" width=\"{}\" height=\"{}\"/>\n", px(width_),
                     px(height_)) +
         shapes_ + "</svg>\n";
}

std::string px(double value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

std::string group_class(char kind, std::size_t group) {
  return fmt::format("{}{}", kind, group % kGroupColours);
}

double nice_step(double span, int ticks) {
  if (!(span > 0)) return 1;
  const double raw = span / ticks;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (raw <= factor * power) return factor * power;
  }
  return 10 * power;
}

std::vector<double> spread_labels(const std::vector<double>& wanted, double apart, double top,
                                  double bottom) {
  std::vector<std::size_t> order(wanted.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return wanted[a] != wanted[b] ? wanted[a] < wanted[b] : a < b;
  });
  const auto height = [&](const Block& block) { return apart * static_cast<double>(block.count); };
  // Around the mean of what the labels of both want.
  const auto joined = [&](const Block& above, const Block& below) {
    const double both = height(above) + height(below);
    const double centre = (height(above) * (above.at + height(above) / 2) +
                           height(below) * (below.at + height(below) / 2)) /
                          both;
    return Block{centre - both / 2, above.count + below.count};
  };
  std::vector<Block> blocks;
  for (const std::size_t i : order) {
    Block next{wanted[i], 1};
    for (;;) {
      next.at = std::max(top, std::min(next.at, bottom - height(next) + apart));
      if (blocks.empty() || blocks.back().at + height(blocks.back()) <= next.at) break;
      next = joined(blocks.back(), next);
      blocks.pop_back();
    }
    blocks.push_back(next);
  }
  std::vector<double> out(wanted.size());
  std::size_t place = 0;
  for (const Block& block : blocks) {
    for (std::size_t i = 0; i < block.count; ++i) {
      out[order[place++]] = block.at + apart * static_cast<double>(i);
    }
  }
  return out;
}

}  // namespace lowtide::show
