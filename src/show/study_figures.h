// A study's figures as SVG: those of the paper in kind, and savings against what a resume costs.
// Each stands by itself, and in the page.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "show/study_view.h"

namespace lowtide::show {

struct StudyFigure {
  std::string name;  // of its file
  std::string title;
  std::string caption;
  std::string svg;                 // without the style that it needs, study_svg_style()
  std::optional<std::size_t> job;  // absent: of several
};

// Without those that have nothing to show. Texts are escaped.
[[nodiscard]] std::vector<StudyFigure> figures_of(const StudyView& view);

// figures/NAME.svg of each, whole.
[[nodiscard]] std::vector<StudyFile> study_figures(const StudyView& view);

}  // namespace lowtide::show
