// `lowtide grid forecast`: the intensity of the hours to come, with a band.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "app/grid_past.h"
#include "app/grid_series.h"
#include "app/ledger_access.h"
#include "app/plan_values.h"
#include "app/terminal.h"
#include "app/values.h"
#include "base/quote.h"
#include "show/forecast_view.h"

namespace lowtide::app {
namespace {

using forecast::Forecast;
using std::chrono::days;
using std::chrono::hours;

// What the longest look back of a model with its band takes.
constexpr Duration kPast = days(560);
// A forecast from an older value than this is none.
constexpr Duration kOldest = days(7);
constexpr double kMostHours = 168;

struct ForecastFlags {
  PastFlags past;
  std::string ahead = "48";
  std::string forecaster;
  std::string at;
  std::string level = "80";
  std::string json;
};

struct Asked {
  Utc at;
  Duration ahead{};
  double level = 0;
  // Null: a provider's, or whatever is best.
  const forecast::ForecasterKind* kind = nullptr;
};

std::string all_names() {
  std::string out = "provider";
  for (const forecast::ForecasterKind& kind : forecast::forecaster_kinds()) {
    out += ", ";
    out += kind.name;
  }
  return out;
}

// A number within (low, high], in the flag's words.
Result<double> number_in(const std::string& text, const char* flag, double low, double high) {
  auto value = parse_number(text);
  if (!value) return tl::unexpected(in_flag(value.error(), flag));
  if (*value > low && *value <= high) return value;
  return fail(ErrorKind::usage, in_quotes(text) + " is out of range", flag,
              fmt::format("give more than {:g} and at most {:g}", low, high));
}

Result<Asked> read(const ForecastFlags& flags) {
  const auto at = moment_of(flags.at, "--at");
  if (!at) return tl::unexpected(at.error());
  const auto ahead = number_in(flags.ahead, "--hours", 0, kMostHours);
  if (!ahead) return tl::unexpected(ahead.error());
  const auto level = number_in(flags.level, "--level", 0, 99);
  if (!level) return tl::unexpected(level.error());
  Asked asked{*at, seconds(*ahead * kSecondsPerHour), *level / 100, nullptr};
  if (flags.forecaster.empty() || flags.forecaster == "provider") return asked;
  asked.kind = forecast::find_forecaster(flags.forecaster);
  if (asked.kind != nullptr) return asked;
  return fail(ErrorKind::usage, in_quotes(flags.forecaster) + " is none of " + all_names(),
              "--forecaster");
}

// From the slot that holds `at`: what lies before it is dropped.
Forecast from(Forecast forecast, Utc at) {
  std::size_t gone = 0;
  while (gone < forecast.point.size() &&
         forecast.begin + forecast.step * static_cast<std::int64_t>(gone + 1) <= at) {
    ++gone;
  }
  for (auto* values : {&forecast.point, &forecast.low, &forecast.high}) {
    values->erase(values->begin(), values->begin() + static_cast<std::ptrdiff_t>(gone));
  }
  forecast.begin += forecast.step * static_cast<std::int64_t>(gone);
  return forecast;
}

show::ForecastView view_of_provider(ZoneSource& source, grid::ProvidersForecast said,
                                    const Asked& asked) {
  show::ForecastView view;
  view.used = source.provider->describe();
  view.used.source = said.origin.source;
  view.model = said.origin.model;
  view.forecaster = "provider";
  view.title = "the provider's own";
  view.issued = said.origin.issued;
  const forecast::PastErrors errors =
      providers_errors(source, said, {asked.at, asked.at + asked.ahead});
  const forecast::Past before{said.slots.begin, said.slots.step, {}};
  view.forecast = forecast::with_band(before, std::move(said.slots.values), errors, asked.level);
  if (!said.whole) view.notes.emplace_back("the provider's forecast does not cover all of it");
  return view;
}

Result<show::ForecastView> view_of_model(ZoneSource& source, const forecast::ForecasterKind& kind,
                                         const Asked& asked) {
  auto past = past_of(source, {asked.at - kPast, asked.at});
  if (!past) return tl::unexpected(past.error());
  const forecast::Past known = past->history.all();
  if (asked.at - known.end() > kOldest) {
    return fail(ErrorKind::absent, "the newest value is of " + format_utc(known.end()),
                source.place.zone, "fetch what came since, or give an earlier --at");
  }
  const auto slots = static_cast<std::size_t>(
      (asked.at + asked.ahead - known.end() + known.step - Duration(1)) / known.step);
  const forecast::Fitted fitted(kind, known);
  show::ForecastView view;
  view.used = std::move(past->used);
  view.forecaster = kind.name;
  view.title = kind.title;
  view.issued = asked.at;
  view.past = Interval{known.begin, known.end()};
  view.coverage = past->coverage;
  view.forecast = from(fitted.predict(known, slots, asked.level), asked.at);
  if (asked.at - known.end() >= known.step) {
    view.notes.push_back("the newest value is of " + format_utc(known.end()) +
                         ": it is forecast from there");
  }
  const auto below = std::count_if(known.values.begin(), known.values.end(),
                                   [](Intensity each) { return each < Intensity{}; });
  if (below > 0) {
    view.notes.push_back(fmt::format(
        "{} of {} values of the past are below zero; a forecast is never below it", below,
        known.size()));
  }
  if (std::none_of(view.forecast.point.begin(), view.forecast.point.end(), forecast::is_known)) {
    return fail(ErrorKind::absent, "too little of the past is known for a forecast",
                source.place.zone, "the mean of 7 days needs 4 of them");
  }
  return view;
}

Result<show::ForecastView> make_view(const ForecastFlags& flags, const Asked& asked) {
  auto source = open_zone(flags.past);
  if (!source) return tl::unexpected(source.error());
  const bool only_provider = flags.forecaster == "provider";
  if (asked.kind == nullptr) {
    auto said = providers_forecast(*source, {asked.at, asked.at + asked.ahead}, !flags.at.empty());
    if (said && (said->whole || only_provider)) {
      return view_of_provider(*source, std::move(*said), asked);
    }
    if (only_provider) {
      return fail(ErrorKind::absent, "no forecast of a provider is kept for then",
                  source->place.zone,
                  "try: lowtide grid fetch " + source->place.zone + " --forecast");
    }
  }
  const auto* kind =
      asked.kind != nullptr ? asked.kind : forecast::find_forecaster(forecast::kUsualForecaster);
  return view_of_model(*source, *kind, asked);
}

int forecast_command(const ForecastFlags& flags) {
  const auto asked = read(flags);
  if (!asked) return refuse(asked.error());
  auto view = make_view(flags, *asked);
  if (!view) return refuse(view.error());
  view->at = asked->at;
  view->ahead = asked->ahead;
  if (flags.json == "-") return put(show::forecast_json(*view));
  if (!flags.json.empty()) {
    if (const int status = put(show::forecast_json(*view), flags.json); status != 0) return status;
  }
  return put(show::forecast_text(*view, style_of(STDOUT_FILENO)));
}

}  // namespace

void add_grid_forecast(Cli& cli, CLI::App& grid) {
  const auto flags = std::make_shared<ForecastFlags>();
  CLI::App& command = *grid.add_subcommand("forecast", "Say what the intensity will be");
  command.callback([&cli, flags] { cli.action = [flags] { return forecast_command(*flags); }; });
  add_past_options(command, flags->past);
  command.add_option("--hours", flags->ahead, "how far ahead, 168 at most (default: 48)")
      ->type_name("H");
  command
      .add_option("--forecaster", flags->forecaster,
                  "provider, persistence, yesterday, last-week, mean-7-days, decay, ridge or\n"
                  "blend (default: the provider's where it covers all of it, else blend)")
      ->type_name("NAME");
  command
      .add_option("--at", flags->at, "as of this time, from values before it alone (default: now)")
      ->type_name("TIME");
  command.add_option("--level", flags->level, "share that the band is to hold (default: 80)")
      ->type_name("PERCENT");
  command
      .add_option("--json", flags->json,
                  "write it (lowtide.forecast/1) to this file as well; - prints it instead")
      ->type_name("FILE");
  command.footer(
      "From what was: a year of it is learned from, a week is the least. The band is made of the\n"
      "errors that the model would have made in the last 90 days. Never asks the network.\n"
      "Examples:\n"
      "  lowtide grid forecast GB\n"
      "  lowtide grid forecast US-CAL-CISO --signal marginal --hours 24 --forecaster provider\n"
      "  lowtide grid forecast FR --intensity file:fr.csv --at 2026-01-05T14:00Z --json -");
}

}  // namespace lowtide::app
