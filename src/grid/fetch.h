// A span of one provider brought into the kept series, chunk by chunk.
//
// Each chunk is kept as soon as it is there, so that what is cut off goes on where it stopped. Only
// what is not final is asked for (KeptSeries::to_ask). Asks the network: not for who prices a run.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "grid/client.h"
#include "grid/kept_series.h"

namespace lowtide::grid {

struct FetchWish {
  enum class What { history, newest_forecast, issued_forecasts };
  What what = What::history;
  bool again = false;  // also what is final, or was asked just now
  Duration serves{};   // an answer about what may still change serves so long
};

struct Fetched {
  std::size_t chunks = 0;        // that were to ask
  std::size_t done = 0;          // of them
  PutResult put;                 // values of all chunks
  std::int64_t missing = 0;      // rows without a value
  std::set<std::string> notes;   // of the provider, each once
  std::optional<Error> trouble;  // why it ended early; what was done is kept
};

// Told before each chunk and at the end: how many are done, of how many. false: stop, no trouble.
using FetchProgress = std::function<bool(std::size_t done, std::size_t chunks)>;

// `question` with the provider's own zone; its span may be of any length.
[[nodiscard]] Fetched fetch(Client& client, KeptSeries& kept, const Question& question,
                            const FetchWish& wish, const FetchProgress& progress = {});

}  // namespace lowtide::grid
