// All that can happen, to a depth that takes seconds; and controllers that are broken on purpose,
// each of which must be found.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "explorer.h"

namespace lowtide::act {
namespace {

constexpr int kDepth = EXPLORE_DEPTH;
constexpr int kDepthWhenWide = 4;
constexpr int kDepthOfFaults = 7;
constexpr std::size_t kMost = 20'000'000;

template <typename Wanted>
bool is(const Command& command) {
  return std::holds_alternative<Wanted>(command);
}

template <typename Unwanted>
void leave_out(Step& step) {
  std::erase_if(step.commands, is<Unwanted>);
}

// The same fault in every step, of an event or after a crash.
Brain broken(const std::function<void(ActState&)>& before,
             const std::function<void(Step&)>& after) {
  Brain brain;
  brain.step = [=](ActState state, const Event& event, const Moment& now) {
    if (before) before(state);
    Step step = act::step(std::move(state), event, now);
    if (after) after(step);
    return step;
  };
  brain.recover = [=](ActState state, const Seen& seen, const Moment& now) {
    if (before) before(state);
    Step step = act::recover(std::move(state), seen, now);
    if (after) after(step);
    return step;
  };
  return brain;
}

// One that hears nothing of some events.
template <typename Unheard>
Brain deaf() {
  Brain brain;
  brain.step = [](ActState state, const Event& event, const Moment& now) {
    if (std::holds_alternative<Unheard>(event)) return Step{std::move(state), {}};
    return act::step(std::move(state), event, now);
  };
  return brain;
}

Brain recovering(const std::function<void(ActState&, Seen&)>& before) {
  Brain brain;
  brain.recover = [=](ActState state, Seen seen, const Moment& now) {
    before(state, seen);
    return act::recover(std::move(state), seen, now);
  };
  return brain;
}

// A command that is given at once where the step only asked for a record.
template <typename Acts>
Brain acts_before_written(Phase phase) {
  return broken({}, [phase](Step& step) {
    if (step.state.phase != phase || step.state.awaits != Awaits::write) return;
    step.commands.insert(step.commands.begin(), Acts{});
  });
}

void expect_found(const Brain& brain, std::string_view wrong) {
  const Exploration found = explore(all_begins(), brain, kDepthOfFaults, kMost);
  EXPECT_EQ(found.wrong, wrong) << shown(found, brain);
  std::cout << "  found among " << found.states << " states after " << found.trace.size()
            << " deeds\n";
}

TEST(Explore, nothing_that_can_happen_breaks_a_promise) {
  const Brain brain;
  const Exploration found = explore(all_begins(), brain, kDepth, kMost);
  EXPECT_EQ(found.wrong, "") << shown(found, brain);
  EXPECT_EQ(found.depth, kDepth);
  EXPECT_GT(found.states, kDepth < 7 ? 200'000U : 500'000U);
}

TEST(Explore, nor_between_two_commands) {
  const Brain brain;
  const Exploration found = explore(all_begins(true), brain, kDepthWhenWide, kMost);
  EXPECT_EQ(found.wrong, "") << shown(found, brain);
  EXPECT_EQ(found.depth, kDepthWhenWide);
}

TEST(Explore, freezing_before_the_waker_is_armed_is_found) {
  expect_found(broken({},
                      [](Step& step) {
                        const auto arm = std::find_if(step.commands.begin(), step.commands.end(),
                                                      is<commands::Arm>);
                        if (arm == step.commands.end() || step.state.phase != Phase::pausing)
                          return;
                        step.commands.insert(arm, commands::Freeze{});
                      }),
               "frozen, and nobody wakes it");
}

TEST(Explore, a_waker_that_dies_and_is_not_replaced_is_found) {
  expect_found(deaf<events::WakerDied>(), "frozen, and nobody wakes it");
}

TEST(Explore, freezing_without_a_waker_when_none_can_be_armed_is_found) {
  Brain brain;
  brain.step = [](ActState state, const Event& event, const Moment& now) {
    if (const auto* failed = std::get_if<events::ArmFailed>(&event)) {
      return act::step(std::move(state), events::Armed{failed->number}, now);
    }
    return act::step(std::move(state), event, now);
  };
  expect_found(brain, "frozen, and nobody wakes it");
}

TEST(Explore, waiting_for_the_disk_to_thaw_without_a_waker_is_found) {
  Brain brain;
  brain.step = [](ActState state, const Event& event, const Moment& now) {
    Step step = act::step(std::move(state), event, now);
    const bool waits = std::any_of(step.commands.begin(), step.commands.end(), is<commands::Write>);
    if (std::holds_alternative<events::WakerDied>(event) && waits) leave_out<commands::Thaw>(step);
    return step;
  };
  expect_found(brain, "frozen, and nobody wakes it");
}

TEST(Explore, a_waker_that_is_not_let_go_is_found) {
  expect_found(broken({}, leave_out<commands::Disarm>), "a waker is left over");
}

TEST(Explore, ignoring_the_deadline_is_found) {
  const auto later = [](ActState& state) {
    state.terms.deadline = Utc(std::chrono::hours(10 * kDeadline));
  };
  expect_found(broken(later, {}), "misses a deadline that running on would have kept");
}

TEST(Explore, forgetting_what_resuming_takes_is_found) {
  expect_found(broken([](ActState& state) { state.resume_takes = {}; }, {}),
               "misses a deadline that running on would have kept");
}

TEST(Explore, not_hearing_how_far_the_job_is_is_found) {
  expect_found(deaf<events::Progress>(), "misses a deadline that running on would have kept");
}

TEST(Explore, taking_sleep_for_work_is_found) {
  Brain brain;
  brain.step = [](ActState state, const Event& event, Moment now) {
    now.awake = now.boot.time_since_epoch();
    return act::step(std::move(state), event, now);
  };
  brain.recover = [](ActState state, const Seen& seen, Moment now) {
    now.awake = now.boot.time_since_epoch();
    return act::recover(std::move(state), seen, now);
  };
  expect_found(brain, "something was due before the next call");
}

TEST(Explore, keeping_time_by_the_boot_clock_alone_is_found) {
  // The wall clock as it was first seen: what is stepped later is not noticed.
  Brain brain;
  brain.step = [](ActState state, const Event& event, Moment now) {
    now.utc = Utc(now.boot.time_since_epoch());
    return act::step(std::move(state), event, now);
  };
  expect_found(brain, "something was due before the next call");
}

TEST(Explore, starting_before_it_is_written_is_found) {
  expect_found(acts_before_written<commands::Start>(Phase::starting), "done before it was written");
}

TEST(Explore, signalling_before_it_is_written_is_found) {
  expect_found(acts_before_written<commands::Signal>(Phase::pausing), "done before it was written");
}

TEST(Explore, ending_before_it_is_written_is_found) {
  expect_found(acts_before_written<commands::End>(Phase::ending), "done before it was written");
}

TEST(Explore, a_failed_record_taken_for_written_is_found) {
  Brain brain;
  brain.step = [](ActState state, const Event& event, const Moment& now) {
    if (const auto* failed = std::get_if<events::WriteFailed>(&event)) {
      return act::step(std::move(state), events::Written{failed->number}, now);
    }
    return act::step(std::move(state), event, now);
  };
  expect_found(brain, "done before it was written");
}

TEST(Explore, a_resume_that_waits_for_a_full_disk_is_found) {
  Brain brain;
  brain.step = [](ActState state, const Event& event, const Moment& now) {
    Step step = act::step(std::move(state), event, now);
    if (std::holds_alternative<events::WriteFailed>(event)) leave_out<commands::Thaw>(step);
    return step;
  };
  expect_found(brain, "waits for an answer that will not come");
}

TEST(Explore, a_change_that_is_not_written_is_found) {
  expect_found(broken({},
                      [](Step& step) {
                        if (step.state.phase == Phase::paused) leave_out<commands::Write>(step);
                      }),
               "a transition is not on disk");
}

TEST(Explore, an_estimate_that_is_not_written_is_found) {
  Brain brain;
  brain.step = [](ActState state, const Event& event, const Moment& now) {
    const std::uint32_t written = state.written;
    Step step = act::step(std::move(state), event, now);
    if (!std::holds_alternative<events::Progress>(event)) return step;
    leave_out<commands::Write>(step);
    step.state.written = written;
    return step;
  };
  expect_found(brain, "a length is not on disk");
}

TEST(Explore, starting_anew_what_may_have_been_started_is_found) {
  expect_found(recovering([](ActState& state, Seen& seen) { seen.lives = state.lives; }),
               "a life is lost or doubled");
}

TEST(Explore, not_looking_whether_the_job_lives_is_found) {
  expect_found(recovering([](ActState& /*state*/, Seen& seen) {
                 seen.job = Body::none;
                 seen.status.reset();
               }),
               "does not know whether the job runs");
}

TEST(Explore, taking_what_a_reboot_undid_for_done_is_found) {
  expect_found(recovering([](ActState& state, Seen& /*seen*/) { state.saved = state.worked; }),
               "misses a deadline that running on would have kept");
}

TEST(Explore, a_finished_job_taken_for_a_paused_one_is_found) {
  Brain brain;
  brain.step = [](ActState state, const Event& event, const Moment& now) {
    if (const auto* ended = std::get_if<events::JobEnded>(&event)) {
      return act::step(std::move(state), events::JobEnded{ended->status, false}, now);
    }
    return act::step(std::move(state), event, now);
  };
  expect_found(brain, "a finished job is started again");
}

TEST(Explore, calling_too_late_is_found) {
  Brain brain;
  brain.next_in = [](const ActState& state, const Moment& now) {
    auto in = act::next_in(state, now);
    if (in) *in += std::chrono::hours(1);
    return in;
  };
  expect_found(brain, "something was due before the next call");
}

}  // namespace
}  // namespace lowtide::act
