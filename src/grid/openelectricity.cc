#include "grid/openelectricity.h"

#include <fmt/format.h>

#include <map>

#include "base/quote.h"
#include "grid/plain_client.h"

namespace lowtide::grid {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// A network's clock, all year; of one region where it has several.
struct ZoneOfNetwork {
  std::string network;
  std::string region;  // empty: the whole network
  Duration ahead;      // of UTC
};

ZoneOfNetwork network_of(const std::string& zone) {
  if (zone == "WEM") return {"WEM", "", hours(8)};
  if (zone == "NEM") return {"NEM", "", hours(10)};
  return {"NEM", zone, hours(10)};
}

struct Both {
  std::optional<double> emissions_t;
  std::optional<double> energy_mwh;
};
using Rows = std::map<Utc, Both>;

// The rows of one metric go to their column of `rows`.
Result<void> take_rows(const Json& list, std::optional<double> Both::* column, Rows& rows,
                       const Asked& asked) {
  for (const Json& row : list) {
    if (!row.is_array() || row.size() != 2 || !row[0].is_string()) {
      return strange(asked, "has a row that is no [time, value]");
    }
    const Json named{{"time", row[0]}, {"value", row[1]}};
    const auto time = time_in(named, "time", asked);
    if (!time) return tl::unexpected(time.error());
    const auto value = number_in(named, "value", asked);
    if (!value) return tl::unexpected(value.error());
    rows[*time].*column = *value;
  }
  return {};
}

// Rows of another region are not ours, should the service not have left them out.
Result<void> take_result(const Json& result, const std::string& region,
                         std::optional<double> Both::* column, Rows& rows, const Asked& asked) {
  const auto list = array_in(result, "data", asked);
  if (!list) return tl::unexpected(list.error());
  const std::string of = text_in(result.value("columns", Json()), "region");
  if (!region.empty() && !of.empty() && of != region) return {};
  return take_rows(**list, column, rows, asked);
}

Result<void> take_metric(const Json& metric, const std::string& region, Rows& rows,
                         const Asked& asked) {
  const std::string name = text_in(metric, "metric");
  const std::string unit = text_in(metric, "unit");
  const bool emissions = name == "emissions";
  if (!emissions && name != "energy") return {};
  if (unit != (emissions ? "t" : "MWh")) {
    return strange(asked, fmt::format("has {} in {}", name, in_quotes(unit)));
  }
  const auto results = array_in(metric, "results", asked);
  if (!results) return tl::unexpected(results.error());
  for (const Json& result : **results) {
    const auto column = emissions ? &Both::emissions_t : &Both::energy_mwh;
    if (auto fine = take_result(result, region, column, rows, asked); !fine) return fine;
  }
  return {};
}

Result<Rows> rows_of(const Json& json, const std::string& region, const Asked& asked) {
  Rows rows;
  if (json.is_null()) return rows;
  if (json.is_object() && json.value("success", Json(true)) == Json(false)) {
    return strange(asked, "failed: " + in_quotes(text_in(json, "error")));
  }
  const auto metrics = array_in(json, "data", asked);
  if (!metrics) return tl::unexpected(metrics.error());
  for (const Json& metric : **metrics) {
    if (auto fine = take_metric(metric, region, rows, asked); !fine) {
      return tl::unexpected(fine.error());
    }
  }
  return rows;
}

class OpenElectricity final : public PlainClient {
 public:
  using PlainClient::PlainClient;

  Result<std::vector<Batch>> history(const Question& question) override {
    const Asked about = asked(question);
    if (auto fine = has(question.signal, about); !fine) return tl::unexpected(fine.error());
    const ZoneOfNetwork zone = network_of(question.zone);
    const auto json = ask_json(
        network_, get(path_of(question, zone), {{"Authorization", "Bearer " + access_.token}}),
        about);
    if (!json) return tl::unexpected(json.error());
    const auto rows = rows_of(*json, zone.region, about);
    if (!rows) return tl::unexpected(rows.error());
    std::vector<Point> points;
    for (const auto& [begin, both] : *rows) {
      Point point{{begin, begin + step_of(question)}, std::nullopt, IntensityKind::history};
      if (both.emissions_t && both.energy_mwh && *both.energy_mwh > 0) {
        point.value = grams(1e6 * *both.emissions_t) / kwh(1e3 * *both.energy_mwh);
      }
      points.push_back(point);
    }
    Batch out = batch(question);
    out.key.scope = Scope::direct;
    return finished(std::move(out), std::move(points), question.over, about);
  }

 private:
  [[nodiscard]] Duration step_of(const Question& question) const {
    return question.step >= hours(1) ? Duration(hours(1)) : facts_.step;
  }

  [[nodiscard]] std::string path_of(const Question& question, const ZoneOfNetwork& zone) const {
    const Duration step = step_of(question);
    const Interval whole = widened(question.over, step);
    const auto local = [&](Utc t) {
      return host::url_encode(format_utc(t + zone.ahead).substr(0, 19));
    };
    std::string path = fmt::format(
        "/v4/data/network/"
        "{}?metrics=emissions&metrics=energy&interval={}&date_start={}&date_end={}",
        zone.network, step == hours(1) ? "1h" : "5m", local(whole.begin), local(whole.end));
    if (zone.region.empty()) return path + "&primary_grouping=network";
    return path +
           "&primary_grouping=network_region&network_region=" + host::url_encode(zone.region);
  }
};

}  // namespace

std::unique_ptr<Client> open_openelectricity(const Access& access, const Network& network,
                                             const std::string& data_dir) {
  ClientFacts facts;
  facts.name = "openelectricity";
  facts.title = "Open Electricity";
  facts.licence = "Open Electricity (openelectricity.org.au), data of AEMO";
  facts.signals = {Signal::average};
  facts.scopes = {Scope::direct};
  facts.longest = hours(7 * 24);
  facts.step = minutes(5);
  facts.settles = hours(7 * 24);
  return std::make_unique<OpenElectricity>(std::move(facts), access, network, data_dir);
}

}  // namespace lowtide::grid
