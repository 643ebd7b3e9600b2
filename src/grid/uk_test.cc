#include "grid/uk.h"

#include "grid/answers_for_test.h"

namespace lowtide::grid {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kUrl = "http://uk.test";
const std::string kNoon = "GET http://uk.test/intensity/2026-01-05T12:00Z/2026-01-05T13:00Z";

struct Uk : testing::Test {
  ScriptedHttp http;
  std::unique_ptr<Client> client = open_uk({kUrl, "", "", ""}, http.network(), kShippedData);
  Question noon = asking("GB", "2026-01-05T12:00Z", "2026-01-05T13:00Z");

  std::vector<std::string> answer(const std::string& body, const Question& question,
                                  const std::string& request) {
    http.expect(request, 200, body);
    return lines(client->history(question));
  }
};

TEST_F(Uk, actual_where_there_is_one_else_the_forecast) {
  // The half hour that ends where the span begins comes along.
  http.expect(kNoon, 200, R"({"data":[
    {"from":"2026-01-05T11:30Z","to":"2026-01-05T12:00Z","intensity":{"forecast":190,"actual":191,"index":"low"}},
    {"from":"2026-01-05T12:00Z","to":"2026-01-05T12:30Z","intensity":{"forecast":181,"actual":176,"index":"low"}},
    {"from":"2026-01-05T12:30Z","to":"2026-01-05T13:00Z","intensity":{"forecast":179,"actual":null,"index":"low"}}]})");
  const auto batches = client->history(noon);
  EXPECT_THAT(lines(batches),
              ElementsAre("01-05T12:00 30m 176 history", "01-05T12:30 30m 179 forecast"));
  const SeriesKey& key = batches->front().key;
  EXPECT_EQ(key.zone, "GB");
  EXPECT_EQ(key.scope, Scope::direct);
  EXPECT_EQ(key.gas, Gas::co2);
}

TEST_F(Uk, a_span_inside_half_hours_is_cut) {
  const Question odd = asking("GB", "2026-01-05T12:10Z", "2026-01-05T12:40Z");
  EXPECT_THAT(answer(R"({"data":[
    {"from":"2026-01-05T12:00Z","to":"2026-01-05T12:30Z","intensity":{"forecast":1,"actual":"176"}},
    {"from":"2026-01-05T12:30Z","to":"2026-01-05T13:00Z","intensity":{"forecast":"179","actual":null}}]})",
                     odd, kNoon),
              ElementsAre("01-05T12:10 20m 176 history", "01-05T12:30 10m 179 forecast"));
}

TEST_F(Uk, the_forecast_is_what_has_no_actual) {
  http.expect("GET http://uk.test/intensity/2026-01-05T12:00Z/fw48h", 200, R"({"data":[
    {"from":"2026-01-05T12:00Z","to":"2026-01-05T12:30Z","intensity":{"forecast":181,"actual":176}},
    {"from":"2026-01-05T12:30Z","to":"2026-01-05T13:00Z","intensity":{"forecast":179,"actual":null}},
    {"from":"2026-01-05T13:00Z","to":"2026-01-05T13:30Z","intensity":{"forecast":170}}]})");
  EXPECT_THAT(lines(client->forecast(noon)), ElementsAre("01-05T12:30 30m 179 forecast"));
}

TEST_F(Uk, a_region_comes_as_an_object_or_as_a_list_of_one) {
  const std::string rows =
      R"("data":[{"from":"2026-01-05T12:00Z","to":"2026-01-05T12:30Z","intensity":{"forecast":150,"index":"low"}}]})";
  const std::string span = "/regional/intensity/2026-01-05T12:00Z/2026-01-05T13:00Z/";
  noon.zone = "13";
  EXPECT_THAT(answer(R"({"data":{"regionid":13,"shortname":"London",)" + rows + "}", noon,
                     "GET " + kUrl + span + "regionid/13"),
              ElementsAre("01-05T12:00 30m 150 forecast"));
  noon.zone = "sw1a 1aa";
  EXPECT_THAT(answer(R"({"data":[{"regionid":13,"postcode":"SW1A",)" + rows + "]}", noon,
                     "GET " + kUrl + span + "postcode/SW1A"),
              ElementsAre("01-05T12:00 30m 150 forecast"));
}

TEST_F(Uk, an_answer_for_another_region_is_refused) {
  noon.zone = "13";
  EXPECT_THAT(answer(R"({"data":{"regionid":3,"shortname":"North West England","data":[]}})", noon,
                     "GET http://uk.test/regional/intensity/2026-01-05T12:00Z/"
                     "2026-01-05T13:00Z/regionid/13"),
              ElementsAre(HasSubstr("answered for region 3 'North West England'")));
}

TEST_F(Uk, a_day_of_46_half_hours_has_no_hole) {
  std::string body = R"({"data":[)";
  const Utc begin = at("2026-03-29T00:00Z");  // London's day ends at 23:00 UTC
  for (int i = 0; i < 46; ++i) {
    const Utc from = begin + i * std::chrono::minutes(30);
    body += fmt::format(R"({}{{"from":"{}Z","to":"{}Z","intensity":{{"forecast":1,"actual":{}}}}})",
                        i == 0 ? "" : ",", format_utc(from).substr(0, 16),
                        format_utc(from + std::chrono::minutes(30)).substr(0, 16), 100 + i);
  }
  const Question day = asking("GB", "2026-03-29T00:00Z", "2026-03-29T23:00Z");
  const auto found =
      answer(body + "]}", day, "GET http://uk.test/intensity/2026-03-29T00:00Z/2026-03-29T23:00Z");
  ASSERT_EQ(found.size(), 46U);
  EXPECT_EQ(found[2], "03-29T01:00 30m 102 history");
  EXPECT_EQ(found[45], "03-29T22:30 30m 145 history");
}

TEST_F(Uk, what_is_no_answer_is_said_in_one_line) {
  EXPECT_THAT(answer("<html><title>Busy</title></html>", noon, kNoon),
              ElementsAre(HasSubstr("Carbon Intensity API (GB), GB, 2026-01-05T12:00Z to")));
  for (
      const char* body :
      {R"({"data":null})", R"({"data":[{"from":"x","to":"y"}]})", "[]", R"({"da)",
       R"({"data":[{"from":"2026-01-05T12:00Z","to":"2026-01-05T12:30Z","intensity":{"actual":[]}}]})"}) {
    http.expect(kNoon, 200, body);
    const auto batches = client->history(noon);
    ASSERT_FALSE(batches) << body;
    EXPECT_EQ(batches.error().kind, ErrorKind::malformed) << body;
    EXPECT_EQ(batches.error().line().find('\n'), std::string::npos);
  }
  http.expect(kNoon, 400, R"({"error":{"code":"400 Bad Request","message":"Too far"}})");
  EXPECT_THAT(lines(client->history(noon)), ElementsAre(HasSubstr("Too far")));
}

TEST_F(Uk, nothing_known_is_no_batch) {
  EXPECT_THAT(answer(R"({"data":[]})", noon, kNoon), IsEmpty());
}

TEST_F(Uk, zones_and_signals_that_it_has) {
  EXPECT_EQ(zone_of(*client, place_of("GB")), "GB");
  EXPECT_EQ(zone_of(*client, place_of("uk:SW1A")), "SW1A");
  EXPECT_THAT(zone_of(*client, place_of("FR", "FR")), HasSubstr("does not cover 'FR'"));
  EXPECT_THAT(zone_of(*client, place_of("GB"), Signal::marginal),
              HasSubstr("has no marginal intensity"));
}

}  // namespace
}  // namespace lowtide::grid
