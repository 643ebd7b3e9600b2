#include "grid/electricitymaps.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grid/http_for_test.h"

namespace lowtide::grid {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const Utc kStart = *parse_utc("2026-01-05T00:00Z");
constexpr const char* kNoPlan =
    R"({"error":"Request unauthorized for zoneKey=DE","message":"You do not have access"})";

class SetClock final : public host::Clock {
 public:
  [[nodiscard]] BootTime boot() const override { return BootTime{}; }
  [[nodiscard]] Utc utc() const override { return now; }
  Utc now = kStart + hours(24 * 30);
};

class ElectricityMapsTest : public testing::Test {
 protected:
  void TearDown() override { EXPECT_TRUE(http.done()); }

  // "GET ..past-range.." from and to hours after the start.
  static std::string range(int from, int to, const char* grain, const char* scope = "lifecycle") {
    const auto stamp = [](int hour) {
      return host::url_encode(format_utc(kStart + hours(hour)).substr(0, 19) + "Z");
    };
    return fmt::format(
        "GET http://em/v4/carbon-intensity/past-range?zone=DE&emissionFactorType={}"
        "&start={}&end={}&temporalGranularity={}&disableCallerLookup=true",
        scope, stamp(from), stamp(to), grain);
  }
  static std::string row(int minute, const std::string& value, const std::string& more = {}) {
    return fmt::format(R"({{"zone":"DE","carbonIntensity":{},"datetime":"{}"{}}})", value,
                       format_utc(kStart + minutes(minute)), more);
  }
  static std::string data(const std::string& rows, const char* grain = "5_minutes") {
    return fmt::format(R"({{"zone":"DE","temporalGranularity":"{}","data":[{}]}})", grain, rows);
  }

  ScriptedHttp http;
  SetClock clock;
  std::unique_ptr<Client> client =
      make_electricitymaps({"http://em/v4", "", "", "k3y-of-ann"}, http.network(), clock);
  Question question{"DE", Signal::average, Scope::lifecycle, {kStart, kStart + hours(1)}, "", {}};
};

TEST_F(ElectricityMapsTest, five_minutes_with_what_is_estimated_and_what_is_missing) {
  http.expect(
      range(0, 1, "5_minutes"), 200,
      data(
          row(0, "300",
              R"(,"isEstimated":true,"estimationMethod":"TIME_SLICER_AVERAGE","emissionFactorType":"lifecycle")") +
          "," + row(5, "null") + "," + row(10, "\"310.5\"", R"(,"isEstimated":false)")));
  const auto batches = client->history(question);
  ASSERT_TRUE(batches) << batches.error().line();
  const Batch& batch = batches->at(0);
  EXPECT_EQ(batch.key,
            (SeriesKey{"electricitymaps", "DE", Signal::average, Scope::lifecycle, Gas::co2e, ""}));
  const auto span = [](int minute) {
    return Interval{kStart + minutes(minute), kStart + minutes(minute + 5)};
  };
  EXPECT_THAT(batch.points,
              ElementsAre(Point{span(0), grams_per_kwh(300), IntensityKind::estimated},
                          Point{span(5), std::nullopt, IntensityKind::history},
                          Point{span(10), grams_per_kwh(310.5), IntensityKind::history}));
  EXPECT_THAT(batch.notes, ElementsAre(HasSubstr("TIME_SLICER_AVERAGE")));
  EXPECT_THAT(http.sent[0].headers,
              Contains(std::pair<std::string, std::string>{"auth-token", "k3y-of-ann"}));
}

TEST_F(ElectricityMapsTest, a_long_span_is_asked_in_pieces_that_touch) {
  question.over.end = kStart + hours(60);
  http.expect(range(0, 24, "5_minutes"), 200, data(row(0, "1")));
  http.expect(range(24, 48, "5_minutes"), 200, data(row(24 * 60, "2")));
  http.expect(range(48, 60, "5_minutes"), 200, data(row(48 * 60, "3")));
  EXPECT_EQ(client->history(question)->at(0).points.size(), 3U);
}

TEST_F(ElectricityMapsTest, the_finest_that_the_key_may_have_is_found_once_and_said) {
  http.expect(range(0, 1, "5_minutes"), 401, kNoPlan);
  http.expect(range(0, 1, "15_minutes"), 400, R"({"error":"Invalid temporalGranularity"})");
  http.expect(range(0, 1, "hourly"), 200, data(row(0, "7"), "hourly"));
  const auto batches = client->history(question);
  ASSERT_TRUE(batches) << batches.error().line();
  EXPECT_EQ(batches->at(0).points.at(0).span, question.over);
  EXPECT_THAT(batches->at(0).notes, ElementsAre(HasSubstr("hourly is the finest")));
  question.scope = Scope::direct;
  http.expect(range(0, 1, "hourly", "direct"), 200, data("", "hourly"));
  EXPECT_TRUE(client->history(question));
}

TEST_F(ElectricityMapsTest, who_wants_hours_is_given_hours) {
  question.step = hours(1);
  http.expect(range(0, 1, "hourly"), 200, data(row(0, "7"), "hourly"));
  EXPECT_TRUE(client->history(question)->at(0).notes.empty());
}

TEST_F(ElectricityMapsTest, without_past_range_the_last_day_is_what_there_is) {
  question.step = hours(1);
  clock.now = kStart + hours(20);
  http.expect(range(0, 1, "hourly"), 401, kNoPlan);
  http.expect(
      "GET http://em/v4/carbon-intensity/history?zone=DE&emissionFactorType=lifecycle"
      "&temporalGranularity=hourly&disableCallerLookup=true",
      200, R"({"zone":"DE","history":[)" + row(0, "7") + "," + row(60, "8") + "]}");
  const auto batches = client->history(question);
  ASSERT_TRUE(batches) << batches.error().line();
  ASSERT_EQ(batches->at(0).points.size(), 1U);  // cut to what was asked for
  EXPECT_THAT(batches->at(0).notes, ElementsAre(HasSubstr("no past-range")));
  clock.now = kStart + hours(40);
  http.expect(range(0, 1, "hourly"), 401, kNoPlan);
  const Error denied = client->history(question).error();
  EXPECT_EQ(denied.kind, ErrorKind::denied);
  EXPECT_THAT(denied.line(),
              AllOf(HasSubstr("You do not have access"), HasSubstr("past-range"),
                    HasSubstr("electricitymaps.token"), HasSubstr("DE, 2026-01-05T00:00Z")));
}

TEST_F(ElectricityMapsTest, a_401_says_by_its_text_what_is_wrong) {
  http.expect(range(0, 1, "5_minutes"), 401, R"({"error":"Invalid auth-token k3y-of-ann"})");
  const Error bad = client->history(question).error();
  EXPECT_EQ(bad.kind, ErrorKind::denied);
  EXPECT_THAT(bad.line(), AllOf(HasSubstr("Invalid auth-token ***"), Not(HasSubstr("k3y-of-ann"))));
  http.expect(range(0, 1, "5_minutes"), 401, R"({"error":"Request throttled"})");
  EXPECT_EQ(client->history(question).error().kind, ErrorKind::temporary);
}

TEST_F(ElectricityMapsTest, an_answer_for_another_zone_or_of_a_test_key_is_refused) {
  struct Case {
    std::string body;
    const char* says;
  };
  const std::string foreign = R"({"zone":"US-CAL-CISO","data":[]})";
  const std::string foreign_row =
      R"({"data":[{"zone":"FR","carbonIntensity":1,"datetime":"2026-01-05T00:00:00Z"}]})";
  const std::string none = R"({"data":[{"carbonIntensity":1,"datetime":"2026-01-05T00:00:00Z"}]})";
  const std::string sandbox =
      data(row(0, "1", R"(,"isEstimated":true,"estimationMethod":"SANDBOX_MODE_DATA")"));
  const std::string direct = data(row(0, "1", R"(,"emissionFactorType":"direct")"));
  for (const auto& [body, says] :
       {Case{foreign, "'US-CAL-CISO'"}, Case{foreign_row, "'FR'"}, Case{none, "without a zone"},
        Case{sandbox, "invented"}, Case{direct, "'direct'"}}) {
    http.expect(range(0, 1, "5_minutes"), 200, body);
    const auto answer = client->history(question);
    ASSERT_FALSE(answer) << body;
    EXPECT_THAT(answer.error().line(), HasSubstr(says));
  }
}

TEST_F(ElectricityMapsTest, wrong_types_are_malformed) {
  for (const std::string& body :
       {data("3"), data(row(0, "{}")), data(R"({"zone":"DE","datetime":5})"), std::string("[]"),
        std::string("{}")}) {
    http.expect(range(0, 1, "5_minutes"), 200, body);
    EXPECT_EQ(client->history(question).error().kind, ErrorKind::malformed) << body;
  }
}

TEST_F(ElectricityMapsTest, a_forecast_reaches_as_far_as_is_asked) {
  clock.now = kStart;
  question.step = hours(1);
  question.over.end = kStart + hours(30);
  http.expect(
      "GET "
      "http://em/v4/carbon-intensity/forecast?zone=DE&emissionFactorType=lifecycle&horizonHours=48"
      "&temporalGranularity=hourly&disableCallerLookup=true",
      200,
      R"({"zone":"DE","forecast":[{"carbonIntensity":280,"datetime":"2026-01-05T00:00:00.000Z"}],"updatedAt":"2026-01-04T23:20:00.000Z"})");
  const auto batches = client->forecast(question);
  ASSERT_TRUE(batches) << batches.error().line();
  EXPECT_EQ(batches->at(0).issued, kStart - minutes(40));
  EXPECT_EQ(batches->at(0).points.at(0).kind, IntensityKind::forecast);
  EXPECT_EQ(client->forecasts_issued(question).error().kind, ErrorKind::absent);
  question.signal = Signal::marginal;
  EXPECT_EQ(client->forecast(question).error().kind, ErrorKind::absent);
}

TEST_F(ElectricityMapsTest, a_place_is_a_zone_a_data_centre_or_a_point) {
  const std::string latest = "GET http://em/v4/carbon-intensity/latest?";
  const std::string own = "&disableCallerLookup=true";
  Place place;
  place.zone = "FR";
  EXPECT_EQ(client->zone_for(place, Signal::average), "FR");
  EXPECT_EQ(client->zone_for(place, Signal::marginal).error().kind, ErrorKind::absent);
  place.at = {48.5, 2.25};
  http.expect(latest + "lat=48.5&lon=2.25" + own, 200, R"({"zone":"FR-X","carbonIntensity":1})");
  EXPECT_EQ(client->zone_for(place, Signal::average), "FR-X");
  http.expect(latest + "lat=48.5&lon=2.25" + own, 400, R"({"error":"No zone there"})");
  EXPECT_EQ(client->zone_for(place, Signal::average).error().kind, ErrorKind::absent);
  place.region = "gcp:europe-west1";
  const std::string centre = latest + "dataCenterProvider=gcp&dataCenterRegion=europe-west1" + own;
  http.expect(centre, 200, R"({"zone":"BE"})");
  EXPECT_EQ(client->zone_for(place, Signal::average), "BE");
  http.expect(centre, 400, R"({"error":"unknown"})");
  EXPECT_EQ(client->zone_for(place, Signal::average), "FR");  // of our table
  Place other;
  other.zone = "electricitymaps:DK-DK1";
  EXPECT_EQ(client->zone_for(other, Signal::average), "DK-DK1");
  other.zone = "egrid:CAMX";
  EXPECT_EQ(client->zone_for(other, Signal::average).error().kind, ErrorKind::absent);
}

TEST_F(ElectricityMapsTest, the_old_version_has_its_own_word_against_the_callers_place) {
  client = make_electricitymaps({"http://em/v3", "", "", "k"}, http.network(), clock);
  Place place;
  place.at = {1.5, 2.5};
  http.expect(
      "GET "
      "http://em/v3/carbon-intensity/latest?lat=1.5&lon=2.5&shouldUseFallbackCallerLookup=false",
      200, R"({"zone":"X"})");
  EXPECT_EQ(client->zone_for(place, Signal::average), "X");
}

}  // namespace
}  // namespace lowtide::grid
