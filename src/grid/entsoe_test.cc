#include "grid/entsoe.h"

#include "grid/answers_for_test.h"

namespace lowtide::grid {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Shape {
  std::string curve = "A03";
  std::string domain = "in";
  std::string resolution = "PT60M";
  std::string end = "03:00";
};

// "1:41000 3:40500" are points; three hours from 00:00.
std::string series(const std::string& type, const std::string& points, const Shape& shape = {}) {
  std::string list;
  for (std::size_t at = 0; at < points.size();) {
    const std::size_t colon = points.find(':', at);
    const std::size_t space = std::min(points.find(' ', at), points.size());
    list += fmt::format("<Point><position>{}</position><quantity>{}</quantity></Point>",
                        points.substr(at, colon - at), points.substr(colon + 1, space - colon - 1));
    at = space + 1;
  }
  return fmt::format(
      R"(<TimeSeries><mRID>1</mRID><{0}BiddingZone_Domain.mRID codingScheme="A01">10YFR-RTE------C</{0}BiddingZone_Domain.mRID>
      <quantity_Measure_Unit.name>MAW</quantity_Measure_Unit.name><curveType>{1}</curveType><MktPSRType><psrType>{2}</psrType></MktPSRType>
      <Period><timeInterval><start>2026-01-05T00:00Z</start><end>2026-01-05T{3}Z</end></timeInterval><resolution>{4}</resolution>{5}</Period></TimeSeries>)",
      shape.domain, shape.curve, type, shape.end, shape.resolution, list);
}

std::string document(const std::string& all) {
  return R"(<?xml version="1.0" encoding="UTF-8"?>
<GL_MarketDocument xmlns="urn:iec62325.351:tc57wg16:451-6:generationloaddocument:3:0"><type>A75</type>)" +
         all + "</GL_MarketDocument>";
}

std::string reason(const std::string& code, const std::string& text) {
  return "<Acknowledgement_MarketDocument><Reason><code>" + code + "</code><text>" + text +
         "</text></Reason></Acknowledgement_MarketDocument>";
}

struct Entsoe : testing::Test {
  ScriptedHttp http;
  std::unique_ptr<Client> client =
      open_entsoe({"http://entsoe.test", "", "", "the-token"}, http.network(), kShippedData);
  Question three = asking("10YFR-RTE------C", "2026-01-05T00:00Z", "2026-01-05T03:00Z");

  Result<std::vector<Batch>> answer(const std::string& body, int status = 200) {
    http.expect(
        "GET http://entsoe.test/api?securityToken=the-token&documentType=A75&processType=A16&"
        "in_Domain=10YFR-RTE------C&periodStart=202601050000&periodEnd=202601050300",
        status, body);
    return client->history(three);
  }
};

TEST_F(Entsoe, a_curve_A03_carries_what_did_not_change) {
  // Nuclear 3000 3000 1000, gas 1000 throughout: (3 x 12 + 490) / 4 = 131.5; (12 + 490) / 2 = 251.
  const auto batches = answer(document(series("B14", "1:3000 3:1000") + series("B04", "1:1000")));
  EXPECT_THAT(lines(batches),
              ElementsAre("01-05T00:00 60m 131.5 history", "01-05T01:00 60m 131.5 history",
                          "01-05T02:00 60m 251 history"));
  EXPECT_EQ(batches->front().key.model, "ipcc2014.1");
  EXPECT_EQ(batches->front().key.scope, Scope::lifecycle);
}

TEST_F(Entsoe, a_curve_A01_has_gaps_where_it_has_no_point) {
  EXPECT_THAT(lines(answer(document(series("B14", "1:3000 3:1000", {.curve = "A01"})))),
              ElementsAre("01-05T00:00 60m 12 history", "01-05T02:00 60m 12 history"));
}

TEST_F(Entsoe, quarters_of_an_hour_beside_hours) {
  // From 00:30 on wind gives as much as gas does: (490 + 11) / 2.
  const auto batches =
      answer(document(series("B04", "1:1000", {.end = "01:00"}) +
                      series("B19", "1:0 3:1000", {.resolution = "PT15M", .end = "01:00"})));
  EXPECT_THAT(lines(batches),
              ElementsAre("01-05T00:00 15m 490 history", "01-05T00:15 15m 490 history",
                          "01-05T00:30 15m 250.5 history", "01-05T00:45 15m 250.5 history"));
}

TEST_F(Entsoe, what_storage_takes_in_or_gives_back_is_no_source) {
  EXPECT_THAT(lines(answer(document(series("B04", "1:1000") + series("B10", "1:900") +
                                    series("B10", "1:5000", {.domain = "out"})))),
              ElementsAre("01-05T00:00 60m 490 history", "01-05T01:00 60m 490 history",
                          "01-05T02:00 60m 490 history"));
}

TEST_F(Entsoe, an_interval_that_lacks_a_large_source_has_no_value) {
  // Nuclear's last hour is not there yet; sun's is not either, and is small.
  const auto batches = answer(
      document(series("B14", "1:3000", {.end = "02:00"}) + series("B04", "1:1000 2:990 3:1000")));
  EXPECT_THAT(lines(batches), ElementsAre(testing::_, testing::_, "01-05T02:00 60m - history"));
  EXPECT_THAT(batches->front().notes, ElementsAre(HasSubstr("1 of 3 intervals have no value")));
  EXPECT_THAT(
      lines(answer(document(series("B16", "1:50", {.end = "02:00"}) + series("B04", "1:1000")))),
      ElementsAre(testing::_, testing::_, "01-05T02:00 60m 490 history"));
}

TEST_F(Entsoe, nothing_found_is_nothing_with_either_status) {
  const std::string none = reason("999", "No matching data found for Data item");
  EXPECT_THAT(lines(answer(none)), IsEmpty());
  EXPECT_THAT(lines(answer(none, 400)), IsEmpty());
}

TEST_F(Entsoe, refusals_in_html_and_in_xml) {
  const auto denied = answer("<html><title>Unauthorized the-token</title></html>", 401);
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().kind, ErrorKind::denied);
  EXPECT_THAT(denied.error().line(), testing::Not(HasSubstr("the-token")));
  EXPECT_THAT(lines(answer(reason("B06", "Invalid period"), 400)),
              ElementsAre(HasSubstr("Invalid period")));
}

TEST_F(Entsoe, what_is_no_document_of_generation_is_refused) {
  const std::string half = document(series("B14", "1:1"));
  for (const std::string& body :
       {std::string(), std::string("{}"), half.substr(0, half.size() / 2), reason("1", "?"),
        document(series("B14", "9:1")), document(series("B14", "2:1 1:1")),
        document(series("B14", "1:x")), document(series("B14", "1:1", {.resolution = "P1Y"})),
        document(series("B14", "1:1") + series("B14", "1:2")),
        document(series("B14", "1:1", {.resolution = "PT15M", .end = "00:00"}))}) {
    const auto batches = answer(body);
    ASSERT_FALSE(batches) << body;
    EXPECT_EQ(batches.error().kind, ErrorKind::malformed) << body;
  }
}

TEST_F(Entsoe, an_answer_for_another_zone_is_refused) {
  std::string other = document(series("B14", "1:1"));
  for (std::size_t at = 0; (at = other.find("10YFR", at)) != other.npos;)
    other.replace(at, 5, "10YBE");
  EXPECT_THAT(lines(answer(other)), ElementsAre(HasSubstr("answered for zone '10YBE")));
}

TEST_F(Entsoe, zones_by_table_or_by_code) {
  EXPECT_EQ(zone_of(*client, place_of("FR")), "10YFR-RTE------C");
  EXPECT_EQ(zone_of(*client, place_of("entsoe:10Y1001A1001A82H")), "10Y1001A1001A82H");
  EXPECT_THAT(zone_of(*client, place_of("US-CAL-CISO", "US")), HasSubstr("does not cover"));
}

}  // namespace
}  // namespace lowtide::grid
