#include "host/retry.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <iomanip>
#include <locale>
#include <random>
#include <sstream>
#include <thread>

#include "host/clock.h"

namespace lowtide::host {
namespace {

constexpr std::array kAgain = {429, 500, 502, 503, 504};

bool worth_another(const Result<HttpAnswer>& result) {
  if (!result) return result.error().kind == ErrorKind::temporary;
  return std::find(kAgain.begin(), kAgain.end(), result->status) != kAgain.end();
}

// "Wed, 21 Oct 2026 07:28:00 GMT".
std::optional<Utc> http_date(const std::string& text) {
  std::istringstream in(text);
  in.imbue(std::locale::classic());
  std::tm parts{};
  if (!(in >> std::get_time(&parts, "%a, %d %b %Y %H:%M:%S"))) return std::nullopt;
  return Utc(std::chrono::seconds(timegm(&parts)));
}

std::optional<Utc> date_in(const HttpAnswer& answer, const char* header) {
  const auto found = answer.headers.find(header);
  return found == answer.headers.end() ? std::nullopt : http_date(found->second);
}

// Between a half and all of it, so that many who failed together do not come back together.
Duration jittered(Duration wait) {
  static thread_local std::minstd_rand random(std::random_device{}());
  return std::chrono::duration_cast<Duration>(
      wait * std::uniform_real_distribution<double>(0.5, 1.0)(random));
}

}  // namespace

std::optional<Duration> retry_after(const HttpAnswer& answer) {
  const auto found = answer.headers.find("retry-after");
  if (found == answer.headers.end()) return std::nullopt;
  const std::string& text = found->second;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size() && number >= 0) {
    return std::chrono::seconds(number);
  }
  const auto until = http_date(text);
  if (!until) return std::nullopt;
  // The server's own clock where it tells it: ours may be off.
  const Utc now = date_in(answer, "date").value_or(SystemClock().utc());
  return std::max(*until - now, Duration::zero());
}

Wait sleep_for() {
  return [](Duration d) {
    std::this_thread::sleep_for(d);
    return true;
  };
}

Result<HttpAnswer> send_again(Http& http, const HttpRequest& request, const RetryRule& rule,
                              const Wait& wait) {
  Duration back_off = rule.first;
  Duration left = rule.budget;
  for (int tried = 1;; ++tried, back_off *= 2) {
    const auto began = std::chrono::steady_clock::now();
    auto result = http.send(request);
    left -= std::chrono::steady_clock::now() - began;
    if (!worth_another(result) || tried >= rule.tries) return result;
    const auto told = result ? retry_after(*result) : std::nullopt;
    const Duration next = std::max(jittered(back_off), told.value_or(Duration::zero()));
    if (next > rule.longest || next > left || !wait(next)) return result;
    left -= next;
  }
}

}  // namespace lowtide::host
