#include "app/asking.h"

#include <utility>

#include "app/paths.h"
#include "app/provider_access.h"
#include "app/values.h"
#include "grid/kept_provider.h"
#include "host/clock.h"

namespace lowtide::app {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// An answer about what may still change serves so long; who reads a report wants what there is.
Duration serves(Asking::Patience patience) {
  return patience == Asking::Patience::background ? Duration(hours(1)) : Duration{};
}

host::HttpLimits limits_of(Asking::Patience patience) {
  host::HttpLimits limits;
  if (patience == Asking::Patience::report) {
    limits.connect = seconds(3);
    limits.whole = seconds(10);
  }
  return limits;
}

host::RetryRule retries_of(Asking::Patience patience) {
  host::RetryRule rule;
  if (patience == Asking::Patience::report) {
    rule.tries = 2;
    rule.budget = seconds(3);
    rule.longest = seconds(3);
  }
  return rule;
}

}  // namespace

Asking::Asking(Settings& settings, grid::KeptSeries& kept, Patience patience, host::Wait wait)
    : settings_(settings),
      kept_(kept),
      patience_(patience),
      data_(data_folder()),
      http_(host::open_http(limits_of(patience))),
      conditional_(*http_, kept_),
      network_{&conditional_, retries_of(patience), std::move(wait)} {}

Result<grid::Client*> Asking::client(const std::string& provider) {
  auto& known = clients_[provider];
  if (!known) {
    auto opened = grid::open_client(provider, access_of(settings_, provider), network_, data_);
    if (!opened) return tl::unexpected(opened.error());
    known = std::move(*opened);
  }
  return known.get();
}

Result<grid::Question> Asking::question(grid::Client& client, const grid::Place& place,
                                        Signal signal, Interval span) {
  grid::Question question;
  question.signal = signal;
  question.over = span;
  question.scope =
      settings_.get<Scope>("scope", Scope::lifecycle, parse_scope).value_or(Scope::lifecycle);
  const std::string note = grid::zone_note(client.facts().name, grid::place_key(place), signal);
  const auto noted = kept_.noted(note);
  if (noted && *noted) {
    question.zone = (*noted)->value;
    return question;
  }
  const auto zone = client.zone_for(place, signal);
  if (!zone) return tl::unexpected(zone.error());
  static_cast<void>(kept_.note(note, *zone, host::SystemClock().utc()));
  question.zone = *zone;
  return question;
}

Result<void> Asking::history(const std::string& provider, const grid::Place& place, Signal signal,
                             Interval span, bool again) {
  const auto done = bring(provider, place, signal, span,
                          {grid::FetchWish::What::history, again, serves(patience_)});
  static_cast<void>(kept_.note(grid::asked_note(provider, place.zone, signal),
                               done ? "ok" : done.error().message, host::SystemClock().utc()));
  return done;
}

Result<void> Asking::forecast(const std::string& provider, const grid::Place& place, Signal signal,
                              Interval span) {
  const auto opened = client(provider);
  if (!opened) return tl::unexpected(opened.error());
  if ((*opened)->facts().ahead <= Duration::zero()) return {};
  return bring(provider, place, signal, span,
               {grid::FetchWish::What::newest_forecast, false, serves(patience_)});
}

Result<void> Asking::bring(const std::string& provider, const grid::Place& place, Signal signal,
                           Interval span, const grid::FetchWish& wish) {
  const auto opened = client(provider);
  if (!opened) return tl::unexpected(opened.error());
  const auto asked = question(**opened, place, signal, span);
  if (!asked) return tl::unexpected(asked.error());
  const grid::Fetched fetched = grid::fetch(**opened, kept_, *asked, wish);
  if (fetched.trouble) return tl::unexpected(*fetched.trouble);
  conditional_.keep();
  return {};
}

}  // namespace lowtide::app
