#include "grid/plain_client.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/quote.h"
#include "grid/table.h"

namespace lowtide::grid {
namespace {

// "it covers AU-NSW, AU-QLD"; of the same country where there are any.
std::string covered(const Table& table, const std::string& provider, const std::string& country) {
  constexpr int kNamed = 8;
  std::string near;
  int all = 0;
  int named = 0;
  for (std::size_t row = 0; row < table.size(); ++row) {
    if (table.cell(row, 0) != provider) continue;
    ++all;
    const std::string& zone = table.cell(row, 1);
    if (country.empty() || !zone.starts_with(country)) continue;
    if (++named <= kNamed) near += (near.empty() ? "" : ", ") + zone;
  }
  if (!near.empty()) return "it covers " + near + (named > kNamed ? ", .." : "");
  return fmt::format("it covers {} zones, none of this country: docs/providers/{}.md", all,
                     provider);
}

}  // namespace

Result<std::string> PlainClient::zone_for(const Place& place, Signal signal) {
  const Asked about{facts_.name, facts_.title, place.zone, std::nullopt};
  if (auto fine = has(signal, about); !fine) return tl::unexpected(fine.error());
  if (place.zone.starts_with(facts_.name + ":")) return place.zone.substr(facts_.name.size() + 1);
  const auto table = Table::read(data_dir_ + "/provider_zones.csv", {"provider", "zone", "name"});
  if (!table) return tl::unexpected(table.error());
  for (std::size_t row = 0; row < table->size(); ++row) {
    if (table->cell(row, 0) == facts_.name && table->cell(row, 1) == place.zone) {
      return table->cell(row, 2);
    }
  }
  return fail(ErrorKind::absent, "does not cover " + in_quotes(place.zone), facts_.title,
              covered(*table, facts_.name, place.country));
}

Result<std::vector<Batch>> PlainClient::forecast(const Question& question) {
  return fail(ErrorKind::absent, "has no forecast", asked(question).line(),
              "name another source for what is to come");
}

Result<std::vector<Batch>> PlainClient::forecasts_issued(const Question& question) {
  return fail(ErrorKind::absent, "keeps no past forecasts", asked(question).line(),
              "lowtide keeps those that it asks for from now on");
}

Asked PlainClient::asked(const Question& question) const {
  return {facts_.name, facts_.title, question.zone, question.over};
}

host::HttpRequest PlainClient::get(const std::string& path,
                                   std::vector<std::pair<std::string, std::string>> headers) const {
  host::HttpRequest request;
  request.url = access_.url + path;
  request.headers = std::move(headers);
  request.headers.emplace_back("Accept", "application/json");
  if (!access_.token.empty()) request.secrets.push_back(access_.token);
  return request;
}

Batch PlainClient::batch(const Question& question) const {
  Batch out;
  out.key.provider = facts_.name;
  out.key.zone = question.zone;
  out.key.signal = question.signal;
  return out;
}

Result<void> PlainClient::has(Signal signal, const Asked& asked) const {
  const auto& known = facts_.signals;
  if (std::find(known.begin(), known.end(), signal) != known.end()) return {};
  return fail(ErrorKind::absent, fmt::format("has no {} intensity", spell(signal)), asked.line(),
              fmt::format("it has {}", spell(known.front())));
}

tl::unexpected<Error> strange(const Asked& asked, std::string what) {
  return fail(ErrorKind::malformed, std::move(what), asked.line(),
              fmt::format("try again later, or check {}.url", asked.name));
}

Interval widened(Interval over, Duration step) {
  const auto down = [&](Utc t) {
    Duration rest = t.time_since_epoch() % step;
    if (rest < Duration::zero()) rest += step;
    return t - rest;
  };
  const Utc end = down(over.end);
  return {down(over.begin), end == over.end ? end : end + step};
}

Result<std::vector<Batch>> finished(Batch batch, std::vector<Point> points, Interval over,
                                    const Asked& asked) {
  auto ordered = in_order(std::move(points), asked);
  if (!ordered) return tl::unexpected(ordered.error());
  fill_spans(*ordered, std::chrono::hours(1));
  batch.points = cut(std::move(*ordered), over);
  std::vector<Batch> out;
  if (!batch.points.empty()) out.push_back(std::move(batch));
  return out;
}

std::string to_minute(Utc t) { return format_utc(t).substr(0, 16) + "Z"; }

}  // namespace lowtide::grid
