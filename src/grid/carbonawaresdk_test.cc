#include "grid/carbonawaresdk.h"

#include "grid/answers_for_test.h"

namespace lowtide::grid {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kHistory =
    "GET http://sdk.test/emissions/bylocation?location=eastus&"
    "time=2026-01-05T20%3A00%3A00.000Z&toTime=2026-01-05T22%3A00%3A00.000Z";
const std::string kForecast = "GET http://sdk.test/emissions/forecasts/current?location=eastus";

struct CarbonAwareSdk : testing::Test {
  ScriptedHttp http;
  std::unique_ptr<Client> client =
      open_carbonawaresdk({"http://sdk.test", "", "", ""}, http.network(), kShippedData);
  Question two = asking("eastus", "2026-01-05T20:00Z", "2026-01-05T22:00Z");

  Result<std::vector<Batch>> history(const std::string& body, int status = 200) {
    http.expect(kHistory, status, body);
    return client->history(two);
  }
  Result<std::vector<Batch>> forecast(const std::string& body, int status = 200) {
    http.expect(kForecast, status, body);
    return client->forecast(two);
  }
};

TEST_F(CarbonAwareSdk, more_than_was_asked_is_cut) {
  const auto batches = history(R"([
    {"location":"IE","time":"2026-01-05T19:00:00+00:00","rating":60,"duration":"01:00:00"},
    {"location":"IE","time":"2026-01-05T20:00:00+00:00","rating":"70.5","duration":"01:00:00"},
    {"location":"IE","time":"2026-01-05T21:45:00+01:00","rating":71,"duration":"0.00:15:00.0000000"},
    {"location":"IE","time":"2026-01-05T21:00:00Z","rating":null,"duration":"00:05:00"},
    {"location":"IE","time":"2026-01-05T23:00:00Z","rating":80,"duration":"1.00:00:00"}])");
  EXPECT_THAT(lines(batches),
              ElementsAre("01-05T20:00 45m 70.5 history", "01-05T20:45 15m 71 history",
                          "01-05T21:00 5m - history"));
  EXPECT_FALSE(batches->front().key.scope);
  EXPECT_THAT(batches->front().notes, ElementsAre(HasSubstr("taken as average")));
}

TEST_F(CarbonAwareSdk, the_signal_is_taken_as_asked_and_said_so) {
  two.signal = Signal::marginal;
  const auto batches = history(
      R"([{"location":"IE","time":"2026-01-05T20:00:00Z","rating":7,"duration":"00:05:00"}])");
  EXPECT_EQ(batches->front().key.signal, Signal::marginal);
  EXPECT_THAT(batches->front().notes, ElementsAre(HasSubstr("taken as marginal")));
}

TEST_F(CarbonAwareSdk, no_content_is_nothing) { EXPECT_THAT(lines(history("", 204)), IsEmpty()); }

TEST_F(CarbonAwareSdk, a_forecast_has_its_time_of_issue_and_minutes) {
  const auto batches = forecast(
      R"([{"generatedAt":"2026-01-05T19:57:00+00:00","location":"eastus","windowSize":5,"forecastData":[
          {"location":"IE","timestamp":"2026-01-05T20:00:00+00:00","duration":5,"value":448.4},
          {"location":"IE","timestamp":"2026-01-05T20:05:00+00:00","duration":5,"value":440}]}])");
  EXPECT_THAT(lines(batches),
              ElementsAre("01-05T20:00 5m 448.4 forecast", "01-05T20:05 5m 440 forecast"));
  EXPECT_EQ(batches->front().issued, at("2026-01-05T19:57Z"));
}

TEST_F(CarbonAwareSdk, without_a_forecast_behind_it_there_is_none) {
  const auto none = forecast(R"({"title":"NotImplemented","status":501})", 501);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::absent);
  EXPECT_THAT(none.error().line(), HasSubstr("has no forecast"));
}

TEST_F(CarbonAwareSdk, what_is_no_answer_is_said) {
  EXPECT_THAT(lines(history(R"({"a":1})")), ElementsAre(HasSubstr("no list of emissions")));
  EXPECT_THAT(
      lines(history(R"([{"time":"2026-01-05T20:00:00Z","rating":7,"duration":"an hour"}])")),
      ElementsAre(HasSubstr("duration is none: 'an hour'")));
  EXPECT_THAT(lines(forecast(R"([{"generatedAt":"2026-01-05T20:00:00Z","forecastData":[
                  {"timestamp":"2026-01-05T20:00:00Z","duration":1e300,"value":7}]}])")),
              ElementsAre(HasSubstr("duration is none: 1e+300")));
  EXPECT_THAT(lines(forecast("[]")), ElementsAre(HasSubstr("no forecast of one place")));
  EXPECT_THAT(
      lines(history(R"({"title":"Unknown Location","status":400,"detail":"'x' not found"})", 400)),
      ElementsAre(HasSubstr("Unknown Location")));
}

TEST_F(CarbonAwareSdk, its_locations_are_regions_of_azure_or_named) {
  Place place = place_of("US-MIDA-PJM");
  place.region = "azure:eastus";
  EXPECT_EQ(zone_of(*client, place), "eastus");
  EXPECT_EQ(zone_of(*client, place_of("carbonawaresdk:my-site")), "my-site");
  EXPECT_THAT(zone_of(*client, place_of("FR", "FR")), HasSubstr("--location carbonawaresdk:NAME"));
}

}  // namespace
}  // namespace lowtide::grid
