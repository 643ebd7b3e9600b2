#include "act/state_text.h"

#include <gtest/gtest.h>

#include "act/script_for_test.h"
#include "act/state_hash.h"

namespace lowtide::act {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

TEST(State, comes_back_from_text_the_same) {
  Script run(Manner::checkpoint, hours(4), seconds(90));
  run.saved();
  run.state.plan->saving = 1.0 / 3;
  run.state.terms.paused_status = 75;
  const std::string text = text_of(run.state);
  const auto back = read_state(text);
  ASSERT_TRUE(back.has_value()) << back.error().line();
  EXPECT_EQ(*back, run.state);
  EXPECT_EQ(hash_of(*back), hash_of(run.state));
  EXPECT_NE(text.find("phase=paused\n"), std::string::npos) << text;
  EXPECT_EQ(*read_state(text + "from_a_later_version=3\n"), run.state);
}

TEST(State, every_field_is_in_the_text_and_in_the_hash) {
  const ActState plain;
  const std::string text = text_of(plain);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    const std::string name = line.substr(0, line.find('='));
    const std::string value = line.substr(name.size() + 1);
    for (const char* other : {"7", "true", "paused", "freeze", "none", "runs", "armed", "asked",
                              "arm", "7 0.5 no_gain 1:2,3:4"}) {
      const auto changed = read_state(text + name + "=" + other + "\n");
      if (!changed || value == other) continue;
      EXPECT_NE(*changed, plain) << name;
      EXPECT_NE(hash_of(*changed), hash_of(plain)) << name;
    }
    EXPECT_FALSE(read_state(text + name + "=?\n").has_value()) << name;
  }
}

TEST(State, a_damaged_text_is_refused_by_field) {
  const std::string text = text_of(ActState{});
  const auto refused = read_state(text + "plan=12 0.5 cheaper 1:x\n");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::malformed);
  EXPECT_EQ(refused.error().message, "plan is '12 0.5 cheaper 1:x'");
}

}  // namespace
}  // namespace lowtide::act
