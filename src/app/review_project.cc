// A project's reviews, added up by like signals and boundaries.
#include <algorithm>
#include <utility>

#include "app/ledger_access.h"
#include "app/review_answer.h"
#include "base/quote.h"

namespace lowtide::app {
namespace {

bool is_like(const show::ReviewSum& sum, const show::ReviewView& view) {
  const IntensityUsed& used = view.decides.used;
  return sum.signal == used.signal && sum.scope == used.scope && sum.gas == used.gas &&
         sum.boundary == view.boundary;
}

std::optional<Carbon> promised(const show::ReviewView& view) {
  const auto& promise = view.promise;
  if (!promise || !promise->cost || !promise->cost_now) return std::nullopt;
  return *promise->cost_now - *promise->cost;
}

// The sum of `alike`, at least one of them.
show::ReviewSum sum_of(const std::vector<const show::ReviewView*>& alike) {
  const show::ReviewView& first = *alike.front();
  const IntensityUsed& used = first.decides.used;
  show::ReviewSum sum;
  sum.signal = used.signal;
  sum.scope = used.scope;
  sum.gas = used.gas;
  sum.boundary = first.boundary;
  sum.range = study::SavedRange{};
  sum.promised = Carbon{};
  std::vector<study::Review> reviews;
  for (const show::ReviewView* view : alike) {
    sum.runs.push_back(view->run);
    reviews.push_back(view->decides.review);
    const auto& range = view->decides.range;
    sum.range = sum.range && range ? std::optional(study::SavedRange{sum.range->low + range->low,
                                                                     sum.range->high + range->high})
                                   : std::nullopt;
    const auto more = promised(*view);
    sum.promised = sum.promised && more ? std::optional(*sum.promised + *more) : std::nullopt;
  }
  sum.review = study::sum_of(reviews);
  sum.finding = study::finding_of(*sum.review.saved(), *sum.review.now.carbon, sum.range);
  return sum;
}

std::vector<show::ReviewSum> sums_of(const std::vector<show::ReviewView>& runs) {
  std::vector<show::ReviewSum> sums;
  for (const show::ReviewView& run : runs) {
    const bool done = std::any_of(sums.begin(), sums.end(),
                                  [&](const show::ReviewSum& sum) { return is_like(sum, run); });
    if (done) continue;
    std::vector<const show::ReviewView*> alike;
    show::ReviewSum kind;
    kind.signal = run.decides.used.signal;
    kind.scope = run.decides.used.scope;
    kind.gas = run.decides.used.gas;
    kind.boundary = run.boundary;
    for (const show::ReviewView& other : runs) {
      if (is_like(kind, other)) alike.push_back(&other);
    }
    sums.push_back(sum_of(alike));
  }
  std::sort(sums.begin(), sums.end(), [](const auto& a, const auto& b) {
    return a.runs.size() != b.runs.size() ? a.runs.size() > b.runs.size()
                                          : a.runs.front() < b.runs.front();
  });
  return sums;
}

}  // namespace

Result<show::ProjectReview> review_of_project(record::Ledger& ledger, record::Acts& acts,
                                              const std::string& project, Settings& settings,
                                              Utc now) {
  record::RunFilter filter;
  filter.project = project;
  const auto lines = ledger.list(filter);
  if (!lines) return tl::unexpected(lines.error());
  if (lines->empty()) {
    return fail(ErrorKind::usage, "no run of project " + in_quotes(project), "--project",
                projects_there_are(ledger));
  }
  show::ProjectReview all;
  all.project = project;
  for (const record::RunLine& line : *lines) {
    const auto run = ledger.whole(line.key, false);
    if (!run) return tl::unexpected(run.error());
    auto view = review_of(acts, *run, settings, now);
    if (view && view->decides.review.saved()) {
      all.runs.push_back(std::move(*view));
    } else {
      all.left_out.push_back(
          {line.id, line.name, view ? "its carbon is not known" : view.error().message});
    }
  }
  all.sums = sums_of(all.runs);
  return all;
}

}  // namespace lowtide::app
