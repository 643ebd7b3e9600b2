// One question to a provider: sent, tried again, and its answer read as JSON without trusting it.
//
// Every way in which it can fail becomes one line that names provider, zone, span and what to do
// next; what is secret is masked. Nothing in an error body is believed to be JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "grid/client.h"

namespace lowtide::grid {

using Json = nlohmann::json;

// Whom an Error speaks of.
struct Asked {
  std::string name;   // "watttime": as in settings
  std::string title;  // "WattTime"
  std::string zone;
  std::optional<Interval> over;
  // "WattTime, CAISO_NORTH, 2026-01-05T00:00Z to 2026-01-06T00:00Z"
  [[nodiscard]] std::string line() const;
};

// In steps, for those who look at the status: any answer; that it is one (2xx, 304); its JSON.
// Errors by status: 401 and 403 denied (what the body says of it, the settings to check), 404
// absent, 400 and 422 malformed with the body's message, 429 and 5xx temporary, anything else than
// 2xx malformed. A 204 is an empty answer: a null Json. HTML, text that ends in the middle and
// nothing at all are Error malformed.
[[nodiscard]] Result<host::HttpAnswer> reach(const Network& network,
                                             const host::HttpRequest& request, const Asked& asked);
[[nodiscard]] Result<host::HttpAnswer> approved(Result<host::HttpAnswer> answer,
                                                const host::HttpRequest& request,
                                                const Asked& asked);
[[nodiscard]] Result<Json> as_json(const Result<host::HttpAnswer>& answer, const Asked& asked);
// All of them.
[[nodiscard]] Result<Json> ask_json(const Network& network, const host::HttpRequest& request,
                                    const Asked& asked);
// What a body says of an error, on one line, at most 200 characters, control characters escaped:
// the usual members (error, message, detail, title) of JSON, the title of HTML, else its first
// line.
[[nodiscard]] std::string said_by(const host::HttpAnswer& answer);

// Members of an answer. `null` and absent are nullopt; a number may be a string of digits; the
// wrong type is Error malformed that names asked and the key.
[[nodiscard]] Result<std::optional<double>> number_in(const Json& object, const char* key,
                                                      const Asked& asked);
[[nodiscard]] Result<Utc> time_in(const Json& object, const char* key, const Asked& asked);
[[nodiscard]] std::string text_in(const Json& object, const char* key);  // "" unless a string
// The array at `key`; Error malformed where there is none.
[[nodiscard]] Result<const Json*> array_in(const Json& object, const char* key, const Asked& asked);

// Puts points in order. Equal ones twice are dropped; two values for one time are Error malformed.
[[nodiscard]] Result<std::vector<Point>> in_order(std::vector<Point> points, const Asked& asked);
// The span of a point that has only a begin: the most frequent difference, at most to the next.
void fill_spans(std::vector<Point>& points, Duration usual);
// Only what meets `over`, cut to it.
[[nodiscard]] std::vector<Point> cut(std::vector<Point> points, Interval over);

}  // namespace lowtide::grid
