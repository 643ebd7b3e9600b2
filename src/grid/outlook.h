// The intensity of a plan's window: what the source knows, and lowtide's own forecast where it has
// nothing of its own to say of the hours to come, or only a typical year.
//
// In order, piece by piece: what is known or stated, the provider's own forecast, lowtide's own
// (forecast/, `blend`, up to kOwnAhead beyond the newest known value), and what else the source
// has. lowtide forecasts where it knows enough to judge itself by (kLeastPast), and nothing that
// lies before what is known. docs/adr/0022 says why.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "forecast/forecaster.h"
#include "grid/past.h"
#include "grid/provider.h"
#include "grid/sources.h"

namespace lowtide::grid {

inline constexpr Duration kOwnAhead = std::chrono::days(7);
inline constexpr Duration kLeastPast = std::chrono::days(90);
// What the longest look back of a model with its errors takes.
inline constexpr Duration kLookBack = std::chrono::days(560);
// What is known to be older than this says nothing of today.
inline constexpr Duration kOldestPast = std::chrono::days(7);
// What is known of so much beyond now is the user's word for what comes, and not continued.
inline constexpr Duration kOwnWord = std::chrono::hours(2);

class Outlook final : public Provider {
 public:
  // `source` was opened by `request`; `at`: when it is planned.
  Outlook(SourceRequest request, std::unique_ptr<Provider> source, Utc at)
      : request_(std::move(request)), source_(std::move(source)), at_(at) {}

  [[nodiscard]] const IntensityUsed& describe() const override { return source_->describe(); }
  [[nodiscard]] Result<IntensityUsed> fetch(Interval over) override;
  [[nodiscard]] std::vector<std::string> notes() const override { return source_->notes(); }

  // What came less what would have been said of earlier windows at the same time of day, the newest
  // first, by kSlot slots of `window`, which is whole slots: zero where a slot is known, NaN where
  // it was not, then or now, or where a typical year stands in. A provider is taken by what it had
  // said by then. Empty: nothing of the window is a forecast, or too little of the past is known.
  // `used`: a series of fetch() that covers it, on which the plan rests.
  [[nodiscard]] std::vector<std::vector<Intensity>> past_errors(const IntensityUsed& used,
                                                                Interval window);

  // Where a slot of a window is from.
  enum class From { known, own, provider, other };

  // From when to when was learned what lowtide's own forecast says; absent: there is none.
  [[nodiscard]] std::optional<Interval> learned_from();

 private:
  [[nodiscard]] const std::optional<KnownPast>& past();
  [[nodiscard]] const std::optional<IntensityUsed>& own();
  [[nodiscard]] bool may_forecast();
  [[nodiscard]] Result<IntensityUsed> with_own(const IntensityUsed& used, Interval over) const;
  void add_provider(const std::vector<From>& from, Interval window, Duration back,
                    std::vector<Intensity>& errors) const;
  [[nodiscard]] std::vector<Intensity> error_of_known(const std::vector<From>& from,
                                                      Interval window, std::int64_t days);

  SourceRequest request_;
  std::unique_ptr<Provider> source_;
  Utc at_;
  bool past_read_ = false;
  bool own_made_ = false;
  bool goes_on_ = false;  // more is known than has been
  IntensityUsed past_used_;
  std::optional<KnownPast> past_;
  std::optional<IntensityUsed> own_;
};

}  // namespace lowtide::grid
