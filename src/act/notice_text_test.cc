#include "act/notice_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace lowtide::act {
namespace {

using testing::HasSubstr;

// What is so; what to do: on one line, and not the same as another's.
template <typename Word>
void expect_a_text_for_each() {
  std::set<std::string_view> seen;
  for (const auto& [word, name] : Spelling<Word>::table) {
    const std::string_view text = text_of(word);
    EXPECT_THAT(text, HasSubstr("; ")) << name;
    EXPECT_EQ(text.find_first_of("\n\t"), std::string_view::npos) << name;
    EXPECT_LT(text.size(), 200U) << name;
    EXPECT_FALSE(text.ends_with('.')) << name;
    EXPECT_TRUE(seen.insert(text).second) << name << " reads as another";
  }
  EXPECT_FALSE(seen.empty());
}

TEST(NoticeText, each_notice_has_a_line_of_its_own) { expect_a_text_for_each<Notice>(); }

TEST(NoticeText, each_reason_to_run_on_has_a_line_of_its_own) { expect_a_text_for_each<RunsOn>(); }

TEST(NoticeText, the_spelling_has_every_notice) {
  // A bit each in ActState::said.
  EXPECT_EQ(Spelling<Notice>::table.size(), static_cast<std::size_t>(Notice::end_not_recorded) + 1);
  EXPECT_EQ(Spelling<RunsOn>::table.size(), static_cast<std::size_t>(RunsOn::unled) + 1);
}

TEST(NoticeText, a_job_that_cannot_be_paused_is_told_which_option_would_help) {
  EXPECT_THAT(text_of(Notice::not_caught), HasSubstr("--checkpoint-to"));
  EXPECT_THAT(text_of(Notice::did_not_pause), HasSubstr("--checkpoint-grace"));
  EXPECT_THAT(text_of(Notice::gave_up), HasSubstr("LOWTIDE_RESUME=1"));
}

}  // namespace
}  // namespace lowtide::act
