// A network provider's intensity as it is kept: what a run is priced with. Reads the kept series
// (grid/kept_series.h) and never the network; what is not kept is a gap, until somebody fetches it.
//
// Each piece says its origin: model version, history, estimated or forecast, and when it was
// issued. One model version: the one that covers most of the interval (of two that cover as much
// the newer), the other is a gap and a note; with `mix_models` both. sha256 is of the pieces, as
// series_text() writes them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "grid/kept_series.h"
#include "grid/place.h"
#include "grid/provider.h"

namespace lowtide::grid {

struct KeptWish {
  std::string cache_path;
  Scope scope = Scope::lifecycle;  // where the provider has both
  bool mix_models = false;
  std::optional<Utc> as_of = {};  // as it was known then; absent: now
  std::string place = {};         // place_key(); empty: the zone
};

// `base` carries zone, place and signal; `provider` is a name of client_kinds(). Never an error:
// a cache that is not there yet is all gaps.
[[nodiscard]] std::unique_ptr<Provider> open_kept(std::string_view provider, KeptWish wish,
                                                  IntensityUsed base);

// What tells places apart to a provider: the cloud region where there is one (two of them may share
// a zone and have other neighbours), else the zone.
[[nodiscard]] const std::string& place_key(const Place& place);
// Under which the provider's own zone for a place is noted (KeptSeries::note).
[[nodiscard]] std::string zone_note(std::string_view provider, const std::string& place,
                                    Signal signal);

// Under which it is noted that a provider was asked: "ok", "asking", or what was wrong.
[[nodiscard]] std::string asked_note(std::string_view provider, const ZoneId& zone, Signal signal);

// `begin,end,g_per_kwh` a piece, in UTC to the millisecond and with all digits: what a series is
// hashed as.
[[nodiscard]] std::string series_text(const IntensitySeries& series);

}  // namespace lowtide::grid
