// A provider of carbon intensity on the network, as a client that speaks its protocol.
//
//   app -> Client (one file pair a provider) -> KeptSeries (cache.db) -> Provider (a run's series)
//
// A client turns a question for one zone and signal into requests and what comes back into points
// of UTC in g/kWh; it keeps nothing, prices nothing and never guesses: what a provider leaves out
// is absent. What it was told of each point (estimated, forecast, model, when issued) goes with it.
// The time of a point is the start of its interval, whatever the provider writes. One thread an
// object. docs/adr/0017-the-grid-live.md; docs/providers/ has a page for each.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/units.h"
#include "base/words.h"
#include "grid/place.h"
#include "host/http.h"
#include "host/retry.h"

namespace lowtide::grid {

// kind: history, estimated or forecast.
struct Point {
  Interval span;
  std::optional<Intensity> value;  // absent: the provider has a row and no value
  IntensityKind kind = IntensityKind::history;
  bool operator==(const Point&) const = default;
};

// Whose series it is. Two that differ in any of these are never joined in silence.
struct SeriesKey {
  std::string provider;  // "watttime"
  std::string zone;      // the provider's own name: "CAISO_NORTH"
  Signal signal = Signal::average;
  std::optional<Scope> scope;  // absent: the provider does not say
  Gas gas = Gas::co2e;
  std::string model;  // version, method, factors: "2025-06-01"; empty: it has none
  auto operator<=>(const SeriesKey&) const = default;
};

// Points of one series, in order, none twice. A forecast has the time at which it was issued.
struct Batch {
  SeriesKey key;
  std::optional<Utc> issued;
  std::vector<Point> points;
  std::vector<std::string> notes;  // what a user should hear: warnings of the provider, ..
};

struct Question {
  std::string zone;  // of zone_for()
  Signal signal = Signal::average;
  Scope scope = Scope::lifecycle;  // where the provider offers both
  Interval over;
  std::string model;  // empty: the newest
  Duration step{};    // wished for; zero: the finest there is
};

struct ClientFacts {
  std::string name;     // of the setting: "watttime"
  std::string title;    // "WattTime"
  std::string licence;  // attribution that must go with the figures; empty when none
  std::vector<Signal> signals;
  std::vector<Scope> scopes;  // that it can be asked for; empty: does not say
  Duration longest{};         // span of one call of history()
  Duration step{};            // usual
  Duration settles{};         // after so long a value is not revised any more, usually
  Duration ahead{};           // of a forecast; zero: it has none
};

class Client {
 public:
  virtual ~Client() = default;

  [[nodiscard]] virtual const ClientFacts& facts() const = 0;

  // The provider's own zone of a place; may ask the network. Errors: absent (it does not cover the
  // place, with what it covers near), and those of history().
  [[nodiscard]] virtual Result<std::string> zone_for(const Place& place, Signal signal) = 0;

  // What is known over `over`, of at most facts().longest, cut to it; several batches where the
  // model changes within. Empty: it answered and has nothing. Errors, one line each that names
  // provider, zone, span and the next step: denied (key, plan), absent (no such zone or signal;
  // libcurl), temporary (network, 5xx, too many requests), malformed (an answer that is none).
  [[nodiscard]] virtual Result<std::vector<Batch>> history(const Question& question) = 0;

  // The newest forecast, cut to `over`. Error absent where the provider has none.
  [[nodiscard]] virtual Result<std::vector<Batch>> forecast(const Question& question) = 0;

  // The forecasts that were issued within `over`, each a batch. Error absent where it keeps none.
  [[nodiscard]] virtual Result<std::vector<Batch>> forecasts_issued(const Question& question) = 0;
};

// How to reach a provider: its settings, as `app` found them.
struct Access {
  std::string url;  // empty: the provider's own
  std::string username;
  std::string password;
  std::string token;
};

// What a client works with. `http` and `wait` outlive it.
struct Network {
  host::Http* http = nullptr;
  host::RetryRule retry{};
  host::Wait wait;
};

// One visible line a provider: clients.cc.
struct ClientKind {
  const char* name;   // "watttime"
  const char* title;  // "WattTime"
  const char* url;    // its own
  const char* needs;  // settings without which it answers nothing: "username password"; "" none
  std::unique_ptr<Client> (*open)(const Access&, const Network&, const std::string& data_dir);
  bool average = true;
  bool marginal = false;
};
[[nodiscard]] std::span<const ClientKind> client_kinds();
[[nodiscard]] const ClientKind* find_client(std::string_view name);  // null: there is none
// Errors: usage (no such provider, with the nearest), denied (a setting is missing, with its name).
[[nodiscard]] Result<std::unique_ptr<Client>> open_client(std::string_view name,
                                                          const Access& access,
                                                          const Network& network,
                                                          const std::string& data_dir);

}  // namespace lowtide::grid
