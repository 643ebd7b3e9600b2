#include "grid/outlook.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "forecast/windows.h"
#include "grid/joined.h"
#include "series/origin.h"

namespace lowtide::grid {
namespace {

using forecast::History;
using Errors = std::vector<std::vector<Intensity>>;

constexpr Intensity kUnknown = forecast::kUnknown;
constexpr double kLeastKnown = 0.75;  // of the past, for it to be learned from

const forecast::ForecasterKind& own_kind() {
  return *forecast::find_forecaster(forecast::kUsualForecaster);
}

// The pieces of these kinds, described by their own sources.
template <typename Wanted>
IntensityUsed part_of(const IntensityUsed& used, Wanted wanted) {
  IntensityUsed part = used;
  part.source.clear();
  part.model.clear();
  std::vector<IntensityPiece> pieces;
  const auto add = [](std::string& text, const std::string& word) {
    if (word.empty() || text.find(word) != std::string::npos) return;
    text += (text.empty() ? "" : " + ") + word;
  };
  for (const IntensityPiece& piece : used.series.pieces()) {
    const IntensityOrigin origin = origin_of(used, piece);
    if (!wanted(origin.kind)) continue;
    add(part.source, origin.source);
    add(part.model, origin.model);
    pieces.push_back(piece);
  }
  part.series = IntensitySeries::from(std::move(pieces)).value_or(IntensitySeries());
  return part;
}

bool is_sure(IntensityKind kind) { return is_past(kind) || kind == IntensityKind::forecast; }

bool covers(const IntensityUsed& used, Interval over) {
  std::vector<Interval> sure;
  for (const IntensityPiece& piece : used.series.pieces()) {
    if (is_sure(origin_of(used, piece).kind)) sure.push_back(piece.span);
  }
  return rest_of(over, united(std::move(sure))).empty();
}

// Value of the slot that holds `t`; kUnknown: none does.
Intensity value_at(const History& history, Utc t) {
  if (t < history.begin) return kUnknown;
  const auto slot = static_cast<std::size_t>((t - history.begin) / history.step);
  return slot < history.values.size() ? history.values[slot] : kUnknown;
}

Utc slot_of(Interval window, std::size_t i) {
  return window.begin + kSlot * static_cast<std::int64_t>(i);
}

using From = Outlook::From;
std::vector<From> origins_by_slot(const IntensityUsed& used, Interval window) {
  std::vector<From> from(static_cast<std::size_t>(window.length() / kSlot), From::other);
  for (const IntensityPiece& piece : used.series.pieces()) {
    const IntensityOrigin origin = origin_of(used, piece);
    From what = From::other;
    if (is_past(origin.kind)) what = From::known;
    if (origin.kind == IntensityKind::forecast) {
      what = origin.source == kOwnForecast ? From::own : From::provider;
    }
    const Interval part = piece.span.meet(window);
    for (Utc t = slot_begin(part.begin); t < part.end; t += kSlot) {
      from[static_cast<std::size_t>((t - window.begin) / kSlot)] = what;
    }
  }
  return from;
}

bool has(const std::vector<From>& from, From what) {
  return std::find(from.begin(), from.end(), what) != from.end();
}

// The slots of the past's step that the window has behind what is known.
forecast::WindowAsk ask_of(const forecast::Past& known, Interval window) {
  const Utc begin = std::max(known.end(), window.begin);
  const auto late = static_cast<std::size_t>((begin - known.end()) / known.step);
  const Duration reach = window.end - known.end() + known.step - Duration(1);
  const auto end = reach < Duration{} ? 0 : static_cast<std::size_t>(reach / known.step);
  return {late, std::max(end, late) - late};
}

// Of what a provider has said.
bool knows_any(const std::vector<From>& from, const std::vector<Intensity>& errors) {
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] == From::provider && forecast::is_known(errors[i])) return true;
  }
  return false;
}

}  // namespace

const std::optional<KnownPast>& Outlook::past() {
  if (past_read_) return past_;
  past_read_ = true;
  const Interval over{at_ - kLookBack, at_};
  const Interval to_come{at_ + kOwnWord, at_ + 2 * kOwnWord};
  auto used = source_->fetch({over.begin, to_come.end});
  if (!used) return past_;
  past_ = known_past(*used, over);
  goes_on_ = known_past(*used, to_come).has_value();
  past_used_ = part_of(*used, is_past);
  past_used_.series = {};
  return past_;
}

// Enough is known, up to about now: a series that goes on is the user's own word of what comes.
bool Outlook::may_forecast() {
  if (!past()) return false;
  const forecast::Past known = past_->history.all();
  return !goes_on_ && at_ - known.end() <= kOldestPast &&
         known.step * static_cast<std::int64_t>(known.size()) >= kLeastPast &&
         past_->coverage >= kLeastKnown;
}

const std::optional<IntensityUsed>& Outlook::own() {
  if (own_made_) return own_;
  own_made_ = true;
  if (!may_forecast()) return own_;
  const forecast::Past known = past_->history.all();
  const auto model = own_kind().make();
  model->fit(known);
  std::vector<IntensityPiece> pieces;
  Utc begin = known.end();
  for (const Intensity value :
       model->predict(known, static_cast<std::size_t>(kOwnAhead / known.step))) {
    const Interval span{begin, begin + known.step};
    if (forecast::is_known(value)) pieces.push_back({span, value, Quality::modelled, 0});
    begin += known.step;
  }
  own_ = past_used_;
  own_->origins = {
      {kOwnForecast,
       fmt::format("lowtide's own forecast ({}) from {}", own_kind().name, past_used_.source),
       IntensityKind::forecast, at_}};
  own_->source = kOwnForecast;
  own_->model = own_->origins.front().model;
  own_->step = known.step;
  own_->error_low_rel = own_->error_high_rel = std::nullopt;
  own_->error_reference = {};
  own_->series = IntensitySeries::from(std::move(pieces)).value_or(IntensitySeries());
  return own_;
}

std::optional<Interval> Outlook::learned_from() {
  if (!own()) return std::nullopt;
  const forecast::Past known = past_->history.all();
  return Interval{known.begin, known.end()};
}

Result<IntensityUsed> Outlook::fetch(Interval over) {
  auto used = source_->fetch(over);
  // What is known needs no look back.
  if (!used || over.end <= at_ || covers(*used, over) || !own()) return used;
  return with_own(*used, over);
}

// Our own forecast where nothing surer is there; all of it as it was where that is of another kind.
Result<IntensityUsed> Outlook::with_own(const IntensityUsed& used, Interval over) const {
  const IntensityUsed sure = part_of(used, is_sure);
  if (!sure.series.empty() && !alike(sure, *own_)) return used;
  Joined joined(*own_);
  joined.add(sure, over);
  const Interval ahead{std::max(over.begin, past_->history.all().end()), over.end};
  const bool any = !ahead.empty() && joined.add(*own_, ahead);
  if (!any) return used;
  const IntensityUsed rest = part_of(used, [](IntensityKind kind) { return !is_sure(kind); });
  const bool with_rest = alike(joined.so_far(), used) && joined.add(rest, over);
  auto laid = std::move(joined).done();
  if (laid) laid->fallback = with_rest && used.fallback;
  return laid;
}

// What a provider had said of the window so long before, by then, against what came.
void Outlook::add_provider(const std::vector<From>& from, Interval window, Duration back,
                           std::vector<Intensity>& errors) const {
  SourceRequest then = request_;
  then.spec = fmt::to_string(fmt::join(providers_in(request_.spec), ","));
  then.as_of = at_ - back;
  auto opened = open_source(then);
  if (!opened) return;
  const Interval earlier{window.begin - back, window.end - back};
  const auto used = (*opened)->fetch({earlier.begin - std::chrono::hours(1), earlier.end});
  if (!used) return;
  const auto said = providers_forecast(*used, {at_ - back, earlier.end});
  if (!said) return;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] != From::provider) continue;
    const Utc t = slot_of(earlier, i);
    errors[i] = value_at(past_->history, t) - value_at(said->slots, t);
  }
}

// Without what is a forecast: kUnknown there.
std::vector<Intensity> Outlook::error_of_known(const std::vector<From>& from, Interval window,
                                               std::int64_t days) {
  std::vector<Intensity> off(from.size(), forecast::kUnknown);
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (from[i] == From::known) off[i] = {};
  }
  if (has(from, From::provider)) {
    add_provider(from, window, forecast::kDay * days, off);
  }
  return off;
}

Errors Outlook::past_errors(const IntensityUsed& used, Interval window) {
  if (!past()) return {};
  const std::vector<From> from = origins_by_slot(used, window);
  const forecast::Past known = past_->history.all();
  const forecast::WindowAsk ask = ask_of(known, window);
  Errors all;
  if (!has(from, From::own)) {
    if (!has(from, From::provider)) return {};
    // Each day is a question to the cache: where nothing was kept of so many, it ends.
    constexpr std::size_t kVain = 10;
    std::size_t vain = 0;
    for (const std::int64_t days : forecast::days_back(known, ask)) {
      if (vain == kVain) break;
      all.push_back(error_of_known(from, window, days));
      vain = knows_any(from, all.back()) ? 0 : vain + 1;
    }
    return all;
  }
  for (const forecast::WindowError& error : forecast::window_errors(own_kind(), known, ask)) {
    all.push_back(error_of_known(from, window, error.days_back));
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (from[i] != From::own) continue;
      const auto lead = static_cast<std::size_t>((slot_of(window, i) - known.end()) / known.step);
      all.back()[i] = grams_per_kwh(error.off[lead - ask.late]);
    }
  }
  return all;
}

}  // namespace lowtide::grid
