#include "grid/watttime.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/quote.h"
#include "grid/ask.h"
#include "grid/table.h"

namespace lowtide::grid {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr double kGramsPerKwhOfPoundsPerMwh = 0.45359237;  // the international pound, exactly
constexpr Duration kTokenFor = minutes(25);                // of the 30 that it lives
constexpr std::int64_t kHorizonMost = 72;                  // hours
constexpr std::string_view kPrefix = "watttime:";

ClientFacts watttime_facts() {
  return {.name = "watttime",
          .title = "WattTime",
          .licence = {},
          .signals = {Signal::marginal, Signal::average},
          .scopes = {Scope::direct},
          .longest = days(30),  // 32 are allowed; both ends of a call are inclusive
          .step = minutes(5),
          .settles = days(7),
          .ahead = hours(kHorizonMost)};
}

const char* type_of(Signal signal) { return signal == Signal::marginal ? "co2_moer" : "co2_aoer"; }

// As WattTime wants it: with an offset.
std::string stamp(Utc t) { return format_utc(t).substr(0, 19) + "Z"; }

// The one region that all cloud regions of this zone are in; empty when they are in several.
std::string region_of_zone(const ZoneId& zone, const std::string& data_dir) {
  const auto table = Table::read(data_dir + "/regions.csv", {"zone", "watttime_region"});
  std::set<std::string> regions;
  for (std::size_t row = 0; table && row < table->size(); ++row) {
    if (table->cell(row, 0) == zone) regions.insert(table->cell(row, 1));
  }
  return regions.size() == 1 ? *regions.begin() : "";
}

// The model's version, in each of the forms that are seen.
std::string model_of(const Json& meta) {
  const auto model = meta.find("model");
  if (model == meta.end()) return {};
  if (model->is_string()) return model->get<std::string>();
  const std::string date = text_in(*model, "date");
  return date.empty() ? text_in(*model, "model") : date;
}

std::vector<std::string> warnings_of(const Json& meta) {
  std::vector<std::string> notes;
  const auto warnings = meta.find("warnings");
  if (warnings == meta.end() || !warnings->is_array()) return notes;
  for (const Json& warning : *warnings) {
    const std::string text =
        warning.is_string() ? warning.get<std::string>() : text_in(warning, "message");
    if (!text.empty()) notes.push_back("WattTime: " + text);
  }
  return notes;
}

// Error malformed when an answer says that it is one to another question.
Result<void> answers_it(const Json& meta, const Question& question, const Asked& asked) {
  const std::pair<const char*, std::string> wanted[] = {
      {"region", question.zone},
      {"signal_type", type_of(question.signal)},
      {"units", "lbs_co2_per_mwh"},
  };
  for (const auto& [key, value] : wanted) {
    const std::string got = text_in(meta, key);
    if (got.empty() || got == value) continue;
    return fail(ErrorKind::malformed, fmt::format("answered with the {} {}", key, in_quotes(got)),
                asked.line(), "check watttime.url");
  }
  return {};
}

// Everything of an answer but its points.
Result<Batch> heading(const Json& answer, const Question& question, const Asked& asked) {
  const auto found = answer.is_object() ? answer.find("meta") : answer.end();
  const Json meta = found == answer.end() || !found->is_object() ? Json::object() : *found;
  if (auto fits = answers_it(meta, question, asked); !fits) return tl::unexpected(fits.error());
  Batch batch;
  batch.key = {"watttime", question.zone, question.signal, Scope::direct, Gas::co2, model_of(meta)};
  batch.notes = warnings_of(meta);
  if (!text_in(meta, "generated_at").empty()) {
    const auto issued = time_in(meta, "generated_at", asked);
    if (!issued) return tl::unexpected(issued.error());
    batch.issued = *issued;
  }
  return batch;
}

Result<Duration> period_of(const Json& answer, const Asked& asked) {
  if (!answer.contains("meta")) return Duration::zero();
  const auto period = number_in(answer.at("meta"), "data_point_period_seconds", asked);
  if (!period) return tl::unexpected(period.error());
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(std::clamp(period->value_or(0), 0.0, 86400.0)));
}

Result<std::vector<Point>> points_of(const Json& rows, Duration period, IntensityKind kind,
                                     const Asked& asked) {
  std::vector<Point> points;
  points.reserve(rows.size());
  for (const Json& row : rows) {
    const auto begin = time_in(row, "point_time", asked);
    if (!begin) return tl::unexpected(begin.error());
    const auto value = number_in(row, "value", asked);
    if (!value) return tl::unexpected(value.error());
    Point point{{*begin, *begin + period}, std::nullopt, kind};
    if (*value) point.value = grams_per_kwh(**value * kGramsPerKwhOfPoundsPerMwh);
    if (row.value("imputed_data_used", Json()) == true) point.kind = IntensityKind::estimated;
    points.push_back(point);
  }
  auto ordered = in_order(std::move(points), asked);
  if (ordered) fill_spans(*ordered, kSlot);
  return ordered;
}

class WattTime final : public Client {
 public:
  WattTime(Access access, Network network, std::string data_dir, const host::Clock& clock)
      : access_(std::move(access)),
        network_(std::move(network)),
        data_dir_(std::move(data_dir)),
        clock_(&clock) {}

  [[nodiscard]] const ClientFacts& facts() const override { return facts_; }

  Result<std::string> zone_for(const Place& place, Signal signal) override {
    if (place.zone.starts_with(kPrefix)) return place.zone.substr(kPrefix.size());
    // The tables are of marginal regions; those of another signal are cut otherwise.
    if (signal == Signal::marginal && !place.watttime_region.empty()) return place.watttime_region;
    const Asked asked = asked_of(place.zone, std::nullopt);
    if (place.at) {
      const auto answer =
          get(fmt::format("/v3/region-from-loc?latitude={}&longitude={}&signal_type={}",
                          place.at->lat, place.at->lon, type_of(signal)),
              asked);
      if (!answer) return tl::unexpected(answer.error());
      if (std::string region = text_in(*answer, "region"); !region.empty()) return region;
      return fail(ErrorKind::malformed, "answered without a region", asked.line(),
                  "name it: --location watttime:REGION");
    }
    const std::string region =
        signal == Signal::marginal ? region_of_zone(place.zone, data_dir_) : std::string();
    if (!region.empty()) return region;
    return fail(ErrorKind::absent, "its region is not known from the zone alone", asked.line(),
                "name the place as LAT,LON, a cloud region, or watttime:REGION");
  }

  Result<std::vector<Batch>> history(const Question& question) override {
    const Asked asked = asked_of(question.zone, question.over);
    // From the hour, so that the value that holds at the begin is there whatever the step.
    const Utc from = std::chrono::floor<hours>(question.over.begin);
    const auto answer = get(path("/v3/historical", question) + span(from, question.over.end) +
                                "&include_imputed_marker=true",
                            asked);
    if (!answer) return tl::unexpected(answer.error());
    return one_batch(*answer, question, IntensityKind::history, asked);
  }

  Result<std::vector<Batch>> forecast(const Question& question) override {
    const Asked asked = asked_of(question.zone, question.over);
    if (question.signal == Signal::average) return no_forecast(asked);
    const auto ahead = std::chrono::ceil<hours>(question.over.end - clock_->utc()).count();
    const auto answer =
        get(path("/v3/forecast", question) +
                fmt::format("&horizon_hours={}", std::clamp<std::int64_t>(ahead, 1, kHorizonMost)),
            asked);
    if (!answer) return tl::unexpected(answer.error());
    return one_batch(*answer, question, IntensityKind::forecast, asked);
  }

  Result<std::vector<Batch>> forecasts_issued(const Question& question) override {
    if (question.signal == Signal::average) {
      return no_forecast(asked_of(question.zone, question.over));
    }
    std::vector<Batch> all;
    for (Utc day = question.over.begin; day < question.over.end; day += days(1)) {
      const Interval over{day, std::min<Utc>(day + days(1), question.over.end)};
      auto batches = issued_in(over, question);
      if (!batches) return batches;
      std::move(batches->begin(), batches->end(), std::back_inserter(all));
    }
    return all;
  }

 private:
  [[nodiscard]] Asked asked_of(std::string zone, std::optional<Interval> over) const {
    return {facts_.name, facts_.title, std::move(zone), over};
  }

  static tl::unexpected<Error> no_forecast(const Asked& asked) {
    return fail(ErrorKind::absent, "has no forecast of the average", asked.line(),
                "ask for --signal marginal");
  }

  static std::string path(const char* endpoint, const Question& question) {
    std::string out = fmt::format("{}?region={}&signal_type={}", endpoint,
                                  host::url_encode(question.zone), type_of(question.signal));
    if (!question.model.empty()) out += "&model=" + host::url_encode(question.model);
    return out;
  }

  // Their end is inclusive, ours is not.
  static std::string span(Utc begin, Utc end) {
    return fmt::format("&start={}&end={}", host::url_encode(stamp(begin)),
                       host::url_encode(stamp(end - Duration(1))));
  }

  Result<std::vector<Batch>> one_batch(const Json& answer, const Question& question,
                                       IntensityKind kind, const Asked& asked) {
    auto batch = heading(answer, question, asked);
    if (!batch) return tl::unexpected(batch.error());
    const auto rows = array_in(answer, "data", asked);
    if (!rows) return tl::unexpected(rows.error());
    const auto period = period_of(answer, asked);
    if (!period) return tl::unexpected(period.error());
    auto points = points_of(**rows, *period, kind, asked);
    if (!points) return tl::unexpected(points.error());
    batch->points = cut(std::move(*points), question.over);
    if (batch->points.empty() && batch->notes.empty()) return std::vector<Batch>{};
    return std::vector<Batch>{std::move(*batch)};
  }

  Result<std::vector<Batch>> issued_in(Interval over, const Question& question) {
    const Asked asked = asked_of(question.zone, over);
    const auto answer =
        get(path("/v3/forecast/historical", question) + span(over.begin, over.end), asked);
    if (!answer) return tl::unexpected(answer.error());
    const auto head = heading(*answer, question, asked);
    if (!head) return tl::unexpected(head.error());
    const auto period = period_of(*answer, asked);
    if (!period) return tl::unexpected(period.error());
    const auto forecasts = array_in(*answer, "data", asked);
    if (!forecasts) return tl::unexpected(forecasts.error());
    std::vector<Batch> all;
    for (const Json& forecast : **forecasts) {
      Batch batch = *head;
      const auto issued = time_in(forecast, "generated_at", asked);
      if (!issued) return tl::unexpected(issued.error());
      if (!over.holds(*issued)) continue;
      batch.issued = *issued;
      const auto rows = array_in(forecast, "forecast", asked);
      if (!rows) return tl::unexpected(rows.error());
      auto points = points_of(**rows, *period, IntensityKind::forecast, asked);
      if (!points) return tl::unexpected(points.error());
      batch.points = std::move(*points);
      all.push_back(std::move(batch));
    }
    return all;
  }

  Result<Json> get(const std::string& path, const Asked& asked) {
    if (token_.empty() || clock_->boot() - token_since_ > kTokenFor) {
      if (auto in = log_in(asked); !in) return tl::unexpected(in.error());
    }
    auto answer = reach(network_, with_token(path), asked);
    if (answer && answer->status == 401) {  // it ended before its time
      if (auto in = log_in(asked); !in) return tl::unexpected(in.error());
      answer = reach(network_, with_token(path), asked);
    }
    return as_json(approved(std::move(answer), with_token(path), asked), asked);
  }

  [[nodiscard]] host::HttpRequest with_token(const std::string& path) const {
    host::HttpRequest request;
    request.url = access_.url + path;
    request.headers = {{"Authorization", "Bearer " + token_}, {"Accept", "application/json"}};
    request.secrets = {access_.password};
    return request;
  }

  Result<void> log_in(const Asked& asked) {
    host::HttpRequest request;
    request.url = access_.url + "/login";
    request.user = access_.username;
    request.password = access_.password;
    const auto answer = ask_json(network_, request, asked);
    if (!answer) return tl::unexpected(answer.error());
    token_ = text_in(*answer, "token");
    token_since_ = clock_->boot();
    if (!token_.empty()) return {};
    return fail(ErrorKind::malformed, "logs in and gives no token", asked.line(),
                "check watttime.url");
  }

  ClientFacts facts_ = watttime_facts();
  Access access_;
  Network network_;
  std::string data_dir_;
  const host::Clock* clock_;
  std::string token_;  // in memory only
  BootTime token_since_{};
};

}  // namespace

std::unique_ptr<Client> make_watttime(const Access& access, const Network& network,
                                      const std::string& data_dir, const host::Clock& clock) {
  return std::make_unique<WattTime>(access, network, data_dir, clock);
}

std::unique_ptr<Client> open_watttime(const Access& access, const Network& network,
                                      const std::string& data_dir) {
  static const host::SystemClock clock;
  return make_watttime(access, network, data_dir, clock);
}

}  // namespace lowtide::grid
