#include "forecast/bands.h"

#include <algorithm>
#include <cmath>

#include "forecast/days.h"

namespace lowtide::forecast {
namespace {

constexpr std::size_t kParts = 8;  // of a day, of 3 hours each

// The k-th of n sorted errors below which the next one is with probability k / (n + 1).
double ranked(const std::vector<double>& sorted, double share, bool up) {
  const double place = share * static_cast<double>(sorted.size() + 1);
  const double rank = up ? std::ceil(place) : std::floor(place);
  const auto last = static_cast<double>(sorted.size());
  return sorted[static_cast<std::size_t>(std::clamp(rank, 1.0, last)) - 1];
}

}  // namespace

void PastErrors::collect(const Forecaster& model, const Past& past, std::size_t from) {
  const auto ahead = static_cast<std::size_t>(kFittedAhead / past.step);
  const std::vector<LeadGroup> groups = lead_groups(past.step, ahead);
  per_part_ = past.per_day() / kParts;
  group_.clear();
  for (std::size_t g = 0; g < groups.size(); ++g) group_.resize(groups[g].end, g);
  by_cell_.assign(groups.size() * kParts, {});
  const Days whole(past);
  std::vector<std::size_t> leads(groups.size());
  std::size_t k = 0;
  for (std::size_t at = from; at < past.size(); at += stride_of(past.step), ++k) {
    for (std::size_t g = 0; g < groups.size(); ++g) leads[g] = lead_of(groups[g], k);
    const std::vector<Intensity> said = model.say(past.first(at), leads);
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const double error = whole.value(at + leads[g]) - as_grams_per_kwh(said[g]);
      if (std::isnan(error)) continue;
      by_cell_[g * kParts + whole.of_day(at + leads[g]) / per_part_].push_back(error);
    }
  }
  for (std::vector<double>& errors : by_cell_) std::sort(errors.begin(), errors.end());
}

const std::vector<double>& PastErrors::cell(std::size_t lead, std::size_t of_day) const {
  const std::size_t group = group_[std::min(lead, group_.size() - 1)];
  return by_cell_[group * kParts + of_day / per_part_];
}

std::size_t PastErrors::count(std::size_t lead, std::size_t of_day) const {
  return group_.empty() ? 0 : cell(lead, of_day).size();
}

Quantiles PastErrors::between(std::size_t lead, std::size_t of_day, double level) const {
  const std::vector<double>& errors = cell(lead, of_day);
  return {grams_per_kwh(ranked(errors, (1 - level) / 2, false)),
          grams_per_kwh(ranked(errors, (1 + level) / 2, true))};
}

Fitted::Fitted(const ForecasterKind& kind, const Past& past) : model_(kind.make()) {
  const std::size_t judged = std::min(kJudgedDays * past.per_day(), past.size() / 2);
  const std::unique_ptr<Forecaster> before = kind.make();
  before->fit(past.first(past.size() - judged));
  errors_.collect(*before, past, past.size() - judged);
  model_->fit(past);
}

Forecast Fitted::predict(const Past& past, std::size_t slots, double level) const {
  Forecast out{past.end(), past.step, model_->predict(past, slots), {}, {}, level, past.size()};
  const Days days(past);
  for (std::size_t i = 0; i < slots; ++i) {
    const std::size_t of_day = days.of_day(past.size() + i);
    const std::size_t count = errors_.count(i, of_day);
    const bool known = count >= kFewestErrors && is_known(out.point[i]);
    const Quantiles off = known ? errors_.between(i, of_day, level) : Quantiles{kUnknown, kUnknown};
    const Intensity low = out.point[i] + off.low;
    out.low.push_back(low < Intensity{} ? Intensity{} : low);
    out.high.push_back(std::max(out.point[i] + off.high, out.low.back()));
    out.errors = std::min(out.errors, known ? count : 0);
  }
  return out;
}

}  // namespace lowtide::forecast
