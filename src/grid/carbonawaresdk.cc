#include "grid/carbonawaresdk.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "base/quote.h"
#include "grid/plain_client.h"
#include "grid/table.h"

namespace lowtide::grid {
namespace {

using std::chrono::hours;

// Of an interval; absent for one of more than a year or less than nothing.
std::optional<Duration> length_of(double in_seconds) {
  if (in_seconds < 0 || in_seconds > 366 * 86400.0) return std::nullopt;
  return seconds(in_seconds);
}

// A .NET TimeSpan, [d.]hh:mm:ss[.fffffff]; absent for anything else.
std::optional<Duration> read_time_span(std::string_view text) {
  double days = 0;
  const std::size_t colon = text.find(':');
  const std::size_t dot = text.find('.');
  if (dot < colon) {
    const auto number = read_number(text.substr(0, dot));
    if (!number) return std::nullopt;
    days = *number;
    text.remove_prefix(dot + 1);
  }
  std::array<double, 3> parts{};  // hours, minutes, seconds
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t end = i + 1 < parts.size() ? text.find(':') : text.size();
    if (end == text.npos) return std::nullopt;
    const auto number = read_number(text.substr(0, end));
    if (!number || *number < 0) return std::nullopt;
    parts[i] = *number;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return length_of(86400 * days + 3600 * parts[0] + 60 * parts[1] + parts[2]);
}

Result<Point> measured(const Json& row, const Asked& asked) {
  const auto begin = time_in(row, "time", asked);
  if (!begin) return tl::unexpected(begin.error());
  const auto value = number_in(row, "rating", asked);
  if (!value) return tl::unexpected(value.error());
  const std::string text = text_in(row, "duration");
  const auto duration = read_time_span(text);
  if (!text.empty() && !duration) return strange(asked, "duration is none: " + in_quotes(text));
  Point point{{*begin, *begin + duration.value_or(Duration{})}, {}, IntensityKind::history};
  if (*value) point.value = grams_per_kwh(**value);
  return point;
}

Result<Point> expected(const Json& row, const Asked& asked) {
  const auto begin = time_in(row, "timestamp", asked);
  if (!begin) return tl::unexpected(begin.error());
  const auto value = number_in(row, "value", asked);
  if (!value) return tl::unexpected(value.error());
  const auto minutes = number_in(row, "duration", asked);
  if (!minutes) return tl::unexpected(minutes.error());
  const auto duration = length_of(60 * minutes->value_or(0));
  if (!duration) return strange(asked, fmt::format("duration is none: {:g}", **minutes));
  Point point{{*begin, *begin + *duration}, {}, IntensityKind::forecast};
  if (*value) point.value = grams_per_kwh(**value);
  return point;
}

Result<std::vector<Point>> points_of(const Json& rows,
                                     Result<Point> (*read)(const Json&, const Asked&),
                                     const Asked& asked) {
  std::vector<Point> points;
  for (const Json& row : rows) {
    auto point = read(row, asked);
    if (!point) return tl::unexpected(point.error());
    points.push_back(*point);
  }
  return points;
}

class CarbonAwareSdk final : public PlainClient {
 public:
  using PlainClient::PlainClient;

  Result<std::string> zone_for(const Place& place, Signal signal) override {
    if (place.region.starts_with("azure:")) return place.region.substr(6);
    auto zone = PlainClient::zone_for(place, signal);
    if (!zone && zone.error().kind == ErrorKind::absent) {
      zone.error().hint = "name a location of its list: --location carbonawaresdk:NAME";
    }
    return zone;
  }

  Result<std::vector<Batch>> history(const Question& question) override {
    const Asked about = asked(question);
    const auto json =
        ask_json(network_,
                 get(fmt::format("/emissions/bylocation?location={}&time={}&toTime={}",
                                 host::url_encode(question.zone),
                                 host::url_encode(format_utc(question.over.begin)),
                                 host::url_encode(format_utc(question.over.end)))),
                 about);
    if (!json) return tl::unexpected(json.error());
    if (json->is_null()) return std::vector<Batch>{};
    if (!json->is_array()) return strange(about, "has no list of emissions");
    auto points = points_of(*json, measured, about);
    if (!points) return tl::unexpected(points.error());
    return finished(unsaid(question), std::move(*points), question.over, about);
  }

  Result<std::vector<Batch>> forecast(const Question& question) override {
    const Asked about = asked(question);
    const auto request =
        get("/emissions/forecasts/current?location=" + host::url_encode(question.zone));
    auto answer = reach(network_, request, about);
    // The source behind it has none.
    if (answer && answer->status == 501) return PlainClient::forecast(question);
    const auto json = as_json(approved(std::move(answer), request, about), about);
    if (!json) return tl::unexpected(json.error());
    if (json->is_null()) return std::vector<Batch>{};
    if (!json->is_array() || json->size() != 1)
      return strange(about, "has no forecast of one place");
    const auto rows = array_in(json->front(), "forecastData", about);
    if (!rows) return tl::unexpected(rows.error());
    const auto issued = time_in(json->front(), "generatedAt", about);
    if (!issued) return tl::unexpected(issued.error());
    auto points = points_of(**rows, expected, about);
    if (!points) return tl::unexpected(points.error());
    Batch out = unsaid(question);
    out.issued = *issued;
    return finished(std::move(out), std::move(*points), question.over, about);
  }

 private:
  [[nodiscard]] Batch unsaid(const Question& question) const {
    Batch out = batch(question);
    out.notes.push_back(fmt::format(
        "the Carbon Aware SDK does not say which signal it passes on: taken as {}; scope and gas "
        "are not known",
        spell(question.signal)));
    return out;
  }
};

}  // namespace

std::unique_ptr<Client> open_carbonawaresdk(const Access& access, const Network& network,
                                            const std::string& data_dir) {
  ClientFacts facts;
  facts.name = "carbonawaresdk";
  facts.title = "Carbon Aware SDK";
  facts.signals = {Signal::average, Signal::marginal};
  facts.longest = hours(24);
  facts.step = hours(1);
  facts.settles = hours(24);
  facts.ahead = hours(24);
  return std::make_unique<CarbonAwareSdk>(std::move(facts), access, network, data_dir);
}

}  // namespace lowtide::grid
