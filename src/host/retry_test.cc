#include "host/retry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

namespace lowtide::host {
namespace {

using std::chrono::seconds;

class Answers final : public Http {
 public:
  explicit Answers(std::deque<Result<HttpAnswer>> answers) : answers_(std::move(answers)) {}
  Result<HttpAnswer> send(const HttpRequest& /*request*/) override {
    ++asked;
    auto answer = answers_.front();
    if (answers_.size() > 1) answers_.pop_front();  // the last one stays
    return answer;
  }
  int asked = 0;

 private:
  std::deque<Result<HttpAnswer>> answers_;
};

HttpAnswer answer(int status, std::string retry_after = {}) {
  HttpAnswer out{.status = status, .headers = {}, .body = {}};
  if (!retry_after.empty()) out.headers["retry-after"] = std::move(retry_after);
  return out;
}

struct Tried {
  int asked = 0;
  int status = 0;
  std::vector<Duration> waits;
};
Tried tried(std::deque<Result<HttpAnswer>> answers, const RetryRule& rule = {}) {
  Answers http(std::move(answers));
  Tried out;
  const auto got = send_again(http, {}, rule, [&](Duration d) {
    out.waits.push_back(d);
    return true;
  });
  out.asked = http.asked;
  out.status = got ? got->status : 0;
  return out;
}

TEST(SendAgain, passing_trouble_is_tried_again_up_to_the_bound) {
  for (const int status : {429, 500, 502, 503, 504}) EXPECT_EQ(tried({answer(status)}).asked, 4);
  EXPECT_EQ(tried({fail(ErrorKind::temporary, "no such host")}).asked, 4);
  const Tried saved = tried({answer(503), fail(ErrorKind::temporary, "closed"), answer(200)});
  EXPECT_EQ(saved.asked, 3);
  EXPECT_EQ(saved.status, 200);
}

TEST(SendAgain, what_will_not_change_is_not_tried_again) {
  for (const int status : {200, 204, 304, 400, 401, 403, 404, 422}) {
    EXPECT_EQ(tried({answer(status)}).asked, 1) << status;
  }
  EXPECT_EQ(tried({fail(ErrorKind::denied, "certificate")}).asked, 1);
}

TEST(SendAgain, waits_double_with_jitter) {
  const Tried all = tried({answer(500)});
  ASSERT_EQ(all.waits.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_GE(all.waits[i], seconds(1 << i) / 2);
    EXPECT_LE(all.waits[i], seconds(1 << i));
  }
  EXPECT_NE(tried({answer(500)}).waits, all.waits);
}

TEST(SendAgain, a_wait_that_is_too_long_ends_the_tries) {
  EXPECT_EQ(tried({answer(429, "3600")}).asked, 1);
  EXPECT_EQ(tried({answer(429, "50")}).asked, 2);  // one of them fits into a minute
}

TEST(SendAgain, who_wants_to_stop_gets_the_last_answer) {
  Answers http({answer(503)});
  EXPECT_EQ(send_again(http, {}, {}, [](Duration) { return false; })->status, 503);
  EXPECT_EQ(http.asked, 1);
}

TEST(RetryAfter, is_seconds_or_a_date_by_the_servers_own_clock) {
  EXPECT_EQ(retry_after(answer(429, "120")), seconds(120));
  HttpAnswer dated = answer(503, "Wed, 21 Oct 2015 07:28:00 GMT");
  EXPECT_EQ(retry_after(dated), Duration::zero());  // long past
  dated.headers["date"] = "Wed, 21 Oct 2015 07:27:30 GMT";
  EXPECT_EQ(retry_after(dated), seconds(30));
  for (const char* odd : {"soon", "-5", "1.5", ""}) EXPECT_FALSE(retry_after(answer(429, odd)));
  EXPECT_FALSE(retry_after(answer(429)));
}

}  // namespace
}  // namespace lowtide::host
