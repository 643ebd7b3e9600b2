// When a request is sent again: exponential back-off with jitter, and what Retry-After says.
#pragma once

#include <functional>
#include <optional>

#include "host/http.h"

namespace lowtide::host {

struct RetryRule {
  int tries = 4;                                // the first included
  Duration first = std::chrono::seconds(1);     // the wait before the second, doubling after
  Duration longest = std::chrono::seconds(60);  // a Retry-After beyond it ends the tries
  Duration budget = std::chrono::seconds(60);   // of all requests and waits before the last try
};

// Waits; false: somebody wants to stop.
using Wait = std::function<bool(Duration)>;
[[nodiscard]] Wait sleep_for();  // a plain sleep

// What the answer says of when to come again, in seconds or as a date.
[[nodiscard]] std::optional<Duration> retry_after(const HttpAnswer& answer);

// 429, 500, 502, 503, 504 and temporary errors are tried again; anything else is the answer. The
// last answer or error when the tries are spent.
[[nodiscard]] Result<HttpAnswer> send_again(Http& http, const HttpRequest& request,
                                            const RetryRule& rule, const Wait& wait);

}  // namespace lowtide::host
