#include "base/words.h"

#include <gtest/gtest.h>

#include <set>

#include "base/result.h"

namespace lowtide {
namespace {

template <typename Enum>
void expect_round_trip(std::size_t words) {
  EXPECT_EQ(Spelling<Enum>::table.size(), words);
  std::set<std::string_view> texts;
  for (const auto& [value, text] : Spelling<Enum>::table) {
    EXPECT_EQ(spell(value), text);
    EXPECT_EQ(read_word<Enum>(text), value) << text;
    EXPECT_TRUE(texts.insert(text).second) << text << " stands for two values";
  }
  EXPECT_EQ(read_word<Enum>(""), std::nullopt);
  EXPECT_EQ(read_word<Enum>("no such word"), std::nullopt);
}

TEST(Words, every_word_is_read_back_as_what_it_was_spelled_from) {
  expect_round_trip<ChannelKind>(5);
  expect_round_trip<Quality>(6);
  expect_round_trip<Signal>(2);
  expect_round_trip<Scope>(2);
  expect_round_trip<Gas>(2);
  expect_round_trip<RunState>(8);
  expect_round_trip<Source>(5);
  expect_round_trip<ErrorTermKind>(7);
}

// The contract's JSON keys: a change here breaks reports and ledgers that exist.
TEST(Words, spelling_is_that_of_the_contract) {
  EXPECT_EQ(spell(Source::nvml_counter), "nvml-counter");
  EXPECT_EQ(spell(RunState::interrupted), "interrupted");
  EXPECT_EQ(spell(Quality::modelled), "modelled");
  EXPECT_EQ(read_word<Gas>("CO2"), std::nullopt);
}

TEST(Words, the_worse_quality_is_the_greater_one) {
  EXPECT_LT(Quality::measured, Quality::bridged);
  EXPECT_LT(Quality::bridged, Quality::spread);
  EXPECT_LT(Quality::spread, Quality::modelled);
  EXPECT_LT(Quality::modelled, Quality::filled);
  EXPECT_LT(Quality::filled, Quality::gap);
}

TEST(Error, is_one_line_of_where_what_and_what_to_do_next) {
  EXPECT_EQ((Error{ErrorKind::denied, "cannot be read", "/a", "chmod a+r /a"}).line(),
            "/a: cannot be read; chmod a+r /a");
  EXPECT_EQ((Error{ErrorKind::absent, "is not there", "", ""}).line(), "is not there");
  const Result<int> failed = fail(ErrorKind::usage, "m", "w", "h");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace lowtide
