#include "study/study.h"

#include <algorithm>
#include <cmath>

namespace lowtide::study {

bool StudyJob::flat() const {
  return std::adjacent_find(work.begin(), work.end(), std::not_equal_to<>()) == work.end();
}

Energy StudyJob::energy() const {
  Energy sum;
  for (const Energy each : work) sum += each;
  return sum;
}

std::size_t StudyWindow::slots(std::size_t work, Duration slot) const {
  // A share such as 0.1 is not that of a decimal fraction: 30 % of 10 slots are 3.
  constexpr double kRounding = 1e-9;
  const double slots = slack ? static_cast<double>(*slack / slot)
                             : of_work.value_or(0) * static_cast<double>(work) + kRounding;
  return std::max<std::size_t>(1, static_cast<std::size_t>(slots));
}

bool StartRule::holds(Utc start) const {
  using std::chrono::days;
  const Utc local = start + offset;
  const auto day = std::chrono::floor<days>(local);
  const Duration of_day = local - day;
  const std::chrono::year_month_day date{day};
  const auto has = [](const std::vector<int>& list, int one) {
    return std::find(list.begin(), list.end(), one) != list.end();
  };
  const int of_month = static_cast<int>(static_cast<unsigned>(date.day()));
  if (!days_of_month.empty() && !has(days_of_month, of_month)) return false;
  if (every > Duration{}) return of_day % every == Duration{};
  return of_day % std::chrono::hours(1) == Duration{} &&
         has(hours, static_cast<int>(of_day / std::chrono::hours(1)));
}

}  // namespace lowtide::study
