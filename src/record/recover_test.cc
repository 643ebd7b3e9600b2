#include "record/recover.h"

#include <gtest/gtest.h>

#include "host/child_for_test.h"
#include "host/proc.h"
#include "record/run_for_test.h"

namespace lowtide::record {
namespace {

using host::Child;

std::int64_t start_of(pid_t pid) {
  const auto stat = host::process_stat(pid);
  return stat ? stat->start_ticks : 0;
}

class Recover : public testing::Test {
 protected:
  // A keeper of this boot whose processes are all gone.
  static Keeper dead() {
    Keeper keeper;
    keeper.boot_id = host::boot_id();
    keeper.job_pid = keeper.meter_pid = keeper.supervisor_pid = 2'000'000'000;
    keeper.anchor_utc = second(0);
    keeper.anchor_boot = BootTime(seconds(1000));
    keeper.saved_at = BootTime(seconds(1042));
    return keeper;
  }
  std::int64_t add(const std::string& id, const Keeper& keeper,
                   const std::string& host = host::host_name(),
                   RunState state = RunState::running) {
    RunRecord run = small_run(id, 10);
    run.host = host;
    run.state = state;
    return ledger_.add(run, keeper).value();
  }
  RunRecord load(std::int64_t key) { return ledger_.load(key, false).value(); }

  Child lives_{[] {
    for (int i = 0; i < 2000; ++i) usleep(10'000);
    return 0;
  }};
  Ledger ledger_ = Ledger::in_memory().value();
};

TEST_F(Recover, a_run_whose_job_is_dead_is_closed_at_the_last_moment_on_record) {
  const auto key = add("a", dead());
  EXPECT_TRUE(any_left_behind(ledger_).value());
  const auto left = recover(ledger_);
  ASSERT_TRUE(left);
  EXPECT_EQ(left->closed, std::vector{key});
  EXPECT_TRUE(left->still_alive.empty());
  const RunRecord run = load(key);
  EXPECT_EQ(run.state, RunState::interrupted);
  EXPECT_EQ(run.end, second(42));
  EXPECT_EQ(run.exit_status, std::nullopt);
  EXPECT_FALSE(run.exit_note.empty());
  ASSERT_EQ(run.events.size(), 1U);
  EXPECT_EQ(run.events[0].kind, "interrupted");
  EXPECT_FALSE(any_left_behind(ledger_).value()) << "once is enough";
  EXPECT_TRUE(recover(ledger_)->closed.empty());
}

TEST_F(Recover, it_never_ends_before_it_began) {
  Keeper keeper = dead();
  keeper.saved_at = BootTime(seconds(1003));  // the run began at 10 s
  const auto key = add("a", keeper);
  ASSERT_TRUE(recover(ledger_));
  EXPECT_EQ(load(key).end, second(10));
}

TEST_F(Recover, a_job_that_lives_without_a_meter_is_listed_and_left_open) {
  Keeper keeper = dead();
  keeper.job_pid = lives_.pid();
  keeper.job_start = start_of(lives_.pid());
  const auto key = add("a", keeper);
  EXPECT_TRUE(any_left_behind(ledger_).value());
  const auto left = recover(ledger_);
  EXPECT_EQ(left->still_alive, std::vector{key});
  EXPECT_TRUE(left->closed.empty());
  EXPECT_EQ(load(key).state, RunState::running);
  EXPECT_EQ(load(key).end, std::nullopt);
}

TEST_F(Recover, a_run_that_a_meter_or_a_supervisor_keeps_is_not_touched) {
  for (const bool meter : {true, false}) {
    Keeper keeper = dead();
    (meter ? keeper.meter_pid : keeper.supervisor_pid) = lives_.pid();
    (meter ? keeper.meter_start : keeper.supervisor_start) = start_of(lives_.pid());
    const auto key = add(meter ? "m" : "s", keeper);
    EXPECT_FALSE(any_left_behind(ledger_).value());
    EXPECT_TRUE(recover(ledger_)->closed.empty());
    EXPECT_EQ(load(key).state, RunState::running);
  }
}

TEST_F(Recover, a_reused_pid_is_not_the_meter) {
  Keeper keeper = dead();
  keeper.meter_pid = keeper.job_pid = lives_.pid();
  keeper.meter_start = keeper.job_start = start_of(lives_.pid()) - 1;
  const auto key = add("a", keeper);
  EXPECT_EQ(recover(ledger_)->closed, std::vector{key});
}

TEST_F(Recover, nothing_lives_on_from_an_earlier_boot) {
  Keeper keeper = dead();
  keeper.boot_id = "another boot";
  keeper.meter_pid = keeper.job_pid = lives_.pid();
  keeper.meter_start = keeper.job_start = start_of(lives_.pid());
  const auto key = add("a", keeper);
  EXPECT_EQ(recover(ledger_)->closed, std::vector{key});
}

TEST_F(Recover, runs_of_another_machine_and_finished_ones_are_not_touched) {
  const auto other = add("other", dead(), "another-host");
  const auto done = add("done", dead(), host::host_name(), RunState::finished);
  EXPECT_FALSE(any_left_behind(ledger_).value());
  EXPECT_TRUE(recover(ledger_)->closed.empty());
  EXPECT_EQ(load(other).state, RunState::running);
  EXPECT_EQ(load(done).state, RunState::finished);
}

TEST_F(Recover, several_runs_are_told_apart) {
  Keeper alive = dead();
  alive.job_pid = lives_.pid();
  alive.job_start = start_of(lives_.pid());
  const auto first = add("a", dead());
  const auto second_run = add("b", alive);
  const auto third = add("c", dead(), host::host_name(), RunState::paused);
  const auto left = recover(ledger_);
  EXPECT_EQ(left->closed, (std::vector{first, third}));
  EXPECT_EQ(left->still_alive, std::vector{second_run});
}

}  // namespace
}  // namespace lowtide::record
