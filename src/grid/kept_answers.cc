// The answers that were kept with their ETag, until they are asked for again.
#include "grid/kept_tables.h"

namespace lowtide::grid {
namespace {

using host::Statement;
using host::Transaction;

// The oldest go, as many as are beyond the bound.
constexpr std::string_view kBound =
    "DELETE FROM answer WHERE name IN (SELECT name FROM"
    " (SELECT name,sum(length(body)) OVER (ORDER BY at_ns DESC,name) AS upto FROM answer)"
    " WHERE upto>?)";

}  // namespace

Result<std::optional<KeptAnswer>> KeptSeries::answer(const std::string& name) {
  std::optional<KeptAnswer> found;
  const auto done = each_row(
      database_, "SELECT etag,last_modified,body FROM answer WHERE name=?",
      [&](const Statement& row) { found = KeptAnswer{row.text(0), row.text(1), row.text(2)}; },
      name);
  if (!done) return told<std::optional<KeptAnswer>>(tl::unexpected(done.error()));
  return found;
}

Result<void> KeptSeries::keep_answer(const std::string& name, const KeptAnswer& answer, Utc now) {
  const bool fits = answer.body.size() <= kAnswer;
  auto transaction = Transaction::begin(database_);
  if (!transaction) return told<void>(tl::unexpected(transaction.error()));
  auto done = database_.run("DELETE FROM answer WHERE name=?", name);
  if (done && fits) {
    done = database_.run("INSERT INTO answer VALUES(?,?,?,?,?)", name, answer.etag,
                         answer.last_modified, answer.body, now);
  }
  if (done) done = database_.run(kBound, kAnswers);
  if (!done) return told<void>(std::move(done));
  return told(transaction->commit());
}

}  // namespace lowtide::grid
