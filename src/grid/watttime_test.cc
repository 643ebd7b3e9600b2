#include "grid/watttime.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grid/http_for_test.h"
#include "grid/test_files.h"

namespace lowtide::grid {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kLogin = "GET http://wt/login";
constexpr const char* kHistory =
    "GET "
    "http://wt/v3/historical?region=CAISO_NORTH&signal_type=co2_moer&start=2026-01-05T00%3A00%3A00Z"
    "&end=2026-01-05T00%3A09%3A59Z&include_imputed_marker=true";
constexpr const char* kMeta =
    R"("meta":{"data_point_period_seconds":300,"region":"CAISO_NORTH","signal_type":"co2_moer",
       "units":"lbs_co2_per_mwh","model":{"date":"2025-06-01","type":"binned_regression"},
       "warnings":[{"type":"X","message":"mind the gap"},"and this"]})";
const Utc kStart = *parse_utc("2026-01-05T00:00Z");

class SetClock final : public host::Clock {
 public:
  [[nodiscard]] BootTime boot() const override { return boot_now; }
  [[nodiscard]] Utc utc() const override { return kStart; }
  BootTime boot_now{hours(5)};
};

class WattTimeTest : public testing::Test {
 protected:
  void expect_login(const std::string& token = "t0ken-1") {
    http.expect(kLogin, 200, R"({"token":")" + token + "\"}");
  }
  void TearDown() override { EXPECT_TRUE(http.done()); }

  static std::string body(const std::string& rows) {
    return "{\"data\":[" + rows + "]," + kMeta + "}";
  }

  ScriptedHttp http;
  SetClock clock;
  TestFolder folder;
  std::unique_ptr<Client> client =
      make_watttime({"http://wt", "ann", "pass-word", ""}, http.network(), folder.path(), clock);
  Question question{
      "CAISO_NORTH", Signal::marginal, Scope::lifecycle, {kStart, kStart + minutes(10)}, "", {}};
};

TEST_F(WattTimeTest, pounds_a_megawatt_hour_become_grams_and_the_end_is_exclusive) {
  expect_login();
  http.expect(
      kHistory, 200,
      body(R"({"point_time":"2026-01-05T00:05:00+00:00","value":1000,"imputed_data_used":true},
                      {"point_time":"2026-01-05T00:00:00+00:00","value":"871.5"},
                      {"point_time":"2026-01-05T00:10:00+00:00","value":1})"));
  const auto batches = client->history(question);
  ASSERT_TRUE(batches) << batches.error().line();
  ASSERT_EQ(batches->size(), 1U);
  const Batch& batch = batches->front();
  EXPECT_EQ(batch.key, (SeriesKey{"watttime", "CAISO_NORTH", Signal::marginal, Scope::direct,
                                  Gas::co2, "2025-06-01"}));
  EXPECT_THAT(batch.notes, ElementsAre("WattTime: mind the gap", "WattTime: and this"));
  ASSERT_EQ(batch.points.size(), 2U);
  EXPECT_EQ(batch.points[0].span, (Interval{kStart, kStart + minutes(5)}));
  EXPECT_DOUBLE_EQ(as_grams_per_kwh(*batch.points[0].value), 871.5 * 0.45359237);
  EXPECT_EQ(batch.points[0].kind, IntensityKind::history);
  EXPECT_DOUBLE_EQ(as_grams_per_kwh(*batch.points[1].value), 453.59237);
  EXPECT_EQ(batch.points[1].kind, IntensityKind::estimated);
  EXPECT_EQ(http.sent[0].user, "ann");
  EXPECT_THAT(http.sent[1].headers, testing::Contains(std::pair<std::string, std::string>{
                                        "Authorization", "Bearer t0ken-1"}));
}

TEST_F(WattTimeTest, a_token_is_used_for_25_minutes_and_renewed_once_when_refused) {
  expect_login();
  http.expect(kHistory, 200, body(""));
  http.expect(kHistory, 200, body(""));
  EXPECT_TRUE(client->history(question));
  clock.boot_now += minutes(24);
  EXPECT_TRUE(client->history(question));
  clock.boot_now += minutes(2);
  expect_login("t0ken-2");
  http.expect(kHistory, 401, R"({"error":"expired"})");
  expect_login("t0ken-3");
  http.expect(kHistory, 200, body(""));
  EXPECT_TRUE(client->history(question));
  EXPECT_EQ(http.sent.back().headers[0].second, "Bearer t0ken-3");
  http.expect(kHistory, 401, R"({"error":"no t0ken-4"})");
  expect_login("t0ken-4");
  http.expect(kHistory, 401, R"({"error":"no t0ken-4"})");
  const auto refused = client->history(question);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::denied);
  EXPECT_THAT(refused.error().line(), AllOf(HasSubstr("no ***"), Not(HasSubstr("t0ken-4"))));
}

TEST_F(WattTimeTest, a_bad_password_is_named_and_not_shown) {
  http.expect(kLogin, 401, R"({"error":"pass-word is wrong"})");
  const auto refused = client->history(question);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::denied);
  EXPECT_THAT(refused.error().line(),
              AllOf(HasSubstr("WattTime, CAISO_NORTH, 2026-01-05T00:00Z"),
                    HasSubstr("watttime.password"), Not(HasSubstr("pass-word is"))));
}

TEST_F(WattTimeTest, what_is_not_open_to_the_account_is_denied_with_what_it_says) {
  expect_login();
  http.expect(kHistory, 403, R"({"error":"Invalid scope","message":"CAISO_NORTH is free"})");
  EXPECT_THAT(client->history(question).error().line(), HasSubstr("CAISO_NORTH is free"));
  http.expect(kHistory, 403, "<html><title>Request blocked</title>");
  const Error blocked = client->history(question).error();
  EXPECT_THAT(blocked.line(), AllOf(HasSubstr("Request blocked"), HasSubstr("watttime.url")));
}

TEST_F(WattTimeTest, an_answer_to_another_question_is_refused) {
  struct Case {
    const char* from;
    const char* to;
  };
  expect_login();
  for (const auto& [from, to] : {Case{"CAISO_NORTH", "PJM_DC"}, Case{"co2_moer", "health_damage"},
                                 Case{"lbs_co2_per_mwh", "percentile"}}) {
    std::string other = body("");
    other.replace(other.find(from), std::string(from).size(), to);
    http.expect(kHistory, 200, other);
    const auto answer = client->history(question);
    ASSERT_FALSE(answer) << to;
    EXPECT_EQ(answer.error().kind, ErrorKind::malformed);
    EXPECT_THAT(answer.error().line(), HasSubstr(to));
  }
}

TEST_F(WattTimeTest, wrong_types_are_malformed_and_null_is_a_gap) {
  expect_login();
  for (const char* rows : {"3", "null", R"({"value":1})", R"({"point_time":7,"value":1})",
                           R"({"point_time":"2026-01-05T00:00Z","value":{}})"}) {
    http.expect(kHistory, 200, body(rows));
    EXPECT_EQ(client->history(question).error().kind, ErrorKind::malformed) << rows;
  }
  for (const char* odd : {"[]", "{}", "3", R"({"data":{},"meta":[]})",
                          R"({"data":[],"meta":{"data_point_period_seconds":"x"}})"}) {
    http.expect(kHistory, 200, odd);
    EXPECT_EQ(client->history(question).error().kind, ErrorKind::malformed) << odd;
  }
  http.expect(kHistory, 200, body(R"({"point_time":"2026-01-05T00:00Z","value":null})"));
  EXPECT_EQ(client->history(question)->front().points[0].value, std::nullopt);
}

TEST_F(WattTimeTest, the_average_is_hourly_where_it_says_so_and_has_no_forecast) {
  question.signal = Signal::average;
  question.over = {kStart + minutes(30), kStart + hours(2)};
  expect_login();
  http.expect(
      "GET "
      "http://wt/v3/"
      "historical?region=CAISO_NORTH&signal_type=co2_aoer&start=2026-01-05T00%3A00%3A00Z"
      "&end=2026-01-05T01%3A59%3A59Z&include_imputed_marker=true",
      200,
      R"({"data":[{"point_time":"2026-01-05T00:00:00Z","value":100},{"point_time":"2026-01-05T01:00:00Z","value":200}],
                  "meta":{"data_point_period_seconds":3600,"signal_type":"co2_aoer","model":"2024-01-01"}})");
  const auto batches = client->history(question);
  ASSERT_TRUE(batches) << batches.error().line();
  EXPECT_EQ(batches->front().key.model, "2024-01-01");
  EXPECT_EQ(batches->front().points[0].span, (Interval{kStart + minutes(30), kStart + hours(1)}));
  EXPECT_EQ(client->forecast(question).error().kind, ErrorKind::absent);
  EXPECT_EQ(client->forecasts_issued(question).error().kind, ErrorKind::absent);
}

TEST_F(WattTimeTest, a_forecast_knows_when_it_was_issued) {
  question.over = {kStart, kStart + minutes(90)};
  expect_login();
  http.expect("GET http://wt/v3/forecast?region=CAISO_NORTH&signal_type=co2_moer&horizon_hours=2",
              200,
              R"({"data":[{"point_time":"2026-01-05T00:00:00Z","value":100}],
                  "meta":{"data_point_period_seconds":300,"generated_at":"2026-01-05T00:00:00Z","model":{"date":"m"}}})");
  const auto batches = client->forecast(question);
  ASSERT_TRUE(batches) << batches.error().line();
  EXPECT_EQ(batches->front().issued, kStart);
  EXPECT_EQ(batches->front().points[0].kind, IntensityKind::forecast);
}

TEST_F(WattTimeTest, past_forecasts_come_a_day_a_call) {
  question.over = {kStart, kStart + hours(36)};
  question.model = "m";
  const std::string ask =
      "GET http://wt/v3/forecast/historical?region=CAISO_NORTH&signal_type=co2_moer&model=m";
  const auto answer = [](const char* day) {
    return fmt::format(
        R"({{"data":[{{"generated_at":"2026-01-{0}T00:00:00Z","forecast":[{{"point_time":"2026-01-{0}T00:00:00Z","value":1}}]}}],
                           "meta":{{"data_point_period_seconds":300,"model":{{"date":"m"}}}}}})",
        day);
  };
  expect_login();
  http.expect(ask + "&start=2026-01-05T00%3A00%3A00Z&end=2026-01-05T23%3A59%3A59Z", 200,
              answer("05"));
  http.expect(ask + "&start=2026-01-06T00%3A00%3A00Z&end=2026-01-06T11%3A59%3A59Z", 200,
              answer("06"));
  const auto batches = client->forecasts_issued(question);
  ASSERT_TRUE(batches) << batches.error().line();
  ASSERT_EQ(batches->size(), 2U);
  EXPECT_EQ((*batches)[1].issued, kStart + hours(24));
  EXPECT_EQ((*batches)[1].key.model, "m");
}

TEST_F(WattTimeTest, a_region_is_named_known_or_asked_for_by_signal) {
  folder.write("regions.csv", "zone,watttime_region\nDE,DE\nDE,DE\nUS-X,A\nUS-X,B\n");
  Place place;
  place.zone = "watttime:CAISO_NORTH";
  EXPECT_EQ(client->zone_for(place, Signal::average), "CAISO_NORTH");
  place.zone = "DE";
  EXPECT_EQ(client->zone_for(place, Signal::marginal), "DE");
  EXPECT_EQ(client->zone_for(place, Signal::average).error().kind, ErrorKind::absent);
  place.zone = "US-X";
  EXPECT_THAT(client->zone_for(place, Signal::marginal).error().line(), HasSubstr("LAT,LON"));
  place.at = {42.5, -72.25};
  place.watttime_region = "A";
  EXPECT_EQ(client->zone_for(place, Signal::marginal), "A");
  expect_login();
  const std::string ask =
      "GET http://wt/v3/region-from-loc?latitude=42.5&longitude=-72.25&signal_type=co2_aoer";
  http.expect(ask, 200,
              R"({"region":"ISONE_WCMA","region_full_name":"x","signal_type":"co2_aoer"})");
  EXPECT_EQ(client->zone_for(place, Signal::average), "ISONE_WCMA");
  http.expect(ask, 404, R"({"error":"coordinates not in any region"})");
  EXPECT_EQ(client->zone_for(place, Signal::average).error().kind, ErrorKind::absent);
}

}  // namespace
}  // namespace lowtide::grid
