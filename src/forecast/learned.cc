#include "forecast/learned.h"

#include <algorithm>
#include <cmath>

#include "forecast/days.h"
#include "forecast/features.h"
#include "forecast/leads.h"
#include "forecast/linear.h"

namespace lowtide::forecast {
namespace {

// Days that are learned from, and those before them that the first row looks back on.
constexpr std::size_t kLearned = 365;
constexpr std::size_t kLookBack = 35;
// Of the sum of squares. Chosen on 2021 to 2023.
constexpr double kPenalty = 1e-3;
constexpr std::size_t kFewestRows = 8 * kColumns;
// The days by whose errors the blend is made; the ridge's share where they say nothing.
constexpr std::size_t kJudged = 60;
constexpr std::size_t kFewestJudged = 200;
constexpr double kUsualShare = 0.75;
constexpr std::size_t kLast = 1;  // the newest deviation's column of features.h

// The moments of a past that are learned from, as counts of known slots.
struct Moments {
  std::size_t first;
  std::size_t stride;
  std::size_t count;
  [[nodiscard]] std::size_t at(std::size_t k) const { return first + k * stride; }
};

Moments moments_of(const Past& past, std::size_t days) {
  const std::size_t first = std::min(kLookBack * past.per_day(), past.size());
  const std::size_t length = std::min(days * past.per_day(), past.size() - first);
  const std::size_t stride = stride_of(past.step);
  return {past.size() - length, stride, (length + stride - 1) / stride};
}

std::size_t fitted_slots(Duration step) { return static_cast<std::size_t>(kFittedAhead / step); }

// Which group a lead is of; the last for all behind it.
std::vector<std::size_t> group_by_lead(std::span<const LeadGroup> groups, std::size_t slots) {
  std::vector<std::size_t> out(slots, groups.size() - 1);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (std::size_t i = groups[g].begin; i < std::min(groups[g].end, slots); ++i) out[i] = g;
  }
  return out;
}

// How much of the newest deviation is left.
class Fading {
 public:
  void learn(double last, double deviation) {
    product_ += last * deviation;
    square_ += last * last;
  }
  [[nodiscard]] double at(double last) const { return square_ > 0 ? product_ / square_ * last : 0; }

 private:
  double product_ = 0;
  double square_ = 0;
};

// Of one group of leads: both models, and the share of the ridge in what is said.
struct Coefficients {
  Fading fading;
  Linear ridge{kColumns};
  double share = 0;

  [[nodiscard]] double by_fading(const Features& features) const {
    return fading.at(features.row[kLast]);
  }
  [[nodiscard]] double by_ridge(const Features& features) const {
    return ridge.rows() < kFewestRows ? by_fading(features) : ridge.at(features.row);
  }
};

enum class Model { decay, ridge, blend };

class Learned final : public Forecaster {
 public:
  explicit Learned(Model model) : model_(model) {}

  void fit(const Past& past) override {
    groups_ = lead_groups(past.step, fitted_slots(past.step));
    std::vector<double> shares(groups_.size(), model_ == Model::decay ? 0 : 1);
    if (model_ == Model::blend) {
      const std::size_t judged = std::min(kJudged * past.per_day(), past.size() / 3);
      learn(past.first(past.size() - judged));
      shares = judge(past, judged);
    }
    learn(past);
    for (std::size_t g = 0; g < groups_.size(); ++g) fitted_[g].share = shares[g];
  }

  std::vector<Intensity> predict(const Past& past, std::size_t slots) const override {
    const Days days(past);
    const Recent recent = recent_of(days);
    const std::vector<std::size_t> group = group_by_lead(groups_, slots);
    std::vector<Intensity> out;
    out.reserve(slots);
    for (std::size_t i = 0; i < slots; ++i) {
      Features features = features_of(days, recent, past.size() + i);
      for (double& value : features.row) value = std::isnan(value) ? 0 : value;
      const double value = features.usual + beyond(fitted_[group[i]], features);
      out.push_back(grams_per_kwh(value < 0 ? 0 : value));
    }
    return out;
  }

 private:
  [[nodiscard]] double beyond(const Coefficients& fitted, const Features& features) const {
    if (model_ == Model::decay) return fitted.by_fading(features);
    return fitted.share * fitted.by_ridge(features) +
           (1 - fitted.share) * fitted.by_fading(features);
  }

  // Each complete row of these moments: its group, its features, and the deviation that came.
  template <typename Take>
  void each_row(const Past& past, const Moments& moments, Take take) const {
    const Days whole(past);
    for (std::size_t k = 0; k < moments.count; ++k) {
      const Days days(past.first(moments.at(k)));
      const Recent recent = recent_of(days);
      for (std::size_t g = 0; g < groups_.size(); ++g) {
        const std::size_t slot = days.size() + lead_of(groups_[g], k);
        const double was = whole.value(slot);
        if (std::isnan(was)) continue;
        const Features features = features_of(days, recent, slot);
        if (features.complete()) take(g, features, was - features.usual);
      }
    }
  }

  void learn(const Past& past) {
    fitted_.assign(groups_.size(), {});
    const Past used = past.last((kLearned + kLookBack) * past.per_day());
    each_row(used, moments_of(used, kLearned),
             [&](std::size_t g, const Features& features, double deviation) {
               fitted_[g].fading.learn(features.row[kLast], deviation);
               if (model_ != Model::decay) fitted_[g].ridge.add(features.row, deviation);
             });
    for (Coefficients& each : fitted_) each.ridge.solve(kPenalty);
  }

  // Least squares of what came on the two models, for each group a share within 0 and 1.
  [[nodiscard]] std::vector<double> judge(const Past& past, std::size_t judged) const {
    struct Sums {
      double product = 0;
      double square = 0;
      std::size_t rows = 0;
    };
    std::vector<Sums> sums(groups_.size());
    const Past used = past.last(judged + kLookBack * past.per_day());
    each_row(used, moments_of(used, kJudged),
             [&](std::size_t g, const Features& features, double deviation) {
               const double fading = fitted_[g].by_fading(features);
               const double apart = fitted_[g].by_ridge(features) - fading;
               sums[g].product += apart * (deviation - fading);
               sums[g].square += apart * apart;
               ++sums[g].rows;
             });
    std::vector<double> shares;
    for (const Sums& each : sums) {
      const bool known = each.rows >= kFewestJudged && each.square > 0;
      shares.push_back(known ? std::clamp(each.product / each.square, 0.0, 1.0) : kUsualShare);
    }
    return shares;
  }

  Model model_;
  std::vector<LeadGroup> groups_ = {{0, 1}};
  std::vector<Coefficients> fitted_ = {Coefficients{}};
};

}  // namespace

std::unique_ptr<Forecaster> make_decay() { return std::make_unique<Learned>(Model::decay); }
std::unique_ptr<Forecaster> make_ridge() { return std::make_unique<Learned>(Model::ridge); }
std::unique_ptr<Forecaster> make_blend() { return std::make_unique<Learned>(Model::blend); }

}  // namespace lowtide::forecast
