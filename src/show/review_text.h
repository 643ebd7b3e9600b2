// `lowtide review` on the terminal.
#pragma once

#include <string>

#include "show/review_view.h"
#include "show/text.h"

namespace lowtide::show {

[[nodiscard]] std::string review_text(const ReviewView& view, const Style& style);
[[nodiscard]] std::string review_text(const ProjectReview& project, const Style& style);

// What the shift came to, in a sentence without its stop: an average signal attributes.
[[nodiscard]] std::string review_verdict(const ReviewOn& on);
// What no figure on this signal says.
[[nodiscard]] std::string review_caveat(Signal signal);

}  // namespace lowtide::show
