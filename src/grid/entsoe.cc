#include "grid/entsoe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <pugixml.hpp>

#include "base/quote.h"
#include "grid/mix.h"
#include "grid/plain_client.h"
#include "grid/table.h"

namespace lowtide::grid {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr int kMostIntervals = 40'000;  // of one period: more than a year of quarters of an hour

// Types of production (psrType) as Electricity Maps groups them: docs/providers/entsoe.md.
constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kSources = {{
    {"B01", "biomass"},
    {"B02", "coal"},
    {"B03", "gas"},
    {"B04", "gas"},
    {"B05", "coal"},
    {"B06", "oil"},
    {"B07", "coal"},
    {"B08", "coal"},
    {"B09", "geothermal"},
    {"B10", kStorage},
    {"B11", "hydro"},
    {"B12", "hydro"},
    {"B14", "nuclear"},
    {"B16", "solar"},
    {"B17", "biomass"},
    {"B18", "wind"},
    {"B19", "wind"},
    {"B25", kStorage},
}};

std::string_view source_of(std::string_view type) {
  for (const auto& [known, source] : kSources) {
    if (known == type) return source;
  }
  return "unknown";
}

constexpr std::array<std::pair<std::string_view, Duration>, 4> kResolutions = {
    {{"PT15M", minutes(15)}, {"PT30M", minutes(30)}, {"PT60M", hours(1)}, {"PT1H", hours(1)}}};

Duration resolution_of(std::string_view text) {
  for (const auto& [known, length] : kResolutions) {
    if (known == text) return length;
  }
  return {};
}

// Power by type of production, in steps as they came.
struct Piece {
  Interval span;
  Power power;
};
struct Generation {
  std::map<std::string, std::vector<Piece>> by_type;
  Duration step = hours(1);  // the finest
};

struct Curve {
  Interval span;
  Duration step{};
  bool carries = false;  // A03: an absent point is as the one before
};

Result<Curve> curve_of(const pugi::xml_node& series, const pugi::xml_node& period,
                       const Asked& asked) {
  const pugi::xml_node span = period.child("timeInterval");
  const auto begin = parse_utc(span.child_value("start"));
  const auto end = parse_utc(span.child_value("end"));
  const std::string_view resolution = period.child_value("resolution");
  Curve curve;
  curve.step = resolution_of(resolution);
  if (curve.step == Duration{}) {
    return strange(asked, "has a resolution of " + in_quotes(resolution));
  }
  if (!begin || !end || *end <= *begin || (*end - *begin) / curve.step > kMostIntervals) {
    return strange(asked,
                   fmt::format("has a period from {} to {}", in_quotes(span.child_value("start")),
                               in_quotes(span.child_value("end"))));
  }
  curve.span = {*begin, *end};
  curve.carries = std::string_view(series.child_value("curveType")) == "A03";
  return curve;
}

// Where a point is in its period, from 0, and what it says.
Result<std::pair<int, Power>> read_point(const pugi::xml_node& point, const Curve& curve,
                                         const Asked& asked) {
  const auto position = read_number(trim(point.child_value("position")));
  const auto quantity = read_number(trim(point.child_value("quantity")));
  const double most = static_cast<double>(curve.span.length() / curve.step);
  if (position && quantity && *position >= 1 && *position <= most) {
    return std::pair{static_cast<int>(*position) - 1, watts(1e6 * *quantity)};
  }
  return strange(asked, fmt::format("has no quantity at position {} of a period",
                                    in_quotes(point.child_value("position"))));
}

Result<void> take_period(const pugi::xml_node& period, const Curve& curve,
                         std::vector<Piece>& pieces, const Asked& asked) {
  const std::size_t before = pieces.size();
  for (const pugi::xml_node& point : period.children("Point")) {
    const auto said = read_point(point, curve, asked);
    if (!said) return tl::unexpected(said.error());
    const Utc begin = curve.span.begin + curve.step * said->first;
    if (pieces.size() > before) {
      Piece& last = pieces.back();
      if (begin <= last.span.begin) return strange(asked, "has positions out of order");
      if (curve.carries) last.span.end = begin;
    }
    pieces.push_back({{begin, begin + curve.step}, said->second});
  }
  if (curve.carries && pieces.size() > before) pieces.back().span.end = curve.span.end;
  return {};
}

Result<Generation> read_generation(const pugi::xml_node& document, const Asked& asked) {
  Generation out;
  for (const pugi::xml_node& series : document.children("TimeSeries")) {
    if (!series.child("inBiddingZone_Domain.mRID")) continue;  // what storage takes in
    const std::string domain = series.child_value("inBiddingZone_Domain.mRID");
    if (domain != asked.zone) return strange(asked, "answered for zone " + in_quotes(domain));
    const std::string type = series.child("MktPSRType").child_value("psrType");
    for (const pugi::xml_node& period : series.children("Period")) {
      const auto curve = curve_of(series, period, asked);
      if (!curve) return tl::unexpected(curve.error());
      out.step = std::min(out.step, curve->step);
      if (auto fine = take_period(period, *curve, out.by_type[type], asked); !fine) {
        return tl::unexpected(fine.error());
      }
    }
  }
  return out;
}

// One interval of the finest step: its mix, and what the types that it has not give on average.
struct Slot {
  Mix mix;
  std::map<std::string, Energy> by_type;
};
using Slots = std::map<Utc, Slot>;

Result<Slots> slots_of(const Generation& generation, const Factors& factors, const Asked& asked) {
  Slots slots;
  for (const auto& [type, pieces] : generation.by_type) {
    for (const Piece& piece : pieces) {
      for (Utc t = piece.span.begin; t < piece.span.end; t += generation.step) {
        const Energy energy = piece.power * generation.step;
        Slot& slot = slots[t];
        const auto [at, added] = slot.by_type.try_emplace(type, energy);
        if (added) slot.mix.add(source_of(type), energy, factors);
        if (at->second != energy) {
          return strange(asked,
                         fmt::format("has two values of {} at {}", in_quotes(type), to_minute(t)));
        }
      }
    }
  }
  return slots;
}

// By type, what a slot that has it has on average.
std::map<std::string, Energy> means_of(const Slots& slots) {
  std::map<std::string, std::pair<Energy, int>> sums;
  for (const auto& [begin, slot] : slots) {
    for (const auto& [type, energy] : slot.by_type) {
      auto& [sum, count] = sums[type];
      sum += std::max(energy, Energy{});
      ++count;
    }
  }
  std::map<std::string, Energy> means;
  for (const auto& [type, sum] : sums) means[type] = sum.first / sum.second;
  return means;
}

std::optional<Intensity> intensity_of(const Slot& slot,
                                      const std::map<std::string, Energy>& means) {
  Energy expected = slot.mix.generated();
  for (const auto& [type, mean] : means) {
    if (slot.by_type.count(type) == 0) expected += mean;
  }
  if (slot.mix.generated() < kLeastShare * expected) return std::nullopt;
  return slot.mix.intensity();
}

class Entsoe final : public PlainClient {
 public:
  using PlainClient::PlainClient;

  Result<std::vector<Batch>> history(const Question& question) override {
    const Asked about = asked(question);
    if (auto fine = has(question.signal, about); !fine) return tl::unexpected(fine.error());
    const auto factors = Factors::read(data_dir_, question.scope);
    if (!factors) return tl::unexpected(factors.error());
    const auto generation = ask_for(question);
    if (!generation) return tl::unexpected(generation.error());
    const auto slots = slots_of(*generation, *factors, about);
    if (!slots) return tl::unexpected(slots.error());
    const auto means = means_of(*slots);
    std::vector<Point> points;
    int refused = 0;
    for (const auto& [begin, slot] : *slots) {
      const auto value = intensity_of(slot, means);
      points.push_back({{begin, begin + generation->step}, value, IntensityKind::history});
      refused += value ? 0 : 1;
    }
    Batch out = batch(question);
    out.key.scope = question.scope;
    out.key.model = factors->set();
    if (refused > 0) {
      out.notes.push_back(fmt::format(
          "{} of {} intervals have no value: they lack sources that usually give over 10 %",
          refused, points.size()));
    }
    return finished(std::move(out), std::move(points), question.over, about);
  }

 private:
  Result<Generation> ask_for(const Question& question) const {
    const Asked about = asked(question);
    const Interval whole = widened(question.over, hours(1));
    const auto stamp = [](Utc t) {
      std::string text = format_utc(t).substr(0, 16);
      std::erase_if(text, [](char c) { return c == '-' || c == ':' || c == 'T'; });
      return text;
    };
    host::HttpRequest request =
        get(fmt::format("/api?securityToken={}&documentType=A75&processType=A16&in_Domain={}"
                        "&periodStart={}&periodEnd={}",
                        host::url_encode(access_.token), host::url_encode(question.zone),
                        stamp(whole.begin), stamp(whole.end)));
    request.headers = {{"Accept", "application/xml"}};
    // "Nothing found" comes as an answer or as an error, by the service's mood.
    auto answer = reach(network_, request, about);
    pugi::xml_document xml;
    const bool read = answer && xml.load_buffer(answer->body.data(), answer->body.size()).status ==
                                    pugi::status_ok;
    const pugi::xml_node said = xml.child("Acknowledgement_MarketDocument").child("Reason");
    if (std::string_view(said.child_value("code")) == "999") return Generation{};
    auto fine = approved(std::move(answer), request, about);
    if (!fine) return tl::unexpected(fine.error());
    const pugi::xml_node document = xml.child("GL_MarketDocument");
    if (!read || !document) return strange(about, "answered with no document of generation");
    return read_generation(document, about);
  }
};

}  // namespace

std::unique_ptr<Client> open_entsoe(const Access& access, const Network& network,
                                    const std::string& data_dir) {
  ClientFacts facts;
  facts.name = "entsoe";
  facts.title = "ENTSO-E";
  facts.licence = "ENTSO-E Transparency Platform, CC BY 4.0 where stated";
  facts.signals = {Signal::average};
  facts.scopes = {Scope::lifecycle, Scope::direct};
  facts.longest = hours(31 * 24);
  facts.step = minutes(15);
  facts.settles = hours(7 * 24);
  return std::make_unique<Entsoe>(std::move(facts), access, network, data_dir);
}

}  // namespace lowtide::grid
