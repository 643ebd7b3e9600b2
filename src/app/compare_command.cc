// `lowtide compare`: a run's energy series in other zones and regions, and at other times.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "account/derive.h"
#include "app/cli.h"
#include "app/compare_places.h"
#include "app/compare_rules.h"
#include "app/ledger_access.h"
#include "app/say.h"
#include "app/tables.h"
#include "app/terminal.h"
#include "app/values.h"
#include "base/names.h"
#include "base/quote.h"
#include "host/clock.h"
#include "host/threads.h"
#include "show/compare_json.h"
#include "show/compare_text.h"
#include "show/facts.h"

namespace lowtide::app {
namespace {

using std::chrono::days;

constexpr int kNoneLegal = 6;
constexpr Duration kYear = days(365);
constexpr Interval kAllTime{Utc{}, std::chrono::sys_days{std::chrono::year{2100} / 1 / 1}};

struct CompareFlags {
  std::string run;
  CompareWish wish;
  RuleFlags rules;
  std::string signal;
  std::string coming;
  std::optional<int> year;
  std::string at;
  std::string json;
  bool all = false;
};

// Which starts are looked at.
struct Span {
  Utc at;
  std::optional<Duration> coming;
  std::optional<int> year;  // of UTC
};

Result<Span> read_span(const CompareFlags& flags) {
  Span span{host::SystemClock().utc(), std::nullopt, flags.year};
  if (!flags.at.empty()) {
    const auto at = parse_utc(flags.at);
    if (!at || *at < kAllTime.begin || *at >= kAllTime.end) {
      return fail(ErrorKind::usage, in_quotes(flags.at) + " is no time of 1970 to 2099", "--at",
                  "write 2026-01-05T14:00Z");
    }
    span.at = *at;
  }
  if (flags.coming.empty()) return span;
  const auto coming = parse_duration(flags.coming);
  if (!coming || *coming < kSlot || *coming > kYear) {
    return fail(ErrorKind::usage, in_quotes(flags.coming) + " is no duration of 5m to 365d",
                "--coming", "write 2d");
  }
  span.coming = *coming;
  return span;
}

int year_of(Utc t) {
  const std::chrono::year_month_day date{std::chrono::floor<days>(t)};
  return static_cast<int>(date.year());
}

Interval whole_year(int year) {
  using std::chrono::sys_days;
  return {sys_days{std::chrono::year{year} / 1 / 1}, sys_days{std::chrono::year{year + 1} / 1 / 1}};
}

// All starts of a series that has an end of its own.
Interval starts_within(const IntensitySeries& series, std::size_t work_slots) {
  if (series.empty()) return {};
  const Utc end = slot_end(series.pieces().back().span.end - Duration(1));
  return {slot_begin(series.pieces().front().span.begin),
          end - kSlot * (static_cast<int>(work_slots) - 1)};
}

// The starts that are asked for; of a whole file they are known once it is read.
Interval starts_of(const Span& span) {
  const Utc now = slot_begin(span.at);
  if (span.year) return whole_year(*span.year);
  if (span.coming) return {now, slot_end(now + *span.coming - Duration(1))};
  return {now, now + kYear};
}

// Fetches the candidate's series and lays the job over it.
Result<void> lay_over(Candidate& candidate, const Span& span, const study::Comparison& asked,
                      const plan::SweepOptions& options) {
  const bool whole = candidate.site.used.source == "file" && !span.coming && !span.year;
  Interval starts = starts_of(span);
  const Duration further = kSlot * static_cast<int>(asked.work.size());
  const auto used =
      candidate.provider->fetch(whole ? kAllTime : Interval{starts.begin, starts.end + further});
  if (!used) return tl::unexpected(used.error());
  if (whole) starts = starts_within(used->series, asked.work.size());
  study::Site& site = candidate.site;
  if (auto done = study::lay_over(used->series, starts, asked, site, options); !done) return done;
  if (site.used.source == "file" && year_of(starts.begin) == year_of(starts.end - kSlot)) {
    site.year = year_of(starts.begin);
  }
  return {};
}

// How far it is, on stderr: only where it takes long, and gone at the end.
class Progress {
 public:
  ~Progress() {
    if (drawn_) say("\r\x1b[K");
  }
  Progress() = default;
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void at(double share) {
    const auto now = host::SystemClock().boot();
    if (now < next_ || !LiveLine::wanted()) return;
    next_ = now + std::chrono::milliseconds(200);
    drawn_ = true;
    say(fmt::format("\r\x1b[Kcomparing: {:.0f} %", share * 100));
  }

 private:
  BootTime next_ = host::SystemClock().boot() + std::chrono::seconds(1);
  bool drawn_ = false;
};

Result<void> lay_over_all(Candidates& candidates, const Span& span, study::Comparison& comparison) {
  Progress progress;
  const auto count = static_cast<double>(candidates.known.size());
  for (std::size_t i = 0; i < candidates.known.size(); ++i) {
    Candidate& candidate = candidates.known[i];
    plan::SweepOptions options{host::spread, {}};
    options.progress = [&](double part) {
      progress.at((static_cast<double>(i) + part) / count);
      return true;
    };
    progress.at(static_cast<double>(i) / count);
    study::Site& site = candidate.site;
    if (auto done = lay_over(candidate, span, comparison, options); done) {
      comparison.sites.push_back(std::move(site));
    } else if (done.error().kind == ErrorKind::absent) {
      comparison.left_out.push_back({site.zone, site.region, done.error().message});
    } else {
      return done;
    }
  }
  return {};
}

Result<study::Comparison> ask(const account::Report& report, const CompareFlags& flags,
                              const Span& span, const Rules& rules) {
  if (!report.energy.it || *report.energy.it <= Energy{}) {
    const bool none = report.energy.it.has_value();
    return fail(
        ErrorKind::absent,
        none ? "it used no energy" : "its energy is not known" + show::why_no_energy(report),
        "run " + report.run.id, "compare a run that has some: `lowtide runs`");
  }
  study::Comparison comparison;
  auto work = study::profile_of(report);
  if (!work) {
    work.error().where = "run " + report.run.id;
    return tl::unexpected(work.error());
  }
  comparison.work = std::move(*work);
  comparison.signal = report.run.options.headline;
  if (!flags.signal.empty()) {
    const auto signal = parse_signal(flags.signal);
    if (!signal) {
      return fail(ErrorKind::usage, signal.error().message, "--signal", signal.error().hint);
    }
    comparison.signal = *signal;
  }
  comparison.at = span.at;
  comparison.coming = span.coming.has_value();
  comparison.by = span.coming ? study::RankBy::lowest : study::RankBy::mean;
  comparison.transfer = rules.rules.transfer;
  comparison.transfer_note = rules.transfer_note;
  if (!rules.prices.empty()) comparison.price_source = flags.rules.sku_file;
  return comparison;
}

// Nothing is left to compare: which of the two it was.
int refuse_all(const study::Comparison& comparison, const Rules& rules) {
  const bool ruled_out = !comparison.sites.empty() || comparison.left_out.empty() ||
                         rules.rules.countries || rules.rules.offering;
  if (ruled_out) {
    complain({ErrorKind::usage, "no region is left that may take the job", "compare",
              "allow more with --legal, --sku or --zones"});
    return kNoneLegal;
  }
  const study::LeftOut& first = comparison.left_out.front();
  return refuse({ErrorKind::absent, first.why, first.region.empty() ? first.zone : first.region,
                 "give a series of your own: --intensity ZONE=file:PATH"});
}

// All places with what each start emits there, in order.
Result<study::Comparison> compare(const account::Report& report, const CompareFlags& flags,
                                  const Span& span, const Rules& rules) {
  auto comparison = ask(report, flags, span, rules);
  if (!comparison) return comparison;
  CompareWish wish = flags.wish;
  wish.signal = comparison->signal;
  auto places = candidates(wish, report);
  if (!places) return tl::unexpected(places.error());
  comparison->left_out = std::move(places->left_out);
  for (Candidate& candidate : places->known) {
    const auto price = rules.prices.find(lower(candidate.site.key()));
    if (price != rules.prices.end()) candidate.site.price = price->second;
  }
  if (auto done = lay_over_all(*places, span, *comparison); !done) {
    return tl::unexpected(done.error());
  }
  study::rank(*comparison, rules.rules);
  return comparison;
}

int say_all(const account::Report& report, const study::Comparison& comparison,
            const CompareFlags& flags) {
  if (!flags.json.empty()) {
    const std::string json = show::compare_json(report, comparison);
    if (flags.json == "-") return put(json);
    if (const int status = put(json, flags.json); status != 0) return status;
  }
  return put(show::compare_text(report, comparison, flags.all, style_of(STDOUT_FILENO)));
}

int compare_command(const CompareFlags& flags) {
  const auto span = read_span(flags);
  if (!span) return refuse(span.error());
  RuleFlags asked = flags.rules;
  asked.provider = flags.wish.provider;
  const auto rules = read_rules(asked);
  if (!rules) return refuse(rules.error());
  auto ledger = open_ledger();
  if (!ledger) return refuse(ledger.error());
  const auto run = load_run(*ledger, flags.run, false);
  if (!run) return refuse(run.error());
  const account::Report report = account::derive(*run, shipped_tables());
  const auto comparison = compare(report, flags, *span, *rules);
  if (!comparison) return refuse(comparison.error());
  if (comparison->best() == nullptr) return refuse_all(*comparison, *rules);
  return say_all(report, *comparison, flags);
}

void add_options(CLI::App& compare, CompareFlags& flags) {
  compare.add_option("run", flags.run, "an id, `last`, a unique prefix, or a name")
      ->type_name("RUN")
      ->required();
  CLI::Option* zones =
      compare.add_option("--zones", flags.wish.zones, "these zones or regions (default: all)")
          ->type_name("PLACE,..")
          ->delimiter(',');
  compare.add_option("--provider", flags.wish.provider, "all regions of azure, aws or gcp")
      ->type_name("CLOUD")
      ->excludes(zones);
  add_rule_options(compare, flags.rules);
  compare
      .add_option("--intensity", flags.wish.intensity,
                  "of the run's zone, or ZONE=SOURCE, again for more zones (default: typical)")
      ->type_name("SOURCE");
  compare.add_option("--signal", flags.signal, "average or marginal (default: as the run's)")
      ->type_name("SIGNAL");
  CLI::Option* coming =
      compare.add_option("--coming", flags.coming, "starts of the coming 2d, not of a year")
          ->type_name("DURATION");
  compare.add_option("--year", flags.year, "starts of this year, UTC (default: the next 365 days)")
      ->type_name("YEAR")
      ->check(CLI::Range(1970, 2098))
      ->excludes(coming);
  compare.add_option("--at", flags.at, "as of this time instead of now")->type_name("TIME");
  compare.add_flag("--all", flags.all, "every zone, not only the first and the last");
  compare.add_option("--json", flags.json, "also as JSON (lowtide.compare/1); - for stdout alone")
      ->type_name("FILE");
}

}  // namespace

void add_compare(Cli& cli) {
  const auto flags = std::make_shared<CompareFlags>();
  CLI::App& compare = add_command(cli, "compare", "Lay a run over other zones and start times",
                                  flags, compare_command);
  add_options(compare, *flags);
  compare.footer(
      "Examples:\n"
      "  lowtide compare last\n"
      "  lowtide compare bert --provider azure --legal EU --transfer 200GB\n"
      "  lowtide compare bert --zones FR,DE --coming 2d\n"
      "  lowtide compare bert --intensity FR=file:fr.csv --intensity DE=file:de.csv --year 2020");
}

}  // namespace lowtide::app
