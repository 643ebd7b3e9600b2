// Changes of state: they cut slots, also when they are heard of late.
#include <gtest/gtest.h>

#include <cmath>

#include "record/buckets.h"
#include "record/run_for_test.h"

namespace lowtide::record {
namespace {

class BucketsState : public testing::Test {
 protected:
  BucketsState() { buckets_.begin(second(0)); }
  // The slots that there are, "from-to state joules/covered" each.
  std::string slots() {
    std::string text;
    for (const ChannelSlot& slot : buckets_.slots()) {
      const auto at = [](Utc t) {
        return std::to_string(static_cast<int>(as_seconds(t - second(0))));
      };
      text += at(slot.span.begin) + "-" + at(slot.span.end) + " " + std::string(spell(slot.state)) +
              " " + std::to_string(std::lround(as_joules(slot.device))) + "/" +
              std::to_string(std::lround(as_seconds(slot.covered))) + "\n";
    }
    return text;
  }
  Buckets buckets_{seconds(1)};
};

TEST_F(BucketsState, a_pause_cuts_readings_where_it_began_and_ended) {
  buckets_.add(reading(0, 10, 100));
  buckets_.change_state(RunState::paused, second(12));
  buckets_.add(reading(10, 20, 100));
  buckets_.change_state(RunState::running, second(340));
  buckets_.add(reading(20, 350, 3300));
  EXPECT_EQ(slots(),
            "0-12 running 120/12\n12-300 paused 2880/288\n300-340 paused 400/40\n"
            "340-350 running 100/10\n");
}

TEST_F(BucketsState, one_that_is_heard_of_late_moves_what_was_added_after_it) {
  buckets_.add(reading(0, 100, 1000));
  buckets_.add_use(span_of(0, 100), seconds(60), seconds(100));
  buckets_.change_state(RunState::paused, second(75));
  EXPECT_EQ(slots(), "0-75 running 750/75\n75-100 paused 250/25\n");
  ASSERT_EQ(buckets_.use().size(), 2U);
  EXPECT_EQ(buckets_.use()[0].job_cpu, seconds(60)) << "a frozen job uses none";
  EXPECT_EQ(buckets_.use()[1].job_cpu, Duration::zero());
  EXPECT_EQ(buckets_.use()[1].machine_cpu, seconds(10)) << "its share of what others used";
  EXPECT_EQ(buckets_.use()[0].machine_cpu + buckets_.use()[1].machine_cpu, seconds(100));
  buckets_.add(reading(100, 200, 1000));
  buckets_.add_use(span_of(100, 200), seconds(20), seconds(30));
  buckets_.change_state(RunState::running, second(150));
  EXPECT_EQ(slots(), "0-75 running 750/75\n75-150 paused 750/75\n150-200 running 500/50\n");
  EXPECT_EQ(buckets_.use()[1].job_cpu, Duration::zero()) << "it is of the time after the thaw";
  EXPECT_EQ(buckets_.use()[2].job_cpu, seconds(20));
}

TEST_F(BucketsState, what_was_written_is_written_again_as_it_is_cut) {
  buckets_.add(reading(0, 100, 1000));
  static_cast<void>(buckets_.take());
  buckets_.change_state(RunState::paused, second(75));
  const Increment more = buckets_.take();
  ASSERT_EQ(more.slots.size(), 2U);
  EXPECT_EQ(more.slots[0].span, span_of(0, 75));
  EXPECT_EQ(more.slots[0].state, RunState::running);
  EXPECT_EQ(more.slots[1].state, RunState::paused);
}

// A meter that takes the run up reads the note again.
TEST_F(BucketsState, a_change_that_was_cut_before_changes_nothing) {
  Buckets again(seconds(1));
  buckets_.change_state(RunState::paused, second(75));
  buckets_.add(reading(0, 100, 1000));
  again.resume_slots(buckets_.slots(), {});
  again.begin(second(0));
  again.change_state(RunState::paused, second(75));
  again.change_state(RunState::running, second(120));
  ChannelReading bridged = reading(100, 140, 400);
  bridged.quality = Quality::bridged;
  again.add(bridged);
  std::swap(buckets_, again);
  EXPECT_EQ(slots(), "0-75 running 750/75\n75-120 paused 450/45\n120-140 running 200/20\n");
}

TEST_F(BucketsState, the_states_of_a_time_are_told_one_after_the_other) {
  buckets_.change_state(RunState::paused, second(10));
  buckets_.change_state(RunState::running, second(30));
  const auto all = buckets_.states_over(span_of(5, 40));
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[1].span, span_of(10, 30));
  EXPECT_EQ(all[1].state, RunState::paused);
  EXPECT_EQ(buckets_.states_over(span_of(12, 20)).size(), 1U);
  EXPECT_EQ(buckets_.states_over(span_of(31, 40)).front().state, RunState::running);
}

}  // namespace
}  // namespace lowtide::record
