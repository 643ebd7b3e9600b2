#include "grid/ask.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "grid/http_for_test.h"

namespace lowtide::grid {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const Utc kStart = *parse_utc("2026-01-05T00:00Z");
const Asked kAsked{"watttime", "WattTime", "CAISO_NORTH", Interval{kStart, kStart + hours(24)}};

Result<Json> asked(int status, const std::string& body, std::vector<std::string> secrets = {}) {
  ScriptedHttp http;
  for (int i = 0; i < (status == 429 || status >= 500 ? 4 : 1); ++i) {
    http.expect("GET http://x/", status, body);
  }
  host::HttpRequest request;
  request.url = "http://x/";
  request.secrets = std::move(secrets);
  auto json = ask_json(http.network(), request, kAsked);
  EXPECT_TRUE(http.done());
  return json;
}

TEST(Ask, an_error_names_provider_zone_span_and_the_next_step) {
  struct Case {
    int status;
    ErrorKind kind;
  };
  for (const auto& [status, kind] :
       {Case{401, ErrorKind::denied}, Case{403, ErrorKind::denied}, Case{404, ErrorKind::absent},
        Case{400, ErrorKind::malformed}, Case{422, ErrorKind::malformed},
        Case{429, ErrorKind::temporary}, Case{503, ErrorKind::temporary},
        Case{302, ErrorKind::malformed}}) {
    const auto json = asked(status, R"({"error":"why","message":"so"})");
    ASSERT_FALSE(json);
    EXPECT_EQ(json.error().kind, kind) << status;
    EXPECT_FALSE(json.error().hint.empty());
    EXPECT_THAT(json.error().line(),
                AllOf(HasSubstr("WattTime, CAISO_NORTH, 2026-01-05T00:00Z to 2026-01-06T00:00Z"),
                      HasSubstr(std::to_string(status)), HasSubstr("why: so")));
  }
}

TEST(Ask, a_secret_that_a_body_repeats_is_masked) {
  const auto json = asked(401, R"({"error":"bad key abc/def in ?k=abc%2Fdef"})", {"abc/def"});
  EXPECT_THAT(json.error().line(),
              AllOf(HasSubstr("bad key *** in ?k=***"), Not(HasSubstr("abc"))));
}

TEST(Ask, what_is_no_json_is_malformed) {
  for (const char* body :
       {"", "<!doctype html><title>Hi</title>", R"({"data":[1,2)", "{}x", "\xff"}) {
    const auto json = asked(200, body);
    ASSERT_FALSE(json) << body;
    EXPECT_EQ(json.error().kind, ErrorKind::malformed);
  }
  EXPECT_TRUE(asked(204, "")->is_null());
}

TEST(SaidBy, reads_whatever_an_error_is) {
  const auto said = [](std::string body) { return said_by({403, {}, std::move(body)}); };
  EXPECT_EQ(said("<html><title>Access\n denied</title>"), "Access denied");
  EXPECT_EQ(said("<html>"), "a page of HTML");
  EXPECT_EQ(said(R"({"detail":[{"loc":["query","start"],"msg":"field required"}]})"),
            "field required");
  EXPECT_EQ(said(R"({"error":{"code":"400 Bad Request","message":"no"}})"), "400 Bad Request: no");
  EXPECT_EQ(said("  plain\x1b[2J words\nmore"), "plain [2J words");
  EXPECT_EQ(said(""), "");
  EXPECT_LE(said(std::string(5000, 'x')).size(), 210U);
  EXPECT_EQ(said(R"({"error":{"error":{"error":{"error":{"error":"deep"}}}}})"),
            R"({"error":{"error":{"error":{"error":{"error":"deep"}}}}})");
}

TEST(Members, a_number_may_be_a_string_and_null_is_absent) {
  const Json row = Json::parse(
      R"({"n":1.5,"s":" 12 ","e":"x","z":null,"l":[],"t":"2026-01-05T01:00:00+01:00"})");
  EXPECT_EQ(*number_in(row, "n", kAsked), 1.5);
  EXPECT_EQ(*number_in(row, "s", kAsked), 12.0);
  EXPECT_EQ(*number_in(row, "z", kAsked), std::nullopt);
  EXPECT_EQ(*number_in(row, "none", kAsked), std::nullopt);
  EXPECT_EQ(*number_in(Json(3), "none", kAsked), std::nullopt);
  EXPECT_THAT(number_in(row, "e", kAsked).error().line(), HasSubstr("e is no number"));
  EXPECT_FALSE(number_in(row, "l", kAsked));
  EXPECT_EQ(*time_in(row, "t", kAsked), kStart);
  EXPECT_FALSE(time_in(row, "e", kAsked));
  EXPECT_FALSE(time_in(row, "none", kAsked));
  EXPECT_TRUE(array_in(row, "l", kAsked));
  EXPECT_FALSE(array_in(row, "n", kAsked));
}

Point at(int minute, std::optional<double> value) {
  const Utc begin = kStart + minutes(minute);
  std::optional<Intensity> intensity;
  if (value) intensity = grams_per_kwh(*value);
  return {{begin, begin}, intensity, IntensityKind::history};
}

TEST(InOrder, equal_ones_once_and_unequal_ones_never) {
  const auto points =
      in_order({at(10, 3), at(0, 1), at(5, 2), at(5, 2), at(0, std::nullopt)}, kAsked);
  ASSERT_TRUE(points);
  EXPECT_EQ(*points, (std::vector<Point>{at(0, 1), at(5, 2), at(10, 3)}));
  const auto torn = in_order({at(5, 2), at(5, 3)}, kAsked);
  ASSERT_FALSE(torn);
  EXPECT_THAT(torn.error().line(), HasSubstr("2 and 3 g/kWh for 2026-01-05T00:05Z"));
}

TEST(FillSpans, by_the_most_frequent_step_at_most_to_the_next) {
  std::vector<Point> points{at(0, 1), at(5, 1), at(10, 1), at(13, 1), at(60, 1)};
  fill_spans(points, hours(1));
  std::array<Duration, 5> lengths{};
  for (std::size_t i = 0; i < 5; ++i) lengths[i] = points[i].span.length();
  EXPECT_THAT(lengths,
              testing::ElementsAre(minutes(5), minutes(5), minutes(3), minutes(5), minutes(5)));
  std::vector<Point> single{at(0, 1)};
  fill_spans(single, minutes(30));
  EXPECT_EQ(single[0].span.length(), minutes(30));
  EXPECT_EQ(cut(points, {kStart + minutes(2), kStart + minutes(5)}).size(), 1U);
  EXPECT_EQ(cut(points, {kStart + minutes(2), kStart + minutes(5)})[0].span.length(), minutes(3));
}

TEST(OpenClient, an_unknown_name_is_refused) {
  ScriptedHttp http;
  const auto client = open_client("nobody", {}, http.network(), "");
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace lowtide::grid
