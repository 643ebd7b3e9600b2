#include "forecast/bands.h"

#include <algorithm>
#include <cmath>
#include <optional>

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

std::size_t PastErrors::begin(const Past& past) {
  const auto ahead = static_cast<std::size_t>(kFittedAhead / past.step);
  const std::vector<LeadGroup> groups = lead_groups(past.step, ahead);
  per_part_ = past.per_day() / kParts;
  group_.clear();
  for (std::size_t g = 0; g < groups.size(); ++g) group_.resize(groups[g].end, g);
  by_cell_.assign(groups.size() * kParts, {});
  return groups.size();
}

void PastErrors::sort() {
  for (std::vector<double>& errors : by_cell_) std::sort(errors.begin(), errors.end());
}

void PastErrors::collect(const Forecaster& model, const Past& past, std::size_t from) {
  std::vector<std::size_t> leads(begin(past));
  const auto ahead = static_cast<std::size_t>(kFittedAhead / past.step);
  const std::vector<LeadGroup> groups = lead_groups(past.step, ahead);
  const Days whole(past);
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
  sort();
}

void PastErrors::collect(const Past& past, std::span<const Said> said) {
  begin(past);
  const Days whole(past);
  for (const Said& each : said) {
    const std::size_t ahead = std::min(each.values.size(), group_.size());
    for (std::size_t lead = 0; lead < ahead && each.at + lead < past.size(); ++lead) {
      const std::size_t slot = each.at + lead;
      const double error = whole.value(slot) - as_grams_per_kwh(each.values[lead]);
      if (std::isnan(error)) continue;
      by_cell_[group_[lead] * kParts + whole.of_day(slot) / per_part_].push_back(error);
    }
  }
  sort();
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

Forecast with_band(const Past& past, std::vector<Intensity> point, const PastErrors& errors,
                   double level) {
  Forecast out{past.end(), past.step, std::move(point), {}, {}, level, 0};
  const Days days(past);
  std::optional<std::size_t> fewest;  // behind a slot that has a value
  for (std::size_t i = 0; i < out.point.size(); ++i) {
    const std::size_t of_day = days.of_day(past.size() + i);
    const std::size_t count = errors.count(i, of_day);
    const bool enough = count >= kFewestErrors;
    const bool known = enough && is_known(out.point[i]);
    const Quantiles off = known ? errors.between(i, of_day, level) : Quantiles{kUnknown, kUnknown};
    const Intensity low = out.point[i] + off.low;
    out.low.push_back(low < Intensity{} ? Intensity{} : low);
    out.high.push_back(std::max(out.point[i] + off.high, out.low.back()));
    if (!is_known(out.point[i])) continue;
    fewest = std::min(fewest.value_or(count), enough ? count : 0);
  }
  out.errors = fewest.value_or(0);
  return out;
}

Forecast Fitted::predict(const Past& past, std::size_t slots, double level) const {
  return with_band(past, model_->predict(past, slots), errors_, level);
}

}  // namespace lowtide::forecast
