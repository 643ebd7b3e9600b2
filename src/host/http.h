// The door to the network: HTTP and HTTPS by libcurl, which is loaded at the first request (never
// linked) and is absent where the system has none.
//
// One request at a time, blocking, within its limits. TLS is verified. Redirects are followed on
// the same origin only, so that no key travels to another one. Bodies may come compressed. Proxies
// by the usual environment (https_proxy, no_proxy); SSL_CERT_FILE and CURL_CA_BUNDLE are honoured.
// What is secret in a request (`secrets`, the password, Authorization) is masked in every Error.
// One thread an object.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace lowtide::host {

// All members with a default, so that a request names only what it needs.
struct HttpRequest {
  std::string method = "GET";
  std::string url{};  // with its query; may hold a key
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  std::string user{};  // HTTP Basic, unless empty
  std::string password{};
  std::vector<std::string> secrets{};  // keys within url, headers or body
};

struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string, std::less<>> headers;  // names in lower case; the last counts
  std::string body;                                         // decompressed
};

struct HttpLimits {
  Duration connect = std::chrono::seconds(5);
  Duration whole = std::chrono::seconds(30);
  Duration stalled = std::chrono::seconds(15);  // without a byte; whole seconds
  std::size_t body = std::size_t{64} << 20;     // bytes, decompressed
  int redirects = 3;
  bool proxy = true;  // that the environment names
};

class Http {
 public:
  virtual ~Http() = default;
  // Any status is an answer. Errors: absent (no libcurl), temporary (no such host, refused, timed
  // out, closed in the middle, too slow), denied (the certificate does not fit), malformed (an
  // answer that is too large, a redirect to another origin, a URL that is none).
  [[nodiscard]] virtual Result<HttpAnswer> send(const HttpRequest& request) = 0;
};

[[nodiscard]] std::unique_ptr<Http> open_http(const HttpLimits& limits = {});

// `text` for one part of a URL: all but letters, digits and -._~ as %XX.
[[nodiscard]] std::string url_encode(std::string_view text);
// What must not be told of a request: its secrets, password, and what Authorization holds.
[[nodiscard]] std::vector<std::string> secrets_of(const HttpRequest& request);
// Each of `secrets` (longer than 3 characters; also as it stands in a URL) as ***.
[[nodiscard]] std::string without(std::string text, std::vector<std::string> secrets);

}  // namespace lowtide::host
