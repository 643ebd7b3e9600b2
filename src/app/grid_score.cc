// `lowtide grid score`: what forecasts of a zone would have been worth.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>

#include "app/grid_past.h"
#include "app/grid_series.h"
#include "app/ledger_access.h"
#include "app/plan_values.h"
#include "app/progress_line.h"
#include "app/say.h"
#include "app/score_cache.h"
#include "app/terminal.h"
#include "base/quote.h"
#include "host/threads.h"
#include "show/score_view.h"

namespace lowtide::app {
namespace {

using forecast::ForecasterKind;
using std::chrono::days;
using std::chrono::hours;

// What is learned from before the first forecast: a year, what is looked back on, and the errors
// behind the first bands and the gate.
constexpr Duration kBefore = days(640);

struct ScoreFlags {
  PastFlags past;
  std::vector<std::string> forecasters;
  std::string last = "365d";
  std::string to;
  std::string json;
};

Result<std::vector<const ForecasterKind*>> kinds_of(const ScoreFlags& flags) {
  std::vector<const ForecasterKind*> kinds;
  for (const ForecasterKind& kind : forecast::forecaster_kinds()) {
    const auto named = std::find(flags.forecasters.begin(), flags.forecasters.end(), kind.name);
    const bool all = flags.forecasters.empty() || flags.forecasters.front() == "all";
    if (all || named != flags.forecasters.end()) kinds.push_back(&kind);
  }
  for (const std::string& name : flags.forecasters) {
    if (name == "all" || forecast::find_forecaster(name) != nullptr) continue;
    std::string known = "all";
    for (const ForecasterKind& kind : forecast::forecaster_kinds()) {
      known += ", ";
      known += kind.name;
    }
    return fail(ErrorKind::usage, in_quotes(name) + " is none of " + known, "--forecaster");
  }
  return kinds;
}

// As steps get done on any thread.
class Progress {
 public:
  explicit Progress(std::size_t all) : all_(all) {}
  void step() {
    const std::lock_guard lock(mutex_);
    ++done_;
    line_.show(show::score_progress(done_, all_, line_.elapsed()));
  }

 private:
  std::mutex mutex_;
  std::size_t all_;
  std::size_t done_ = 0;
  ProgressLine line_;
};

// The end of the newest value there is.
Result<Utc> newest_of(ZoneSource& source, Utc now) {
  constexpr Utc kFirst{days(10957)};  // 2000: no series is older
  const auto all = past_of(source, {kFirst, now});
  if (!all) return tl::unexpected(all.error());
  return all->history.all().end();
}

// What is scored and what is learned from.
Result<GridPast> read_past(const ScoreFlags& flags, Duration last) {
  const auto to = moment_of(flags.to, "--to");
  if (!to) return tl::unexpected(to.error());
  auto source = open_zone(flags.past);
  if (!source) return tl::unexpected(source.error());
  const auto end = flags.to.empty() ? newest_of(*source, *to) : Result<Utc>(*to);
  if (!end) return tl::unexpected(end.error());
  return past_of(*source, {*end - last - kBefore, *end});
}

Result<study::Score> scored_or_kept(const study::ScoreAsk& ask,
                                    const std::vector<const ForecasterKind*>& kinds) {
  const std::string hash = score_hash(ask, kinds);
  if (auto kept = kept_score(hash)) return std::move(*kept);
  Progress progress(study::steps_of(ask, kinds.size()));
  auto scored = study::score(ask, kinds, host::spread, [&progress] { progress.step(); });
  if (scored) keep_score(hash, *scored);
  return scored;
}

Result<show::ScoreView> make_view(const ScoreFlags& flags) {
  const auto kinds = kinds_of(flags);
  if (!kinds) return tl::unexpected(kinds.error());
  const auto last = parse_duration(flags.last);
  if (!last) return tl::unexpected(in_flag(last.error(), "--last"));
  auto past = read_past(flags, *last);
  if (!past) return tl::unexpected(past.error());
  show::ScoreView view;
  view.ask.past = past->history.all();
  view.ask.end = view.ask.past.end();
  view.ask.begin = view.ask.end - *last;
  // Finer slots take longer to plan; both are in no step with the day.
  view.ask.between_starts = hours(view.ask.past.step >= std::chrono::minutes(30) ? 7 : 25);
  auto scored = scored_or_kept(view.ask, *kinds);
  if (!scored) {
    return fail(ErrorKind::absent, scored.error().message, past->used.zone,
                "give a shorter --last, or bring more: lowtide grid fetch");
  }
  view.used = std::move(past->used);
  view.over = {view.ask.begin, view.ask.end};
  view.past = {view.ask.past.begin, view.ask.end};
  view.coverage = past->coverage;
  view.step = view.ask.past.step;
  view.score = std::move(*scored);
  view.ask.past = {};
  if (view.over.begin - view.past.begin < kBefore) {
    view.notes.push_back(
        fmt::format("only {} are known before the first forecast: models learn "
                    "from less than they would today",
                    format_duration(view.over.begin - view.past.begin)));
  }
  return view;
}

int score_command(const ScoreFlags& flags) {
  const auto view = make_view(flags);
  if (!view) return refuse(view.error());
  if (flags.json == "-") return put(show::score_json(*view));
  if (!flags.json.empty()) {
    if (const int status = put(show::score_json(*view), flags.json); status != 0) return status;
  }
  return put(show::score_text(*view, style_of(STDOUT_FILENO)));
}

}  // namespace

void add_grid_score(Cli& cli, CLI::App& grid) {
  const auto flags = std::make_shared<ScoreFlags>();
  CLI::App& command = *grid.add_subcommand("score", "What forecasts would have been worth");
  command.callback([&cli, flags] { cli.action = [flags] { return score_command(*flags); }; });
  add_past_options(command, flags->past);
  command
      .add_option("--forecaster", flags->forecasters,
                  "all (default), or some by comma: see lowtide grid forecast --help")
      ->delimiter(',')
      ->type_name("NAME");
  command.add_option("--last", flags->last, "how much is scored (default: 365d)")->type_name("D");
  command.add_option("--to", flags->to, "its end (default: the newest value)")->type_name("TIME");
  command
      .add_option("--json", flags->json,
                  "write it (lowtide.score/1) to this file as well; - prints it instead")
      ->type_name("FILE");
  command.footer(
      "Each hour of the span a forecast is made from what was known then, and jobs of 1, 6, 19 "
      "and\n"
      "36 h with 24 h to spare are planned anew on it, a resume at 15 minutes of power. Says the\n"
      "errors, what the bands hold, and what of the oracle's saving is kept; intervals by weeks.\n"
      "With the gate: shifted only where the saving's lower bound is above zero.\n"
      "Examples:\n"
      "  lowtide grid score GB\n"
      "  lowtide grid score FR --intensity file:fr.csv --last 365d --to 2025-01-01 --json -");
}

}  // namespace lowtide::app
