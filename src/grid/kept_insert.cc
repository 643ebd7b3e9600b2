#include "grid/kept_insert.h"

#include <fmt/format.h>

#include <cstddef>
#include <string>

namespace lowtide::grid {
namespace {

constexpr std::size_t kAtOnce = 64;

// Of kAtOnce values: ?1 is the series, ?2 when they were learnt, then four of each.
std::string insert_of_many() {
  std::string sql = "INSERT OR IGNORE INTO value VALUES";
  for (std::size_t row = 0; row < kAtOnce; ++row) {
    const std::size_t first = 3 + 4 * row;
    fmt::format_to(std::back_inserter(sql), "{}(?1,?{},?{},?{},?2,?{})", row == 0 ? "" : ",", first,
                   first + 1, first + 2, first + 3);
  }
  return sql;
}

}  // namespace

Result<void> NewValues::add(const NewValue& value) {
  waiting_.push_back(value);
  return waiting_.size() < kAtOnce ? Result<void>{} : put_many();
}

Result<void> NewValues::put_many() {
  static const std::string sql = insert_of_many();
  auto statement = database_.kept(sql);
  if (!statement) return tl::unexpected(statement.error());
  (*statement)->bind(series_, known_ms_);
  int index = 2;
  for (const NewValue& each : waiting_) {
    (*statement)->bind_at(++index, each.begin_s);
    (*statement)->bind_at(++index, each.length_s);
    (*statement)->bind_at(++index, each.kind);
    (*statement)->bind_at(++index, each.g_per_kwh);
  }
  waiting_.clear();
  return (*statement)->run();
}

Result<void> NewValues::finish() {
  for (const NewValue& each : waiting_) {
    auto done = database_.run(kInsertValue, series_, each.begin_s, each.length_s, each.kind,
                              known_ms_, each.g_per_kwh);
    if (!done) return done;
  }
  waiting_.clear();
  return {};
}

}  // namespace lowtide::grid
