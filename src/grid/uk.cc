#include "grid/uk.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/quote.h"
#include "grid/plain_client.h"

namespace lowtide::grid {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Duration kHalfHour = minutes(30);

bool is_number(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

// The outward part, in capitals: "sw1a 1aa" is SW1A.
std::string outward(const std::string& postcode) {
  std::string out = postcode.substr(0, postcode.find(' '));
  for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

// "/intensity/A/B", "/regional/intensity/A/B/regionid/13"; what is asked for is checked by row.
std::string path_of(const std::string& zone, const std::string& span) {
  if (zone == "GB") return "/intensity/" + span;
  const char* kind = is_number(zone) ? "regionid" : "postcode";
  return fmt::format("/regional/intensity/{}/{}/{}", span, kind, host::url_encode(outward(zone)));
}

Result<void> is_of(const Json& region, const std::string& zone, const Asked& asked) {
  if (!region.is_object()) return strange(asked, "has no data of one region");
  const auto number = number_in(region, "regionid", asked);
  if (!number) return tl::unexpected(number.error());
  const std::string postcode = text_in(region, "postcode");
  const std::string said = is_number(zone)    ? fmt::format("{:g}", number->value_or(0))
                           : postcode.empty() ? outward(zone)
                                              : outward(postcode);
  if (said == outward(zone)) return {};
  return strange(asked, fmt::format("answered for region {} {}", said,
                                    in_quotes(text_in(region, "shortname"))));
}

// A region comes as the object that the service sends for a span or as the list of one that is
// documented; the country as a plain list.
Result<const Json*> rows_of(const Json& json, const std::string& zone, const Asked& asked) {
  if (!json.is_object() || !json.contains("data")) return strange(asked, "has no data");
  if (zone == "GB") return array_in(json, "data", asked);
  const Json& data = json["data"];
  const Json& region = data.is_array() && data.size() == 1 ? data.front() : data;
  if (auto fine = is_of(region, zone, asked); !fine) return tl::unexpected(fine.error());
  return array_in(region, "data", asked);
}

Result<Point> point_of(const Json& row, const Asked& asked) {
  const auto begin = time_in(row, "from", asked);
  if (!begin) return tl::unexpected(begin.error());
  const auto end = time_in(row, "to", asked);
  if (!end) return tl::unexpected(end.error());
  if (*end <= *begin) return strange(asked, "has a half hour that ends before it begins");
  const Json intensity = row.value("intensity", Json());
  const auto actual = number_in(intensity, "actual", asked);
  if (!actual) return tl::unexpected(actual.error());
  const auto forecast = number_in(intensity, "forecast", asked);
  if (!forecast) return tl::unexpected(forecast.error());
  Point point{{*begin, *end}, std::nullopt, IntensityKind::history};
  if (!*actual) point.kind = IntensityKind::forecast;
  if (const auto value = *actual ? *actual : *forecast) point.value = grams_per_kwh(*value);
  return point;
}

class Uk final : public PlainClient {
 public:
  using PlainClient::PlainClient;

  Result<std::vector<Batch>> history(const Question& question) override {
    const Interval whole = widened(question.over, kHalfHour);
    return ask_for(question, to_minute(whole.begin) + "/" + to_minute(whole.end));
  }

  Result<std::vector<Batch>> forecast(const Question& question) override {
    auto batches = ask_for(question, to_minute(widened(question.over, kHalfHour).begin) + "/fw48h");
    if (!batches) return batches;
    for (Batch& batch : *batches) {
      std::erase_if(batch.points,
                    [](const Point& point) { return point.kind == IntensityKind::history; });
    }
    return batches;
  }

 private:
  Result<std::vector<Batch>> ask_for(const Question& question, const std::string& span) {
    const Asked about = asked(question);
    if (auto fine = has(question.signal, about); !fine) return tl::unexpected(fine.error());
    const auto json = ask_json(network_, get(path_of(question.zone, span)), about);
    if (!json) return tl::unexpected(json.error());
    const auto rows = rows_of(*json, question.zone, about);
    if (!rows) return tl::unexpected(rows.error());
    std::vector<Point> points;
    for (const Json& row : **rows) {
      auto point = point_of(row, about);
      if (!point) return tl::unexpected(point.error());
      points.push_back(*point);
    }
    Batch out = batch(question);
    out.key.scope = Scope::direct;
    out.key.gas = Gas::co2;
    return finished(std::move(out), std::move(points), question.over, about);
  }
};

}  // namespace

std::unique_ptr<Client> open_uk(const Access& access, const Network& network,
                                const std::string& data_dir) {
  ClientFacts facts;
  facts.name = "uk";
  facts.title = "Carbon Intensity API (GB)";
  facts.licence = "NESO Carbon Intensity API, CC BY 4.0";
  facts.signals = {Signal::average};
  facts.scopes = {Scope::direct};
  facts.longest = hours(13 * 24);  // 14 days are allowed; the edges are widened to half hours
  facts.step = kHalfHour;
  facts.settles = hours(24);
  facts.ahead = hours(48);
  return std::make_unique<Uk>(std::move(facts), access, network, data_dir);
}

}  // namespace lowtide::grid
