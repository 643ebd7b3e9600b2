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

// How much of the newest deviation is left.
class Fading {
 public:
  void add(double last, double deviation) {
    product_ += last * deviation;
    square_ += last * last;
  }
  void solve() { left_ = square_ > 0 ? product_ / square_ : 0; }
  [[nodiscard]] double at(double last) const { return left_ * last; }

 private:
  double product_ = 0;
  double square_ = 0;
  double left_ = 0;
};

// Of one group of leads: both models, and the share of the ridge in what is said.
struct Coefficients {
  Fading fading;
  Linear ridge{kColumns};
  double share = 0;

  void solve() {
    fading.solve();
    ridge.solve(kPenalty);
  }
  [[nodiscard]] double by_fading(const Features& features) const {
    return fading.at(features.row[kLast]);
  }
  [[nodiscard]] double by_ridge(const Features& features) const {
    return ridge.rows() < kFewestRows ? by_fading(features) : ridge.at(features.row);
  }
};

// Of one group of leads: what came against the two models, for the share.
struct Judged {
  double product = 0;
  double square = 0;
  std::size_t rows = 0;

  void add(const Coefficients& coefficients, const Features& features, double deviation) {
    const double fading = coefficients.by_fading(features);
    const double apart = coefficients.by_ridge(features) - fading;
    product += apart * (deviation - fading);
    square += apart * apart;
    ++rows;
  }
  // Least squares, within 0 and 1.
  [[nodiscard]] double share() const {
    if (rows < kFewestJudged || square <= 0) return kUsualShare;
    return std::clamp(product / square, 0.0, 1.0);
  }
};

// A moment, a slot after it that is known by now, and what could be known of it then.
struct Row {
  std::size_t group;
  std::size_t moment;
  std::size_t slot;
  Features features;
  double deviation;  // from the usual
};

enum class Model { decay, ridge, blend };

class Learned final : public Forecaster {
 public:
  explicit Learned(Model model) : model_(model) {}

  // The blend learns up to the days that it is judged by, is judged, and learns these too.
  void fit(const Past& past) override {
    groups_ = lead_groups(past.step, fitted_slots(past.step));
    coefficients_.assign(groups_.size(), {});
    const Past used = past.last((kLearned + kLookBack) * past.per_day());
    const Moments moments = moments_of(used, kLearned);
    const std::size_t judged = std::min(kJudged * used.per_day(), used.size() / 3);
    const std::size_t cut = used.size() - (model_ == Model::blend ? judged : 0);
    each_row(used, moments, 0, [&](const Row& row) {
      if (row.slot < cut) learn(row);
    });
    solve();
    for (Coefficients& each : coefficients_) each.share = 1;
    if (model_ == Model::blend) judge(used, moments, cut);
  }

  std::vector<Intensity> say(const Past& past, std::span<const std::size_t> leads) const override {
    const Days days(past);
    const Waves waves(past.per_day());
    const Recent recent = recent_of(days);
    std::vector<Intensity> out;
    out.reserve(leads.size());
    for (const std::size_t lead : leads) {
      Features features = features_of(days, waves, recent, past.size() + lead);
      for (double& value : features.row) value = std::isnan(value) ? 0 : value;
      const double value = features.usual + beyond(coefficients_[group_of(lead)], features);
      out.push_back(grams_per_kwh(value < 0 ? 0 : value));
    }
    return out;
  }

 private:
  // The last for all behind it.
  [[nodiscard]] std::size_t group_of(std::size_t lead) const {
    const auto group = std::partition_point(
        groups_.begin(), groups_.end(), [&](const LeadGroup& each) { return each.end <= lead; });
    return std::min(static_cast<std::size_t>(group - groups_.begin()), groups_.size() - 1);
  }

  [[nodiscard]] double beyond(const Coefficients& fitted, const Features& features) const {
    if (model_ == Model::decay) return fitted.by_fading(features);
    return fitted.share * fitted.by_ridge(features) +
           (1 - fitted.share) * fitted.by_fading(features);
  }

  // Each complete row of the moments from the k-th on.
  template <typename Take>
  void each_row(const Past& past, const Moments& moments, std::size_t k, Take take) const {
    const Days whole(past);
    const Waves waves(past.per_day());
    for (; k < moments.count; ++k) {
      const Days days(past.first(moments.at(k)));
      const Recent recent = recent_of(days);
      for (std::size_t g = 0; g < groups_.size(); ++g) {
        const std::size_t slot = days.size() + lead_of(groups_[g], k);
        const double was = whole.value(slot);
        if (std::isnan(was)) continue;
        const Features features = features_of(days, waves, recent, slot);
        if (features.complete()) take({g, days.size(), slot, features, was - features.usual});
      }
    }
  }

  void learn(const Row& row) {
    Coefficients& each = coefficients_[row.group];
    each.fading.add(row.features.row[kLast], row.deviation);
    if (model_ != Model::decay) each.ridge.add(row.features.row, row.deviation);
  }

  void solve() {
    for (Coefficients& each : coefficients_) each.solve();
  }

  void judge(const Past& past, const Moments& moments, std::size_t cut) {
    std::vector<Judged> judged(groups_.size());
    std::size_t first = 0;
    while (first < moments.count && moments.at(first) + fitted_slots(past.step) < cut) ++first;
    each_row(past, moments, first, [&](const Row& row) {
      if (row.slot < cut) return;
      if (row.moment >= cut) {
        judged[row.group].add(coefficients_[row.group], row.features, row.deviation);
      }
      learn(row);
    });
    solve();
    for (std::size_t g = 0; g < groups_.size(); ++g) coefficients_[g].share = judged[g].share();
  }

  Model model_;
  std::vector<LeadGroup> groups_ = {{0, 1}};
  std::vector<Coefficients> coefficients_ = {Coefficients{}};
};

}  // namespace

std::unique_ptr<Forecaster> make_decay() { return std::make_unique<Learned>(Model::decay); }
std::unique_ptr<Forecaster> make_ridge() { return std::make_unique<Learned>(Model::ridge); }
std::unique_ptr<Forecaster> make_blend() { return std::make_unique<Learned>(Model::blend); }

}  // namespace lowtide::forecast
