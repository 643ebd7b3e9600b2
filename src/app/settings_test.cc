#include "app/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "app/environment_for_test.h"
#include "app/paths.h"
#include "host/child_for_test.h"

namespace lowtide::app {
namespace {

using host::TempFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SettingsTest : public testing::Test {
 protected:
  Settings load(const std::string& toml) {
    return Settings::load(folder_.write("config.toml", toml));
  }
  // Takes whole numbers only.
  static Result<int> number(const std::string& text) {
    if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) {
      return fail(ErrorKind::usage, "'" + text + "' is not a number");
    }
    return std::stoi(text);
  }
  static Result<int> get(Settings& settings) { return settings.get<int>("pue", 7, number); }

  CleanEnvironment environment_;
  TempFolder folder_;
};

TEST_F(SettingsTest, a_flag_goes_before_the_environment_and_that_before_the_config) {
  Settings none = load("");
  EXPECT_EQ(get(none), 7);
  Settings settings = load("pue = \"1\"\n");
  EXPECT_EQ(get(settings), 1);
  environment_.set("LOWTIDE_PUE", "2");
  EXPECT_EQ(get(settings), 2);
  EXPECT_FALSE(settings.flag_set("pue"));
  settings.set_flag("pue", "3");
  EXPECT_EQ(get(settings), 3);
  EXPECT_TRUE(settings.flag_set("pue"));
  EXPECT_EQ(settings.text("pue"), "3");
  EXPECT_THAT(settings.warnings(), IsEmpty());
  std::vector<std::string> origins;
  for (const auto& value : settings.candidates("pue")) origins.push_back(value.origin);
  EXPECT_THAT(origins, ElementsAre("--pue", "LOWTIDE_PUE", "config.toml: pue"));
}

TEST_F(SettingsTest, what_is_off_in_the_environment_or_the_config_warns_and_falls_through) {
  Settings settings = load("pue = \"one\"\n");
  environment_.set("LOWTIDE_PUE", "two");
  EXPECT_EQ(get(settings), 7);
  ASSERT_EQ(settings.warnings().size(), 2U);
  EXPECT_THAT(settings.warnings()[0], HasSubstr("LOWTIDE_PUE: 'two' is not a number"));
  EXPECT_THAT(settings.warnings()[1], HasSubstr("config.toml:1: pue: 'one' is not a number"));
  Settings with_config = load("pue = 5\n");
  EXPECT_EQ(get(with_config), 5) << "the next origin counts";
  EXPECT_EQ(with_config.warnings().size(), 1U);
}

TEST_F(SettingsTest, a_flag_that_is_off_is_an_error_that_names_it) {
  Settings settings = load("pue = 5\n");
  settings.set_flag("pue", "x");
  const auto value = get(settings);
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().where, "--pue");
  EXPECT_THAT(settings.warnings(), IsEmpty());
}

TEST_F(SettingsTest, an_empty_variable_is_none) {
  Settings settings = load("pue = 5\n");
  environment_.set("LOWTIDE_PUE", "");
  EXPECT_EQ(get(settings), 5);
  EXPECT_THAT(settings.warnings(), IsEmpty());
}

TEST_F(SettingsTest, a_dash_in_a_key_is_an_underscore_in_its_variable) {
  Settings settings = load("");
  environment_.set("LOWTIDE_WAIT_SENSORS", "1s");
  EXPECT_EQ(settings.text("wait-sensors"), "1s");
  EXPECT_EQ(settings.text("location", "otherwise"), "otherwise");
}

TEST_F(SettingsTest, every_plain_type_of_toml_is_read) {
  Settings settings = load("pue = 1.25\nquiet = true\nproject = 'a b'\ninterval = 3\n");
  EXPECT_EQ(settings.text("pue"), "1.25");
  EXPECT_EQ(settings.text("quiet"), "true");
  EXPECT_EQ(settings.text("project"), "a b");
  EXPECT_EQ(settings.text("interval"), "3");
  EXPECT_THAT(settings.warnings(), IsEmpty());
}

TEST_F(SettingsTest, an_unknown_key_is_named_with_its_line_and_the_rest_counts) {
  Settings settings = load("# mine\npue = 1\n\nlokation = 'FR'\n");
  EXPECT_EQ(settings.text("pue"), "1");
  ASSERT_EQ(settings.warnings().size(), 1U);
  EXPECT_THAT(settings.warnings()[0], HasSubstr("config.toml:4: 'lokation'"));
  EXPECT_THAT(settings.warnings()[0], HasSubstr("location")) << "the known ones are listed";
}

TEST_F(SettingsTest, a_value_that_no_setting_has_is_named_with_its_line) {
  for (const char* bad : {"pue = [1, 2]", "pue = 2026-01-05", "[pue]"}) {
    Settings settings = load(std::string("quiet = true\n") + bad + "\n");
    EXPECT_EQ(get(settings), 7);
    EXPECT_EQ(settings.text("quiet"), "true");
    ASSERT_EQ(settings.warnings().size(), 1U) << bad;
    EXPECT_THAT(settings.warnings()[0], HasSubstr("config.toml:2: pue: is no string, number"));
  }
}

TEST_F(SettingsTest, a_key_in_a_table_that_is_no_setting_is_named_by_its_path) {
  for (const char* bad : {"pue = {a = 1}", "[pue]\na = 1"}) {
    const Settings settings = load(bad);
    ASSERT_EQ(settings.warnings().size(), 1U) << bad;
    EXPECT_THAT(settings.warnings()[0], HasSubstr("'pue.a' is no setting"));
  }
}

TEST_F(SettingsTest, a_config_that_is_no_toml_is_ignored_with_its_line) {
  for (const char* bad : {"pue = 1\nproject = \"open\n", "pue = 1\n[!!", "pue = 1\n[a.!]\n",
                          "pue = 1\nper = { ! = 1 }\n", "pue = 1\n=\n", "pue = 1\n]"}) {
    Settings settings = load(bad);
    EXPECT_EQ(get(settings), 7) << bad;
    ASSERT_EQ(settings.warnings().size(), 1U) << bad;
    EXPECT_THAT(settings.warnings()[0], HasSubstr("config.toml:2: "));
  }
}

TEST_F(SettingsTest, a_letter_outside_ascii_is_for_strings_and_comments) {
  Settings settings = load(
      "\xef\xbb\xbf# caf\xc3\xa9 'it\nproject = \"caf\xc3\xa9 \\\" # \xc3\xa9\"  # \xc3\xa9\n"
      "per = '\xc3\xa9'\nlocation = \'\'\'\n\xc3\xa9\n\'\'\'\npue = 2\n");
  EXPECT_THAT(settings.warnings(), IsEmpty());
  EXPECT_EQ(settings.text("project"), "caf\xc3\xa9 \" # \xc3\xa9");
  EXPECT_EQ(get(settings), 2);
  for (const char* bad : {"a = 1\n\xc3\xa9 = 1\n", "pue = 1\npue2 = \xc3\xa9\n",
                          "project = \"\"\"\n\\\xc3\xa9\"\"\"\n"}) {
    Settings refused = load(bad);
    EXPECT_EQ(get(refused), 7);
    ASSERT_EQ(refused.warnings().size(), 1U) << bad;
    EXPECT_THAT(refused.warnings()[0], HasSubstr("config.toml:2: ")) << bad;
  }
}

TEST_F(SettingsTest, a_control_character_is_refused_with_its_line) {
  for (const std::string& bad : {std::string("pue = 1\n[\0\0", 11), std::string("pue = 1\n\x7f"),
                                 std::string("pue = 1\nproject = \"\x01\"\n")}) {
    Settings refused = load(bad);
    EXPECT_EQ(get(refused), 7);
    ASSERT_EQ(refused.warnings().size(), 1U);
    EXPECT_THAT(refused.warnings()[0], HasSubstr("config.toml:2: "));
  }
}

TEST_F(SettingsTest, no_config_is_normal) {
  EXPECT_THAT(Settings::load("").warnings(), IsEmpty());
  EXPECT_THAT(Settings::load(folder_.path("none.toml")).warnings(), IsEmpty());
}

TEST_F(SettingsTest, homes_are_found_by_the_variables_of_the_contract) {
  environment_.set("HOME", "/home/me");
  EXPECT_EQ(ledger_path(), "/home/me/.local/share/lowtide/ledger.db");
  EXPECT_EQ(config_path(), "/home/me/.config/lowtide/config.toml");
  environment_.set("XDG_DATA_HOME", "/data");
  environment_.set("XDG_CONFIG_HOME", "/conf");
  EXPECT_EQ(ledger_path(), "/data/lowtide/ledger.db");
  EXPECT_EQ(config_path(), "/conf/lowtide/config.toml");
  environment_.set("LOWTIDE_HOME", "/mine");
  EXPECT_EQ(ledger_path(), "/mine/ledger.db");
}

TEST_F(SettingsTest, a_secret_is_taken_from_a_file_only_where_nobody_else_may_read_it) {
  const std::string path = folder_.write("config.toml", "[watttime]\npassword = 'hunter22'\n");
  chmod(path.c_str(), 0640);
  const Settings open = Settings::load(path);
  EXPECT_EQ(open.text("watttime.password"), "");
  ASSERT_EQ(open.warnings().size(), 1U);
  EXPECT_THAT(open.warnings()[0], HasSubstr("chmod 600"));
  EXPECT_THAT(open.warnings()[0], testing::Not(HasSubstr("hunter22")));
  chmod(path.c_str(), 0600);
  EXPECT_EQ(Settings::load(path).text("watttime.password"), "hunter22");
  environment_.set("LOWTIDE_WATTTIME_PASSWORD", "other");
  EXPECT_EQ(Settings::load(path).text("watttime.password"), "other");
}

}  // namespace
}  // namespace lowtide::app
