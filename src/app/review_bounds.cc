#include "app/review_bounds.h"

#include <fmt/format.h>

#include "app/paths.h"
#include "grid/typical_error.h"
#include "show/plan_verdict.h"

namespace lowtide::app {
namespace {

// What shifts came to in other years that a typical year promised so much. It is of hours alone, so
// the charges, which are sure, go in before it is looked up and come off again.
void by_typical_year(const plan::Problem& problem, const plan::Slots& ran, show::ReviewOn& on) {
  const double saved = on.share(on.review.saved()).value_or(0);
  if (saved <= show::kNothing) {
    on.range_note = "not known: other years say what a shift came to only where one took some off";
    return;
  }
  const auto savings = grid::typical_savings(data_folder(), on.used.zone);
  if (!savings) {
    on.range_note = "not known: " + savings.error().line();
    return;
  }
  const Carbon now = *on.review.now.carbon;
  const double charges =
      (cost_of(problem, ran).charge - cost_of(problem, on.review.now_slots).charge) / now;
  const auto came = savings->range(saved + charges);
  on.range = study::SavedRange{now * (came.low - charges), now * (came.high - charges)};
  const grid::TypicalJudges& by = savings->judges;
  on.basis = by.own ? show::BoundsBasis::held_out : show::BoundsBasis::pooled;
  on.range_note = fmt::format(
      "{}what eight of ten such shifts came to in {} {}: a typical year does not say how these "
      "hours were",
      by.own ? "" : "assumed: ", by.own ? "this zone in" : by.zones + " zones with a like swing in",
      by.years);
}

void by_source(const plan::Problem& problem, const plan::Slots& ran, show::ReviewOn& on) {
  const IntensityUsed& used = on.used;
  if (!used.error_low_rel || !used.error_high_rel) {
    on.range_note = "not known: the source does not say how wrong its hours may be";
    return;
  }
  on.range = study::saved_range(problem, on.review.now_slots, ran,
                                {*used.error_low_rel, *used.error_high_rel});
  on.range_note =
      "95 %, by what the source says of its values; their errors cancel only in the hours in which "
      "both run";
}

}  // namespace

void add_bounds(const plan::Problem& problem, const plan::Slots& ran, show::ReviewOn& on) {
  const auto saved = on.review.saved();
  if (!saved) {
    on.range_note = "not known: neither is what it took off";
    return;
  }
  if (on.used.source == "typical") {
    by_typical_year(problem, ran, on);
  } else {
    by_source(problem, ran, on);
  }
  on.finding = study::finding_of(*saved, *on.review.now.carbon, on.range);
}

}  // namespace lowtide::app
