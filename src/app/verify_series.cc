#include "app/verify_series.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "app/paths.h"
#include "app/repricing.h"
#include "app/settings.h"
#include "grid/hash.h"
#include "grid/kept_provider.h"
#include "grid/place.h"
#include "grid/sources.h"

namespace lowtide::app {
namespace {

using nlohmann::json;

// Hashes that the report names for a signal: one, or one for each life ("a + b").
std::string named_hash(const json& told, Signal signal) {
  for (const json& series : told.value("intensity", json::array())) {
    if (series.value("signal", std::string()) == spell(signal))
      return series.value("series_sha256", json()).is_string()
                 ? series["series_sha256"].get<std::string>()
                 : std::string();
  }
  return {};
}

std::string name_of(const IntensityUsed& used) {
  return fmt::format("series of {}, {}, {}", used.zone, spell(used.signal), used.source);
}

// The source of a whole series, opened again; nothing where it is one of a provider.
Result<IntensityUsed> from_source(const RunRecord& run, const IntensityUsed& used) {
  grid::Place place;
  place.zone = used.zone;
  const auto found = grid::find_place(used.zone, data_folder());
  if (found) place = *found;
  const bool given = used.source == "file" || used.source == "constant";
  auto opened = grid::open_source(
      {given ? run.options.intensity : "typical", place, used.signal, data_folder()});
  if (!opened) return tl::unexpected(opened.error());
  return (*opened)->fetch({*run.begin, run.end.value_or(*run.begin)});
}

void fail_check(Check& check, std::string detail) {
  check.verdict = Verification::differs;
  check.detail = std::move(detail);
}

void not_checked(Check& check, std::string detail) {
  check.verdict = Verification::not_checked;
  check.detail = std::move(detail);
}

void check_source(const RunRecord& run, const IntensityUsed& used, Check& check) {
  const auto again = from_source(run, used);
  if (!again) return not_checked(check, again.error().line());
  if (again->sha256 != used.sha256) {
    return not_checked(check, fmt::format("its source has changed since (now {}); the ledger's "
                                          "own copy was used",
                                          again->sha256.substr(0, 12)));
  }
  const Interval span{*run.begin, run.end.value_or(*run.begin)};
  if (!std::ranges::equal(again->series.slice(span).pieces(), used.series.slice(span).pieces(),
                          [](const IntensityPiece& a, const IntensityPiece& b) {
                            return a.span == b.span && a.value == b.value;
                          })) {
    fail_check(check, "the ledger's copy is not what its source has under the same hash");
  }
}

void check_series(const RunRecord& run, const IntensityUsed& used, std::vector<Check>& checks) {
  Check check{name_of(used), Verification::holds, 1, {}};
  if (!used.origins.empty()) {
    const std::string hash = grid::sha256_hex(grid::series_text(used.series));
    if (hash != used.sha256)
      fail_check(check, fmt::format("its values hash to {}, not {}", hash, used.sha256));
  } else if (run.begin) {
    check_source(run, used, check);
  }
  checks.push_back(std::move(check));
}

// What `report --reprice` would price the run with: what is kept, and nobody is asked.
std::optional<IntensityUsed> kept_today(const RunRecord& run, const IntensityUsed& used) {
  Settings settings = Settings::load(config_path());
  NewPrice price = price_again(run, settings, AskFirst::nothing);
  for (IntensityUsed& now : price.now) {
    if (now.signal == used.signal) return std::move(now);
  }
  return std::nullopt;
}

// The run's own series of this signal where the report names it, else one that was replaced, else
// what a report that was priced again took.
IntensityUsed named_series(const std::optional<std::vector<record::Ledger::Replaced>>& past,
                           const json& told, const RunRecord& run, const IntensityUsed& used,
                           const std::string& wanted) {
  const auto is_named = [&](const IntensityUsed& series) {
    return series.signal == used.signal && !series.sha256.empty() &&
           wanted.find(series.sha256) != std::string::npos;
  };
  if (is_named(used)) return used;
  for (const auto& replaced : past.value_or(std::vector<record::Ledger::Replaced>())) {
    if (is_named(replaced.used)) return replaced.used;
  }
  if (!told.contains("repriced")) return used;
  return kept_today(run, used).value_or(used);
}

void choose(record::Ledger& ledger, std::int64_t key, const json& told, RunRecord& run,
            std::vector<Check>& checks) {
  auto found = ledger.past_intensity(key);
  std::optional<std::vector<record::Ledger::Replaced>> past;
  if (found) past = std::move(*found);
  for (IntensityUsed& used : run.intensity) {
    const std::string wanted = named_hash(told, used.signal);
    used = named_series(past, told, run, used, wanted);
    if (wanted.find(used.sha256) != std::string::npos) {
      check_series(run, used, checks);
    } else {
      checks.push_back({name_of(used), Verification::differs, 1,
                        fmt::format("the report was made with {}, which is neither this run's nor "
                                    "one that was replaced{}",
                                    wanted.empty() ? "no series" : wanted,
                                    told.contains("repriced") ? ", nor what is kept today" : "")});
    }
  }
}

}  // namespace

Result<std::vector<RunRecord>> lives_as_reported(record::Ledger& ledger, std::int64_t key,
                                                 const json& told, std::vector<Check>& checks) {
  const auto keys = ledger.lives_of(key);
  if (!keys) return tl::unexpected(keys.error());
  std::vector<RunRecord> lives;
  for (const std::int64_t each : *keys) {
    auto life = ledger.load(each, true);
    if (!life) return tl::unexpected(life.error());
    choose(ledger, each, told, *life, checks);
    lives.push_back(std::move(*life));
  }
  return lives;
}

void check_samples(const std::vector<RunRecord>& lives, std::vector<Check>& checks) {
  for (const RunRecord& run : lives) {
    const bool dropped = std::any_of(run.events.begin(), run.events.end(), [](const Event& event) {
      return event.kind == "samples-dropped";
    });
    Check check{"samples against slots", Verification::holds, 0, {}};
    if (dropped) not_checked(check, "samples were dropped while the disk took none");
    std::map<std::size_t, std::pair<Energy, Energy>> sums;
    for (const Sample& sample : run.samples) sums[sample.channel].first += sample.energy;
    for (const ChannelSlot& slot : run.slots) sums[slot.channel].second += slot.device;
    for (const auto& [channel, pair] : sums) {
      ++check.figures;
      const double samples = as_joules(pair.first);
      const double slots = as_joules(pair.second);
      if (dropped || std::abs(samples - slots) <= 1e-6 * std::max(slots, 1.0)) continue;
      fail_check(check, fmt::format("{}: {} J in samples, {} J in slots",
                                    run.channels.at(channel).id, samples, slots));
    }
    checks.push_back(std::move(check));
  }
}

}  // namespace lowtide::app
