// A study in a few lines for a terminal: what was laid over what, what the policies save, where the
// rest is.
#pragma once

#include <string>

#include "show/study_view.h"
#include "show/text.h"

namespace lowtide::show {

// `folder`: where its files are.
[[nodiscard]] std::string study_text(const StudyView& view, const std::string& folder,
                                     const Style& style);

}  // namespace lowtide::show
