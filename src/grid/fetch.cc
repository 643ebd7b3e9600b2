#include "grid/fetch.h"

#include <algorithm>
#include <vector>

#include "host/clock.h"

namespace lowtide::grid {
namespace {

using What = FetchWish::What;

// In whole hours: no provider's step is cut in two there, so a value is kept once, whoever asks.
Interval whole_hours(Interval span) {
  return {std::chrono::floor<std::chrono::hours>(span.begin),
          std::chrono::ceil<std::chrono::hours>(span.end)};
}

std::vector<Interval> cut_up(const std::vector<Interval>& spans, const ClientFacts& facts) {
  std::vector<Interval> chunks;
  for (const Interval& asked : spans) {
    const Interval span = whole_hours(asked);
    const Duration longest = facts.longest > Duration::zero() ? facts.longest : span.length();
    for (Utc at = span.begin; at < span.end; at += longest) {
      chunks.push_back({at, std::min(span.end, at + longest)});
    }
  }
  return chunks;
}

Result<std::vector<Interval>> chunks_of(const ClientFacts& facts, KeptSeries& kept,
                                        const AskedSpan& asked, const FetchWish& wish) {
  if (wish.what == What::newest_forecast) return std::vector<Interval>{asked.over};
  if (wish.again) return cut_up({asked.over}, facts);
  const auto spans = kept.to_ask(
      asked,
      {host::SystemClock().utc(), asked.forecasts ? Duration{} : facts.settles, wish.serves});
  if (!spans) return spans;
  return cut_up(*spans, facts);
}

Result<std::vector<Batch>> answer(Client& client, const Question& question, What what) {
  if (what == What::history) return client.history(question);
  if (what == What::newest_forecast) return client.forecast(question);
  return client.forecasts_issued(question);
}

void add(Fetched& fetched, const std::vector<Batch>& batches, const PutResult& put) {
  ++fetched.done;
  fetched.put.added += put.added;
  fetched.put.revised += put.revised;
  fetched.put.equal += put.equal;
  for (const Batch& batch : batches) {
    fetched.notes.insert(batch.notes.begin(), batch.notes.end());
    fetched.missing += std::count_if(batch.points.begin(), batch.points.end(),
                                     [](const Point& point) { return !point.value; });
  }
}

}  // namespace

Fetched fetch(Client& client, KeptSeries& kept, const Question& question, const FetchWish& wish,
              const FetchProgress& progress) {
  Fetched fetched;
  Question chunk = question;
  AskedSpan asked{{client.facts().name, question.zone, question.signal, question.scope, Gas::co2e,
                   question.model},
                  whole_hours(question.over),
                  wish.what == What::issued_forecasts};
  const auto stop = [&](const Error& error) {
    fetched.trouble = error;
    return fetched;
  };
  const auto chunks = chunks_of(client.facts(), kept, asked, wish);
  if (!chunks) return stop(chunks.error());
  fetched.chunks = chunks->size();
  for (const Interval& span : *chunks) {
    if (progress && !progress(fetched.done, fetched.chunks)) return fetched;
    chunk.over = span;
    const auto batches = answer(client, chunk, wish.what);
    if (!batches) return stop(batches.error());
    // The newest forecast is out of date with the next one: nobody has asked for its span.
    asked.over = wish.what == What::newest_forecast ? Interval{} : span;
    const auto put = kept.put(*batches, asked, host::SystemClock().utc());
    if (!put) return stop(put.error());
    add(fetched, *batches, *put);
  }
  if (progress) progress(fetched.done, fetched.chunks);
  return fetched;
}

}  // namespace lowtide::grid
