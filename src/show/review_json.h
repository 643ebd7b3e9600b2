// `lowtide.review/1` and `lowtide.reviews/1`: docs/formats/review.md.
#pragma once

#include <string>

#include "show/review_view.h"

namespace lowtide::show {

[[nodiscard]] std::string review_json(const ReviewView& view);
[[nodiscard]] std::string review_json(const ProjectReview& project);

}  // namespace lowtide::show
