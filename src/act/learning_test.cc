#include "act/learning.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "plan/problem.h"

namespace lowtide::act {
namespace {

using record::Learnt;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

Utc at(Duration since) { return Utc(hours(500'000)) + since; }

// Saves in 20 s, stands for two hours.
PauseSeen paused() {
  PauseSeen seen;
  seen.signal = at(minutes(60));
  seen.exit = at(minutes(60) + seconds(20));
  seen.start = at(minutes(180));
  seen.length = hours(10);
  return seen;
}

void expect_near(const std::optional<Duration>& value, Duration expected) {
  ASSERT_TRUE(value);
  EXPECT_LT(std::chrono::abs(*value - expected), milliseconds(10)) << value->count();
}

TEST(Learning, without_progress_only_saving_is_seen) {
  const PauseCost cost = cost_of_pause(paused());
  EXPECT_EQ(cost.save_takes, seconds(20));
  EXPECT_FALSE(cost.resume_takes);
  EXPECT_FALSE(cost.redone);
}

TEST(Learning, what_was_not_seen_is_not_zero) {
  const PauseCost cost = cost_of_pause({});
  EXPECT_FALSE(cost.save_takes);
  PauseSeen seen = paused();
  seen.exit.reset();
  EXPECT_FALSE(cost_of_pause(seen).save_takes);
  seen.exit = *seen.signal - seconds(3);  // the clock was set back
  EXPECT_FALSE(cost_of_pause(seen).save_takes);
  seen.before = {{at(minutes(59)), 0.1}};
  EXPECT_FALSE(cost_of_pause(seen).resume_takes) << "the next life has said nothing";
  seen.after = {{at(minutes(181)), 0.05}};
  EXPECT_FALSE(cost_of_pause(seen).resume_takes) << "it is not there yet";
  seen.start.reset();
  EXPECT_FALSE(cost_of_pause(seen).redone);
}

TEST(Learning, resuming_lasts_until_progress_passes_what_it_was) {
  PauseSeen seen = paused();
  seen.before = {{at(minutes(30)), 0.05}, {at(minutes(60)), 0.1}};
  // Loads for 3 minutes, goes on from 0.09: a hundredth of ten hours is done twice.
  seen.after = {{at(minutes(183)), 0.09}, {at(minutes(189)), 0.1}, {at(minutes(201)), 0.12}};
  const PauseCost cost = cost_of_pause(seen);
  expect_near(cost.resume_takes, minutes(9));
  expect_near(cost.redone, minutes(6));
}

TEST(Learning, between_two_words_progress_is_a_straight_line) {
  PauseSeen seen = paused();
  seen.before = {{at(minutes(60)), 0.1}};
  seen.after = {{at(minutes(183)), 0.09}, {at(minutes(195)), 0.11}};
  expect_near(cost_of_pause(seen).resume_takes, minutes(9));
}

TEST(Learning, a_job_that_goes_on_where_it_was_only_loads) {
  PauseSeen seen = paused();
  seen.before = {{at(minutes(60)), 0.1}};
  seen.after = {{at(minutes(182)), 0.1}, {at(minutes(194)), 0.12}};
  const PauseCost cost = cost_of_pause(seen);
  expect_near(cost.resume_takes, minutes(2));
  EXPECT_EQ(cost.redone, Duration::zero());
}

TEST(Learning, a_first_word_that_is_beyond_counts_from_when_that_work_began) {
  PauseSeen seen = paused();
  seen.before = {{at(minutes(60)), 0.1}};
  seen.after = {{at(minutes(194)), 0.12}};  // two hundredths of ten hours: 12 minutes of new work
  const PauseCost cost = cost_of_pause(seen);
  expect_near(cost.resume_takes, minutes(2));
  EXPECT_FALSE(cost.redone) << "where it went on from was not said";
  seen.after.front().done = 0.9;  // faster than the whole: never less than nothing
  EXPECT_EQ(cost_of_pause(seen).resume_takes, Duration::zero());
  seen.length.reset();
  EXPECT_EQ(cost_of_pause(seen).resume_takes, minutes(14)) << "all of it, when no length is known";
}

TEST(Learning, what_the_life_before_has_left_is_no_word_of_the_next) {
  PauseSeen seen = paused();
  seen.before = {{at(minutes(60)), 0.1}};
  seen.after = {{at(minutes(61)), 0.1}, {at(minutes(183)), 0.09}, {at(minutes(201)), 0.12}};
  expect_near(cost_of_pause(seen).redone, minutes(6));
}

TEST(Learning, redone_work_is_part_of_resuming) {
  PauseSeen seen = paused();
  seen.before = {{at(minutes(60)), 0.1}};
  // Twice as fast as the whole job was taken to be.
  seen.after = {{at(minutes(180)), 0.09}, {at(minutes(183)), 0.1}, {at(minutes(184)), 0.103}};
  const PauseCost cost = cost_of_pause(seen);
  expect_near(cost.resume_takes, minutes(3));
  EXPECT_EQ(cost.redone, cost.resume_takes);
}

// A job made up as it would run: what is learnt is what was put in.
TEST(Learning, of_any_job_that_says_how_far_it_is_the_truth_is_learnt) {
  std::mt19937 random(7);
  const auto some = [&](int low, int high) {
    return seconds(std::uniform_int_distribution<int>(low, high)(random));
  };
  for (int round = 0; round < 500; ++round) {
    PauseSeen seen;
    seen.length = some(3600, 360'000);
    const Duration loads = some(0, 600);
    const Duration redone = some(0, 900);
    const Duration says_every = some(1, 120);
    const auto share = [&](Duration work) { return as_seconds(work) / as_seconds(*seen.length); };
    const Duration worked = some(1000, 3000);
    seen.start = at(hours(1));
    seen.before = {{at({}), share(worked)}};
    for (int word = 0; word < 2000; ++word) {
      const Duration since = says_every * word;
      seen.after.push_back({*seen.start + loads + since, share(worked - redone + since)});
    }
    const PauseCost cost = cost_of_pause(seen);
    expect_near(cost.resume_takes, loads + redone);
    expect_near(cost.redone, redone);
  }
}

std::vector<Learnt> pauses(const std::vector<int>& minutes_each) {
  std::vector<Learnt> past;
  for (const int each : minutes_each) {
    Learnt one;
    one.resume_takes = minutes(each);
    past.push_back(one);
  }
  return past;
}

TEST(Learning, nothing_is_expected_where_nothing_is_known) {
  const Expected none = expected({});
  EXPECT_FALSE(none.save_takes || none.resume_takes || none.resume_energy);
  const std::vector<Learnt> blank(5);
  EXPECT_FALSE(expected(blank).resume_takes);
}

TEST(Learning, what_is_expected_is_high_and_no_maximum) {
  EXPECT_EQ(expected(pauses({3})).resume_takes->value, minutes(3));
  EXPECT_EQ(expected(pauses({3, 5, 4})).resume_takes->value, minutes(5));
  const Expected ten = expected(pauses({4, 3, 600, 2, 3, 4, 3, 5, 2, 3}));  // once on a slow disk
  EXPECT_EQ(ten.resume_takes->value, minutes(4));
  EXPECT_EQ(ten.resume_takes->pauses, 10U);
}

TEST(Learning, the_newest_twenty_count_each_for_what_it_has_seen) {
  std::vector<int> all(20, 2);
  all.resize(60, 50);  // older ones
  std::vector<Learnt> past = pauses(all);
  past[0].resume_takes.reset();
  past[3].resume_energy = kwh(1.5);
  past[30].resume_energy = kwh(9);
  const Expected next = expected(past);
  EXPECT_EQ(next.resume_takes->value, minutes(2));
  EXPECT_EQ(next.resume_takes->pauses, 19U);
  EXPECT_EQ(next.resume_energy->value, kwh(1.5));
  EXPECT_EQ(next.resume_energy->pauses, 1U);
  EXPECT_FALSE(next.save_takes);
}

Energy of_a_resume(const plan::Charges& charges) {
  return charges.resume +
         charges.restore_power * kSlot * static_cast<double>(charges.restore_slots);
}

TEST(Learning, charges_have_all_of_the_energy_in_the_slots_in_which_it_is_used) {
  const Power mean = watts(300);
  for (const auto& [takes, slots] :
       std::vector<std::pair<Duration, std::size_t>>{{seconds(20), 0},
                                                     {seconds(149), 0},
                                                     {seconds(150), 1},
                                                     {minutes(6), 1},
                                                     {minutes(8), 2}}) {
    Expected next;
    next.resume_takes = {takes, 4};
    const plan::Charges charges = charged({}, next, mean);
    EXPECT_EQ(charges.restore_slots, slots) << takes.count();
    EXPECT_NEAR(as_joules(of_a_resume(charges)), as_joules(mean * takes), 1e-6);
    EXPECT_EQ(slots > 0, charges.resume == Energy{});
    next.resume_energy = {joules(12'345), 2};
    EXPECT_NEAR(as_joules(of_a_resume(charged({}, next, mean))), 12'345, 1e-6);
  }
}

TEST(Learning, charges_of_which_nothing_is_known_stay) {
  plan::Charges asked;
  asked.resume = kwh(0.2);
  asked.restore_slots = 2;
  asked.restore_power = watts(80);
  asked.pause = kwh(0.1);
  asked.min_run = 3;
  EXPECT_EQ(charged(asked, {}, watts(300)), asked);
  Expected next;
  next.save_takes = {seconds(100), 1};
  plan::Charges saving = charged(asked, next, watts(300));
  EXPECT_EQ(saving.pause, joules(30'000));
  saving.pause = asked.pause;
  EXPECT_EQ(saving, asked);
}

// What it is for: a job that is slow to resume is paused less.
TEST(Learning, a_dear_resume_makes_a_plan_with_a_pause_dearer) {
  const std::vector<Intensity> grid(12, grams_per_kwh(100));
  const std::vector<Energy> work(4, kwh(1));
  Expected next;
  next.resume_takes = {minutes(10), 5};
  const auto cost = [&](const Expected& known, const plan::Slots& slots) {
    return plan::cost_of({grid, work, charged({}, known, watts(12'000))}, slots).total();
  };
  EXPECT_EQ(cost({}, {0, 1, 6, 7}), cost({}, {0, 1, 2, 3}));
  EXPECT_NEAR(as_grams(cost(next, {0, 1, 6, 7}) - cost(next, {0, 1, 2, 3})), 200, 1e-6);
}

}  // namespace
}  // namespace lowtide::act
