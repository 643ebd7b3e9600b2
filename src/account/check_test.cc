#include "account/check.h"

#include <gtest/gtest.h>

#include "account/testing_run.h"

namespace lowtide::account {
namespace {

using std::chrono::seconds;

ErrorTerm gain(double rel) { return {ErrorTermKind::gain, rel, rel, {}, {}, {}, {}, "r"}; }

// Five minutes of a GPU of 300 W with a limit of 400 W, whose power adds up to `share` of its
// counter.
RunRecord two_paths(double share, int readings, Power swing = {}) {
  TestRun run(std::chrono::minutes(5));
  run.gpu(watts(300));
  run.record.channels[0].errors = {gain(0.05)};
  run.record.channels[0].limit = watts(400);
  const Duration length = seconds(readings);
  const Energy own = watts(300) * length;
  run.record.slots[0].check = SecondPath{own * share, own, length, readings, swing};
  return run.record;
}

TEST(SelfCheck, power_that_does_not_add_up_to_the_counter_is_said) {
  struct Case {
    double share;
    int readings;
    Power swing;
    bool said;
  };
  for (const Case& test : {
           Case{1.2, 100, {}, true}, Case{0.8, 100, {}, true},
           Case{1.06, 100, {}, false},        // 5 % each, and each its own
           Case{1.2, 29, {}, false},          // too few to say
           Case{1.2, 40, watts(400), false},  // single values of a load that may swing
           Case{1.2, 280, watts(400), true},  // the more there are the less that explains
       }) {
    const auto said = self_check(two_paths(test.share, test.readings, test.swing));
    ASSERT_EQ(said.size(), test.said ? 1U : 0U) << test.share << " " << test.readings;
    if (!test.said) continue;
    EXPECT_EQ(said[0].kind, "self-check");
    EXPECT_TRUE(said[0].detail.starts_with("gpu:0: ")) << said[0].detail;
  }
}

TEST(SelfCheck, readings_of_all_slots_count_together) {
  RunRecord record = two_paths(1.2, 20);
  record.slots.push_back(record.slots[0]);
  EXPECT_EQ(self_check(record).size(), 1U);
}

TEST(SelfCheck, device_above_its_limit_beyond_the_bounds_is_said) {
  for (const double limit_w : {200.0, 290.0, 400.0}) {
    RunRecord record = two_paths(1, 100);
    record.channels[0].limit = watts(limit_w);
    EXPECT_EQ(self_check(record).size(), limit_w == 200 ? 1U : 0U) << limit_w;
  }
  RunRecord brief = two_paths(1, 100);
  brief.channels[0].limit = watts(200);
  brief.slots[0].covered = seconds(5);
  EXPECT_TRUE(self_check(brief).empty());
}

TEST(SelfCheck, platform_holds_its_packages_and_memory) {
  for (const double psys_w : {60.0, 88.0, 120.0}) {
    TestRun run(std::chrono::minutes(5));
    run.channel(ChannelKind::cpu, Source::rapl, {watts(80)});
    run.record.channels.back().errors = {gain(0.05)};
    run.channel(ChannelKind::dram, Source::rapl, {watts(10)});
    run.record.channels.back().errors = {gain(0.2)};
    run.channel(ChannelKind::psys, Source::rapl, {watts(psys_w)});
    run.record.channels.back().errors = {gain(0.05)};
    const auto said = self_check(run.record);
    EXPECT_EQ(said.size(), psys_w == 60 ? 1U : 0U) << psys_w;
    // A piece that was not read alike proves nothing.
    run.record.slots.pop_back();
    EXPECT_TRUE(self_check(run.record).empty());
  }
}

}  // namespace
}  // namespace lowtide::account
