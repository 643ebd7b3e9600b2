#include "grid/eia.h"

#include <fmt/format.h>

#include <array>
#include <map>

#include "base/quote.h"
#include "grid/mix.h"
#include "grid/plain_client.h"

namespace lowtide::grid {
namespace {

using std::chrono::hours;

constexpr Duration kHour = hours(1);
constexpr int kPage = 5000;  // rows; the most that JSON answers hold
constexpr int kMostPages = 50;

// docs/providers/eia.md has the codes; any other is "unknown".
constexpr std::array<std::pair<std::string_view, std::string_view>, 15> kSources = {{
    {"COL", "coal"},
    {"NG", "gas"},
    {"NUC", "nuclear"},
    {"OIL", "oil"},
    {"WAT", "hydro"},
    {"SUN", "solar"},
    {"WND", "wind"},
    {"GEO", "geothermal"},
    {"BM", "biomass"},
    {"SNB", "solar"},
    {"WNB", "wind"},
    {"PS", kStorage},
    {"BAT", kStorage},
    {"UES", kStorage},
    {"OES", kStorage},
}};

std::string_view source_of(std::string_view code) {
  for (const auto& [known, source] : kSources) {
    if (known == code) return source;
  }
  return "unknown";
}

Energy megawatt_hours(double x) { return kwh(1000.0 * x); }

// "2026-01-05T07", the hour that ends then.
std::string label(Utc t) { return format_utc(t).substr(0, 13); }

Result<Utc> begin_of(const Json& row, const Asked& asked) {
  const std::string period = text_in(row, "period");
  if (period.size() == 13) {
    if (const auto end = parse_utc(period + ":00Z")) return *end - kHour;
  }
  return strange(asked, "period is no hour: " + in_quotes(period));
}

// What EIA said of one hour.
struct Hour {
  std::map<std::string, std::optional<Energy>, std::less<>> by_source;  // by its own codes
  std::optional<Energy> net;
};
using Hours = std::map<Utc, Hour>;

class Eia final : public PlainClient {
 public:
  using PlainClient::PlainClient;

  Result<std::vector<Batch>> history(const Question& question) override {
    const Asked about = asked(question);
    if (auto fine = has(question.signal, about); !fine) return tl::unexpected(fine.error());
    const auto factors = Factors::read(data_dir_, question.scope);
    if (!factors) return tl::unexpected(factors.error());
    Batch out = batch(question);
    out.key.scope = question.scope;
    out.key.model = factors->set();
    Hours found;
    for (const bool net : {false, true}) {
      if (auto fine = read_all(question, net, found, out.notes); !fine) {
        return tl::unexpected(fine.error());
      }
    }
    std::vector<Point> points;
    int refused = 0;
    for (const auto& [begin, hour] : found) {
      Point point{{begin, begin + kHour}, std::nullopt, IntensityKind::history};
      point.value = intensity_of(hour, *factors);
      refused += point.value ? 0 : 1;
      points.push_back(point);
    }
    if (refused > 0) {
      out.notes.push_back(fmt::format(
          "{} of {} hours have no value: their sources explain less than 90 % of net generation",
          refused, points.size()));
    }
    return finished(std::move(out), std::move(points), question.over, about);
  }

 private:
  static std::optional<Intensity> intensity_of(const Hour& hour, const Factors& factors) {
    Mix mix;
    for (const auto& [code, energy] : hour.by_source) {
      if (energy) mix.add(source_of(code), *energy, factors);
    }
    if (!hour.net || mix.generated() < kLeastShare * *hour.net) return std::nullopt;
    return mix.intensity();
  }

  [[nodiscard]] std::string path_of(const Question& question, bool net, int offset) const {
    const Interval whole = widened(question.over, kHour);
    const auto part = [](const char* key, const std::string& value) {
      return host::url_encode(key) + "=" + host::url_encode(value);
    };
    std::string query = part("frequency", "hourly") + "&" + part("data[0]", "value") + "&" +
                        part("facets[respondent][]", question.zone);
    if (net) query += "&" + part("facets[type][]", "NG");
    return fmt::format(
        "/v2/electricity/rto/{}/data/?{}&start={}&end={}&{}&{}&offset={}&length={}"
        "&api_key={}",
        net ? "region-data" : "fuel-type-data", query, label(whole.begin + kHour), label(whole.end),
        part("sort[0][column]", "period"), part("sort[0][direction]", "asc"), offset, kPage,
        host::url_encode(access_.token));
  }

  // Page by page until `total` rows are there.
  Result<void> read_all(const Question& question, bool net, Hours& found,
                        std::vector<std::string>& notes) {
    const Asked about = asked(question);
    std::size_t read = 0;
    for (int page = 0; page < kMostPages; ++page) {
      const auto path = path_of(question, net, static_cast<int>(read));
      const auto json = ask_json(network_, get(path), about);
      if (!json) return tl::unexpected(json.error());
      const Json response = json->is_object() ? json->value("response", Json()) : Json();
      const auto rows = array_in(response, "data", about);
      if (!rows) return tl::unexpected(rows.error());
      const auto total = number_in(response, "total", about);
      if (!total) return tl::unexpected(total.error());
      for (const Json& row : **rows) {
        if (auto fine = take(row, question, net, found); !fine) return fine;
      }
      add_warnings(response, notes);
      read += (*rows)->size();
      if (static_cast<double>(read) >= total->value_or(0)) return {};
      if ((*rows)->empty()) break;
    }
    return strange(about, fmt::format("ends after {} rows, before its total", read));
  }

  static void add_warnings(const Json& response, std::vector<std::string>& notes) {
    const Json warnings = response.value("warnings", Json::array());
    if (!warnings.is_array()) return;
    for (const Json& warning : warnings) {
      std::string text = text_in(warning, "description");
      if (text.empty()) text = text_in(warning, "warning");
      if (!text.empty()) notes.push_back("EIA: " + text);
    }
  }

  Result<void> take(const Json& row, const Question& question, bool net, Hours& found) const {
    const Asked about = asked(question);
    const std::string respondent = text_in(row, "respondent");
    if (respondent != question.zone) {
      return strange(about, "answered for respondent " + in_quotes(respondent));
    }
    const auto begin = begin_of(row, about);
    if (!begin) return tl::unexpected(begin.error());
    const auto value = number_in(row, "value", about);
    if (!value) return tl::unexpected(value.error());
    std::optional<Energy> energy;
    if (*value) energy = megawatt_hours(**value);
    Hour& hour = found[*begin];
    const std::string code = text_in(row, net ? "type" : "fueltype");
    if (net) {
      if (code == "NG") hour.net = energy;
      return {};
    }
    const auto [at, added] = hour.by_source.try_emplace(code, energy);
    if (!added && at->second != energy) {
      return strange(about, fmt::format("has two values of {} for the hour to {}", in_quotes(code),
                                        label(*begin + kHour)));
    }
    return {};
  }
};

}  // namespace

std::unique_ptr<Client> open_eia(const Access& access, const Network& network,
                                 const std::string& data_dir) {
  ClientFacts facts;
  facts.name = "eia";
  facts.title = "EIA";
  facts.licence = "U.S. Energy Information Administration, EIA-930 (public domain)";
  facts.signals = {Signal::average};
  facts.scopes = {Scope::lifecycle, Scope::direct};
  facts.longest = hours(31 * 24);
  facts.step = kHour;
  facts.settles = hours(14 * 24);
  return std::make_unique<Eia>(std::move(facts), access, network, data_dir);
}

}  // namespace lowtide::grid
