// Clients against the loopback providers of rig/providers, which the providers' own clients accept:
// through the real network door and into a kept series, compared with the scripted truth.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>

#include "grid/fetch.h"
#include "host/child_for_test.h"

namespace lowtide::grid {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const Utc kStart = *parse_utc("2026-01-05T00:00Z");
constexpr const char* kSecret = "correct-horse";

// The truth of each script below.
double truth(Utc at) {
  return static_cast<double>(at.time_since_epoch() / std::chrono::seconds(300) % 997 + 1);
}
constexpr const char* kServe = R"(
import sys; sys.path.insert(0, sys.argv[1])
import electricitymaps, server, watttime
from datetime import datetime, timezone
now = lambda: datetime(2026, 4, 1, tzinfo=timezone.utc)
truth = lambda zone, signal, at: int(at.timestamp()) // 300 % 997 + 1
with server.Server(%s) as started:
    %s
    print(started.url, flush=True)
    server.threading.Event().wait()
)";

class Provider {
 public:
  explicit Provider(const std::string& made, const std::string& then = "pass")
      : child_([&] {
          alarm(110);
          prctl(PR_SET_PDEATHSIG, SIGKILL);
          std::string script = kServe;
          script.replace(script.find("%s"), 2, made);
          script.replace(script.find("%s"), 2, then);
          if (std::freopen(folder_.path("url").c_str(), "w", stdout) == nullptr) return 1;
          execl("/usr/bin/python3", "python3", "-c", script.c_str(),
                LOWTIDE_SOURCE_DIR "/rig/providers", nullptr);
          return 1;
        }) {
    EXPECT_TRUE(host::eventually([&] {
      url_ = folder_.has("url") ? folder_.read("url") : "";
      return url_.ends_with('\n');
    }));
    if (!url_.empty()) url_.pop_back();
  }
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  host::TempFolder folder_;
  host::Child child_;
  std::string url_;
};

struct Outcome {
  Fetched fetched;
  std::vector<KeptPoint> points;
};

Outcome outcome(const char* name, const std::string& url, const Question& question) {
  const auto http = host::open_http();
  host::RetryRule rule;
  rule.tries = 2;
  const Network network{http.get(), rule, [](Duration) { return true; }};
  auto client = open_client(name, {url, "ann", kSecret, kSecret}, network, "");
  auto kept = KeptSeries::in_memory();
  Outcome out;
  if (!client || !kept) {
    ADD_FAILURE();
    return out;
  }
  out.fetched = fetch(**client, *kept, question, {});
  const auto keys = kept->keys(name, question.zone, question.signal);
  for (const SeriesKey& key : *keys) {
    const auto points = kept->read(key, question.over);
    EXPECT_TRUE(points);
    out.points.insert(out.points.end(), points->begin(), points->end());
  }
  return out;
}

void expect_truth(const Outcome& outcome, Interval over, Duration step, double tolerance) {
  ASSERT_FALSE(outcome.fetched.trouble) << outcome.fetched.trouble->line();
  ASSERT_EQ(outcome.points.size(), static_cast<std::size_t>(over.length() / step));
  Utc at = over.begin;
  for (const KeptPoint& point : outcome.points) {
    ASSERT_EQ(point.span, (Interval{at, at + step}));
    ASSERT_NEAR(as_grams_per_kwh(point.value), truth(at), tolerance);
    at += step;
  }
}

const Question kMarginal{
    "CAISO_NORTH", Signal::marginal, Scope::direct, {kStart, kStart + days(70)}, "", {}};
const Question kAverage{
    "DE", Signal::average, Scope::lifecycle, {kStart, kStart + days(25) + hours(7)}, "", {}};
constexpr const char* kWattTime = "watttime.Provider(truth=truth, now=now)";

TEST(Providers, ten_weeks_of_watttime_are_whole_though_the_token_ends_in_the_middle) {
  const Provider provider(kWattTime, "started.provider.answers_left = 2");
  const Outcome got = outcome("watttime", provider.url(), kMarginal);
  EXPECT_EQ(got.fetched.chunks, 3U);
  expect_truth(got, kMarginal.over, minutes(5), 1e-9);
}

TEST(Providers, a_month_of_electricity_maps_at_the_finest_that_the_key_may_have) {
  const Provider provider(
      "electricitymaps.Provider(truth=truth, now=now, keys={'correct-horse': {'5_minutes'}})");
  const Outcome got = outcome("electricitymaps", provider.url() + "/v4", kAverage);
  expect_truth(got, kAverage.over, minutes(15), 0);
  EXPECT_THAT(got.fetched.notes, testing::Contains(HasSubstr("15_minutes is the finest")));
}

TEST(Providers, a_fault_is_one_line_without_a_secret) {
  struct Case {
    const char* fault;
    const char* says;
  };
  for (const auto& [fault, says] :
       {Case{"'status', code=403, html=True", "watttime.url"}, Case{"'status', code=503", "503"},
        Case{"'html'", "HTML"}, Case{"'half'", "JSON"}, Case{"'cut'", "127.0.0.1"},
        Case{"'close'", "127.0.0.1"}, Case{"'encoding'", "127.0.0.1"},
        Case{"'redirect', to='http://localhost:1/'", "not followed"},
        Case{"'edit', change=server.wrong('value')", "value is no number"},
        Case{"'edit', change=server.wrong('point_time')", "point_time is no time"}}) {
    const Provider provider(
        kWattTime, std::string("started.fault(") + fault + ", path='/v3/historical', count=0)");
    Question question = kMarginal;
    question.over.end = kStart + hours(1);
    const Outcome got = outcome("watttime", provider.url(), question);
    ASSERT_TRUE(got.fetched.trouble) << fault;
    EXPECT_THAT(got.fetched.trouble->line(),
                AllOf(HasSubstr("WattTime, CAISO_NORTH, 2026-01-05T00:00Z to 2026-01-05T01:00Z"),
                      HasSubstr(says), Not(HasSubstr(kSecret)), Not(HasSubstr("\n"))));
    EXPECT_FALSE(got.fetched.trouble->hint.empty()) << fault;
    EXPECT_TRUE(got.points.empty());
  }
}

}  // namespace
}  // namespace lowtide::grid
