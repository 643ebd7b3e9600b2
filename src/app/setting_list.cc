#include "app/setting_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "app/paths.h"
#include "app/values.h"
#include "base/names.h"
#include "base/quote.h"
#include "grid/client.h"
#include "grid/constant.h"
#include "grid/place.h"
#include "grid/sources.h"
#include "host/tell.h"

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

Result<std::vector<std::string>> parse_source(const std::string& text) {
  if (text == "file:")
    return fail(ErrorKind::usage, "no path is given", {}, "write it as file:PATH");
  auto words = grid::parse_sources(text);
  if (!words || words->size() > 1) return words;
  if (!text.starts_with("file:") && !grid::looks_like_constant(text)) return words;
  grid::Place world;
  world.zone = "world";
  const auto opened = grid::open_source({text, world, Signal::average, data_folder()});
  return opened ? words : tl::unexpected(opened.error());
}

Result<std::string> parse_text(const std::string& text) { return text; }

Result<std::string> parse_url(const std::string& text) {
  const bool web = text.starts_with("http://") || text.starts_with("https://");
  const std::size_t at = text.find('@');
  if (web && at == text.npos) return text;
  // A password may stand in it: it is not said again.
  return fail(ErrorKind::usage, at == text.npos ? "is no address" : "is an address with a user",
              in_quotes(at == text.npos ? text : "***" + text.substr(at)),
              "write it as https://host/path");
}

const std::array<SettingKind, 21> kOwnSettings{{
    {"location", "a zone, a cloud region or LAT,LON", "assumed from the machine",
     check<parse_place>},
    {"intensity", "typical, file:PATH, 475g/kWh, or providers: watttime,typical", "typical",
     check<parse_source>},
    {"signal", "average, marginal or both", "average", check<parse_signals>},
    {"scope", "lifecycle or direct", "lifecycle", check<parse_scope>},
    {"allow-fallback", "true or false", "false", check<parse_bool>},
    {"mix-models", "true or false", "false", check<parse_bool>},
    {"offline", "true or false", "false", check<parse_bool>},
    {"cache-size", "a size: 256MB, 2GB", "1GB", check<parse_bytes>},
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
    {"cgroup", "true or false", "true", check<parse_bool>},
    {"notice", "none, desktop, or a webhook: https://host/path", "none",
     check<host::parse_notice_to>, true},
    {"spool", "true or false", "on network file systems", check<parse_bool>},
}};

struct Field {
  const char* name;
  const char* takes;
  bool secret;
};
constexpr std::array<Field, 4> kFields{{{"url", "an address: https://host", false},
                                        {"username", "a name", false},
                                        {"password", "a password", true},
                                        {"token", "a key", true}}};

// Settings with a name of the user's in them.
const std::array<SettingKind, 3> kFamilies{{
    {"sources.average.", "a list: uk,typical", "of --intensity", check<parse_source>},
    {"sources.marginal.", "a list: watttime", "of --intensity", check<parse_source>},
    {"clusters.", "a zone, a cloud region or LAT,LON", "not known", check<parse_place>},
}};

std::vector<SettingKind> make_settings() {
  std::vector<SettingKind> all(kOwnSettings.begin(), kOwnSettings.end());
  for (const char* cloud : {"aws", "azure", "gcp"}) {
    all.push_back({fmt::format("metadata.{}.url", cloud), "an address: http://host",
                   "the cloud's link-local address", check<parse_url>});
  }
  for (const grid::ClientKind& kind : grid::client_kinds()) {
    for (const Field& field : kFields) {
      const bool is_url = std::string_view(field.name) == "url";
      if (!is_url && std::string_view(kind.needs).find(field.name) == std::string_view::npos)
        continue;
      all.push_back({fmt::format("{}.{}", kind.name, field.name), field.takes,
                     is_url ? kind.url : "not set", is_url ? check<parse_url> : check<parse_text>,
                     field.secret});
    }
  }
  return all;
}

}  // namespace

std::span<const SettingKind> all_settings() {
  static const std::vector<SettingKind> all = make_settings();
  return all;
}

std::optional<SettingKind> find_setting(const std::string& key) {
  for (const SettingKind& kind : all_settings()) {
    if (kind.key == key) return kind;
  }
  for (SettingKind family : kFamilies) {
    if (!key.starts_with(family.key) || key.size() == family.key.size()) continue;
    family.key = key;
    return family;
  }
  return std::nullopt;
}

Error no_setting(const std::string& key) {
  std::vector<std::string> keys;
  keys.reserve(all_settings().size());
  for (const SettingKind& kind : all_settings()) keys.push_back(kind.key);
  const std::string nearest = nearest_names(key, keys, 1).front();
  std::erase_if(keys, [](const std::string& name) { return name.find('.') != name.npos; });
  return {ErrorKind::usage, "is no setting", in_quotes(key),
          fmt::format("nearest: {}; there are {}, and those of the providers (lowtide config)",
                      nearest, fmt::join(keys, ", "))};
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
