#include "app/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lowtide::app {
namespace {

using testing::ElementsAre;

TEST(ConfigFile, keys_of_tables_go_by_their_path) {
  const auto entries = read_config(
      "pue = 1.2\nuk.url = \"http://a\"\n[watttime]\nusername = \"ann\"\n\n[sources.average]\nFR = "
      "\"uk,typical\"\n[empty]\n",
      "config.toml");
  ASSERT_TRUE(entries);
  EXPECT_THAT(*entries,
              ElementsAre(ConfigEntry{"pue", "1.2", 1}, ConfigEntry{"uk.url", "http://a", 2},
                          ConfigEntry{"watttime.username", "ann", 4},
                          ConfigEntry{"sources.average.FR", "uk,typical", 7},
                          ConfigEntry{"empty", std::nullopt, 8}));
}

TEST(ConfigFile, an_edit_touches_one_line_wherever_the_key_stands) {
  struct {
    const char* before;
    const char* key;
    std::optional<std::string> value;
    const char* after;
  } const cases[] = {
      {"", "watttime.url", "http://a", "watttime.url = \"http://a\"\n"},
      {"[watttime]\nusername = 'ann' # me\n", "watttime.url", "http://a",
       "[watttime]\nusername = 'ann' # me\nurl = \"http://a\"\n"},
      {"[watttime]\n# nothing yet\n\n[other]\nx = 1\n", "watttime.url", "http://a",
       "[watttime]\nurl = \"http://a\"\n# nothing yet\n\n[other]\nx = 1\n"},
      {"[watttime]\nurl = 'http://a'  # old\n", "watttime.url", "http://b",
       "[watttime]\nurl = \"http://b\"  # old\n"},
      {"watttime.url = 'a'\npue = 1.2\n", "watttime.username", "ann",
       "watttime.url = 'a'\npue = 1.2\nwatttime.username = \"ann\"\n"},
      {"[sources.average]\nFR = 'uk'\nDE = 'uk'\n", "sources.average.FR", std::nullopt,
       "[sources.average]\nDE = 'uk'\n"},
      {"[other]\nx = 1\n", "pue", "1.3", "pue = 1.3\n[other]\nx = 1\n"},
  };
  for (const auto& c : cases) {
    const auto edited = edit_config(c.before, "config.toml", c.key, c.value);
    ASSERT_TRUE(edited) << c.before << edited.error().line();
    EXPECT_EQ(*edited, c.after);
  }
}

}  // namespace
}  // namespace lowtide::app
