// A score kept by the hash of the series, the question, the models and the program.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "study/score.h"

namespace lowtide::app {

[[nodiscard]] std::string score_hash(const study::ScoreAsk& ask,
                                     std::span<const forecast::ForecasterKind* const> kinds);
[[nodiscard]] std::optional<study::Score> kept_score(const std::string& hash);
void keep_score(const std::string& hash, const study::Score& score);

}  // namespace lowtide::app
