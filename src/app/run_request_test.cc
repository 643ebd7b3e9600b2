#include "app/run_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "app/environment_for_test.h"
#include "host/child_for_test.h"
#include "host/proc.h"

namespace lowtide::app {
namespace {

using host::TempFolder;
using testing::AllOf;
using testing::HasSubstr;

class RunRequestTest : public testing::Test {
 protected:
  RunRequestTest() {
    environment_.set("LOWTIDE_SHARE", LOWTIDE_SOURCE_DIR "/data");
    environment_.set("LOWTIDE_SYSROOT", folder_.root());
    flags_.command = {"python3", "dir/train.py", "--token", "abc"};
    settings_.set_flag("location", "FR");
    settings_.set_flag("intensity", "475g/kWh");
  }
  RunRequest accepted() {
    auto request = make_request(flags_, settings_);
    EXPECT_TRUE(request) << (request ? "" : request.error().line());
    return request ? std::move(*request) : RunRequest{};
  }
  std::string refused() {
    const auto request = make_request(flags_, settings_);
    return request ? "was not refused" : request.error().line();
  }

  CleanEnvironment environment_;
  TempFolder folder_;
  RunFlags flags_;
  Settings settings_ = Settings::load("");
};

TEST_F(RunRequestTest, flags_become_the_record_of_the_run) {
  settings_.set_flag("pue", "1.2");
  settings_.set_flag("embodied", "120");
  settings_.set_flag("idle", "none");
  settings_.set_flag("per", "1000 samples");
  settings_.set_flag("project", "paper");
  settings_.set_flag("interval", "2s");
  settings_.set_flag("wait-sensors", "0s");
  settings_.set_flag("gpus", "0,1");
  flags_.tags = {"k=v", "url=a=b", "empty="};
  flags_.counts = {"samples=100", "samples=20.5"};
  environment_.set("LOWTIDE_RUN_ID", "bert-7");
  const RunRequest request = accepted();
  const RunRecord& run = request.record;
  EXPECT_EQ(run.project, "paper");
  EXPECT_EQ(run.life_of, "bert-7");
  EXPECT_EQ(run.parent, "");
  EXPECT_EQ(run.host, host::host_name());
  EXPECT_EQ(run.options.pue, 1.2);
  EXPECT_EQ(run.options.embodied, "120");
  EXPECT_EQ(run.options.idle, IdleRule::none);
  EXPECT_EQ(run.options.per, "1000 samples");
  EXPECT_EQ(run.options.location, "FR");
  EXPECT_EQ(run.options.intensity, "475g/kWh");
  EXPECT_EQ(run.tags,
            (std::map<std::string, std::string>{{"k", "v"}, {"url", "a=b"}, {"empty", ""}}));
  EXPECT_DOUBLE_EQ(run.counts.at("samples"), 120.5);
  EXPECT_EQ(request.place.zone, "FR");
  EXPECT_NE(request.provider, nullptr);
  EXPECT_EQ(request.interval, std::chrono::seconds(2));
  EXPECT_EQ(request.wait_sensors, Duration::zero());
  EXPECT_EQ(request.gpus, "0,1");
}

TEST_F(RunRequestTest, without_wishes_the_defaults_of_the_contract_hold) {
  const RunRequest request = accepted();
  EXPECT_EQ(request.interval, std::chrono::seconds(1));
  EXPECT_EQ(request.wait_sensors, std::chrono::milliseconds(100));
  EXPECT_EQ(request.gpus, std::nullopt);
  EXPECT_EQ(request.record.options.pue, std::nullopt) << "not included, and not 1";
  EXPECT_EQ(request.record.options.idle, IdleRule::reserved);
  EXPECT_EQ(request.record.options.headline, Signal::average);
  EXPECT_EQ(request.record.options.embodied, "auto");
  EXPECT_EQ(request.record.options.per, "run");
  EXPECT_FALSE(request.quiet);
}

TEST_F(RunRequestTest, the_job_gets_the_command_and_the_record_one_without_secrets) {
  const RunRequest request = accepted();
  EXPECT_EQ(request.command.back(), "abc");
  EXPECT_EQ(request.record.command.back(), "***");
  flags_.no_command = true;
  const RunRequest silent = accepted();
  EXPECT_TRUE(silent.record.command.empty());
  EXPECT_EQ(silent.record.name, "unnamed") << "a name would tell the command";
  EXPECT_EQ(silent.command.size(), 4U);
}

TEST_F(RunRequestTest, a_run_is_called_by_its_script_or_program) {
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"python3", "dir/train.py", "--lr", "1"}, "train.py"},
      {{"/usr/bin/python3.11", "train.py"}, "train.py"},
      {{"bash", "-c", "x"}, "bash"},
      {{"./build/train"}, "train"},
      {{"pythonic", "a"}, "pythonic"},
      {{"python3", ""}, "python3"},
  };
  for (const auto& [command, name] : cases) {
    flags_.command = command;
    EXPECT_EQ(accepted().record.name, name);
  }
  flags_.name = "mine";
  EXPECT_EQ(accepted().record.name, "mine");
}

TEST_F(RunRequestTest, a_flag_that_is_off_is_refused_and_named) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"pue", "0.5", "no PUE"},
      {"pue", "2x", "not a number"},
      {"pue", "nan", ""},
      {"interval", "5", "not a duration"},
      {"interval", "1ms", "too short"},
      {"wait-sensors", "soon", "not a duration"},
      {"embodied", "-1", "not grams"},
      {"embodied", "lots", "not grams"},
      {"embodied", "nan", ""},
      {"embodied", "inf", ""},
      {"idle", "some", "none of"},
      {"per", "", "is empty"},
      {"per", "nan samples", "a number above 0"},
      {"per", "1000", "names no unit"},
      {"per", "0 samples", "a number above 0"},
      {"per", "-5 samples", "a number above 0"},
      {"gpus", "two", "'two' is no GPU"},
      {"gpus", "0,,1", "'' is no GPU"},
      {"quiet", "maybe", "none of true, false"},
      {"interval", "1000000d", ""},
      {"signal", "sideways", "none of"},
      {"location", "XX-NOWHERE", ""},
      {"intensity", "-3g/kWh", ""},
      {"intensity", "file:/none.csv", "No such file"},
      {"intensity", "file:", "no path"},
      {"intensity", "magic", ""}};
  for (const auto& [key, value, words] : cases) {
    Settings settings = settings_;
    settings.set_flag(key, value);
    const auto request = make_request(flags_, settings);
    ASSERT_FALSE(request) << key << " " << value;
    EXPECT_THAT(request.error().where, HasSubstr(std::string("--") + key)) << value;
    EXPECT_THAT(request.error().message, HasSubstr(words)) << key << " " << value;
  }
}

TEST_F(RunRequestTest, the_same_trouble_in_the_environment_warns_and_the_job_runs) {
  const std::pair<const char*, const char*> off[] = {
      {"LOWTIDE_PUE", "0.5"},   {"LOWTIDE_INTERVAL", "1ms"}, {"LOWTIDE_QUIET", "maybe"},
      {"LOWTIDE_GPUS", "two"},  {"LOWTIDE_PER", "1000"},     {"LOWTIDE_WAIT_SENSORS", "-1s"},
      {"LOWTIDE_IDLE", "some"}, {"LOWTIDE_EMBODIED", "nan"}, {"LOWTIDE_SIGNAL", "sideways"}};
  for (const auto& [name, value] : off) environment_.set(name, value);
  const RunRequest request = accepted();
  EXPECT_EQ(request.record.options.pue, std::nullopt);
  EXPECT_EQ(request.interval, std::chrono::seconds(1));
  EXPECT_FALSE(request.quiet);
  EXPECT_EQ(request.gpus, std::nullopt);
  EXPECT_EQ(request.record.options.per, "run");
  for (const auto& [name, value] : off) {
    EXPECT_THAT(settings_.warnings(),
                testing::Contains(AllOf(HasSubstr(name), HasSubstr(value), HasSubstr("ignored"))));
  }
  EXPECT_EQ(settings_.warnings().size(), std::size(off));
}

TEST_F(RunRequestTest, labels_are_name_and_value) {
  for (const char* tag : {"novalue", "=v", ""}) {
    flags_.tags = {tag};
    EXPECT_THAT(refused(), HasSubstr("--tag: '")) << tag;
  }
  flags_.tags.clear();
  for (const char* count :
       {"samples", "samples=many", "=3", "samples=1x", "samples=-1", "samples=nan"}) {
    flags_.counts = {count};
    EXPECT_THAT(refused(), HasSubstr("--count: '")) << count;
  }
}

TEST_F(RunRequestTest, an_unknown_zone_is_refused_with_near_names) {
  settings_.set_flag("location", "US-CAL-CISOO");
  EXPECT_THAT(refused(), HasSubstr("US-CAL-CISO"));
}

TEST_F(RunRequestTest, the_pue_of_the_region_holds_unless_one_is_given) {
  settings_.set_flag("location", "gcp:europe-north1");
  const RunRequest request = accepted();
  ASSERT_TRUE(request.record.options.pue);
  EXPECT_GT(*request.record.options.pue, 1.0);
  EXPECT_FALSE(request.record.options.pue_source.empty());
  settings_.set_flag("pue", "1.7");
  EXPECT_EQ(accepted().record.options.pue, 1.7);
}

TEST_F(RunRequestTest, a_missing_table_costs_the_carbon_and_not_the_job) {
  environment_.set("LOWTIDE_SHARE", folder_.path("nothing"));
  Settings settings = Settings::load("");
  const auto request = make_request(flags_, settings);
  ASSERT_TRUE(request) << request.error().line();
  EXPECT_EQ(request->provider, nullptr);
  EXPECT_FALSE(settings.warnings().empty());
}

TEST(NewRunId, is_eight_letters_that_cannot_be_misread_and_new_each_time) {
  std::set<std::string> ids;
  std::set<char> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = new_run_id();
    EXPECT_EQ(id.size(), 8U);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdefghjkmnpqrstvwxyz"), std::string::npos) << id;
    seen.insert(id.begin(), id.end());
    ids.insert(id);
  }
  EXPECT_EQ(ids.size(), 1000U);
  EXPECT_EQ(seen.size(), 32U) << "every letter is used";
}

}  // namespace
}  // namespace lowtide::app
