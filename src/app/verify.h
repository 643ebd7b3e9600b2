// A report derived again from the ledger and compared figure by figure: what `lowtide verify` does.
//
// Three things are shown apart: that each figure follows from what was recorded (by the same rules,
// to nine digits), that the report's own sums add up, and that the series and samples behind it are
// those whose hash and energy it names. Labels that may be edited (name, project), events and the
// version are compared and told, but are no figures. Reads files of the ledger only.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "base/result.h"
#include "record/ledger.h"
#include "show/verified.h"

namespace lowtide::app {

using show::Check;
using show::Verification;
using show::Verified;

// A lowtide.report/1 as it was read. Error absent: the ledger does not have the run.
[[nodiscard]] Result<Verified> verify_report(record::Ledger& ledger, const nlohmann::json& told);
// A lowtide.reports/1: each run, and then their sum.
[[nodiscard]] Result<std::vector<Verified>> verify_reports(record::Ledger& ledger,
                                                           const nlohmann::json& told);

}  // namespace lowtide::app
