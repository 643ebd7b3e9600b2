#include "grid/electricitymaps.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <utility>

#include "base/names.h"
#include "base/quote.h"
#include "grid/ask.h"

namespace lowtide::grid {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

constexpr std::string_view kPrefix = "electricitymaps:";
constexpr Duration kTrailing = hours(24);  // of `history`
constexpr std::array<int, 4> kHorizons = {6, 24, 48, 72};

struct Grain {
  std::string_view name;
  Duration step;
  Duration longest;  // of one call
};
constexpr std::array<Grain, 3> kGrains = {{
    {"5_minutes", minutes(5), days(1)},
    {"15_minutes", minutes(15), days(2)},
    {"hourly", hours(1), days(10)},
}};

ClientFacts electricitymaps_facts() {
  return {.name = "electricitymaps",
          .title = "Electricity Maps",
          .licence = "data of Electricity Maps (electricitymaps.com), not to be redistributed",
          .signals = {Signal::average},
          .scopes = {Scope::lifecycle, Scope::direct},
          .longest = days(10),
          .step = hours(1),
          .settles = days(7),
          .ahead = hours(kHorizons.back())};
}

bool says(const host::HttpAnswer& answer, std::initializer_list<std::string_view> words) {
  const std::string said = lower(said_by(answer));
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return said.find(word) != std::string::npos; });
}

// A 401 has three meanings here, told apart by its text alone.
bool is_throttled(const host::HttpAnswer& answer) {
  return answer.status == 401 && says(answer, {"throttl", "rate limit", "too many"});
}
bool not_for_this_key(const host::HttpAnswer& answer) {
  return answer.status == 400 || answer.status == 403 ||
         (answer.status == 401 && !is_throttled(answer) && !says(answer, {"auth-token"}));
}

// The rows, wherever this version has them.
Result<const Json*> rows_of(const Json& answer, const Asked& asked) {
  for (const char* key : {"data", "history", "forecast"}) {
    if (const auto rows = array_in(answer, key, asked)) return rows;
  }
  return array_in(answer, "data", asked);
}

// Error malformed unless `part` is of the zone that was asked for.
Result<void> of_zone(const Json& part, const Asked& asked) {
  const std::string zone = text_in(part, "zone");
  if (zone == asked.zone) return {};
  return fail(ErrorKind::malformed,
              zone.empty() ? "answered without a zone" : "answered for " + in_quotes(zone),
              asked.line(), "check the zone's name: lowtide grid zones");
}

Duration step_of(const Json& answer, const Grain& asked_for) {
  const std::string name = text_in(answer, "temporalGranularity");
  const auto* const grain = std::find_if(kGrains.begin(), kGrains.end(),
                                         [&](const Grain& one) { return one.name == name; });
  return grain == kGrains.end() ? asked_for.step : grain->step;
}

// Reads rows of one answer, and gathers what is to be said of them.
class Rows {
 public:
  Rows(const Question& question, IntensityKind kind, const Asked& asked)
      : question_(&question), kind_(kind), asked_(&asked) {}

  Result<void> take(const Json& answer, const Grain& grain) {
    const auto rows = rows_of(answer, *asked_);
    if (!rows) return tl::unexpected(rows.error());
    const bool named = answer.contains("zone");
    if (named) {
      if (auto fits = of_zone(answer, *asked_); !fits) return fits;
    }
    for (const Json& row : **rows) {
      if (auto done = take_row(row, named, step_of(answer, grain)); !done) return done;
    }
    return {};
  }

  Result<std::vector<Batch>> batches(std::optional<Utc> issued) {
    auto points = in_order(std::move(points_), *asked_);
    if (!points) return tl::unexpected(points.error());
    fill_spans(*points, hours(1));
    Batch batch;
    batch.key = {"electricitymaps", question_->zone, Signal::average,
                 question_->scope,  Gas::co2e,       {}};
    batch.issued = issued;
    batch.points = cut(std::move(*points), question_->over);
    batch.notes = std::move(notes);
    if (!methods_.empty()) {
      batch.notes.push_back(fmt::format("Electricity Maps: some values are estimated, by {}",
                                        fmt::join(methods_, ", ")));
    }
    if (batch.points.empty() && batch.notes.empty()) return std::vector<Batch>{};
    return std::vector<Batch>{std::move(batch)};
  }

  std::vector<std::string> notes;

 private:
  Result<void> take_row(const Json& row, bool zone_known, Duration step) {
    if (auto fits = answers_it(row, zone_known); !fits) return fits;
    const auto begin = time_in(row, "datetime", *asked_);
    if (!begin) return tl::unexpected(begin.error());
    const auto value = number_in(row, "carbonIntensity", *asked_);
    if (!value) return tl::unexpected(value.error());
    Point point{{*begin, *begin + step}, std::nullopt, kind_};
    if (*value) point.value = grams_per_kwh(**value);
    if (row.value("isEstimated", Json()) == true) {
      if (auto fine = take_estimate(row); !fine) return fine;
      if (kind_ == IntensityKind::history) point.kind = IntensityKind::estimated;
    }
    points_.push_back(point);
    return {};
  }

  Result<void> answers_it(const Json& row, bool zone_known) {
    if (!zone_known || row.contains("zone")) {
      if (auto fits = of_zone(row, *asked_); !fits) return fits;
    }
    const std::string factors = text_in(row, "emissionFactorType");
    if (factors.empty() || factors == spell(question_->scope)) return {};
    return fail(ErrorKind::malformed, "answered with factors " + in_quotes(factors), asked_->line(),
                "check electricitymaps.url");
  }

  Result<void> take_estimate(const Json& row) {
    const std::string method = text_in(row, "estimationMethod");
    if (method == "SANDBOX_MODE_DATA") {
      return fail(ErrorKind::denied, "gives invented values: the key is one for tests",
                  asked_->line(), "set electricitymaps.token to a key for real values");
    }
    methods_.insert(method.empty() ? "a method that it does not name" : method);
    return {};
  }

  const Question* question_;
  IntensityKind kind_;
  const Asked* asked_;
  std::vector<Point> points_;
  std::set<std::string> methods_;
};

class ElectricityMaps final : public Client {
 public:
  ElectricityMaps(Access access, Network network, const host::Clock& clock)
      : access_(std::move(access)), network_(std::move(network)), clock_(&clock) {}

  [[nodiscard]] const ClientFacts& facts() const override { return facts_; }

  Result<std::string> zone_for(const Place& place, Signal signal) override {
    if (place.zone.starts_with(kPrefix)) return place.zone.substr(kPrefix.size());
    const Asked asked = asked_of(place.zone, std::nullopt);
    if (signal == Signal::marginal) return no_marginal(asked);
    if (const std::size_t colon = place.region.find(':'); colon != std::string::npos) {
      const auto zone = zone_at(fmt::format("dataCenterProvider={}&dataCenterRegion={}",
                                            lower(place.region.substr(0, colon)),
                                            host::url_encode(place.region.substr(colon + 1))),
                                asked);
      // A data centre that it does not know, or a key for one zone: what our table says.
      if (zone || zone.error().kind == ErrorKind::temporary) return zone;
      return place.zone;
    }
    if (place.at) return zone_at(fmt::format("lat={}&lon={}", place.at->lat, place.at->lon), asked);
    if (place.zone.find(':') == std::string::npos && place.zone != "world") return place.zone;
    return fail(ErrorKind::absent, "is no zone of its map", asked.line(),
                "give --location ZONE (lowtide grid zones), LAT,LON or a cloud region");
  }

  Result<std::vector<Batch>> history(const Question& question) override {
    const Asked asked = asked_of(question.zone, question.over);
    if (question.signal == Signal::marginal) return no_marginal(asked);
    Rows rows(question, IntensityKind::history, asked);
    Utc from = std::chrono::floor<hours>(question.over.begin);
    while (from < question.over.end) {
      Interval chunk;
      const auto path = [&](const Grain& grain) {
        chunk = {from, std::min(from + grain.longest, question.over.end)};
        return series_path("past-range", question) +
               fmt::format("&start={}&end={}", stamp(chunk.begin), stamp(chunk.end));
      };
      auto answer = finest(question, path, asked);
      if (answer && not_for_this_key(*answer)) {
        return trailing(question, asked, std::move(*answer));
      }
      const auto json = json_of(std::move(answer), asked);
      if (!json) return tl::unexpected(json.error());
      if (auto taken = rows.take(*json, kGrains[grain_]); !taken) {
        return tl::unexpected(taken.error());
      }
      from = chunk.end;
    }
    say_grain(question, rows);
    return rows.batches(std::nullopt);
  }

  Result<std::vector<Batch>> forecast(const Question& question) override {
    const Asked asked = asked_of(question.zone, question.over);
    if (question.signal == Signal::marginal) return no_marginal(asked);
    const auto ahead = std::chrono::ceil<hours>(question.over.end - clock_->utc()).count();
    const auto* const horizon = std::lower_bound(kHorizons.begin(), kHorizons.end() - 1, ahead);
    const auto path = [&](const Grain& /*grain*/) {
      return series_path("forecast", question) + fmt::format("&horizonHours={}", *horizon);
    };
    const auto json = json_of(finest(question, path, asked), asked);
    if (!json) return tl::unexpected(json.error());
    Rows rows(question, IntensityKind::forecast, asked);
    if (auto taken = rows.take(*json, kGrains[grain_]); !taken) {
      return tl::unexpected(taken.error());
    }
    const auto issued = time_in(*json, "updatedAt", asked);
    return rows.batches(issued ? *issued : clock_->utc());
  }

  Result<std::vector<Batch>> forecasts_issued(const Question& question) override {
    return fail(ErrorKind::absent, "keeps no forecasts of the past",
                asked_of(question.zone, question.over).line(),
                "those that lowtide fetched in their time are kept");
  }

 private:
  using Path = std::function<std::string(const Grain&)>;

  [[nodiscard]] Asked asked_of(std::string zone, std::optional<Interval> over) const {
    return {facts_.name, facts_.title, std::move(zone), over};
  }

  static tl::unexpected<Error> no_marginal(const Asked& asked) {
    return fail(ErrorKind::absent, "has averages only", asked.line(), "ask for --signal average");
  }

  static std::string stamp(Utc t) { return host::url_encode(format_utc(t).substr(0, 19) + "Z"); }

  static std::string series_path(const char* kind, const Question& question) {
    return fmt::format("/carbon-intensity/{}?zone={}&emissionFactorType={}", kind,
                       host::url_encode(question.zone), spell(question.scope));
  }

  [[nodiscard]] host::HttpRequest request(const std::string& path) const {
    host::HttpRequest request;
    // Without it an unknown place is answered with that of our own address.
    const bool old = access_.url.ends_with("/v3");
    request.url = access_.url + path +
                  (old ? "&shouldUseFallbackCallerLookup=false" : "&disableCallerLookup=true");
    request.headers = {{"auth-token", access_.token}, {"Accept", "application/json"}};
    request.secrets = {access_.token};
    return request;
  }

  [[nodiscard]] Result<Json> json_of(Result<host::HttpAnswer> answer, const Asked& asked) const {
    if (answer && is_throttled(*answer)) {
      return fail(ErrorKind::temporary,
                  "answered 401: " + host::without(said_by(*answer), {access_.token}), asked.line(),
                  "it has had too many requests: try again later");
    }
    return as_json(approved(std::move(answer), request(""), asked), asked);
  }

  // Asks at the finest grain that this key may have, coarser ones after; remembers the one that
  // was answered. The last answer, whatever it is.
  Result<host::HttpAnswer> finest(const Question& question, const Path& path, const Asked& asked) {
    const std::size_t before = grain_;
    while (grain_ + 1 < kGrains.size() && kGrains[grain_].step < question.step) ++grain_;
    while (true) {
      const Grain& grain = kGrains[grain_];
      auto answer =
          reach(network_,
                request(fmt::format("{}&temporalGranularity={}", path(grain), grain.name)), asked);
      if (!answer || !not_for_this_key(*answer)) return answer;
      if (grain_ + 1 == kGrains.size()) {
        grain_ = before;  // it was not the grain
        return answer;
      }
      ++grain_;
    }
  }

  // A plan without past-range has the last 24 hours.
  Result<std::vector<Batch>> trailing(const Question& question, const Asked& asked,
                                      host::HttpAnswer refused) {
    const bool within = question.over.end > clock_->utc() - kTrailing;
    if (refused.status == 400 || !within) {
      auto error = json_of(std::move(refused), asked).error();
      if (error.kind == ErrorKind::denied) error.hint += ": past-range (the last 24 h need none)";
      return tl::unexpected(std::move(error));
    }
    const auto path = [&](const Grain& /*grain*/) { return series_path("history", question); };
    const auto json = json_of(finest(question, path, asked), asked);
    if (!json) return tl::unexpected(json.error());
    Rows rows(question, IntensityKind::history, asked);
    if (auto taken = rows.take(*json, kGrains[grain_]); !taken) {
      return tl::unexpected(taken.error());
    }
    rows.notes.emplace_back(
        "Electricity Maps: this key has no past-range, so the last 24 h at most");
    say_grain(question, rows);
    return rows.batches(std::nullopt);
  }

  void say_grain(const Question& question, Rows& rows) const {
    const Grain& grain = kGrains[grain_];
    if (grain.step <= std::max(question.step, kGrains[0].step)) return;
    rows.notes.push_back(
        fmt::format("Electricity Maps: {} is the finest that this key may have", grain.name));
  }

  Result<std::string> zone_at(const std::string& query, const Asked& asked) {
    const auto answer =
        json_of(reach(network_, request("/carbon-intensity/latest?" + query), asked), asked);
    if (!answer) {
      Error error = answer.error();
      if (error.kind == ErrorKind::malformed) error.kind = ErrorKind::absent;  // no zone there
      return tl::unexpected(std::move(error));
    }
    if (std::string zone = text_in(*answer, "zone"); !zone.empty()) return zone;
    return fail(ErrorKind::malformed, "answered without a zone", asked.line(),
                "name it: --location ZONE (lowtide grid zones)");
  }

  ClientFacts facts_ = electricitymaps_facts();
  Access access_;
  Network network_;
  const host::Clock* clock_;
  std::size_t grain_ = 0;  // of kGrains
};

}  // namespace

std::unique_ptr<Client> make_electricitymaps(const Access& access, const Network& network,
                                             const host::Clock& clock) {
  return std::make_unique<ElectricityMaps>(access, network, clock);
}

std::unique_ptr<Client> open_electricitymaps(const Access& access, const Network& network,
                                             const std::string& /*data_dir*/) {
  static const host::SystemClock clock;
  return make_electricitymaps(access, network, clock);
}

}  // namespace lowtide::grid
