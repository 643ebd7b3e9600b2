// `lowtide review`: from a record, its plans and the intensity of today to what is to be said.
#pragma once

#include <string>

#include "app/settings.h"
#include "base/result.h"
#include "record/acts.h"
#include "record/ledger.h"
#include "show/review_view.h"

namespace lowtide::app {

// Errors: usage, where no plan moved the run or it is not over; absent, where it used no energy or
// keeps no intensity.
[[nodiscard]] Result<show::ReviewView> review_of(record::Acts& acts, const RunRecord& run,
                                                 Settings& settings, Utc now);

// The runs of the project that can be reviewed, added up by like signals; the others with the
// reason. Error usage: it has none at all.
[[nodiscard]] Result<show::ProjectReview> review_of_project(record::Ledger& ledger,
                                                            record::Acts& acts,
                                                            const std::string& project,
                                                            Settings& settings, Utc now);

}  // namespace lowtide::app
