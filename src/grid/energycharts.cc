#include "grid/energycharts.h"

#include <fmt/format.h>

#include "grid/plain_client.h"

namespace lowtide::grid {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// A list beside `unix_seconds`: empty where there is none (older answers have no forecast).
Result<const Json*> column(const Json& json, const char* key, std::size_t rows,
                           const Asked& asked) {
  static const Json none = Json::array();
  if (!json.contains(key) || json[key].is_null()) return &none;
  auto list = array_in(json, key, asked);
  if (list && (*list)->size() != rows) {
    return strange(asked,
                   fmt::format("has {} times and {} values of {}", rows, (*list)->size(), key));
  }
  return list;
}

Result<std::optional<double>> value_at(const Json& list, std::size_t at, const Asked& asked) {
  if (at >= list.size()) return std::nullopt;
  return number_in(Json{{"co2eq", list[at]}}, "co2eq", asked);
}

constexpr double kLastSecond = 7e9;  // the year 2191: what is beyond is no time

Result<Utc> time_at(const Json& list, std::size_t at, const Asked& asked) {
  const double seconds = list[at].is_number() ? list[at].get<double>() : -1;
  if (seconds < 0 || seconds > kLastSecond) return strange(asked, "has a time that is none");
  return Utc{std::chrono::seconds(static_cast<std::int64_t>(seconds))};
}

// Measured, else forecast, else a row without a value.
Result<Point> point_at(Utc begin, const Json& measured, const Json& forecast, std::size_t at,
                       const Asked& asked) {
  Point point{{begin, begin}, std::nullopt, IntensityKind::history};
  auto value = value_at(measured, at, asked);
  if (value && !*value) {
    value = value_at(forecast, at, asked);
    if (value && *value) point.kind = IntensityKind::forecast;
  }
  if (!value) return tl::unexpected(value.error());
  if (*value) point.value = grams_per_kwh(**value);
  return point;
}

Result<std::vector<Point>> points_of(const Json& json, const Asked& asked) {
  const auto times = array_in(json, "unix_seconds", asked);
  if (!times) return tl::unexpected(times.error());
  const std::size_t rows = (*times)->size();
  const auto measured = column(json, "co2eq", rows, asked);
  if (!measured) return tl::unexpected(measured.error());
  const auto forecast = column(json, "co2eq_forecast", rows, asked);
  if (!forecast) return tl::unexpected(forecast.error());
  std::vector<Point> points;
  for (std::size_t i = 0; i < rows; ++i) {
    const auto begin = time_at(**times, i, asked);
    if (!begin) return tl::unexpected(begin.error());
    const auto point = point_at(*begin, **measured, **forecast, i, asked);
    if (!point) return tl::unexpected(point.error());
    points.push_back(*point);
  }
  return points;
}

class EnergyCharts final : public PlainClient {
 public:
  using PlainClient::PlainClient;

  Result<std::vector<Batch>> history(const Question& question) override {
    const Asked about = asked(question);
    if (auto fine = has(question.signal, about); !fine) return tl::unexpected(fine.error());
    const Interval whole = widened(question.over, hours(1));
    const auto json = ask_json(
        network_,
        get(fmt::format("/co2eq?country={}&start={}&end={}", host::url_encode(question.zone),
                        host::url_encode(to_minute(whole.begin)),
                        host::url_encode(to_minute(whole.end)))),
        about);
    if (!json) return tl::unexpected(json.error());
    if (json->is_null()) return std::vector<Batch>{};
    auto points = points_of(*json, about);
    if (!points) return tl::unexpected(points.error());
    Batch out = batch(question);
    if (json->value("deprecated", Json(false)) == Json(true)) {
      out.notes.emplace_back("Energy-Charts says that this part of its service will end");
    }
    return finished(std::move(out), std::move(*points), question.over, about);
  }

  Result<std::vector<Batch>> forecast(const Question& question) override {
    auto batches = history(question);
    if (!batches) return batches;
    for (Batch& batch : *batches) {
      std::erase_if(batch.points,
                    [](const Point& point) { return point.kind != IntensityKind::forecast; });
    }
    return batches;
  }
};

}  // namespace

std::unique_ptr<Client> open_energycharts(const Access& access, const Network& network,
                                          const std::string& data_dir) {
  ClientFacts facts;
  facts.name = "energycharts";
  facts.title = "Energy-Charts";
  facts.licence = "Energy-Charts, Fraunhofer ISE, CC BY 4.0";
  facts.signals = {Signal::average};
  facts.longest = hours(31 * 24);
  facts.step = minutes(15);
  facts.settles = hours(7 * 24);
  facts.ahead = hours(24);
  return std::make_unique<EnergyCharts>(std::move(facts), access, network, data_dir);
}

}  // namespace lowtide::grid
