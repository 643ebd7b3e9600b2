// What the intensity of a zone was, for who forecasts: opened by the same settings as a run, cut
// into slots, without what is no past (typical years, annual means, forecasts).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/cli.h"
#include "app/setting_options.h"
#include "app/settings.h"
#include "base/result.h"
#include "forecast/bands.h"
#include "forecast/history.h"
#include "grid/past.h"
#include "grid/place.h"
#include "grid/sources.h"

namespace lowtide::app {

struct PastFlags {
  std::string zone;
  SettingFlags settings;
};
// ZONE, --intensity and --signal.
void add_past_options(CLI::App& command, PastFlags& flags);

struct ZoneSource {
  grid::Place place;
  Signal signal = Signal::average;
  std::unique_ptr<grid::Provider> provider;
  grid::SourceRequest request;  // by which it was opened
};
// Errors: usage (no such zone or source), those of grid::open_source().
[[nodiscard]] Result<ZoneSource> open_zone(const PastFlags& flags);

struct GridPast {
  IntensityUsed used;         // without its series
  forecast::History history;  // up to its newest known slot
  double coverage = 0;        // of the history's slots
};
// What is known of `over`. Error absent: nothing; says what to do.
[[nodiscard]] Result<GridPast> past_of(ZoneSource& source, Interval over);

// What the source's provider said, by the begin of `over` at the latest, of the time from then on;
// `as_of`: by what was known then.
[[nodiscard]] std::optional<grid::ProvidersForecast> providers_forecast(const ZoneSource& source,
                                                                        Interval over, bool as_of);

// How wrong the provider that said `of` was, with what it had issued by each half hour of the last
// 30 days, against what is known now. Nothing kept: no errors.
[[nodiscard]] forecast::PastErrors providers_errors(ZoneSource& source,
                                                    const grid::ProvidersForecast& of,
                                                    Interval over);

// The time that this flag says, else now. Error usage.
[[nodiscard]] Result<Utc> moment_of(const std::string& text, const char* flag);

}  // namespace lowtide::app
