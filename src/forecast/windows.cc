#include "forecast/windows.h"

#include <algorithm>
#include <numeric>

namespace lowtide::forecast {
namespace {

std::vector<double> errors_of(const Forecaster& model, const Past& past, std::size_t known,
                              std::span<const std::size_t> leads) {
  const std::vector<Intensity> said = model.say(past.first(known), leads);
  std::vector<double> off;
  off.reserve(leads.size());
  for (std::size_t i = 0; i < leads.size(); ++i) {
    off.push_back(as_grams_per_kwh(past.values[known + leads[i]] - said[i]));
  }
  return off;
}

}  // namespace

std::vector<std::int64_t> days_back(const Past& past, const WindowAsk& ask) {
  std::vector<std::int64_t> days;
  if (past.values.empty() || ask.slots == 0) return days;
  const std::size_t day = past.per_day();
  for (std::size_t k = (ask.late + ask.slots + day - 1) / day; days.size() < kMostWindows; ++k) {
    if (k * day > past.size()) break;
    days.push_back(static_cast<std::int64_t>(k));
  }
  return days;
}

std::vector<WindowError> window_errors(const ForecasterKind& kind, const Past& past,
                                       const WindowAsk& ask) {
  std::vector<WindowError> errors;
  for (const std::int64_t days : days_back(past, ask)) {
    if (static_cast<std::size_t>(days) * past.per_day() > past.size() / 2) break;
    errors.push_back({days, {}});
  }
  if (errors.empty()) return errors;
  const auto known_before = [&](const WindowError& error) {
    return past.size() - static_cast<std::size_t>(error.days_back) * past.per_day();
  };
  const auto model = kind.make();
  model->fit(past.first(known_before(errors.back())));
  std::vector<std::size_t> leads(ask.slots);
  std::iota(leads.begin(), leads.end(), ask.late);
  for (WindowError& error : errors) {
    error.off = errors_of(*model, past, known_before(error), leads);
  }
  return errors;
}

}  // namespace lowtide::forecast
