// The figures that figures_of() puts together. For show alone.
#pragma once

#include <string>
#include <vector>

#include "show/study_figures.h"
#include "show/study_index.h"
#include "show/study_svg.h"

namespace lowtide::show {

inline constexpr double kFigureWidth = 960;
inline constexpr double kMargin = 16;
inline constexpr std::size_t kMostPanels = 4;  // side by side

// Which colour a region has: that of its group; without any groups, one after the other.
struct RegionGroups {
  explicit RegionGroups(const study::Study& study);
  std::vector<std::string> names;  // of groups, as they come; empty: there are none
  std::vector<std::size_t> of;     // by region
};
// The names in their colours, from `at` to the right; nothing for one, or for more than colours.
void draw_legend(Drawing& drawing, Point at, const RegionGroups& groups);
[[nodiscard]] std::vector<std::string> job_stems(const study::Study& study);
// About how wide a text of 12 px is.
[[nodiscard]] double text_width(std::string_view text);

// "5", "−0.5": what stands at an axis.
[[nodiscard]] std::string tick_text(double value);

// Figure 1: a line a region.
[[nodiscard]] std::vector<StudyFigure> month_figures(const StudyIndex& index);
// Figure 2: a box a job.
[[nodiscard]] std::vector<StudyFigure> spread_figures(const StudyIndex& index);
// Figures 3 to 15: a bar a region, a panel a window, a figure for each job and policy.
[[nodiscard]] std::vector<StudyFigure> region_figures(const StudyIndex& index);
// A panel a window, a line a policy, a figure a job; none with one charge.
[[nodiscard]] std::vector<StudyFigure> charge_figures(const StudyIndex& index);
// Start by start: what plans save on both signals; none where it was not asked for.
[[nodiscard]] std::vector<StudyFigure> beyond_figures(const StudyIndex& index);
// Saving against the number of machines; none with fewer than two.
[[nodiscard]] std::vector<StudyFigure> fleet_figures(const StudyIndex& index);

}  // namespace lowtide::show
