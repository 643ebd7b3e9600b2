#include "app/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lowtide::app {
namespace {

using testing::HasSubstr;

TEST(Values, per_is_a_word_or_a_number_above_0_and_a_name) {
  for (const char* good : {"run", "hour", "gpu-hour", "samples", "1000 samples", "1e6 tokens",
                           "0.5 epochs", "inferences", "nanoseconds", "training steps"}) {
    EXPECT_EQ(parse_per(good), std::string(good)) << good;
  }
  for (const char* bad :
       {"", "1000", "1000 ", "0 samples", "-5 samples", "-inf samples", "nan samples",
        "inf samples", "1e999 samples", "1000samples", "a=b", "12x samples", " ", "+nan samples"}) {
    const auto per = parse_per(bad);
    ASSERT_FALSE(per) << bad;
    EXPECT_THAT(per.error().hint, HasSubstr("'1000 samples'")) << bad;
  }
}

TEST(Values, gpus_are_all_none_indices_or_uuids) {
  for (const char* good : {"all", "none", "0", "0,1", " 0, 12 ", "GPU-12ab34cd",
                           "GPU-12ab,MIG-34cd,3", "MIG-GPU-12ab34cd-0000/1/0"}) {
    EXPECT_EQ(parse_gpus(good), std::string(good)) << good;
  }
  for (const char* bad : {"", ",", "0,", ",0", "0,,1", "all,0", "none,none", "-1", "1.5", "0-3",
                          "two", "GPU-", "GPU-xyz", "gpu:0", "0 1", "99999999999", "ALL"}) {
    const auto gpus = parse_gpus(bad);
    ASSERT_FALSE(gpus) << bad;
    EXPECT_THAT(gpus.error().hint, HasSubstr("give all, none, indices")) << bad;
  }
}

TEST(Values, durations_out_of_range_are_told_the_range) {
  EXPECT_EQ(parse_interval("10ms"), Duration(std::chrono::milliseconds(10)));
  EXPECT_EQ(parse_interval("5m"), Duration(std::chrono::minutes(5)));
  EXPECT_EQ(parse_wait("0s"), Duration::zero());
  for (const char* bad : {"9ms", "301s", "1000000d", "1e300d", "5", "soon", ""}) {
    const auto interval = parse_interval(bad);
    ASSERT_FALSE(interval) << bad;
    EXPECT_THAT(interval.error().hint, HasSubstr("10ms to 5m")) << bad;
  }
  EXPECT_THAT(parse_wait("1h").error().hint, HasSubstr("0s to 5m"));
}

TEST(Values, a_bool_is_true_or_false) {
  EXPECT_EQ(parse_bool("true"), true);
  EXPECT_EQ(parse_bool("0"), false);
  for (const char* bad : {"", "yes", "TRUE", "2"}) {
    EXPECT_THAT(parse_bool(bad).error().message, HasSubstr("none of true, false, 1, 0")) << bad;
  }
}

TEST(Values, a_long_value_is_quoted_short_and_not_through_a_character) {
  EXPECT_EQ(in_quotes(std::string(40, 'x')), "'" + std::string(40, 'x') + "'");
  EXPECT_EQ(in_quotes(std::string(5000, 'x')), "'" + std::string(40, 'x') + "…'");
  EXPECT_EQ(in_quotes(std::string(39, 'x') + "€uro"), "'" + std::string(39, 'x') + "…'");
  EXPECT_EQ(in_quotes(std::string(90, '\x80')), "'" + std::string(37, '\x80') + "…'");
}

}  // namespace
}  // namespace lowtide::app
