#include "forecast/baselines.h"

#include <cmath>

#include "forecast/days.h"

namespace lowtide::forecast {
namespace {

constexpr std::size_t kWeek = 7;

// A rule for one slot to come.
using Rule = double (*)(const Days& days, std::size_t slot);

class Baseline final : public Forecaster {
 public:
  explicit Baseline(Rule rule) : rule_(rule) {}
  void fit(const Past& /*past*/) override {}
  std::vector<Intensity> say(const Past& past, std::span<const std::size_t> leads) const override {
    const Days days(past);
    std::vector<Intensity> out;
    out.reserve(leads.size());
    for (const std::size_t lead : leads) {
      out.push_back(grams_per_kwh(rule_(days, past.size() + lead)));
    }
    return out;
  }

 private:
  Rule rule_;
};

// The newest known one of the last day.
double last_value(const Days& days, std::size_t /*slot*/) {
  for (std::size_t back = 1; back <= days.per_day(); ++back) {
    const double value = days.value(days.size(), back);
    if (!std::isnan(value)) return value;
  }
  return days.value(days.size());
}

// The newest known one of the same time, `period` slots apart.
double same_time(const Days& days, std::size_t slot, std::size_t period, std::size_t tries) {
  std::size_t back = days.back_to_known(slot, period);
  double value = days.value(slot, back);
  for (std::size_t i = 1; i < tries && std::isnan(value); ++i) {
    back += period;
    value = days.value(slot, back);
  }
  return value;
}

double yesterday(const Days& days, std::size_t slot) {
  return same_time(days, slot, days.per_day(), kWeek);
}

double last_week(const Days& days, std::size_t slot) {
  return same_time(days, slot, kWeek * days.per_day(), 3);
}

double mean_of_7_days(const Days& days, std::size_t slot) {
  return days.mean_of_days(slot, days.back_to_known(slot, days.per_day()), kWeek);
}

}  // namespace

std::unique_ptr<Forecaster> make_persistence() { return std::make_unique<Baseline>(last_value); }
std::unique_ptr<Forecaster> make_yesterday() { return std::make_unique<Baseline>(yesterday); }
std::unique_ptr<Forecaster> make_last_week() { return std::make_unique<Baseline>(last_week); }
std::unique_ptr<Forecaster> make_mean_of_7_days() {
  return std::make_unique<Baseline>(mean_of_7_days);
}

}  // namespace lowtide::forecast
