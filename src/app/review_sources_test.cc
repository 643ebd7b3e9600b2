#include "app/review_sources.h"

#include <gtest/gtest.h>

namespace lowtide::app {
namespace {

const Utc kBegin = *parse_utc("2026-03-02T00:00Z");

Interval span(int from_min, int to_min) {
  return {kBegin + seconds(60.0 * from_min), kBegin + seconds(60.0 * to_min)};
}

account::SlotReport slot(Interval span, RunState state, std::optional<Energy> energy) {
  account::SlotReport one;
  one.span = span;
  one.state = state;
  one.energy = energy;
  return one;
}

// Two stretches of 20 min at 1 kWh in 5 min, and a pause of an hour between them.
account::Report paused_once() {
  account::Report report;
  report.slots = {slot(span(0, 20), RunState::running, kwh(4)),
                  slot(span(20, 80), RunState::paused, kwh(0.1)),
                  slot(span(80, 100), RunState::running, kwh(4))};
  return report;
}

TEST(RanJob, a_gap_of_the_meter_is_no_pause) {
  account::Report report = paused_once();
  report.slots[0] = slot(span(0, 5), RunState::running, kwh(1));
  report.slots.insert(report.slots.begin() + 1, {slot(span(5, 15), RunState::running, {}),
                                                 slot(span(15, 20), RunState::running, kwh(1))});
  const auto job = ran_job(report, {});
  ASSERT_TRUE(job);
  EXPECT_EQ(job->ran, (std::vector<Interval>{span(0, 20), span(80, 100)}));
  EXPECT_EQ(job->length, std::chrono::minutes(40));
  EXPECT_EQ(job->unread, std::chrono::minutes(10));
  ASSERT_EQ(job->work.size(), 8U);
  for (const Energy energy : job->work) EXPECT_NEAR(as_kwh(energy), 1, 1e-12);
  EXPECT_NEAR(as_kwh(job->energy), 8, 1e-12);
}

// The job may not have been there any more, nor yet.
TEST(RanJob, what_was_read_neither_before_nor_behind_is_no_work) {
  account::Report report = paused_once();
  report.slots.insert(report.slots.begin(), slot(span(-10, 0), RunState::running, {}));
  report.slots.push_back(slot(span(100, 130), RunState::running, {}));
  const auto job = ran_job(report, {});
  ASSERT_TRUE(job);
  EXPECT_EQ(job->ran, (std::vector<Interval>{span(0, 20), span(80, 100)}));
  EXPECT_EQ(job->unread, Duration{});
}

// In a pause that the controller alone saw the meter may have a gap too.
TEST(RanJob, a_gap_within_a_pause_is_one) {
  account::Report report = paused_once();
  report.slots[1] = slot(span(20, 80), RunState::running, {});
  const auto job = ran_job(report, {{span(20, 80)}, {}, false});
  ASSERT_TRUE(job);
  EXPECT_EQ(job->ran, (std::vector<Interval>{span(0, 20), span(80, 100)}));
  EXPECT_EQ(job->work.size(), 8U);
}

TEST(RanJob, a_thaw_took_nothing_and_a_further_life_nobody_knows_what) {
  const auto thawed = ran_job(paused_once(), {{}, {}, true});
  ASSERT_TRUE(thawed && thawed->resume_took);
  EXPECT_EQ(*thawed->resume_took, Energy{});
  EXPECT_EQ(thawed->resumes_seen, 1U);
  const auto restarted = ran_job(paused_once(), {});
  ASSERT_TRUE(restarted);
  EXPECT_FALSE(restarted->resume_took);
  EXPECT_EQ(restarted->resumes_seen, 0U);
  account::Report unbroken = paused_once();
  unbroken.slots.pop_back();
  const auto never = ran_job(unbroken, {{}, {}, true});
  ASSERT_TRUE(never);
  EXPECT_FALSE(never->resume_took);
}

TEST(RanJob, a_lesson_counts_where_there_is_one) {
  record::Learnt lesson;
  lesson.when = kBegin + seconds(60 * 90);
  lesson.resume_takes = std::chrono::minutes(5);
  for (const bool thaws : {false, true}) {
    const auto job = ran_job(paused_once(), {{}, {lesson}, thaws});
    ASSERT_TRUE(job && job->resume_took);
    EXPECT_NEAR(as_kwh(*job->resume_took), 1, 1e-12);
    EXPECT_EQ(job->work.size(), 7U);
  }
}

}  // namespace
}  // namespace lowtide::app
