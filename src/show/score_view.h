// The score of forecasts for people and as JSON: lowtide.score/1.
#pragma once

#include <string>
#include <vector>

#include "series/run.h"
#include "show/text.h"
#include "study/score.h"

namespace lowtide::show {

struct ScoreView {
  IntensityUsed used;  // without its series
  Interval over;       // that is scored
  Interval past;       // that is known, it included
  double coverage = 0;
  Duration step{};
  study::ScoreAsk ask;  // its past is not looked at
  study::Score score;
  std::vector<std::string> notes;
};

[[nodiscard]] std::string score_text(const ScoreView& view, const Style& style);
[[nodiscard]] std::string score_json(const ScoreView& view);
// "3 of 35 steps, about 12 s left": one line without its end.
[[nodiscard]] std::string score_progress(std::size_t done, std::size_t all, Duration elapsed);

}  // namespace lowtide::show
