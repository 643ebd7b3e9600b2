#include "grid/eia.h"

#include "grid/answers_for_test.h"

namespace lowtide::grid {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string request(const std::string& what, const std::string& facet, int offset = 0) {
  return fmt::format(
      "GET http://eia.test/v2/electricity/rto/{}/data/?frequency=hourly&data%5B0%5D=value&"
      "facets%5Brespondent%5D%5B%5D=CISO{}&start=2026-01-05T07&end=2026-01-05T08&"
      "sort%5B0%5D%5Bcolumn%5D=period&sort%5B0%5D%5Bdirection%5D=asc&offset={}&length=5000&"
      "api_key=the-key",
      what, facet, offset);
}
const std::string kMixRequest = request("fuel-type-data", "");
const std::string kNetRequest = request("region-data", "&facets%5Btype%5D%5B%5D=NG");

// "07 NG 8123" are rows of an answer: the hour's label, code, value.
std::string rows(const char* key, std::initializer_list<const char*> of,
                 const std::string& total = {}) {
  std::string out;
  for (const std::string row : of) {
    const std::size_t space = row.find(' ', 3);
    out += fmt::format(R"({}{{"period":"2026-01-05T{}","respondent":"CISO","{}":"{}","value":{}}})",
                       out.empty() ? "" : ",", row.substr(0, 2), key, row.substr(3, space - 3),
                       row.substr(space + 1));
  }
  return fmt::format(R"({{"response":{{"total":{},"data":[{}]}}}})",
                     total.empty() ? fmt::format("\"{}\"", of.size()) : total, out);
}

struct Eia : testing::Test {
  ScriptedHttp http;
  std::unique_ptr<Client> client =
      open_eia({"http://eia.test", "", "", "the-key"}, http.network(), kShippedData);
  // Two hours, whose labels are their ends: 07 and 08.
  Question two = asking("CISO", "2026-01-05T06:00Z", "2026-01-05T08:00Z");

  Result<std::vector<Batch>> answer(const std::string& mix, const std::string& net) {
    http.expect(kMixRequest, 200, mix);
    http.expect(kNetRequest, 200, net);
    return client->history(two);
  }
};

TEST_F(Eia, an_hour_is_labelled_by_its_end_and_a_mix_is_weighed_by_factors) {
  const auto batches =
      answer(rows("fueltype", {"07 NG \"6000\"", "07 WND \"3000\"", "07 SUN \"-12\"", "07 NUC 1000",
                               "08 NG 5000", "08 COL 5000"}),
             rows("type", {"07 NG \"10000\"", "08 NG 10000", "07 D 1"}));
  // (6000 x 490 + 3000 x 11 + 1000 x 12) / 10000 = 298.5; (490 + 820) / 2 = 655.
  EXPECT_THAT(lines(batches),
              ElementsAre("01-05T06:00 60m 298.5 history", "01-05T07:00 60m 655 history"));
  EXPECT_EQ(batches->front().key.scope, Scope::lifecycle);
  EXPECT_EQ(batches->front().key.model, "ipcc2014.1");
}

TEST_F(Eia, direct_factors_when_asked) {
  two.scope = Scope::direct;
  const auto batches =
      answer(rows("fueltype", {"07 NG 5000", "07 BM 5000"}), rows("type", {"07 NG 10000"}));
  EXPECT_THAT(lines(batches), ElementsAre("01-05T06:00 60m 185 history"));  // 370 / 2
  EXPECT_EQ(batches->front().key.scope, Scope::direct);
}

TEST_F(Eia, an_hour_that_the_sources_do_not_explain_has_no_value) {
  const auto batches =
      answer(rows("fueltype", {"07 NG 8999", "07 COL null", "08 NG 9000", "08 XYZ 0"}),
             rows("type", {"07 NG 10000", "08 NG 10000"}));
  EXPECT_THAT(lines(batches),
              ElementsAre("01-05T06:00 60m - history", "01-05T07:00 60m 490 history"));
  EXPECT_THAT(batches->front().notes, ElementsAre(HasSubstr("1 of 2 hours have no value")));
}

TEST_F(Eia, without_net_generation_there_is_no_value) {
  EXPECT_THAT(lines(answer(rows("fueltype", {"07 NG 8999"}), rows("type", {"07 NG null"}))),
              ElementsAre("01-05T06:00 60m - history"));
}

TEST_F(Eia, storage_explains_generation_and_is_no_source) {
  // What it gives back counts as the mean of the rest; what it takes in counts as nothing.
  EXPECT_THAT(
      lines(answer(rows("fueltype", {"07 NG 5000", "07 BAT 4500", "08 NG 1000", "08 PS -900"}),
                   rows("type", {"07 NG 10000", "08 NG 100"}))),
      ElementsAre("01-05T06:00 60m 490 history", "01-05T07:00 60m 490 history"));
}

TEST_F(Eia, an_unknown_code_is_an_unknown_source) {
  EXPECT_THAT(lines(answer(rows("fueltype", {"07 NEW 1000"}), rows("type", {"07 NG 1000"}))),
              ElementsAre("01-05T06:00 60m 700 history"));
}

TEST_F(Eia, pages_are_read_to_the_total) {
  http.expect(kMixRequest, 200, rows("fueltype", {"07 NG 500", "07 COL 500"}, "\"3\""));
  http.expect(request("fuel-type-data", "", 2), 200, rows("fueltype", {"08 NG 7"}, "3"));
  http.expect(kNetRequest, 200, rows("type", {"07 NG 1000", "08 NG 7"}));
  EXPECT_THAT(lines(client->history(two)),
              ElementsAre("01-05T06:00 60m 655 history", "01-05T07:00 60m 490 history"));
  EXPECT_TRUE(http.done());
}

TEST_F(Eia, pages_that_end_early_are_an_error) {
  http.expect(kMixRequest, 200, rows("fueltype", {"07 NG 500"}, "\"9\""));
  http.expect(request("fuel-type-data", "", 1), 200, rows("fueltype", {}, "\"9\""));
  EXPECT_THAT(lines(client->history(two)), ElementsAre(HasSubstr("ends after 1 rows")));
}

TEST_F(Eia, two_values_for_one_source_and_hour_are_an_error) {
  http.expect(kMixRequest, 200, rows("fueltype", {"07 NG 500", "07 NG 501"}));
  EXPECT_THAT(lines(client->history(two)),
              ElementsAre(HasSubstr("two values of 'NG' for the hour to 2026-01-05T07")));
}

TEST_F(Eia, warnings_are_passed_on) {
  const auto batches = answer(
      R"({"response":{"total":0,"data":[],"warnings":[{"warning":"incomplete return","description":"cut at 5000 rows"}]}})",
      rows("type", {"07 NG 5"}));
  ASSERT_TRUE(batches);
  EXPECT_THAT(batches->front().notes,
              ElementsAre("EIA: cut at 5000 rows", HasSubstr("1 of 1 hours")));
}

TEST_F(Eia, nothing_known_is_no_batch) {
  EXPECT_THAT(lines(answer(rows("fueltype", {}), rows("type", {}))), IsEmpty());
}

TEST_F(Eia, the_key_is_in_no_error) {
  http.expect(kMixRequest, 403,
              R"({"error":{"code":"API_KEY_INVALID","message":"the-key is bad"}})");
  const auto batches = client->history(two);
  ASSERT_FALSE(batches);
  EXPECT_EQ(batches.error().kind, ErrorKind::denied);
  EXPECT_THAT(batches.error().line(), HasSubstr("API_KEY_INVALID"));
  EXPECT_THAT(batches.error().line(), testing::Not(HasSubstr("the-key")));
}

TEST_F(Eia, other_respondents_and_hours_that_are_none_are_refused) {
  http.expect(
      kMixRequest, 200,
      R"({"response":{"total":1,"data":[{"period":"2026-01-05T07","respondent":"PJM","fueltype":"NG","value":1}]}})");
  EXPECT_THAT(lines(client->history(two)), ElementsAre(HasSubstr("respondent 'PJM'")));
  http.expect(
      kMixRequest, 200,
      R"({"response":{"total":1,"data":[{"period":"2026-01-05","respondent":"CISO","fueltype":"NG","value":1}]}})");
  EXPECT_THAT(lines(client->history(two)),
              ElementsAre(HasSubstr("period is no hour: '2026-01-05'")));
}

TEST_F(Eia, zones) {
  EXPECT_EQ(zone_of(*client, place_of("US-CAL-CISO")), "CISO");
  EXPECT_EQ(zone_of(*client, place_of("US")), "US48");
  EXPECT_EQ(zone_of(*client, place_of("eia:NE")), "NE");
  EXPECT_THAT(zone_of(*client, place_of("US-HI-OA", "US")), HasSubstr("it covers US, US-CAL-BANC"));
}

}  // namespace
}  // namespace lowtide::grid
