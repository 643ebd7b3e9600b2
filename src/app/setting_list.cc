#include "app/setting_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "app/paths.h"
#include "app/values.h"
#include "base/names.h"
#include "grid/place.h"
#include "grid/sources.h"

namespace lowtide::app {
namespace {

// A parser whose value does not matter here.
template <auto Parse>
Result<void> check(const std::string& text) {
  const auto value = Parse(text);
  return value ? Result<void>() : tl::unexpected(value.error());
}

Result<grid::Place> parse_place(const std::string& text) {
  return grid::find_place(text, data_folder());
}

// As far as can be told without the place it will be asked for.
Result<std::unique_ptr<grid::Provider>> parse_source(const std::string& text) {
  if (text == "file:")
    return fail(ErrorKind::usage, "no path is given", {}, "write it as file:PATH");
  grid::Place world;
  world.zone = "world";
  return grid::open_source({text, world, Signal::average, data_folder()});
}

Result<std::string> parse_text(const std::string& text) { return text; }

constexpr std::array<SettingKind, 14> kSettings{{
    {"location", "a zone, a cloud region or LAT,LON", "assumed from the machine",
     check<parse_place>},
    {"intensity", "typical, file:PATH or a number: 475g/kWh", "typical", check<parse_source>},
    {"signal", "average or marginal", "average", check<parse_signal>},
    {"interval", "a duration from 10ms to 5m", "1s", check<parse_interval>},
    {"pue", "a number from 1 to 10", "of the cloud region", check<parse_pue>},
    {"embodied", "grams, none or auto", "auto", check<parse_embodied>},
    {"equivalents", "latest or 2021", "latest", check<parse_equivalents>},
    {"project", "a name", "none", check<parse_text>},
    {"per", "run, hour, gpu-hour or a count: 1000 samples", "run", check<parse_per>},
    {"gpus", "all, none, indices or UUIDs", "those that the job uses", check<parse_gpus>},
    {"idle", "reserved, all or none", "reserved", check<parse_idle>},
    {"quiet", "true or false", "false", check<parse_bool>},
    {"wait-sensors", "a duration up to 5m", "100ms", check<parse_wait>},
    {"spool", "true or false", "on network file systems", check<parse_bool>},
}};

}  // namespace

std::span<const SettingKind> all_settings() { return kSettings; }

const SettingKind* find_setting(const std::string& key) {
  const auto* found =
      std::find_if(kSettings.begin(), kSettings.end(),
                   [&](const SettingKind& kind) { return std::string_view(kind.key) == key; });
  return found == kSettings.end() ? nullptr : found;
}

Error no_setting(const std::string& key) {
  std::vector<std::string> keys;
  keys.reserve(kSettings.size());
  for (const SettingKind& kind : kSettings) keys.emplace_back(kind.key);
  const std::string nearest = nearest_names(key, keys, 1).front();
  return {ErrorKind::usage, "is no setting", in_quotes(key),
          fmt::format("nearest: {}; there are {}", nearest, fmt::join(keys, ", "))};
}

Result<SettingInForce> in_force(Settings& settings, const SettingKind& kind) {
  const SettingInForce otherwise{kind.otherwise, "default", false, 0};
  auto found = settings.get<SettingInForce>(kind.key, otherwise,
                                            [&](const std::string& text) -> Result<SettingInForce> {
                                              if (auto good = kind.check(text); !good)
                                                return tl::unexpected(good.error());
                                              return SettingInForce{text, {}, true, 0};
                                            });
  if (found && found->set) {
    found->origin = settings.origin();
    found->line = settings.taken().line;
  }
  return found;
}

}  // namespace lowtide::app
