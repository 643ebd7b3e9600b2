#include "grid/energycharts.h"

#include "grid/answers_for_test.h"

namespace lowtide::grid {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// 1767571200 is 2026-01-05T00:00Z.
struct EnergyCharts : testing::Test {
  ScriptedHttp http;
  std::unique_ptr<Client> client =
      open_energycharts({"http://ec.test", "", "", ""}, http.network(), kShippedData);
  Question hour = asking("de", "2026-01-05T00:00Z", "2026-01-05T01:00Z");

  Result<std::vector<Batch>> answer(const std::string& body, int status = 200) {
    http.expect(
        "GET http://ec.test/co2eq?country=de&start=2026-01-05T00%3A00Z&end=2026-01-05T01%3A00Z",
        status, body);
    return client->history(hour);
  }
};

TEST_F(EnergyCharts, measured_wins_over_forecast_at_the_same_time) {
  const auto batches = answer(
      R"({"unix_seconds":[1767571200,1767572100,1767573000,1767573900,1767574800],
          "co2eq":[312.4,309.0,null,null,null],"co2eq_forecast":[999,null,301.0,null,290],"deprecated":false})");
  // The value at the end belongs to the next hour; where both are null there is a row without one.
  EXPECT_THAT(lines(batches),
              ElementsAre("01-05T00:00 15m 312.4 history", "01-05T00:15 15m 309 history",
                          "01-05T00:30 15m 301 forecast", "01-05T00:45 15m - history"));
  EXPECT_FALSE(batches->front().key.scope);
  EXPECT_EQ(batches->front().key.gas, Gas::co2e);
  EXPECT_THAT(batches->front().notes, IsEmpty());
}

TEST_F(EnergyCharts, other_countries_have_hours) {
  EXPECT_THAT(
      lines(answer(R"({"unix_seconds":[1767567600,1767571200,1767574800],"co2eq":["1","20",3]})")),
      ElementsAre("01-05T00:00 60m 20 history"));
}

TEST_F(EnergyCharts, the_forecast_is_what_was_not_measured) {
  http.expect(
      "GET http://ec.test/co2eq?country=de&start=2026-01-05T00%3A00Z&end=2026-01-05T01%3A00Z", 200,
      R"({"unix_seconds":[1767571200,1767572100],"co2eq":[312.4,null],"co2eq_forecast":[310,301.5],"deprecated":true})");
  const auto batches = client->forecast(hour);
  EXPECT_THAT(lines(batches), ElementsAre("01-05T00:15 15m 301.5 forecast"));
  EXPECT_THAT(batches->front().notes, ElementsAre(HasSubstr("will end")));
}

TEST_F(EnergyCharts, lists_that_do_not_fit_each_other_are_refused) {
  EXPECT_THAT(lines(answer(R"({"unix_seconds":[1767571200,1767572100],"co2eq":[312.4]})")),
              ElementsAre(HasSubstr("2 times and 1 values of co2eq")));
  EXPECT_THAT(lines(answer(R"({"unix_seconds":["now"],"co2eq":[1]})")),
              ElementsAre(HasSubstr("has a time that is none")));
  EXPECT_THAT(lines(answer(R"({"unix_seconds":[1767571200],"co2eq":[{"a":1}]})")),
              ElementsAre(HasSubstr("co2eq is no number")));
}

TEST_F(EnergyCharts, nothing_is_no_batch_and_refusals_are_said) {
  EXPECT_THAT(lines(answer(R"({"unix_seconds":[],"co2eq":[]})")), IsEmpty());
  EXPECT_THAT(
      lines(answer(R"({"detail":[{"loc":["query"],"msg":"bad country","type":"x"}]})", 422)),
      ElementsAre(HasSubstr("bad country")));
}

TEST_F(EnergyCharts, zones) {
  EXPECT_EQ(zone_of(*client, place_of("GB")), "uk");
  EXPECT_EQ(zone_of(*client, place_of("DE")), "de");
  EXPECT_THAT(zone_of(*client, place_of("US-CAL-CISO", "US")),
              HasSubstr("does not cover 'US-CAL-CISO'"));
}

}  // namespace
}  // namespace lowtide::grid
