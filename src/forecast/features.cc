#include "forecast/features.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace lowtide::forecast {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kWeek = 7;
constexpr std::size_t kMonth = 28;

// Of the known ones among `count` slots, each `apart` before the next; the newest is `back` slots
// before the past's last.
template <typename Of>
double mean_of(const Days& days, std::size_t back, std::size_t count, Of of,
               std::size_t apart = 1) {
  double sum = 0;
  std::size_t known = 0;
  for (std::size_t i = 0; i < count && back + i * apart < days.size(); ++i) {
    const double one = of(days.size() - 1 - back - i * apart);
    if (std::isnan(one)) continue;
    sum += one;
    ++known;
  }
  return 2 * known < count ? kNaN : sum / static_cast<double>(known);
}

double mean_of_hours(const Recent& recent, std::size_t hours) {
  double sum = 0;
  for (std::size_t i = 0; i < hours; ++i) sum += recent.by_hour[i];
  return sum / static_cast<double>(hours);
}

class Row {
 public:
  explicit Row(std::array<double, kColumns>& row) : row_(row) {}
  void put(double value) { row_[next_++] = value; }

 private:
  std::array<double, kColumns>& row_;
  std::size_t next_ = 0;
};

}  // namespace

Waves::Waves(std::size_t per_day) {
  all_.reserve(per_day);
  for (std::size_t slot = 0; slot < per_day; ++slot) {
    const double angle =
        2 * std::numbers::pi * static_cast<double>(slot) / static_cast<double>(per_day);
    all_.push_back({std::sin(angle), std::cos(angle), std::sin(2 * angle), std::cos(2 * angle),
                    std::sin(3 * angle), std::cos(3 * angle)});
  }
}

Recent recent_of(const Days& days) {
  Recent recent{};
  const std::size_t per_hour = days.per_day() / kHoursBack;
  recent.last = days.size() > 0 ? days.deviation(days.size() - 1) : kNaN;
  for (std::size_t hour = 0; hour < kHoursBack; ++hour) {
    recent.by_hour[hour] = mean_of(days, hour * per_hour, per_hour,
                                   [&](std::size_t slot) { return days.deviation(slot); });
  }
  recent.of_6_hours = mean_of_hours(recent, 6);
  recent.of_12_hours = mean_of_hours(recent, 12);
  recent.of_24_hours = mean_of_hours(recent, kHoursBack);
  const auto value = [&](std::size_t slot) { return days.value(slot); };
  recent.level = mean_of(days, 0, kMonth * kHoursBack, value, per_hour);
  recent.today = mean_of(days, 0, days.per_day(), value) - recent.level;
  recent.before = mean_of(days, days.per_day(), days.per_day(), value) - recent.level;
  return recent;
}

bool Features::complete() const {
  return !std::isnan(usual) &&
         std::none_of(row.begin(), row.end(), [](double value) { return std::isnan(value); });
}

Features features_of(const Days& days, const Waves& waves, const Recent& recent, std::size_t slot) {
  const std::size_t day = days.per_day();
  const std::size_t back = days.back_to_known(slot, day);
  Features features{days.mean_of_days(slot, back, kWeek), {}};
  const double usual = features.usual;
  const double newest = days.value(slot, back) - usual;
  Row row(features.row);
  row.put(1);
  row.put(recent.last);
  // Of an hourly series the newest hour is the newest slot.
  row.put(day > kHoursBack ? recent.by_hour[0] : 0);
  for (const std::size_t hour : {1, 2, 3, 5, 8, 11, 17, 23}) row.put(recent.by_hour[hour]);
  row.put(recent.of_6_hours);
  row.put(recent.of_12_hours);
  row.put(recent.of_24_hours);
  row.put(newest);
  row.put(days.value(slot, back + day) - usual);
  row.put(days.value(slot, days.back_to_known(slot, kWeek * day)) - usual);
  row.put(days.mean_of_days(slot, back, kMonth) - usual);
  row.put(usual - recent.level);
  row.put(recent.today);
  row.put(recent.before);
  const std::array<double, 6>& wave = waves.at(days.of_day(slot));
  for (const double each : wave) row.put(each);
  for (std::size_t weekday = 0; weekday + 1 < kWeek; ++weekday) {
    row.put(days.of_week(slot) == weekday ? 1 : 0);
  }
  for (std::size_t i = 0; i < 4; ++i) row.put(recent.last * wave[i]);
  for (std::size_t i = 0; i < 4; ++i) row.put(recent.of_24_hours * wave[i]);
  for (std::size_t i = 0; i < 2; ++i) row.put(newest * wave[i]);
  return features;
}

}  // namespace lowtide::forecast
