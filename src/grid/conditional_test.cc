#include "grid/conditional.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grid/http_for_test.h"

namespace lowtide::grid {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;
using testing::Contains;
using testing::IsEmpty;
using testing::Pair;

constexpr const char* kUrl = "http://provider/v1/day";
constexpr const char* kLine = "GET http://provider/v1/day";

host::HttpRequest day() {
  host::HttpRequest request;
  request.url = kUrl;
  return request;
}

class ConditionalTest : public testing::Test {
 protected:
  // Body of the answer to `request`; what was sent is the last of http_.sent.
  std::string body(const host::HttpRequest& request = day()) {
    const auto answer = conditional_.send(request);
    EXPECT_TRUE(answer && answer->status == 200);
    return answer ? answer->body : std::string();
  }

  KeptSeries kept_ = std::move(KeptSeries::in_memory()).value();
  ScriptedHttp http_;
  Conditional conditional_{http_, kept_};
};

TEST_F(ConditionalTest, WhatHasNotChangedIsAnsweredFromTheCache) {
  http_.expect(kLine, 200, "[1]", {{"etag", "\"a\""}});
  EXPECT_EQ(body(), "[1]");
  conditional_.keep();
  Conditional later(http_, kept_);
  http_.expect(kLine, 304);
  const auto answer = later.send(day());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "[1]");
  EXPECT_THAT(http_.sent.back().headers, Contains(Pair("If-None-Match", "\"a\"")));
}

TEST_F(ConditionalTest, WhatHasChangedTakesItsPlace) {
  http_.expect(kLine, 200, "[1]", {{"last-modified", "Mon, 05 Jan 2026 00:00:00 GMT"}});
  body();
  conditional_.keep();
  http_.expect(kLine, 200, "[2]", {{"etag", "\"b\""}});
  EXPECT_EQ(body(), "[2]");
  EXPECT_THAT(http_.sent.back().headers,
              Contains(Pair("If-Modified-Since", "Mon, 05 Jan 2026 00:00:00 GMT")));
  conditional_.keep();
  http_.expect(kLine, 304);
  EXPECT_EQ(body(), "[2]");
  EXPECT_EQ(http_.sent.back().headers, (Headers{{"If-None-Match", "\"b\""}}));
}

TEST_F(ConditionalTest, AnAnswerThatMadeNoSenseIsAskedForWhole) {
  http_.expect(kLine, 200, "[1", {{"etag", "\"a\""}});
  body();  // and nobody says that it was sound
  Conditional later(http_, kept_);
  http_.expect(kLine, 200, "[1]");
  ASSERT_TRUE(later.send(day()));
  EXPECT_THAT(http_.sent.back().headers, IsEmpty());
}

TEST_F(ConditionalTest, A304ThatNobodyAskedForIsLeftAsItIs) {
  http_.expect(kLine, 304);
  const auto answer = conditional_.send(day());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 304);
}

TEST_F(ConditionalTest, SecretsAndWhatMayNotBeKeptAreNot) {
  host::HttpRequest login = day();
  login.user = "ann";
  login.password = "correct-horse";
  host::HttpRequest token = day();
  token.url += "?securityToken=battery-staple";
  token.secrets = {"battery-staple"};
  http_.expect(kLine, 200, R"({"token":"x"})", {{"etag", "\"a\""}});
  http_.expect("GET " + token.url, 200, "for battery-staple", {{"etag", "\"b\""}});
  http_.expect(kLine, 200, "[1]", {{"etag", "\"c\""}, {"cache-control", "private, no-store"}});
  for (const auto& request : {login, token, day()}) body(request);
  conditional_.keep();
  http_.expect(kLine, 200, "[1]");
  http_.expect("GET " + token.url, 200, "[1]");
  for (const auto& request : {day(), token}) {
    body(request);
    EXPECT_THAT(http_.sent.back().headers, IsEmpty());
  }
}

TEST_F(ConditionalTest, OnlyTheNewestEightMebibytesAreKept) {
  const std::string mebibyte(KeptSeries::kAnswer, '1');
  for (int i = 0; i < 10; ++i) {
    host::HttpRequest request = day();
    request.url += std::to_string(i);
    http_.expect("GET " + request.url, 200, mebibyte, {{"etag", "\"a\""}});
    body(request);
    conditional_.keep();
  }
  http_.expect("GET " + std::string(kUrl) + "large", 200, mebibyte + "1", {{"etag", "\"a\""}});
  host::HttpRequest large = day();
  large.url += "large";
  body(large);
  conditional_.keep();
  int kept = 0;
  for (int i = 0; i < 10; ++i) {
    host::HttpRequest request = day();
    request.url += std::to_string(i);
    http_.expect("GET " + request.url, 200, "[]");
    body(request);
    kept += http_.sent.back().headers.empty() ? 0 : 1;
  }
  EXPECT_EQ(kept, 8);
  http_.expect("GET " + large.url, 200, "[]");
  body(large);
  EXPECT_THAT(http_.sent.back().headers, IsEmpty());
}

TEST_F(ConditionalTest, ACacheThatMustShrinkGivesUpAnswersFirst) {
  http_.expect(kLine, 200, std::string(500'000, '1'), {{"etag", "\"a\""}});
  body();
  conditional_.keep();
  const auto freed = kept_.shrink(200'000);
  ASSERT_TRUE(freed);
  EXPECT_GT(*freed, 400'000);
  http_.expect(kLine, 200, "[1]");
  body();
  EXPECT_THAT(http_.sent.back().headers, IsEmpty());
}

}  // namespace
}  // namespace lowtide::grid
