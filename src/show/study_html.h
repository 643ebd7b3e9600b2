// A study as one HTML page that needs nothing else (show/html.h): what was asked, tables, figures,
// agreement with the paper, series with their licences, method, and how to do it again.
#pragma once

#include <string>

#include "show/study_view.h"

namespace lowtide::show {

[[nodiscard]] std::string study_html(const StudyView& view);

}  // namespace lowtide::show
