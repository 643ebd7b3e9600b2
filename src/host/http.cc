#include "host/http.h"

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "base/names.h"
#include "host/dynlib.h"

namespace lowtide::host {
namespace {

constexpr const char* kUserAgent = "lowtide/" LOWTIDE_VERSION;

// What is used of the library.
struct Curl {
  decltype(curl_global_init)* global_init = nullptr;
  decltype(curl_easy_init)* easy_init = nullptr;
  decltype(curl_easy_setopt)* setopt = nullptr;
  decltype(curl_easy_perform)* perform = nullptr;
  decltype(curl_easy_getinfo)* getinfo = nullptr;
  decltype(curl_easy_reset)* reset = nullptr;
  decltype(curl_easy_cleanup)* cleanup = nullptr;
  decltype(curl_easy_strerror)* text = nullptr;
  decltype(curl_slist_append)* append = nullptr;
  decltype(curl_slist_free_all)* free_list = nullptr;
  decltype(curl_url)* url = nullptr;
  decltype(curl_url_set)* url_set = nullptr;
  decltype(curl_url_get)* url_get = nullptr;
  decltype(curl_url_cleanup)* url_cleanup = nullptr;
  decltype(curl_free)* free = nullptr;
};

Result<Curl> load() {
  Error error;
  for (const char* name : {"libcurl.so.4", "libcurl-gnutls.so.4"}) {
    const auto library = DynamicLibrary::open(name);
    if (!library) {
      error = library.error();
      continue;
    }
    bool all = true;
    const auto find = [&]<typename F>(F*& function, const char* symbol) {
      function = library->find<F>(symbol);
      all = all && function != nullptr;
    };
    Curl curl;
    find(curl.global_init, "curl_global_init");
    find(curl.easy_init, "curl_easy_init");
    find(curl.setopt, "curl_easy_setopt");
    find(curl.perform, "curl_easy_perform");
    find(curl.getinfo, "curl_easy_getinfo");
    find(curl.reset, "curl_easy_reset");
    find(curl.cleanup, "curl_easy_cleanup");
    find(curl.text, "curl_easy_strerror");
    find(curl.append, "curl_slist_append");
    find(curl.free_list, "curl_slist_free_all");
    find(curl.url, "curl_url");
    find(curl.url_set, "curl_url_set");
    find(curl.url_get, "curl_url_get");
    find(curl.url_cleanup, "curl_url_cleanup");
    find(curl.free, "curl_free");
    if (all && curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) return curl;
    error = {ErrorKind::absent, "too old, or cannot start", name, {}};
  }
  error.hint = "install libcurl (Debian: libcurl4)";
  return tl::unexpected(error);
}

const Result<Curl>& library() {
  static const Result<Curl> loaded = load();
  return loaded;
}

// A URL's scheme, host and port: where a key may go. Empty when it is no URL.
std::string origin_of(const Curl& curl, const std::string& url) {
  std::string origin;
  CURLU* parts = curl.url();
  if (curl.url_set(parts, CURLUPART_URL, url.c_str(), 0) == CURLUE_OK) {
    for (const CURLUPart part : {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT}) {
      char* text = nullptr;
      if (curl.url_get(parts, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) continue;
      if (part != CURLUPART_SCHEME) origin += part == CURLUPART_HOST ? "://" : ":";
      origin += lower(text);
      curl.free(text);
    }
  }
  curl.url_cleanup(parts);
  return origin;
}

struct Arriving {
  HttpAnswer answer;
  std::size_t most = 0;  // bytes
  bool too_large = false;
};

extern "C" {
static std::size_t lowtide_http_body(char* data, std::size_t one, std::size_t count, void* to) {
  auto& arriving = *static_cast<Arriving*>(to);
  arriving.too_large = arriving.answer.body.size() + one * count > arriving.most;
  if (arriving.too_large) return 0;  // ends the transfer
  arriving.answer.body.append(data, one * count);
  return one * count;
}

static std::size_t lowtide_http_header(char* data, std::size_t one, std::size_t count, void* to) {
  auto& arriving = *static_cast<Arriving*>(to);
  std::string_view line(data, one * count);
  if (line.starts_with("HTTP/")) arriving.answer.headers.clear();  // after 100 Continue
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    std::string_view value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    value = value.substr(0, value.find_last_not_of(" \t\r\n") + 1);
    arriving.answer.headers[lower(line.substr(0, colon))] = value;
  }
  return one * count;
}
}

// What libcurl's failures are to us; what is not here is temporary.
struct Meaning {
  CURLcode code;
  ErrorKind kind;
  const char* hint;
};
constexpr const char* kCertificateHint =
    "check the provider's url, the clock, and SSL_CERT_FILE if a proxy has a certificate of its "
    "own";
constexpr auto kMeanings = std::to_array<Meaning>({
    {CURLE_COULDNT_RESOLVE_HOST, ErrorKind::temporary, "check the network and the provider's url"},
    {CURLE_COULDNT_RESOLVE_PROXY, ErrorKind::temporary, "check https_proxy and http_proxy"},
    {CURLE_COULDNT_CONNECT, ErrorKind::temporary, "check the network and the provider's url"},
    {CURLE_PEER_FAILED_VERIFICATION, ErrorKind::denied, kCertificateHint},
    {CURLE_SSL_CACERT_BADFILE, ErrorKind::denied, "check SSL_CERT_FILE and CURL_CA_BUNDLE"},
    {CURLE_URL_MALFORMAT, ErrorKind::malformed, "check the provider's url"},
    {CURLE_UNSUPPORTED_PROTOCOL, ErrorKind::malformed, "only http and https are spoken"},
    {CURLE_WEIRD_SERVER_REPLY, ErrorKind::malformed, "check the provider's url"},
    {CURLE_BAD_CONTENT_ENCODING, ErrorKind::temporary, "try again later"},
});

class CurlHttp final : public Http {
 public:
  explicit CurlHttp(const HttpLimits& limits) : limits_(limits) {}
  CurlHttp(const CurlHttp&) = delete;
  CurlHttp& operator=(const CurlHttp&) = delete;
  ~CurlHttp() override {
    if (handle_ == nullptr) return;
    curl_.free_list(headers_);
    curl_.cleanup(handle_);
  }

  Result<HttpAnswer> send(const HttpRequest& request) override {
    if (auto ready = prepare(request); !ready) return tl::unexpected(ready.error());
    const std::string origin = origin_of(curl_, request.url);
    std::string url = request.url;
    for (int redirects = 0;; ++redirects) {
      auto answer = once(request, url, origin);
      if (!answer || answer->status < 300 || answer->status >= 400) return answer;
      char* next = nullptr;
      curl_.getinfo(handle_, CURLINFO_REDIRECT_URL, &next);
      if (next == nullptr || request.method != "GET") return answer;
      url = next;
      if (origin_of(curl_, url) != origin) {
        return fail(
            ErrorKind::malformed,
            "sends on to another origin, " + origin_of(curl_, url) + ", and is not followed",
            origin, "set the provider's url to it if that is right");
      }
      if (redirects == limits_.redirects) {
        return fail(ErrorKind::malformed, "too many redirects", origin, "check the provider's url");
      }
    }
  }

 private:
  Result<void> prepare(const HttpRequest& request) {
    if (!library()) return tl::unexpected(library().error());
    curl_ = *library();
    if (handle_ == nullptr) handle_ = curl_.easy_init();
    if (handle_ == nullptr) return fail(ErrorKind::temporary, "libcurl does not start");
    curl_.reset(handle_);  // keeps its connections
    curl_.free_list(std::exchange(headers_, nullptr));
    for (const auto& [name, value] : request.headers) {
      std::string line = name;
      line.append(": ").append(value);
      if (line.find_first_of("\r\n") != std::string::npos) {
        return fail(ErrorKind::malformed, "the value for " + name + " has a line break", {},
                    "check the file or variable that holds it");
      }
      headers_ = curl_.append(headers_, line.c_str());
    }
    common_options();
    set(CURLOPT_HTTPHEADER, headers_);
    if (!request.user.empty()) {
      set(CURLOPT_HTTPAUTH, long{CURLAUTH_BASIC});
      set(CURLOPT_USERNAME, request.user.c_str());
      set(CURLOPT_PASSWORD, request.password.c_str());
    }
    if (request.method == "GET") return {};
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_COPYPOSTFIELDS, request.body.c_str());
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    return {};
  }

  void common_options() {
    const auto ms = [](Duration d) { return static_cast<long>(d / std::chrono::milliseconds(1)); };
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);  // a resolver that hangs is not waited for
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_USERAGENT, kUserAgent);
    set(CURLOPT_ACCEPT_ENCODING, "");  // all that the library has
    set(CURLOPT_CONNECTTIMEOUT_MS, ms(limits_.connect));
    if (!limits_.proxy) set(CURLOPT_NOPROXY, "*");
    set(CURLOPT_TIMEOUT_MS, ms(limits_.whole));
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, std::max(1L, ms(limits_.stalled) / 1000));
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(CURLOPT_WRITEFUNCTION, &lowtide_http_body);
    set(CURLOPT_HEADERFUNCTION, &lowtide_http_header);
    // The library itself reads neither; the last that is set counts.
    for (const char* name : {"SSL_CERT_FILE", "CURL_CA_BUNDLE"}) {
      const char* file = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing sets it
      if (file != nullptr && *file != '\0') set(CURLOPT_CAINFO, file);
    }
  }

  template <typename Value>
  void set(CURLoption option, Value value) {
    curl_.setopt(handle_, option, value);  // one that an old library lacks changes nothing
  }

  Result<HttpAnswer> once(const HttpRequest& request, const std::string& url,
                          const std::string& origin) {
    Arriving arriving;
    arriving.most = limits_.body;
    std::array<char, CURL_ERROR_SIZE> said{};
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_WRITEDATA, &arriving);
    set(CURLOPT_HEADERDATA, &arriving);
    set(CURLOPT_ERRORBUFFER, said.data());
    const CURLcode code = curl_.perform(handle_);
    set(CURLOPT_ERRORBUFFER, static_cast<char*>(nullptr));
    if (code == CURLE_OK) {
      long status = 0;
      curl_.getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
      arriving.answer.status = static_cast<int>(status);
      return std::move(arriving.answer);
    }
    if (arriving.too_large) {
      return fail(ErrorKind::malformed,
                  "the answer is larger than " + std::to_string(limits_.body) + " bytes", origin,
                  "ask for a shorter span, or check the provider's url");
    }
    const auto* const meaning = std::find_if(kMeanings.begin(), kMeanings.end(),
                                             [&](const Meaning& m) { return m.code == code; });
    const std::string text = said[0] == '\0' ? curl_.text(code) : said.data();
    const bool known = meaning != kMeanings.end();
    return fail(known ? meaning->kind : ErrorKind::temporary, without(text, secrets_of(request)),
                origin, known ? meaning->hint : "try again later");
  }

  HttpLimits limits_;
  Curl curl_{};
  CURL* handle_ = nullptr;
  curl_slist* headers_ = nullptr;
};

std::string base64(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += 3) {
    unsigned bits = 0;
    for (std::size_t i = at; i < at + 3; ++i) {
      bits = bits << 8U | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
    }
    for (unsigned shift = 18; shift <= 18; shift -= 6) out += kDigits[bits >> shift & 63U];
  }
  return out.substr(0, (text.size() * 4 + 2) / 3);  // without the padding
}

}  // namespace

std::unique_ptr<Http> open_http(const HttpLimits& limits) {
  return std::make_unique<CurlHttp>(limits);
}

std::string url_encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (kPlain.find(c) != kPlain.npos) {
      out += c;
    } else {
      out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
  }
  return out;
}

std::vector<std::string> secrets_of(const HttpRequest& request) {
  std::vector<std::string> all = request.secrets;
  if (!request.user.empty()) {
    all.push_back(request.password);
    all.push_back(base64(request.user + ":" + request.password));
  }
  for (const auto& [name, value] : request.headers) {
    if (lower(name) == "authorization") all.push_back(value.substr(value.rfind(' ') + 1));
  }
  return all;
}

std::string without(std::string text, std::vector<std::string> secrets) {
  const std::size_t count = secrets.size();
  for (std::size_t i = 0; i < count; ++i) secrets.push_back(url_encode(secrets[i]));
  std::sort(secrets.begin(), secrets.end(),
            [](const auto& a, const auto& b) { return a.size() > b.size(); });
  for (const std::string& secret : secrets) {
    if (secret.size() <= 3) break;
    for (std::size_t at = text.find(secret); at != text.npos; at = text.find(secret, at)) {
      text.replace(at, secret.size(), "***");
    }
  }
  return text;
}

}  // namespace lowtide::host
