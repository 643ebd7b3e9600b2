#include "app/import_wish.h"

#include "app/paths.h"
#include "app/values.h"
#include "grid/place.h"

namespace lowtide::app {
namespace {

Result<Duration> parse_step(const std::string& text) {
  const auto step = parse_duration(text);
  if (!step) return step;
  if (*step >= std::chrono::seconds(1) && *step <= std::chrono::days(366)) return step;
  return fail(ErrorKind::usage, "a step is a second at least and 366 days at most");
}
Result<Gas> parse_gas(const std::string& text) {
  return one_of<Gas>(text, {{"co2", Gas::co2}, {"co2e", Gas::co2e}});
}
Result<grid::DateOrder> parse_dates(const std::string& text) {
  return one_of<grid::DateOrder>(text, {{"day-first", grid::DateOrder::day_first},
                                        {"month-first", grid::DateOrder::month_first}});
}
Result<ZoneId> parse_zone(const std::string& text) {
  const auto place = grid::find_place(text, data_folder());
  if (place) return place->zone;
  Error error = place.error();
  error.hint += "; a zone of your own: local:NAME";
  return tl::unexpected(std::move(error));
}

// Reads one after the other until one is wrong, which names it.
class Reading {
 public:
  explicit Reading(std::string dashes) : dashes_(std::move(dashes)) {}

  template <typename T, typename Parse>
  void read(const std::string& text, const char* name, std::optional<T>& into, Parse parse) {
    if (text.empty() || error_) return;
    auto value = parse(text);
    if (value) {
      into = std::move(*value);
      return;
    }
    error_ = value.error();
    error_->kind = ErrorKind::usage;
    error_->where = dashes_ + name;
  }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  std::string dashes_;
  std::optional<Error> error_;
};

}  // namespace

Result<grid::ImportWish> import_wish(const ImportTexts& said, const std::string& dashes) {
  grid::ImportWish wish;
  wish.column = said.column;
  wish.times.begin = said.begin;
  std::optional<ZoneId> zone;
  std::optional<Duration> shift;
  Reading reading(dashes);
  reading.read(said.zone, "zone", zone, parse_zone);
  reading.read(said.signal, "signal", wish.signal, parse_signal);
  reading.read(said.scope, "scope", wish.scope, parse_scope);
  reading.read(said.gas, "gas", wish.gas, parse_gas);
  reading.read(said.unit, "unit", wish.unit, grid::parse_unit);
  reading.read(said.shift, "shift", shift, grid::parse_shift);
  reading.read(said.step, "step", wish.times.step, parse_step);
  reading.read(said.tz, "tz", wish.times.offset, grid::parse_offset);
  reading.read(said.dates, "dates", wish.times.dates, parse_dates);
  if (reading.error()) return tl::unexpected(*reading.error());
  wish.zone = zone.value_or("");
  wish.times.shift = shift.value_or(Duration{});
  return wish;
}

}  // namespace lowtide::app
