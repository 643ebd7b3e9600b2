#include "app/compare_places.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "app/named_places.h"
#include "app/paths.h"
#include "app/provider_access.h"
#include "base/quote.h"
#include "grid/place.h"
#include "grid/sources.h"
#include "grid/zones.h"
#include "show/facts.h"

namespace lowtide::app {
namespace {

using Specs = std::map<std::string, std::string>;  // value of --intensity by the place's key
using Facts = std::map<std::string, grid::ZoneFacts>;

struct Wanted {
  grid::Place place;
  bool named = false;  // by the user: its annual mean will do where it has no typical year
};

// Where the run was: as it was asked for, else the zone that its intensity is of.
std::optional<grid::Place> own_place(const account::Report& report) {
  const std::string& asked = report.run.options.location;
  if (!asked.empty()) {
    if (auto place = grid::find_place(asked, data_folder())) return std::move(*place);
  }
  const account::IntensityReport* used = show::headline(report);
  if (used == nullptr && !report.intensity.empty()) used = &report.intensity.front();
  if (used == nullptr) return std::nullopt;
  auto place = grid::find_place(used->used.zone, data_folder());
  return place ? std::optional(std::move(*place)) : std::nullopt;
}

Result<void> add_spec(const std::string& text, const std::optional<grid::Place>& own,
                      std::vector<Wanted>& named, Specs& specs) {
  constexpr const char* kFlag = "--intensity";
  const std::size_t equals = text.find('=');
  std::string key;
  if (equals == std::string::npos || text.starts_with("file:")) {
    if (!own) {
      return fail(ErrorKind::usage, "the zone of the run is not known", kFlag,
                  "write ZONE=" + text.substr(0, 5) + "..");
    }
    key = key_of(*own);
    specs.insert({key, text});
  } else {
    auto place = named_place(text.substr(0, equals), kFlag);
    if (!place) return tl::unexpected(place.error());
    key = key_of(*place);
    named.push_back({std::move(*place), true});
    if (!specs.insert({key, text.substr(equals + 1)}).second) {
      return fail(ErrorKind::usage, "two series are given for " + in_quotes(key), kFlag);
    }
  }
  return {};
}

Result<std::vector<Wanted>> all_of(const CompareWish& wish, const Facts& facts) {
  std::vector<Wanted> all;
  if (!wish.provider.empty()) {
    auto places = cloud_places(wish.provider);
    if (!places) return tl::unexpected(places.error());
    for (grid::Place& place : *places) all.push_back({std::move(place), false});
    return all;
  }
  for (const auto& [zone, known] : facts) {
    if (!known.typical) continue;
    Wanted wanted;
    wanted.place.zone = zone;
    wanted.place.name = known.name;
    wanted.place.country = known.country;
    all.push_back(std::move(wanted));
  }
  return all;
}

bool holds(const std::vector<Wanted>& all, const std::string& key) {
  return std::any_of(all.begin(), all.end(),
                     [&](const Wanted& wanted) { return key_of(wanted.place) == key; });
}

void add_once(std::vector<Wanted>& all, Wanted wanted) {
  if (!holds(all, key_of(wanted.place))) all.push_back(std::move(wanted));
}

// Places that are named, each once.
Result<std::vector<Wanted>> named_places(const CompareWish& wish) {
  std::vector<Wanted> all;
  for (const std::string& name : wish.zones) {
    auto place = named_place(name, "--zones");
    if (!place) return tl::unexpected(place.error());
    add_once(all, {std::move(*place), true});
  }
  return all;
}

Result<std::vector<Wanted>> wanted_places(const CompareWish& wish, const Facts& facts,
                                          std::vector<Wanted> with_source,
                                          const std::optional<grid::Place>& own) {
  auto all = named_places(wish);
  if (!all) return all;
  for (Wanted& wanted : with_source) add_once(*all, std::move(wanted));
  if (all->empty() || !wish.provider.empty()) {
    auto set = all_of(wish, facts);
    if (!set) return set;
    for (Wanted& wanted : *set) add_once(*all, std::move(wanted));
  }
  // A zone may stand for the region in it: PUE is the run's own in all of them.
  if (own && !holds(*all, key_of(*own)) && !holds(*all, own->zone)) all->push_back({*own, true});
  return all;
}

std::optional<int> year_of(const IntensityUsed& used, const Facts& facts) {
  const auto found = facts.find(used.zone);
  if (found == facts.end()) return std::nullopt;
  const auto& series = used.source == "typical"  ? found->second.typical
                       : used.source == "annual" ? found->second.annual
                                                 : std::nullopt;
  return series ? std::optional(series->year) : std::nullopt;
}

study::Site site_of(const grid::Place& place, bool own, const account::Report& report) {
  study::Site site;
  site.zone = place.zone;
  site.region = place.region;
  site.name = place.name;
  site.country = place.country;
  site.own = own;
  const bool as_the_run = own || place.region.empty();
  const auto& pue = as_the_run ? report.energy.pue : place.pue;
  if (!pue) return site;
  site.pue = *pue;
  site.pue_source = as_the_run ? report.energy.pue_source : place.pue_source;
  site.pue_is_average = as_the_run ? report.run.options.pue_is_average : place.pue_is_average;
  return site;
}

struct Context {
  const CompareWish& wish;
  const account::Report& report;
  Facts facts;
  std::optional<grid::Place> own;
  Specs specs;
};

// Null where there is none that was not asked for.
Result<std::unique_ptr<grid::Provider>> source_of(const Context& context, const Wanted& wanted,
                                                  bool own) {
  const auto spec = context.specs.find(own ? key_of(*context.own) : key_of(wanted.place));
  const bool given = spec != context.specs.end();
  auto provider = grid::open_source({given ? spec->second : "typical", wanted.place,
                                     context.wish.signal, data_folder(), cache_path()});
  if (!provider && !given && provider.error().kind == ErrorKind::absent) return nullptr;
  return provider;
}

Result<void> add_candidate(const Context& context, const Wanted& wanted, bool own,
                           Candidates& out) {
  study::Site site = site_of(wanted.place, own, context.report);
  auto provider = source_of(context, wanted, own);
  if (!provider) return tl::unexpected(provider.error());
  const bool needs_a_year = !wanted.named && !own;
  if (!*provider || (needs_a_year && (*provider)->describe().fallback)) {
    const bool marginal = context.wish.signal == Signal::marginal;
    const char* why = marginal ? "no marginal series" : "no typical year";
    out.left_out.push_back({site.zone, site.region, why});
    return {};
  }
  site.used = (*provider)->describe();
  site.year = year_of(site.used, context.facts);
  out.known.push_back({std::move(site), std::move(*provider)});
  return {};
}

// The sources that are named for a place, into the context; and their places.
Result<std::vector<Wanted>> read_specs(const CompareWish& wish, Context& context) {
  std::vector<Wanted> with_source;
  for (const std::string& text : wish.intensity) {
    if (auto done = add_spec(text, context.own, with_source, context.specs); !done) {
      return tl::unexpected(done.error());
    }
  }
  return with_source;
}

bool is_own(const Context& context, const std::string& key) {
  return context.own && (key == key_of(*context.own) || key == context.own->zone);
}

}  // namespace

Result<Candidates> candidates(const CompareWish& wish, const account::Report& report) {
  const auto zones = grid::list_zones(data_folder());
  if (!zones) return tl::unexpected(zones.error());
  Context context{wish, report, {}, own_place(report), {}};
  for (const grid::ZoneFacts& zone : *zones) context.facts.insert({zone.zone, zone});
  auto with_source = read_specs(wish, context);
  if (!with_source) return tl::unexpected(with_source.error());
  const auto all = wanted_places(wish, context.facts, std::move(*with_source), context.own);
  if (!all) return tl::unexpected(all.error());
  Candidates out;
  bool found = false;  // the run's own place, once
  for (const Wanted& wanted : *all) {
    const bool own = !found && is_own(context, key_of(wanted.place));
    found = found || own;
    if (auto done = add_candidate(context, wanted, own, out); !done) {
      return tl::unexpected(done.error());
    }
  }
  return out;
}

}  // namespace lowtide::app
