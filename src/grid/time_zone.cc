#include "grid/time_zone.h"

#include <algorithm>
#include <array>

#include "grid/table.h"
#include "host/files.h"

namespace lowtide::grid {
namespace {

// Names of a rule, not of a place: tzdata 2024b and later links each to one arbitrary city
// (CET to Europe/Brussels, EST to America/Panama), which says nothing of the machine's country.
constexpr std::array<std::string_view, 11> kPlaceless = {
    "CET", "MET", "EET", "WET", "EST", "MST", "HST", "EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT"};

// Links may lead to links; tzdata has none deeper than two.
constexpr int kMaxLinks = 5;

// Etc/UTC and the like too: containers and servers are set to them.
bool says_no_place(std::string_view zone) {
  return zone.empty() || zone == "UTC" || zone.starts_with("Etc/") ||
         std::find(kPlaceless.begin(), kPlaceless.end(), zone) != kPlaceless.end();
}

std::string_view take_field(std::string_view& line, char separator) {
  const std::size_t end = std::min(line.find(separator), line.size());
  const std::string_view field = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return field;
}

std::optional<std::string> country_in(std::string_view zone_tab, std::string_view zone) {
  while (!zone_tab.empty()) {
    std::string_view line = take_line(zone_tab);
    if (line.starts_with('#')) continue;
    const std::string_view country = take_field(line, '\t');
    take_field(line, '\t');
    if (take_field(line, '\t') == zone) return std::string(country);
  }
  return std::nullopt;
}

// The target of `L TARGET NAME`; empty when the name is no link.
std::string link_target(std::string_view tzdata, std::string_view name) {
  while (!tzdata.empty()) {
    std::string_view line = take_line(tzdata);
    if (!line.starts_with("L ")) continue;
    line.remove_prefix(2);
    const std::string_view target = take_field(line, ' ');
    if (line == name) return std::string(target);
  }
  return {};
}

}  // namespace

std::string_view time_zone_name(std::string_view text) {
  text = trim(text);
  if (text.starts_with(':')) text.remove_prefix(1);
  constexpr std::string_view kFolder = "zoneinfo/";
  const std::size_t folder = text.find(kFolder);
  if (folder != std::string_view::npos) text.remove_prefix(folder + kFolder.size());
  for (const std::string_view set : {"posix/", "right/"}) {
    if (text.starts_with(set)) text.remove_prefix(set.size());
  }
  return text;
}

std::optional<std::string> country_of_time_zone(std::string_view name,
                                                const std::string& zoneinfo) {
  std::string zone(time_zone_name(name));
  if (says_no_place(zone)) return std::nullopt;
  const auto zone_tab = host::read_file(zoneinfo + "/zone.tab");
  if (!zone_tab) return std::nullopt;
  if (auto country = country_in(*zone_tab, zone)) return country;
  const auto tzdata = host::read_file(zoneinfo + "/tzdata.zi");
  if (!tzdata) return std::nullopt;
  for (int i = 0; i < kMaxLinks; ++i) {
    zone = link_target(*tzdata, zone);
    if (zone.empty()) return std::nullopt;
    if (auto country = country_in(*zone_tab, zone)) return country;
  }
  return std::nullopt;
}

}  // namespace lowtide::grid
