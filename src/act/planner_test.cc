// A plan that is made in a child process.
#include "act/planner.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include "host/child_for_test.h"

namespace lowtide::act {
namespace {

Plan some_plan() {
  return {Utc(std::chrono::hours(1)),
          {{Utc(std::chrono::hours(2)), Utc(std::chrono::hours(5))},
           {Utc(std::chrono::hours(7)), Utc(std::chrono::hours(9))}},
          0.25,
          PlanWhy::cheaper};
}

std::optional<Result<Plan>> answer_of(Planner& planner) {
  std::optional<Result<Plan>> answer;
  host::eventually([&] {
    answer = planner.take();
    return answer.has_value();
  });
  return answer;
}

TEST(Planner, the_plan_comes_back_as_it_was_made_by_another_process) {
  Planner planner;
  const pid_t here = getpid();
  bool let_go = false;
  ASSERT_TRUE(planner.start(
      ActState{},
      [&](const ActState&) -> Result<Plan> {
        if (getpid() == here || !let_go) return fail(ErrorKind::internal, "not in a child");
        return some_plan();
      },
      [&] { let_go = true; }));
  const auto answer = answer_of(planner);
  ASSERT_TRUE(answer);
  ASSERT_TRUE(*answer) << answer->error().line();
  EXPECT_EQ(**answer, some_plan());
  EXPECT_FALSE(let_go) << "here nothing was let go";
  EXPECT_FALSE(planner.at_work());
}

TEST(Planner, why_there_is_none_comes_back_too) {
  Planner planner;
  ASSERT_TRUE(planner.start(
      ActState{},
      [](const ActState&) -> Result<Plan> { return fail(ErrorKind::absent, "no series", "uk"); },
      [] {}));
  const auto answer = answer_of(planner);
  ASSERT_TRUE(answer);
  ASSERT_FALSE(*answer);
  EXPECT_NE(answer->error().message.find("no series"), std::string::npos);
}

TEST(Planner, one_that_crashes_is_an_error_and_one_that_hangs_can_be_stopped) {
  Planner planner;
  ASSERT_TRUE(planner.start(ActState{}, [](const ActState&) -> Result<Plan> { _exit(3); }, [] {}));
  const auto answer = answer_of(planner);
  ASSERT_TRUE(answer);
  EXPECT_FALSE(*answer);
  ASSERT_TRUE(planner.start(
      ActState{},
      [](const ActState&) -> Result<Plan> {
        while (true) pause();
      },
      [] {}));
  EXPECT_FALSE(planner.take());
  EXPECT_TRUE(planner.at_work());
  planner.stop();
  EXPECT_FALSE(planner.at_work());
  EXPECT_EQ(planner.fd(), -1);
}

}  // namespace
}  // namespace lowtide::act
