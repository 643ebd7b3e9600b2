#include "app/grid_past.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/paths.h"
#include "app/plan_values.h"
#include "app/provider_access.h"
#include "app/say.h"
#include "app/values.h"
#include "host/clock.h"

namespace lowtide::app {
namespace {

Error no_past(const ZoneSource& source, Interval over) {
  return {ErrorKind::absent,
          fmt::format("no {} intensity of what was is known before {}", spell(source.signal),
                      format_utc(over.end)),
          source.place.zone,
          fmt::format("try: lowtide grid fetch {} --from TIME, or --intensity file:PATH",
                      source.place.zone)};
}

}  // namespace

void add_past_options(CLI::App& command, PastFlags& flags) {
  command.add_option("zone", flags.zone, "a zone, a cloud region or LAT,LON, as --location has it")
      ->required()
      ->type_name("ZONE");
  add_setting(command, flags.settings, "intensity", "SOURCE",
              "file:PATH, a provider (watttime, uk, ..) or a list (default: those of the zone)");
  add_setting(command, flags.settings, "signal", "SIGNAL", "average (default) or marginal");
}

Result<ZoneSource> open_zone(const PastFlags& flags) {
  Settings settings = Settings::load(config_path());
  for (const auto& [key, value] : flags.settings) settings.set_flag(key, value);
  ZoneSource source;
  auto place = grid::find_place(flags.zone, data_folder());
  if (!place) {
    place.error().kind = ErrorKind::usage;
    return tl::unexpected(place.error());
  }
  source.place = std::move(*place);
  const auto signal = settings.get<Signal>("signal", Signal::average, parse_signal);
  if (!signal) return tl::unexpected(signal.error());
  source.signal = *signal;
  const auto spec = sources_of(settings, source.place.zone, source.signal);
  if (!spec) return tl::unexpected(spec.error());
  source.request = source_request(settings, *spec, source.place, source.signal);
  for (const std::string& text : settings.warnings()) warn(text);
  auto opened = grid::open_source(source.request);
  if (!opened) {
    Error error = opened.error();
    if (error.where.empty()) error.where = "--intensity";
    return tl::unexpected(error);
  }
  source.provider = std::move(*opened);
  return source;
}

Result<GridPast> past_of(ZoneSource& source, Interval over) {
  auto used = source.provider->fetch(over);
  if (!used) return tl::unexpected(used.error());
  auto known = grid::known_past(*used, over);
  if (!known) return tl::unexpected(no_past(source, over));
  GridPast past{std::move(*used), std::move(known->history), known->coverage};
  past.used.series = {};
  return past;
}

std::optional<grid::ProvidersForecast> providers_forecast(const ZoneSource& source, Interval over,
                                                          bool as_of) {
  grid::SourceRequest request = source.request;
  if (as_of) request.as_of = over.begin;
  auto opened = grid::open_source(request);
  if (!opened) return std::nullopt;
  // From before it, so that the slot that holds its begin is not cut.
  const auto used = (*opened)->fetch({over.begin - std::chrono::hours(1), over.end});
  return used ? grid::providers_forecast(*used, over) : std::nullopt;
}

forecast::PastErrors providers_errors(ZoneSource& source, const grid::ProvidersForecast& of,
                                      Interval over) {
  constexpr Duration kJudged = std::chrono::days(30);
  constexpr Duration kEach = std::chrono::minutes(30);
  forecast::PastErrors errors;
  const auto past = past_of(source, {over.begin - kJudged, over.begin});
  if (!past || past->history.step != of.slots.step) return errors;
  const forecast::Past known = past->history.all();
  std::vector<forecast::Said> said;
  for (Utc at = known.begin + kEach; at < known.end(); at += kEach) {
    auto then = providers_forecast(source, {at, at + over.length()}, true);
    const bool same = then && then->origin.source == of.origin.source;
    if (!same || (then->slots.begin - known.begin) % known.step != Duration{}) continue;
    if (then->slots.begin < known.begin) continue;
    const auto slot = static_cast<std::size_t>((then->slots.begin - known.begin) / known.step);
    said.push_back({slot, std::move(then->slots.values)});
  }
  errors.collect(known, said);
  return errors;
}

Result<Utc> moment_of(const std::string& text, const char* flag) {
  if (text.empty()) return host::SystemClock().utc();
  auto time = parse_utc(text);
  if (!time) return tl::unexpected(in_flag(time.error(), flag));
  return time;
}

}  // namespace lowtide::app
