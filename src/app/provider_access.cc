#include "app/provider_access.h"

#include <fmt/format.h>

#include "app/paths.h"
#include "app/setting_list.h"
#include "app/values.h"

namespace lowtide::app {
namespace {

std::string setting_of(Settings& settings, std::string_view provider, const char* field) {
  const auto kind = find_setting(fmt::format("{}.{}", provider, field));
  if (!kind) return {};
  const auto value = in_force(settings, *kind);
  return value && value->set ? value->value : std::string();
}

// One that is set and is none is not passed over for the provider's own: keys would go there.
std::string address_of(Settings& settings, std::string_view provider) {
  std::string url = setting_of(settings, provider, "url");
  const bool is_set = !settings.candidates(fmt::format("{}.url", provider)).empty();
  return url.empty() && is_set ? "none" : url;
}

}  // namespace

grid::Access access_of(Settings& settings, std::string_view provider) {
  return {address_of(settings, provider), setting_of(settings, provider, "username"),
          setting_of(settings, provider, "password"), setting_of(settings, provider, "token")};
}

Result<std::string> sources_of(Settings& settings, const ZoneId& zone, Signal signal) {
  const auto chosen = in_force(settings, *find_setting("intensity"));
  if (!chosen) return tl::unexpected(chosen.error());
  if (chosen->set && chosen->line == 0) return chosen->value;  // a flag or the environment
  for (const std::string& of : {zone, std::string("default")}) {
    const auto own =
        in_force(settings, *find_setting(fmt::format("sources.{}.{}", spell(signal), of)));
    if (own && own->set) return own->value;
  }
  return chosen->set ? chosen->value : "typical";
}

grid::SourceRequest source_request(Settings& settings, const std::string& spec,
                                   const grid::Place& place, Signal signal) {
  grid::SourceRequest request{spec, place, signal, data_folder(), cache_path()};
  request.scope =
      settings.get<Scope>("scope", Scope::lifecycle, parse_scope).value_or(Scope::lifecycle);
  request.allow_fallback = settings.get<bool>("allow-fallback", false, parse_bool).value_or(false);
  request.mix_models = settings.get<bool>("mix-models", false, parse_bool).value_or(false);
  return request;
}

std::string cache_path() {
  const std::string home = home_folder();
  return home.empty() ? home : home + "/cache.db";
}

}  // namespace lowtide::app
