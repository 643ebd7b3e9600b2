// Answers of providers: whatever they send, each client gives points of the span that was asked
// for, in order, or one line that names the provider; and no key is in it.
//
// The first byte names the client, the second the question; answers are split at 0x1E, the last
// one comes again and again.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "grid/client.h"

namespace lowtide {
namespace {

constexpr const char* kSecret = "correct-horse-battery";

class Answers final : public host::Http {
 public:
  explicit Answers(std::string_view text) {
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t end = std::min(text.find('\x1e', at), text.size());
      bodies_.emplace_back(text.substr(at, end - at));
      at = end + 1;
    }
  }
  Result<host::HttpAnswer> send(const host::HttpRequest& /*request*/) override {
    // A client that never ends is what a fuzzer's time limit finds; a page after a page may be.
    if (++sent_ > 200) return fail(ErrorKind::temporary, "no more", "answers");
    const std::string& body = bodies_[std::min(sent_, bodies_.size()) - 1];
    return host::HttpAnswer{200, {}, body};
  }

 private:
  std::vector<std::string> bodies_;
  std::size_t sent_ = 0;
};

void check(const Result<std::vector<grid::Batch>>& batches, const grid::Question& question,
           const grid::ClientFacts& facts) {
  if (!batches) {
    const std::string line = batches.error().line();
    if (line.find(kSecret) != line.npos || line.find(facts.title) == line.npos) std::abort();
    return;
  }
  for (const grid::Batch& batch : *batches) {
    if (batch.key.provider != facts.name) std::abort();
    Utc last = question.over.begin;
    for (const grid::Point& point : batch.points) {
      const bool within = point.span.begin >= last && point.span.end <= question.over.end;
      if (!within || point.span.empty()) std::abort();
      if (point.value && !std::isfinite(as_grams_per_kwh(*point.value))) std::abort();
      last = point.span.end;
    }
  }
}

}  // namespace
}  // namespace lowtide

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lowtide;
  if (size < 2) return 0;
  const auto kinds = grid::client_kinds();
  const grid::ClientKind& kind = kinds[data[0] % kinds.size()];
  Answers answers({reinterpret_cast<const char*>(data) + 2, size - 2});
  const grid::Network network{&answers, {.tries = 1}, [](Duration) { return false; }};
  const auto client = grid::open_client(kind.name, {"http://127.0.0.1", "ann", kSecret, kSecret},
                                        network, LOWTIDE_SOURCE_DIR "/data");
  if (!client) std::abort();
  grid::Question question;
  question.zone = "DE";
  question.signal = (data[1] & 4U) != 0 ? Signal::marginal : Signal::average;
  const Utc begin(std::chrono::sys_days(std::chrono::year(2026) / 1 / 5));
  question.over = {begin, begin + std::chrono::hours(6)};
  const grid::ClientFacts& facts = (*client)->facts();
  const unsigned what = data[1] % 4U;
  if (what == 0) check((*client)->history(question), question, facts);
  if (what == 1) check((*client)->forecast(question), question, facts);
  if (what == 2) {  // what was issued within the span may lie beyond it
    static_cast<void>((*client)->forecasts_issued(question));
  }
  if (what == 3) {
    grid::Place place;
    place.zone = "DE";
    place.at = {52.5, 13.4};
    static_cast<void>((*client)->zone_for(place, question.signal));
  }
  return 0;
}
