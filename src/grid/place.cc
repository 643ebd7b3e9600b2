#include "grid/place.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <set>

#include "base/names.h"
#include "base/quote.h"
#include "grid/client.h"
#include "grid/table.h"
#include "grid/time_zone.h"

namespace lowtide::grid {
namespace {

constexpr double kEarthRadiusKm = 6371.0;   // IUGG mean radius
constexpr double kNearestRegionKm = 300.0;  // docs/adr/0011-place.md
constexpr double kBorderKm = 10.0;          // so much further a foreign town is "nearly as close"
constexpr std::size_t kOffered = 3;

struct KnownPoint {
  double lat = 0;       // degrees, north positive
  double lon = 0;       // degrees, east positive
  std::string country;  // ISO 3166-1 alpha-2
  std::string name;
};

struct Region {
  std::string key;  // "azure:westus2"
  ZoneId zone;
  KnownPoint point;
  std::string pue;
  std::string pue_of;
  std::string pue_source;
  std::string watttime;
};

Result<std::vector<Region>> read_regions(const std::string& data_dir) {
  const auto table =
      Table::read(data_dir + "/regions.csv", {"provider", "region", "zone", "lat", "lon", "country",
                                              "pue", "pue_of", "pue_source", "watttime_region"});
  if (!table) return tl::unexpected(table.error());
  std::vector<Region> regions;
  for (std::size_t row = 0; row < table->size(); ++row) {
    const auto lat = table->number(row, 3);
    const auto lon = table->number(row, 4);
    if (!lat) return tl::unexpected(lat.error());
    if (!lon) return tl::unexpected(lon.error());
    Region region;
    region.key = table->cell(row, 0) + ":" + table->cell(row, 1);
    region.zone = table->cell(row, 2);
    region.point = {*lat, *lon, table->cell(row, 5), region.key};
    region.pue = table->cell(row, 6);
    region.pue_of = table->cell(row, 7);
    region.pue_source = table->cell(row, 8);
    region.watttime = table->cell(row, 9);
    regions.push_back(std::move(region));
  }
  return regions;
}

Result<std::vector<KnownPoint>> read_towns(const std::string& data_dir) {
  const auto table = Table::read(data_dir + "/cities.csv", {"country", "lat", "lon", "name"});
  if (!table) return tl::unexpected(table.error());
  std::vector<KnownPoint> towns;
  for (std::size_t row = 0; row < table->size(); ++row) {
    const auto lat = table->number(row, 1);
    const auto lon = table->number(row, 2);
    if (!lat) return tl::unexpected(lat.error());
    if (!lon) return tl::unexpected(lon.error());
    towns.push_back({*lat, *lon, table->cell(row, 0), table->cell(row, 3)});
  }
  return towns;
}

double distance_km(const KnownPoint& a, const KnownPoint& b) {
  const double radian = std::numbers::pi / 180.0;
  const double half_lat = std::sin((b.lat - a.lat) * radian / 2);
  const double half_lon = std::sin((b.lon - a.lon) * radian / 2);
  const double h = half_lat * half_lat +
                   std::cos(a.lat * radian) * std::cos(b.lat * radian) * half_lon * half_lon;
  return 2 * kEarthRadiusKm * std::asin(std::min(1.0, std::sqrt(h)));
}

// Fills in name and country of place.zone from the tables; the zone itself where they say nothing.
void describe(Place& place, const std::string& data_dir) {
  place.name = place.zone;
  if (const auto zones =
          Table::read(data_dir + "/zones.csv", {"zone", "name", "country"}, place.zone)) {
    if (const auto row = zones->find(place.zone)) {
      place.name = zones->cell(*row, 1);
      if (place.country.empty()) place.country = zones->cell(*row, 2);
      return;
    }
  }
  if (const auto annual =
          Table::read(data_dir + "/annual.csv", {"zone", "name", "country"}, place.zone)) {
    if (const auto row = annual->find(place.zone)) {
      place.name = annual->cell(*row, 1);
      if (place.country.empty()) place.country = annual->cell(*row, 2);
    }
  }
}

// "37.8,-122.4": two numbers and nothing else.
std::optional<KnownPoint> read_point(std::string_view location) {
  const std::size_t comma = location.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const auto lat = read_number(trim(location.substr(0, comma)));
  const auto lon = read_number(trim(location.substr(comma + 1)));
  if (!lat || !lon) return std::nullopt;
  return KnownPoint{*lat, *lon, {}, {}};
}

const KnownPoint* nearest(const KnownPoint& from, const std::vector<KnownPoint>& points,
                          std::string_view not_in = {}) {
  const KnownPoint* best = nullptr;
  double best_km = 0;
  for (const KnownPoint& point : points) {
    if (point.country == not_in) continue;
    const double km = distance_km(from, point);
    if (best == nullptr || km < best_km) {
      best = &point;
      best_km = km;
    }
  }
  return best;
}

// Sets zone and resolved_by of a place in `country`: its nearest region, else the country.
void settle(Place& place, const KnownPoint& at, const std::vector<Region>& regions) {
  place.zone = place.country;
  double best_km = kNearestRegionKm;
  for (const Region& region : regions) {
    if (region.point.country != place.country) continue;
    const double km = distance_km(at, region.point);
    if (km >= best_km) continue;
    best_km = km;
    place.zone = region.zone;
    place.resolved_by = fmt::format("nearest cloud region {}, {:.0f} km", region.key, km);
  }
}

Result<Place> place_of_point(const KnownPoint& at, const std::vector<Region>& regions,
                             const std::string& data_dir) {
  const auto towns = read_towns(data_dir);
  if (!towns) return tl::unexpected(towns.error());
  const KnownPoint* home = nearest(at, *towns);
  if (home == nullptr) return fail(ErrorKind::absent, "no town to compare with", data_dir);
  Place place;
  place.at = {at.lat, at.lon};
  place.country = home->country;
  const double home_km = distance_km(at, *home);
  place.resolved_by = fmt::format("country of {}, {:.0f} km", home->name, home_km);
  settle(place, at, regions);
  const KnownPoint* other = nearest(at, *towns, place.country);
  if (other != nullptr && distance_km(at, *other) < home_km + kBorderKm) {
    place.notes.push_back(fmt::format(
        "taken to be in {}, but {} ({}) is nearly as close: name the zone if that is wrong",
        place.country, other->name, other->country));
  }
  return place;
}

Place place_of_region(const Region& region) {
  Place place;
  place.zone = region.zone;
  place.country = region.point.country;
  place.pue = read_number(region.pue);
  place.pue_source = region.pue_source;
  place.pue_is_average = region.pue_of == "provider";
  place.resolved_by = "region " + region.key;
  place.region = region.key;
  place.at = {region.point.lat, region.point.lon};
  place.watttime_region = region.watttime;
  return place;
}

tl::unexpected<Error> unknown(std::string_view location, const std::vector<Region>& regions,
                              const std::vector<std::string>& zones) {
  std::vector<std::string> names = zones;
  names.reserve(zones.size() + regions.size());
  for (const Region& region : regions) names.push_back(region.key);
  const std::size_t colon = location.find(':');
  if (colon != std::string_view::npos) {  // a known prefix: stay inside it
    const std::string prefix = lower(location.substr(0, colon + 1));
    std::vector<std::string> inside;
    std::copy_if(names.begin(), names.end(), std::back_inserter(inside),
                 [&](const std::string& name) { return lower(name).starts_with(prefix); });
    if (!inside.empty()) names = std::move(inside);
  }
  return fail(
      ErrorKind::malformed, "unknown zone or region " + in_quotes(location), {},
      fmt::format("nearest: {}", fmt::join(nearest_names(location, names, kOffered), ", ")));
}

Result<Place> place_of_name(std::string_view location, const std::vector<Region>& regions,
                            const std::string& data_dir) {
  const std::string wanted = lower(location);
  for (const Region& region : regions) {
    if (lower(region.key) == wanted) return place_of_region(region);
  }
  const auto zones = known_zones(data_dir);
  if (!zones) return tl::unexpected(zones.error());
  for (const std::string& zone : *zones) {
    if (lower(zone) != wanted) continue;
    Place place;
    place.zone = zone;
    place.resolved_by = "zone";
    return place;
  }
  return unknown(location, regions, *zones);
}

// Whose name for a zone this is: `watttime:CAISO_NORTH`.
const ClientKind* provider_of(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon < name.size() - 1 ? find_client(name.substr(0, colon)) : nullptr;
}

}  // namespace

Result<std::vector<std::string>> known_zones(const std::string& data_dir) {
  std::set<std::string> zones;
  for (const char* name : {"annual.csv", "regions.csv", "typical_odbl_zones.csv"}) {
    const auto table = Table::read(fmt::format("{}/{}", data_dir, name), {"zone"});
    if (!table) {
      if (table.error().kind == ErrorKind::absent) continue;  // each may be taken away
      return tl::unexpected(table.error());
    }
    for (std::size_t row = 0; row < table->size(); ++row) zones.insert(table->cell(row, 0));
  }
  if (zones.empty()) return fail(ErrorKind::absent, "no table of zones", data_dir);
  return std::vector<std::string>(zones.begin(), zones.end());
}

Result<Place> find_place(std::string_view location, const std::string& data_dir) {
  const std::string_view name = trim(location);
  Result<Place> place = Place{};
  if (name.starts_with("local:") && name.size() > 6) {
    place->zone = name;
    place->resolved_by = "zone of your own";
  } else if (const ClientKind* provider = provider_of(name)) {
    place->zone = name;
    place->resolved_by = fmt::format("zone of {}", provider->title);
  } else {
    const auto regions = read_regions(data_dir);
    if (!regions) return tl::unexpected(regions.error());
    if (const auto point = read_point(name)) {
      if (std::abs(point->lat) > 90 || std::abs(point->lon) > 180) {
        return fail(ErrorKind::malformed, in_quotes(name) + " is no place on Earth", {},
                    "give LAT,LON in degrees, latitude first");
      }
      place = place_of_point(*point, *regions, data_dir);
    } else {
      place = place_of_name(name, *regions, data_dir);
    }
  }
  if (!place) return place;
  place->asked = location;
  describe(*place, data_dir);
  return place;
}

Result<std::vector<Place>> places_of_provider(std::string_view provider,
                                              const std::string& data_dir) {
  const auto regions = read_regions(data_dir);
  if (!regions) return tl::unexpected(regions.error());
  const std::string prefix = lower(provider) + ":";
  std::vector<Place> places;
  std::set<std::string> providers;
  for (const Region& region : *regions) {
    providers.insert(region.key.substr(0, region.key.find(':')));
    if (!region.key.starts_with(prefix)) continue;
    places.push_back(place_of_region(region));
    places.back().asked = region.key;
    describe(places.back(), data_dir);
  }
  if (!places.empty()) return places;
  return fail(ErrorKind::usage, "no regions of " + in_quotes(provider) + " are known", {},
              fmt::format("there are {}", fmt::join(providers, ", ")));
}

std::optional<std::string> cloud_of(const host::MachineFiles& machine) {
  struct Mark {
    std::string_view file;
    std::string_view text;
    std::string_view cloud;
  };
  // What each provider documents or cloud-init's ds-identify looks for (read November 2026).
  static constexpr std::array<Mark, 12> kMarks = {{
      {"sys_vendor", "Amazon EC2", "AWS"},
      {"bios_vendor", "Amazon EC2", "AWS"},
      {"bios_version", "amazon", "AWS"},
      {"product_name", "Google Compute Engine", "Google Cloud"},
      {"chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77", "Azure"},
      {"chassis_asset_tag", "OracleCloud.com", "Oracle Cloud"},
      {"sys_vendor", "DigitalOcean", "DigitalOcean"},
      {"sys_vendor", "Hetzner", "Hetzner"},
      {"sys_vendor", "Scaleway", "Scaleway"},
      {"sys_vendor", "Alibaba Cloud", "Alibaba Cloud"},
      {"sys_vendor", "Tencent Cloud", "Tencent Cloud"},
      {"product_name", "OpenStack", "an OpenStack cloud"},
  }};
  for (const Mark& mark : kMarks) {
    const auto line = machine.read_line(fmt::format("/sys/class/dmi/id/{}", mark.file));
    if (line && line->find(mark.text) != std::string::npos) return std::string(mark.cloud);
  }
  return std::nullopt;
}

namespace {

// Of a cloud's region without the cloud's name, where only one has it.
Result<Place> find_region(const std::string& region, const std::string& data_dir) {
  Result<Place> found = fail(ErrorKind::absent, "no cloud has this region", region);
  int clouds = 0;
  for (const char* cloud : {"aws:", "azure:", "gcp:"}) {
    auto place = find_place(cloud + region, data_dir);
    if (!place) continue;
    found = std::move(place);
    ++clouds;
  }
  if (clouds <= 1) return found;
  return fail(ErrorKind::absent, "several clouds have this region", region);
}

// What says where the machine is, without a user who has asked for it.
std::optional<Place> told_place(const Surroundings& around, const std::string& data_dir,
                                std::vector<std::string>& notes) {
  const auto take = [&](Result<Place> place, std::string by) -> std::optional<Place> {
    if (!place) {
      notes.push_back(by + ": " + place.error().line());
      return std::nullopt;
    }
    place->asked.clear();
    place->resolved_by = std::move(by);
    return std::move(*place);
  };
  std::optional<Place> place;
  if (!around.cluster_place.empty()) {
    place = take(find_place(around.cluster_place, data_dir), "Slurm cluster " + around.cluster);
  }
  if (!place && !around.cloud_region.empty()) {
    place =
        take(find_place(around.cloud_region, data_dir), "metadata service, " + around.cloud_region);
  }
  if (!place && !around.kube_region.empty()) {
    place = take(find_region(around.kube_region, data_dir),
                 "Kubernetes node, region " + around.kube_region);
  }
  return place;
}

}  // namespace

Place assume_place(const Surroundings& around, const std::string& data_dir) {
  std::vector<std::string> notes;
  if (auto told = told_place(around, data_dir, notes)) return std::move(*told);
  Place place;
  place.assumed = true;
  place.notes = std::move(notes);
  if (const auto cloud = cloud_of(around.machine)) {
    place.notes.push_back(fmt::format(
        "this is a machine of {}; its region is not known (yet): give --location", *cloud));
  }
  std::string_view zone = around.tz_environment;  // the first that is set counts, as in libc
  if (time_zone_name(zone).empty()) zone = around.localtime_target;
  if (time_zone_name(zone).empty()) zone = around.etc_timezone;
  if (auto country = country_of_time_zone(zone, around.zoneinfo)) {
    place.zone = *country;
    place.country = std::move(*country);
    place.resolved_by = fmt::format("time zone {}", time_zone_name(zone));
  } else {
    place.zone = "world";
    place.resolved_by = "world";
  }
  describe(place, data_dir);
  return place;
}

}  // namespace lowtide::grid
