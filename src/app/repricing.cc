#include "app/repricing.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "account/derive.h"
#include "app/asking.h"
#include "app/paths.h"
#include "app/provider_access.h"
#include "app/say.h"
#include "app/tables.h"
#include "app/values.h"
#include "grid/sources.h"
#include "host/clock.h"
#include "series/merge_lives.h"
#include "show/text.h"

namespace lowtide::app {
namespace {

void add_once(std::vector<std::string>& lines, std::string line) {
  if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(std::move(line));
}

// The list that the series was made by: the run's own, for the other signal today's.
std::string spec_of(const RunRecord& row, const IntensityUsed& used, Settings& settings) {
  if (used.signal == row.options.headline) return row.options.intensity;
  const auto spec = sources_of(settings, used.zone, used.signal);
  return spec ? *spec : used.source;
}

Interval span_of(const RunRecord& row) {
  const Utc begin = row.begin.value_or(row.submitted);
  return {begin, row.end.value_or(begin)};
}

Duration covered(const IntensityUsed& used) {
  Duration sum{};
  for (const IntensityPiece& piece : used.series.pieces()) sum += piece.span.length();
  return sum;
}

Duration measured(const IntensityUsed& used) {
  Duration sum{};
  for (const IntensityPiece& piece : used.series.pieces()) {
    if (piece.quality == Quality::measured) sum += piece.span.length();
  }
  return sum;
}

Result<IntensityUsed> look_up(const RunRecord& row, const IntensityUsed& used,
                              const std::string& spec, Interval over, Settings& settings) {
  auto opened = grid::open_source(source_request(settings, spec, place_of(row, used), used.signal));
  if (!opened) return tl::unexpected(opened.error());
  auto now = (*opened)->fetch(over);
  if (!now) return now;
  now->asked = used.asked;
  now->resolved_by = used.resolved_by;
  now->place_assumed = used.place_assumed;
  return now;
}

// What is known is not given up for less, nor history for what stands in for it.
IntensityUsed better_of(const IntensityUsed& recorded, Result<IntensityUsed> now,
                        std::vector<std::string>& said) {
  const bool lost = measured(recorded) > (now ? measured(*now) : Duration{});
  if (lost) {
    add_once(said, fmt::format("{}, {}: what is kept today covers less than what was recorded: the "
                               "recorded intensity stands",
                               recorded.source, recorded.zone));
  }
  if (!now || lost || covered(*now) < covered(recorded)) return recorded;
  return std::move(*now);
}

std::string carbon_text(const RunRecord& row) {
  const auto report = account::derive(row, shipped_tables());
  if (!report.carbon.operational) return "not known";
  return show::text_of(show::Figure<Carbon>{*report.carbon.operational, {}, {}}).brief() + " " +
         show::gas_text(report.carbon.gas);
}

// Puts the new price into the ledger, with an event that has both figures.
Result<void> store(record::Ledger& ledger, std::int64_t key, const RunRecord& row,
                   const std::vector<IntensityUsed>& now) {
  RunRecord priced = row;
  priced.intensity = now;
  const bool final =
      std::none_of(now.begin(), now.end(), [](const auto& used) { return used.provisional; });
  const Event said{host::SystemClock().utc(), "priced-again",
                   fmt::format("operational carbon {}, was {}{}", carbon_text(priced),
                               carbon_text(row), final ? "" : "; still provisional")};
  return ledger.reprice(key, now, said);
}

bool is_offline(Settings& settings) {
  return settings.get<bool>("offline", false, parse_bool).value_or(false);
}

struct AskAbout {
  Settings& settings;
  grid::KeptSeries& kept;
  const RunRecord& row;
  Interval span;
  bool again;
};

void ask(const AskAbout& about, const IntensityUsed& used, const std::string& spec,
         std::vector<std::string>& said) {
  Asking asking(about.settings, about.kept, Asking::Patience::report);
  for (const std::string& provider : grid::providers_in(spec)) {
    const auto asked = asking.history(provider, place_of(about.row, used), used.signal,
                                      span_of(about.row), about.again);
    if (!asked) add_once(said, asked.error().line());
  }
}

bool any_provisional(const RunRecord& row) {
  return std::any_of(row.intensity.begin(), row.intensity.end(),
                     [](const auto& used) { return used.provisional; });
}

void complete(record::Ledger& ledger, std::int64_t key, Settings& settings, AskFirst ask,
              Completed& done) {
  RunRecord row;
  if (auto loaded = ledger.load(key, false)) {
    row = std::move(*loaded);
  } else {
    return add_once(done.said, loaded.error().line());
  }
  const NewPrice price = price_again(row, settings, ask);
  for (const std::string& line : price.said) add_once(done.said, line);
  RunRecord priced = row;
  priced.intensity = price.now;
  if (any_provisional(priced)) ++done.still_provisional;
  if (!price.changed) return;
  const auto stored = store(ledger, key, row, price.now);
  if (!stored) return add_once(done.said, stored.error().line());
  ++done.rows;
}

}  // namespace

grid::Place place_of(const RunRecord& row, const IntensityUsed& used) {
  const std::string& asked = row.options.location.empty() ? used.zone : row.options.location;
  if (auto found = grid::find_place(asked, data_folder())) return std::move(*found);
  grid::Place place;
  place.zone = used.zone;
  return place;
}

Result<IntensityUsed> read_again(const RunRecord& row, const IntensityUsed& used, Interval over,
                                 Settings& settings, std::vector<std::string>& said) {
  const std::string spec = spec_of(row, used, settings);
  if (!grid::providers_in(spec).empty() && !is_offline(settings)) {
    auto kept = grid::KeptSeries::open(cache_path());
    if (kept) ask({settings, *kept, row, over, false}, used, spec, said);
    if (!kept) add_once(said, kept.error().line());
  }
  return look_up(row, used, spec, over, settings);
}

NewPrice price_again(const RunRecord& row, Settings& settings, AskFirst first) {
  NewPrice price;
  const bool offline = first == AskFirst::nothing || is_offline(settings);
  const Interval span = span_of(row);
  auto kept = grid::KeptSeries::open(cache_path());
  if (!kept) price.said.push_back(kept.error().line());
  for (const IntensityUsed& used : row.intensity) {
    const std::string spec = spec_of(row, used, settings);
    if (kept && !offline)
      ask({settings, *kept, row, span, first == AskFirst::all}, used, spec, price.said);
    IntensityUsed now = better_of(used, look_up(row, used, spec, span, settings), price.said);
    price.changed =
        price.changed || now.sha256 != used.sha256 || now.provisional != used.provisional;
    price.now.push_back(std::move(now));
  }
  return price;
}

Result<PricedRecord> record_priced_again(record::Ledger& ledger, std::int64_t key, bool samples) {
  const auto keys = ledger.lives_of(key);
  if (!keys) return tl::unexpected(keys.error());
  Settings settings = Settings::load(config_path());
  std::vector<RunRecord> before;
  std::vector<RunRecord> now;
  for (const std::int64_t each : *keys) {
    auto row = ledger.load(each, samples);
    if (!row) return tl::unexpected(row.error());
    NewPrice price = price_again(*row, settings, AskFirst::all);
    for (const std::string& line : price.said) warn(line);
    before.push_back(*row);
    now.push_back(std::move(*row));
    now.back().intensity = std::move(price.now);
  }
  if (before.size() == 1) return PricedRecord{std::move(before.front()), std::move(now.front())};
  return PricedRecord{merge_lives(std::move(before)), merge_lives(std::move(now))};
}

Completed complete_provisional(Settings& settings, const std::vector<std::int64_t>& keys,
                               AskFirst ask) {
  Completed done;
  if (auto there = record::Ledger::open_to_read(ledger_path()); !there) return done;
  auto ledger = record::Ledger::open(ledger_path());
  if (!ledger) {
    done.said.push_back(ledger.error().line());
    return done;
  }
  const auto open = ledger->provisional();
  if (!open) return done;
  for (const std::int64_t key : *open) {
    const bool meant = keys.empty() || std::find(keys.begin(), keys.end(), key) != keys.end();
    if (meant) complete(*ledger, key, settings, ask, done);
  }
  return done;
}

void complete_for_report(record::Ledger& ledger, const std::vector<std::string>& wanted) {
  const auto open = ledger.provisional();
  if (!open || open->empty()) return;
  std::vector<std::int64_t> keys;
  for (const std::string& name : wanted) {
    const auto line = ledger.find(name);
    if (!line) continue;
    const auto lives = ledger.lives_of(line->key);
    if (lives) keys.insert(keys.end(), lives->begin(), lives->end());
  }
  std::erase_if(keys, [&](std::int64_t key) {
    return std::find(open->begin(), open->end(), key) == open->end();
  });
  if (keys.empty()) return;
  Settings settings = Settings::load(config_path());
  const Completed done = complete_provisional(settings, keys, AskFirst::unsettled);
  for (const std::string& line : done.said) warn(line);
}

std::string complete_by_kept(Settings& settings) {
  const Completed done = complete_provisional(settings, {}, AskFirst::nothing);
  for (const std::string& line : done.said) warn(line);
  if (done.rows == 0 && done.still_provisional == 0) return {};
  const auto runs = [](int n) { return fmt::format("{} run{}", n, n == 1 ? "" : "s"); };
  return fmt::format("{} priced anew, {} still provisional\n", runs(done.rows),
                     done.still_provisional);
}

}  // namespace lowtide::app
