// The providers on the network: one line each.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/names.h"
#include "base/quote.h"
#include "grid/carbonawaresdk.h"
#include "grid/client.h"
#include "grid/eia.h"
#include "grid/electricitymaps.h"
#include "grid/energycharts.h"
#include "grid/entsoe.h"
#include "grid/openelectricity.h"
#include "grid/uk.h"
#include "grid/watttime.h"

namespace lowtide::grid {
namespace {

const std::vector<ClientKind>& kinds() {
  static const std::vector<ClientKind> all = {
      {"watttime", "WattTime", "https://api.watttime.org", "username password", open_watttime, true,
       true},
      {"electricitymaps", "Electricity Maps", "https://api.electricitymaps.com/v4", "token",
       open_electricitymaps},
      {"uk", "Carbon Intensity API (GB)", "https://api.carbonintensity.org.uk", "", open_uk},
      {"energycharts", "Energy-Charts", "https://api.energy-charts.info", "", open_energycharts},
      {"eia", "EIA", "https://api.eia.gov", "token", open_eia},
      {"openelectricity", "Open Electricity", "https://api.openelectricity.org.au", "token",
       open_openelectricity},
      {"entsoe", "ENTSO-E", "https://web-api.tp.entsoe.eu", "token", open_entsoe},
      {"carbonawaresdk", "Carbon Aware SDK", "", "url", open_carbonawaresdk, true, true},
  };
  return all;
}

struct Setting {
  std::string_view name;
  std::string Access::* value;
};
constexpr std::array<Setting, 4> kSettings = {{{"username", &Access::username},
                                               {"password", &Access::password},
                                               {"token", &Access::token},
                                               {"url", &Access::url}}};

// The first setting without which it answers nothing and which is not set; empty: there is none.
std::string missing_of(const ClientKind& kind, const Access& access) {
  const std::string_view needs = kind.needs;
  for (const Setting& setting : kSettings) {
    if (needs.find(setting.name) == needs.npos || !(access.*setting.value).empty()) continue;
    return fmt::format("{}.{}", kind.name, setting.name);
  }
  return {};
}

}  // namespace

std::span<const ClientKind> client_kinds() { return kinds(); }

const ClientKind* find_client(std::string_view name) {
  const auto found = std::find_if(kinds().begin(), kinds().end(),
                                  [&](const ClientKind& kind) { return kind.name == name; });
  return found == kinds().end() ? nullptr : &*found;
}

Result<std::unique_ptr<Client>> open_client(std::string_view name, const Access& access,
                                            const Network& network, const std::string& data_dir) {
  const ClientKind* kind = find_client(name);
  if (kind == nullptr) {
    std::vector<std::string> names;
    for (const ClientKind& one : kinds()) names.emplace_back(one.name);
    const auto near = nearest_names(name, names, 1);
    return fail(ErrorKind::usage, "no provider is named " + in_quotes(name), {},
                near.empty() ? "" : "nearest: " + near.front());
  }
  if (const std::string full = missing_of(*kind, access); !full.empty()) {
    return fail(ErrorKind::denied, "needs the setting " + full, kind->title,
                "lowtide config set " + full + " ..");
  }
  Access own = access;
  if (own.url.empty()) own.url = kind->url;
  if (!own.url.starts_with("http://") && !own.url.starts_with("https://")) {
    return fail(ErrorKind::usage, "is not asked: its address is none", kind->title,
                fmt::format("set {}.url as https://host/path, or unset it", kind->name));
  }
  while (own.url.ends_with('/')) own.url.pop_back();
  return kind->open(own, network, data_dir);
}

}  // namespace lowtide::grid
