#include "grid/openelectricity.h"

#include "grid/answers_for_test.h"

namespace lowtide::grid {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string metric(const std::string& name, const std::string& unit, const std::string& region,
                   const std::string& rows) {
  return fmt::format(
      R"({{"network_code":"NEM","metric":"{}","unit":"{}","interval":"5m","results":[
         {{"name":"{}_{}","columns":{{"region":"{}"}},"data":[{}]}}]}})",
      name, unit, name, region, region, rows);
}

std::string both(const std::string& emissions, const std::string& energy,
                 const std::string& region = "NSW1") {
  return R"({"success":true,"error":null,"data":[)" + metric("emissions", "t", region, emissions) +
         "," + metric("energy", "MWh", region, energy) + "]}";
}

struct OpenElectricity : testing::Test {
  ScriptedHttp http;
  std::unique_ptr<Client> client =
      open_openelectricity({"http://oe.test", "", "", "the-key"}, http.network(), kShippedData);
  // 00:00 to 00:10 of NEM's fifth of January is 14:00 UTC of the fourth.
  Question ten = asking("NSW1", "2026-01-04T14:00Z", "2026-01-04T14:10Z");
  std::string request =
      "GET http://oe.test/v4/data/network/NEM?metrics=emissions&metrics=energy&interval=5m&"
      "date_start=2026-01-05T00%3A00%3A00&date_end=2026-01-05T00%3A10%3A00&"
      "primary_grouping=network_region&network_region=NSW1";

  Result<std::vector<Batch>> answer(const std::string& body, int status = 200) {
    http.expect(request, status, body);
    return client->history(ten);
  }
};

TEST_F(OpenElectricity, tonnes_over_megawatt_hours_in_the_networks_own_time) {
  const auto batches =
      answer(both(R"(["2026-01-05T00:00:00+10:00",412.5],["2026-01-05T00:05:00+10:00",300])",
                  R"(["2026-01-05T00:00:00+10:00",550],["2026-01-05T00:05:00+10:00",600])"));
  EXPECT_THAT(lines(batches),
              ElementsAre("01-04T14:00 5m 750 history", "01-04T14:05 5m 500 history"));
  EXPECT_EQ(batches->front().key.scope, Scope::direct);
  EXPECT_EQ(http.sent.front().headers.front(),
            std::make_pair(std::string("Authorization"), std::string("Bearer the-key")));
}

TEST_F(OpenElectricity, western_australia_is_a_network_of_its_own_at_eight_hours) {
  http.expect(
      "GET http://oe.test/v4/data/network/WEM?metrics=emissions&metrics=energy&interval=1h&"
      "date_start=2026-01-05T00%3A00%3A00&date_end=2026-01-05T01%3A00%3A00&primary_grouping="
      "network",
      200, both(R"(["2026-01-05T00:00:00+08:00",5])", R"(["2026-01-05T00:00:00+08:00",10])", ""));
  Question hour = asking("WEM", "2026-01-04T16:00Z", "2026-01-04T17:00Z");
  hour.step = std::chrono::hours(1);
  EXPECT_THAT(lines(client->history(hour)), ElementsAre("01-04T16:00 60m 500 history"));
}

TEST_F(OpenElectricity, a_null_or_no_energy_is_a_gap) {
  EXPECT_THAT(
      lines(answer(both(R"(["2026-01-05T00:00:00+10:00",null],["2026-01-05T00:05:00+10:00",0])",
                        R"(["2026-01-05T00:00:00+10:00",550],["2026-01-05T00:05:00+10:00",0])"))),
      ElementsAre("01-04T14:00 5m - history", "01-04T14:05 5m - history"));
}

TEST_F(OpenElectricity, another_region_is_not_ours) {
  EXPECT_THAT(lines(answer(both(R"(["2026-01-05T00:00:00+10:00",1])",
                                R"(["2026-01-05T00:00:00+10:00",1])", "VIC1"))),
              IsEmpty());
}

TEST_F(OpenElectricity, other_units_shapes_and_failures_are_said) {
  EXPECT_THAT(lines(answer(R"({"data":[)" + metric("emissions", "kt", "NSW1", "") + "]}")),
              ElementsAre(HasSubstr("emissions in 'kt'")));
  EXPECT_THAT(lines(answer(R"({"data":[)" + metric("energy", "MWh", "NSW1", "[1,2,3]") + "]}")),
              ElementsAre(HasSubstr("no [time, value]")));
  EXPECT_THAT(lines(answer(R"({"data":[{"metric":"energy","unit":"MWh","results":[7]}]})")),
              ElementsAre(HasSubstr("has no list data")));
  EXPECT_THAT(lines(answer(R"({"success":false,"error":"quota","data":[]})")),
              ElementsAre(HasSubstr("failed: 'quota'")));
  EXPECT_THAT(lines(answer(R"({"detail":"Date range exceeds plan"})", 400)),
              ElementsAre(HasSubstr("Date range exceeds plan")));
}

TEST_F(OpenElectricity, zones) {
  EXPECT_EQ(zone_of(*client, place_of("AU-NSW")), "NSW1");
  EXPECT_EQ(zone_of(*client, place_of("AU-WA")), "WEM");
  EXPECT_THAT(zone_of(*client, place_of("AU-NT", "AU")), HasSubstr("it covers AU-NSW"));
}

}  // namespace
}  // namespace lowtide::grid
