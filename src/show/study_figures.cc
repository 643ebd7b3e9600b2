#include "show/study_figures.h"

#include <algorithm>

#include "show/study_figure_parts.h"
#include "show/text.h"

namespace lowtide::show {

RegionGroups::RegionGroups(const study::Study& study) {
  const bool any = std::any_of(study.regions.begin(), study.regions.end(),
                               [](const auto& region) { return !region.group.empty(); });
  for (std::size_t region = 0; region < study.regions.size(); ++region) {
    if (!any) {
      of.push_back(region);
      continue;
    }
    const std::string name = escape(study.regions[region].group);
    const auto found = std::find(names.begin(), names.end(), name);
    of.push_back(static_cast<std::size_t>(found - names.begin()));
    if (found == names.end()) names.push_back(name);
  }
}

std::vector<std::string> job_stems(const study::Study& study) {
  std::vector<std::string> names;
  names.reserve(study.jobs.size());
  for (const study::StudyJob& job : study.jobs) names.push_back(job.name);
  return stems_of(names);
}

double text_width(std::string_view text) {
  constexpr double kOfAColumn = 6.7;
  return kOfAColumn * width_of(text);
}

std::string tick_text(double value) {
  const std::string text = raw_number(value);
  return text[0] == '-' ? "\u2212" + text.substr(1) : text;
}

void draw_legend(Drawing& drawing, Point at, const RegionGroups& groups) {
  if (groups.names.size() < 2 || groups.names.size() > kGroupColours) return;
  for (std::size_t i = 0; i < groups.names.size(); ++i) {
    const std::string name = groups.names[i].empty() ? "other" : clip(groups.names[i], 30);
    drawing.text(at, name, group_class('g', i) + " bold");
    at.x += 1.08 * text_width(name) + 24;  // bold
  }
}

std::vector<StudyFigure> figures_of(const StudyView& view) {
  const StudyIndex index(view);
  std::vector<StudyFigure> out;
  for (const auto group : {month_figures, spread_figures, region_figures, charge_figures,
                           beyond_figures, fleet_figures}) {
    for (StudyFigure& figure : group(index)) out.push_back(std::move(figure));
  }
  return out;
}

std::vector<StudyFile> study_figures(const StudyView& view) {
  std::vector<StudyFile> out;
  for (const StudyFigure& figure : figures_of(view)) {
    const std::size_t body = figure.svg.find('\n') + 1;
    out.push_back({"figures/" + figure.name + ".svg", figure.svg.substr(0, body) + "<style>\n" +
                                                          study_svg_style() + "</style>\n" +
                                                          figure.svg.substr(body)});
  }
  return out;
}

}  // namespace lowtide::show
