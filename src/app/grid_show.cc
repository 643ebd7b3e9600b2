#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "app/grid_series.h"
#include "app/ledger_access.h"
#include "app/paths.h"
#include "app/provider_access.h"
#include "app/terminal.h"
#include "grid/import_header.h"
#include "grid/kept_provider.h"
#include "grid/sources.h"
#include "host/clock.h"

namespace lowtide::app {
namespace {

using std::chrono::hours;

struct ShowFlags {
  std::string zone;
  std::string source;
  std::string signal = "both";
  std::string from;
  std::string to;
  bool day = false;
  bool week = false;
  bool month = false;
  bool heat = false;
  bool json = false;
};

// The series of the place that are kept, in the order of providers, scopes and gases.
Result<std::vector<grid::SeriesKey>> keys_of(grid::KeptSeries& kept, const grid::Place& place,
                                             Signal signal, const std::string& source) {
  std::vector<std::string> names{grid::kImport};
  for (const grid::ClientKind& kind : grid::client_kinds()) names.emplace_back(kind.name);
  std::vector<grid::SeriesKey> keys;
  for (const std::string& name : names) {
    if (!source.empty() && source != name) continue;
    const auto zone = kept.noted(grid::zone_note(name, place.zone, signal));
    if (!zone) return tl::unexpected(zone.error());
    if (!*zone) continue;
    const auto found = kept.keys(name, (*zone)->value, signal);
    if (!found) return tl::unexpected(found.error());
    keys.insert(keys.end(), found->begin(), found->end());
  }
  return keys;
}

// The end of the newest value among the series, at most now.
Utc newest(grid::KeptSeries& kept, const std::vector<grid::SeriesKey>& keys, Utc now) {
  Utc end{};
  const auto lines = kept.list();
  if (!lines) return now;
  for (grid::KeptLine line : *lines) {
    line.key.model.clear();
    if (std::find(keys.begin(), keys.end(), line.key) != keys.end()) {
      end = std::max(end, line.span.end);
    }
  }
  return end == Utc{} ? now : std::min(end, now);
}

Result<std::vector<show::KeptView>> views_of(grid::KeptSeries& kept,
                                             const std::vector<grid::SeriesKey>& keys,
                                             Interval over) {
  std::vector<show::KeptView> views;
  for (const grid::SeriesKey& key : keys) {
    auto view = kept_view(kept, key, over);
    if (!view) return tl::unexpected(view.error());
    const grid::ClientKind* kind = grid::find_client(key.provider);
    view->title = kind == nullptr ? key.provider : kind->title;
    views.push_back(std::move(*view));
  }
  return views;
}

std::string drawn(const std::vector<show::KeptView>& views, const ShowFlags& flags,
                  const grid::Place& place) {
  const show::Style style = style_of(STDOUT_FILENO);
  std::string text;
  for (const show::KeptView& view : views) {
    if (!text.empty()) text += "\n";
    text += show::kept_text(view, style);
    if (view.points.empty()) continue;
    text += flags.heat ? show::kept_heat(view, style) : show::kept_chart(view, style);
  }
  if (flags.heat || views.empty()) return text;
  const auto typical = grid::open_source({"typical", place, Signal::average, data_folder()});
  if (!typical) return text;
  const auto used = (*typical)->fetch(views.front().over);
  if (used && used->source == "typical") {
    text += "\n" + show::typical_chart(*used, views.front().over, style);
  }
  return text;
}

// Of all signals that are asked for. Error absent where there is none.
Result<std::vector<grid::SeriesKey>> wanted_keys(grid::KeptSeries& kept, const grid::Place& place,
                                                 const ShowFlags& flags) {
  const auto signals = signals_of(flags.signal);
  if (!signals) return tl::unexpected(signals.error());
  std::vector<grid::SeriesKey> keys;
  for (const Signal signal : *signals) {
    const auto found = keys_of(kept, place, signal, flags.source);
    if (!found) return tl::unexpected(found.error());
    keys.insert(keys.end(), found->begin(), found->end());
  }
  if (!keys.empty()) return keys;
  return fail(ErrorKind::absent, "no series of it is kept", place.zone,
              "try: lowtide grid fetch " + place.zone);
}

int show_command(const ShowFlags& flags) {
  auto place = grid::find_place(flags.zone, data_folder());
  if (!place) {
    place.error().kind = ErrorKind::usage;
    return refuse(place.error());
  }
  auto kept = grid::KeptSeries::open_to_read(cache_path());
  if (!kept) return refuse(kept.error());
  const auto wanted = wanted_keys(*kept, *place, flags);
  if (!wanted) return refuse(wanted.error());
  const std::vector<grid::SeriesKey>& keys = *wanted;
  const Duration length = hours(flags.day ? 24 : flags.month || flags.heat ? 24 * 30 : 24 * 7);
  const Utc end = newest(*kept, keys, host::SystemClock().utc());
  const auto over = span_of_flags(flags.from, flags.to, {end - length, end});
  if (!over) return refuse(over.error());
  const auto views = views_of(*kept, keys, *over);
  if (!views) return refuse(views.error());
  return put(flags.json ? show::kept_json(place->zone, *over, *views)
                        : drawn(*views, flags, *place));
}

}  // namespace

void add_grid_show(Cli& cli, CLI::App& grid) {
  const auto flags = std::make_shared<ShowFlags>();
  CLI::App& show = *grid.add_subcommand("show", "Draw the series that are kept of a zone");
  show.callback([&cli, flags] { cli.action = [flags] { return show_command(*flags); }; });
  show.add_option("zone", flags->zone, "a zone, a cloud region or LAT,LON, as --location has it")
      ->required()
      ->type_name("ZONE");
  show.add_option("--source", flags->source, "of this provider alone (default: all)")
      ->type_name("NAME");
  show.add_option("--signal", flags->signal, "average, marginal or both (default: both)")
      ->type_name("SIGNAL");
  auto* day = show.add_flag("--day", flags->day, "the last day that is kept");
  auto* week = show.add_flag("--week", flags->week, "the last 7 days (the default)");
  show.add_flag("--month", flags->month, "the last 30 days")->excludes(day)->excludes(week);
  week->excludes(day);
  show.add_flag("--heat", flags->heat, "as a map of local days and hours, of 30 days by default");
  show.add_option("--from", flags->from, "its begin")->type_name("TIME");
  show.add_option("--to", flags->to, "its end")->type_name("TIME");
  show.add_flag("--json", flags->json, "as JSON (lowtide.kept/1)");
  show.footer(
      "Never asks the network. A dot is a gap. Beneath is the typical year of the zone, if it has "
      "one.\n"
      "Examples:\n"
      "  lowtide grid show GB\n"
      "  lowtide grid show US-CAL-CISO --signal marginal --heat\n"
      "  lowtide grid show GB --from 2026-01-01 --to 2026-01-08 --json");
}

}  // namespace lowtide::app
