// What stands behind a report: the series that it was priced with, found by their hashes, and the
// samples.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "app/verify.h"
#include "base/result.h"
#include "record/ledger.h"
#include "series/run.h"

namespace lowtide::app {

// The rows of the record, with samples, each with the series that the report names: its own, or one
// that was replaced since. Adds a check for each series: is it there, does it have its hash, and
// does its source still say the same.
[[nodiscard]] Result<std::vector<RunRecord>> lives_as_reported(record::Ledger& ledger,
                                                               std::int64_t key,
                                                               const nlohmann::json& told,
                                                               std::vector<Check>& checks);

// The energy of the samples is that of the slots, channel by channel.
void check_samples(const std::vector<RunRecord>& lives, std::vector<Check>& checks);

}  // namespace lowtide::app
