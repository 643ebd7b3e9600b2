#include "act/driver_seen.h"

#include <gtest/gtest.h>

namespace lowtide::act {
namespace {

// Looked at while its meter lives, which then says how it ended, and is gone.
class SaysItAndGoes final : public Life {
 public:
  std::optional<LifeSeen> look() override {
    LifeSeen seen;
    seen.ended = true;
    if (looks_++ > 0) seen.status = 7;
    return seen;
  }
  bool is_unknown() override { return false; }
  int begun() override { return 1; }

 private:
  int looks_ = 0;
};

TEST(EndedLife, a_status_that_came_with_the_end_of_who_told_it_is_not_lost) {
  SaysItAndGoes life;
  const auto seen = ended_life(life);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->status, 7);
}

TEST(Detail, why_a_job_runs_on_is_in_peoples_words) {
  ActState state;
  EXPECT_EQ(detail_of(state), "");
  for (const auto& [why, word] : Spelling<RunsOn>::table) {
    state.runs_on = why;
    EXPECT_EQ(detail_of(state).empty(), why == RunsOn::no) << word;
    EXPECT_EQ(detail_of(state).find('_'), std::string::npos) << word;
  }
}

TEST(StoppedTime, counts_from_the_first_look_that_sees_a_stop_to_the_last) {
  using std::chrono::seconds;
  StoppedTime stops;
  stops.look(false, seconds(10));
  stops.look(true, seconds(20));
  stops.look(true, seconds(35));
  stops.look(false, seconds(50));
  stops.look(true, seconds(60));
  EXPECT_EQ(stops.total(), seconds(15));
}

}  // namespace
}  // namespace lowtide::act
