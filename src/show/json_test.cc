#include "show/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "show/sample_report.h"

namespace lowtide::show {
namespace {

using account::derive;
using account::Report;
using Json = nlohmann::ordered_json;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

Json parsed(const RunRecord& record, JsonOptions options = {}) {
  return Json::parse(report_json(derive(record, {{{"phone", grams(12.4), "EPA"}}}), options));
}

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> out;
  for (const auto& item : object.items()) out.push_back(item.key());
  return out;
}

// The keys and their order are the contract's, section 5.
TEST(Json, has_every_key_in_the_order_of_the_contract) {
  RunRecord record = measured_run();
  record.samples = {{0, record.slots[0].span, record.slots[0].device, watts(1), watts(900)}};
  const Json json = parsed(record, {.samples = true});
  EXPECT_EQ(json["schema"], "lowtide.report/1");
  EXPECT_THAT(keys(json),
              ElementsAre("schema", "run", "energy", "intensity", "carbon", "sci", "errors",
                          "slots", "samples", "complete", "equivalents", "events",
                          "provenance"));
  EXPECT_THAT(keys(json["run"]),
              ElementsAreArray({"id", "name", "project", "parent", "command", "host", "state",
                                "exit_status", "submitted", "begin", "end", "duration_s",
                                "active_s", "paused_s", "waiting_s", "lives"}));
  EXPECT_THAT(keys(json["energy"]),
              ElementsAreArray({"boundary", "total_kwh", "it_kwh", "pue", "pue_source",
                                "active_kwh", "paused_kwh", "waiting_kwh", "idle_charged_kwh",
                                "idle_not_charged_kwh", "modelled_share", "by_channel"}));
  EXPECT_THAT(
      keys(json["energy"]["by_channel"][0]),
      ElementsAreArray({"channel", "kind", "name", "uuid", "source", "in_total", "device_kwh",
                        "job_kwh", "kwh", "quality", "coverage", "low_kwh", "high_kwh"}));
  EXPECT_THAT(keys(json["intensity"][0]),
              ElementsAreArray({"zone", "asked", "resolved_by", "signal", "scope", "gas", "source",
                                "model", "step_s", "mean_g_per_kwh", "energy_weighted_g_per_kwh",
                                "coverage", "fallback", "provisional", "series_sha256",
                                "origins"}));
  EXPECT_THAT(keys(json["intensity"][0]["origins"][0]),
              ElementsAre("source", "model", "kind", "issued", "share"));
  EXPECT_THAT(keys(json["carbon"]),
              ElementsAreArray({"signal", "gas", "operational_g", "embodied_g", "total_g", "low_g",
                                "high_g", "other_signal_g", "assumed"}));
  EXPECT_THAT(keys(json["sci"]),
              ElementsAreArray({"value", "unit", "r", "r_count", "e_kwh", "i_g_per_kwh", "m_g",
                                "boundary", "methodology", "note"}));
  EXPECT_THAT(keys(json["errors"][0]),
              ElementsAre("origin", "kind", "low_pct", "high_pct", "reference"));
  EXPECT_THAT(keys(json["slots"][0]),
              ElementsAre("begin", "end", "energy_kwh", "intensity_g_per_kwh", "carbon_g", "state",
                          "quality", "source", "origin"));
  EXPECT_THAT(keys(json["samples"][0]),
              ElementsAre("channel", "begin", "end", "energy_j", "min_w", "mean_w", "max_w"));
  EXPECT_THAT(keys(json["equivalents"][0]), ElementsAre("name", "amount", "factor_g", "edition"));
  EXPECT_THAT(keys(json["events"][0]), ElementsAre("time", "kind", "detail"));
  EXPECT_THAT(keys(json["provenance"]), ElementsAre("lowtide_version", "methodology", "sources"));
}

TEST(Json, samples_only_when_asked_for) {
  EXPECT_FALSE(parsed(measured_run()).contains("samples"));
}

TEST(Json, figures_add_up_as_the_contract_says) {
  const Json json = parsed(measured_run());
  const Json& energy = json["energy"];
  double channels = 0;
  for (const Json& channel : energy["by_channel"]) {
    if (channel["in_total"].get<bool>()) channels += channel["kwh"].get<double>();
  }
  const double it = energy["it_kwh"].get<double>();
  EXPECT_NEAR(channels, it, 1e-12);
  EXPECT_NEAR(energy["active_kwh"].get<double>() + energy["paused_kwh"].get<double>() +
                  energy["waiting_kwh"].get<double>() + energy["idle_charged_kwh"].get<double>(),
              it, 1e-12);
  EXPECT_NEAR(it * 1.185, energy["total_kwh"].get<double>(), 1e-12);
  EXPECT_EQ(energy["total_kwh"], json["sci"]["e_kwh"]);
  double carbon = 0;
  for (const Json& slot : json["slots"]) {
    const double grams = slot["carbon_g"].get<double>();
    EXPECT_NEAR(
        grams, slot["energy_kwh"].get<double>() * 1.185 * slot["intensity_g_per_kwh"].get<double>(),
        1e-9);
    carbon += grams;
  }
  EXPECT_NEAR(carbon, json["carbon"]["operational_g"].get<double>(), 1e-9);
}

TEST(Json, unknown_is_null_never_zero_or_absent) {
  RunRecord record = modelled_run();
  record.intensity.clear();
  record.channels.clear();
  record.slots.clear();
  record.use.clear();
  record.end.reset();
  record.exit_status.reset();
  const Json json = parsed(record);
  EXPECT_TRUE(json["run"]["exit_status"].is_null());
  EXPECT_TRUE(json["run"]["end"].is_null());
  for (const char* key :
       {"boundary", "total_kwh", "it_kwh", "pue", "active_kwh", "modelled_share"}) {
    EXPECT_TRUE(json["energy"].contains(key) && json["energy"][key].is_null()) << key;
  }
  for (const char* key : {"gas", "operational_g", "total_g", "low_g", "other_signal_g"}) {
    EXPECT_TRUE(json["carbon"].contains(key) && json["carbon"][key].is_null()) << key;
  }
  EXPECT_TRUE(json["sci"]["value"].is_null());
  EXPECT_TRUE(json["sci"]["note"].is_string());
}

TEST(Json, times_are_utc_with_milliseconds_whatever_the_zone) {
  use_zone("XXX-5:30");
  EXPECT_EQ(parsed(modelled_run())["run"]["end"], "2026-01-05T00:00:31.200Z");
}

TEST(Json, any_bytes_in_a_command_make_valid_json) {
  RunRecord record = modelled_run();
  record.command = {"\xff\x1b\n", "ok"};
  const Json json = parsed(record);
  EXPECT_EQ(json["run"]["command"][1], "ok");
}

TEST(Json, several_runs_carry_their_sum) {
  RunRecord second = measured_run();
  second.id = "b";
  second.host = "another";
  for (ChannelInfo& channel : second.channels) channel.uuid += "-of-another";
  const std::vector<Report> reports = {derive(measured_run(), account::test_tables()),
                                       derive(second, account::test_tables())};
  const auto sum = account::sum(reports);
  ASSERT_TRUE(sum);
  const Json json = Json::parse(reports_json(reports, *sum));
  EXPECT_EQ(json["schema"], "lowtide.reports/1");
  EXPECT_EQ(json["runs"].size(), 2U);
  EXPECT_NEAR(json["sum"]["carbon"]["operational_g"].get<double>(),
              2 * json["runs"][0]["carbon"]["operational_g"].get<double>(), 1e-9);
  EXPECT_EQ(json["sum"]["states"]["finished"], 2);
}

TEST(Json, listing_has_one_object_a_run) {
  const std::vector<Report> reports = {derive(modelled_run(), account::test_tables())};
  const Json json = Json::parse(runs_json(reports));
  EXPECT_EQ(json["schema"], "lowtide.runs/1");
  EXPECT_EQ(json["runs"][0]["id"], "7f3a");
  EXPECT_EQ(json["runs"][0]["sci"]["unit"], "gCO2e/run");
  EXPECT_TRUE(json["runs"][0]["total_kwh"].is_number());
}

}  // namespace
}  // namespace lowtide::show
