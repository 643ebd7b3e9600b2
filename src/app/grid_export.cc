// `lowtide grid export`: what is known of a zone's intensity, for other programs.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/grid_past.h"
#include "app/grid_series.h"
#include "app/ledger_access.h"
#include "app/paths.h"
#include "app/say.h"
#include "base/quote.h"
#include "grid/constant.h"
#include "grid/csv_text.h"
#include "grid/licence.h"
#include "grid/table.h"
#include "series/origin.h"
#include "show/series_view.h"
#include "show/text.h"

namespace lowtide::app {
namespace {

// Within them a series may lie; the readers of files take no other years.
const Interval kAllTimes{std::chrono::sys_days(std::chrono::year(1970) / 1 / 1),
                         std::chrono::sys_days(std::chrono::year(2100) / 1 / 1)};

struct OutFlags {
  PastFlags past;
  std::string from;
  std::string to;
  std::string format = "csv";
  std::string out;
};

bool names_sources(const OutFlags& flags) {
  return std::any_of(flags.past.settings.begin(), flags.past.settings.end(),
                     [](const auto& setting) { return setting.first == "intensity"; });
}

bool is_typical(const std::string& word) { return word == "typical"; }

Error nothing_known(const ZoneSource& source) {
  return {ErrorKind::absent,
          fmt::format("no {} intensity of what was is known", spell(source.signal)),
          source.place.zone,
          "say where it is with --intensity: import, file:PATH, a provider that was fetched, or "
          "typical with --from and --to"};
}

// Opens the zone's sources. A typical year is no record of what was: it is one of them only where
// --intensity names it. Into `endless`: whether one of them has a value for any time.
Result<ZoneSource> open_sources(const OutFlags& flags, bool& endless) {
  auto source = open_zone(flags.past);
  if (!source) return source;
  auto words = grid::parse_sources(grid::trim(source->request.spec));
  if (!words) return tl::unexpected(words.error());
  if (!names_sources(flags)) std::erase_if(*words, is_typical);
  if (words->empty()) return tl::unexpected(nothing_known(*source));
  endless = std::any_of(words->begin(), words->end(), [](const std::string& word) {
    return is_typical(word) || grid::looks_like_constant(word);
  });
  source->request.spec = fmt::format("{}", fmt::join(*words, ","));
  source->request.allow_fallback = false;
  auto opened = grid::open_source(source->request);
  if (!opened) return tl::unexpected(opened.error());
  source->provider = std::move(*opened);
  return source;
}

// All times where no flag says one.
Result<Interval> span_wanted(const OutFlags& flags, bool endless) {
  if (endless && (flags.from.empty() || flags.to.empty())) {
    return fail(ErrorKind::usage, "a typical year and a number are for any time",
                flags.from.empty() ? "--from" : "--to", "say from when to when");
  }
  Interval over = kAllTimes;
  for (const auto& [flag, text, time] :
       {std::tuple{"--from", &flags.from, &over.begin}, std::tuple{"--to", &flags.to, &over.end}}) {
    if (text->empty()) continue;
    const auto said = moment_of(*text, flag);
    if (!said) return tl::unexpected(said.error());
    *time = *said;
  }
  if (!over.empty()) return over;
  return fail(ErrorKind::usage,
              fmt::format("{} is not after {}", format_utc(over.end), format_utc(over.begin)),
              "--to", "give a later --to, or an earlier --from");
}

// Leaves forecasts out: they are not what was.
Result<void> drop_forecasts(IntensityUsed& used) {
  std::vector<IntensityPiece> pieces;
  for (const IntensityPiece& piece : used.series.pieces()) {
    if (origin_of(used, piece).kind != IntensityKind::forecast) pieces.push_back(piece);
  }
  auto series = IntensitySeries::from(std::move(pieces));
  if (!series) return tl::unexpected(series.error());
  used.series = std::move(*series);
  return {};
}

std::vector<show::SeriesView::Part> parts_of(const IntensityUsed& used) {
  std::vector<show::SeriesView::Part> parts;
  for (const IntensityPiece& piece : used.series.pieces()) {
    const IntensityOrigin origin = origin_of(used, piece);
    auto at = std::find_if(parts.begin(), parts.end(),
                           [&](const auto& part) { return part.origin == origin; });
    if (at == parts.end()) {
      at = parts.insert(at, {origin, 0, grid::licence_of(origin.source, used, data_folder())});
    }
    ++at->values;
  }
  return parts;
}

Result<show::SeriesView> view_of(const OutFlags& flags) {
  bool endless = false;
  auto source = open_sources(flags, endless);
  if (!source) return tl::unexpected(source.error());
  const auto over = span_wanted(flags, endless);
  if (!over) return tl::unexpected(over.error());
  auto used = source->provider->fetch(*over);
  if (!used) return tl::unexpected(used.error());
  if (auto done = drop_forecasts(*used); !done) return tl::unexpected(done.error());
  show::SeriesView view;
  view.notes = source->provider->notes();
  for (const std::string& note : view.notes) warn(note);
  if (used->series.empty()) return tl::unexpected(nothing_known(*source));
  const auto pieces = used->series.pieces();
  view.over = {flags.from.empty() ? pieces.front().span.begin : over->begin,
               flags.to.empty() ? pieces.back().span.end : over->end};
  view.step = grid::usual_length(used->series);
  view.parts = parts_of(*used);
  view.used = std::move(*used);
  return view;
}

// Once a source, on stderr: the CSV has no room for it.
void tell_licences(const show::SeriesView& view) {
  std::set<std::string> told;
  for (const show::SeriesView::Part& part : view.parts) {
    const auto& [text, terms, restricted] = part.licence;
    if (!told.insert(part.origin.source).second || (text.empty() && terms.empty())) continue;
    const std::string line = fmt::format("{}: {}{}{}", part.origin.source, text,
                                         text.empty() || terms.empty() ? "" : "; ", terms);
    if (restricted.value_or(false)) {
      warn(line);
    } else {
      say("lowtide: " + show::escape(line) + "\n");
    }
  }
}

int export_series(const OutFlags& flags) {
  const auto view = view_of(flags);
  if (!view) return refuse(view.error());
  const auto text = flags.format == "json" ? Result<std::string>(show::series_json(*view))
                                           : grid::csv_text(view->used.series);
  if (!text) return refuse(text.error());
  tell_licences(*view);
  return put_whole(*text, flags.out);
}

}  // namespace

void add_grid_export(Cli& cli, CLI::App& grid) {
  const auto flags = std::make_shared<OutFlags>();
  CLI::App& command =
      *grid.add_subcommand("export", "Write the series of a zone for other programs");
  command.callback([&cli, flags] { cli.action = [flags] { return export_series(*flags); }; });
  add_past_options(command, flags->past);
  add_setting(command, flags->past.settings, "scope", "SCOPE",
              "lifecycle (default) or direct, where a source has both");
  command.add_option("--from", flags->from, "its begin (default: all that is known)")
      ->type_name("TIME");
  command.add_option("--to", flags->to, "its end")->type_name("TIME");
  command
      .add_option("--format", flags->format,
                  "csv: time,g_per_kwh, as --intensity file:PATH and `grid import` read it (the\n"
                  "default); json: lowtide.series/1, each value with its source")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"csv", "json"}));
  command.add_option("-o,--out", flags->out, "write to this file, as a whole or not at all")
      ->type_name("FILE");
  command.footer(
      "What was, in UTC and g/kWh: a gap is no row, or one without a value, never a zero; "
      "forecasts\n"
      "are left out, and a typical year is in it only where --intensity names it. Licences are\n"
      "said on stderr: name the source with its figures. Never asks the network.\n"
      "Examples:\n"
      "  lowtide grid export GB --intensity uk --out gb.csv\n"
      "  lowtide grid export FR --intensity import --from 2022-01-01 --to 2023-01-01 | gzip\n"
      "  lowtide grid export DE --intensity typical --from 2026-01-01 --to 2027-01-01 --format "
      "json");
}

}  // namespace lowtide::app
