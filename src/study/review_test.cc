#include "study/review.h"

#include <gtest/gtest.h>

#include <cmath>

#include "plan/exact.h"
#include "plan/problem_for_test.h"

namespace lowtide::study {
namespace {

using plan::Slots;
using std::chrono::minutes;

const Utc kBegin = *parse_utc("2026-03-01T00:00Z");

// Four slots each of 300, 100, 300 and 200 g/kWh.
std::vector<Intensity> wave() {
  std::vector<Intensity> out;
  for (const double level : {300.0, 100.0, 300.0, 200.0})
    out.insert(out.end(), 4, grams_per_kwh(level));
  return out;
}
std::vector<Intensity> with(std::vector<Intensity> series, std::size_t from, double level) {
  for (std::size_t i = from; i < from + 4; ++i) series[i] = grams_per_kwh(level);
  return series;
}

// 1 kWh in each of four slots, in a window of sixteen. All is known, and the plan was carried out:
// it ran in the hours of 100 g.
Shifted scripted() {
  Shifted run;
  run.work = std::vector<Energy>(4, kwh(1));
  run.window = 16;
  run.known = run.published = run.forecast = wave();
  run.ran = {4, 5, 6, 7};
  return run;
}

double of(const Judged& judged) { return judged.carbon ? as_grams(*judged.carbon) : std::nan(""); }

void expect_parts(const Review& review, double policy, double forecast, double charges,
                  double revision) {
  EXPECT_NEAR(of(review.policy), policy, 1e-9) << review.policy.why_not;
  EXPECT_NEAR(of(review.forecast), forecast, 1e-9) << review.forecast.why_not;
  EXPECT_NEAR(of(review.charges), charges, 1e-9) << review.charges.why_not;
  EXPECT_NEAR(of(review.revision), revision, 1e-9) << review.revision.why_not;
  EXPECT_NEAR(as_grams(*review.regret), policy + forecast + charges + revision, 1e-9);
}

TEST(Review, what_was_foreseen_and_done_leaves_nothing_to_regret) {
  const Review judged = *review(scripted());
  EXPECT_DOUBLE_EQ(of(judged.now), 1200);
  EXPECT_DOUBLE_EQ(of(judged.actual), 400);
  EXPECT_DOUBLE_EQ(of(judged.hindsight), 400);
  EXPECT_DOUBLE_EQ(as_grams(*judged.saved()), 800);
  EXPECT_EQ(judged.best_slots, (Slots{4, 5, 6, 7}));
  EXPECT_EQ(judged.not_a_plan, "");
  expect_parts(judged, 0, 0, 0, 0);
}

TEST(Review, a_gate_that_let_the_job_run_is_policy) {
  Shifted run = scripted();
  run.ran = {0, 1, 2, 3};
  const Review judged = *review(run);
  EXPECT_DOUBLE_EQ(as_grams(*judged.saved()), 0);
  expect_parts(judged, 800, 0, 0, 0);
}

// The dip was forecast eight slots late: 800 g instead of 400.
TEST(Review, a_forecast_that_came_late_is_forecast) {
  Shifted run = scripted();
  run.forecast = with(with(wave(), 4, 200), 12, 100);
  run.ran = {12, 13, 14, 15};
  expect_parts(*review(run), 0, 400, 0, 0);
}

// A resume was planned to cost 5 kWh, so the job was not split over the two dips of two slots:
// 2 x 100 + 2 x 300 = 800 g in a piece, else 4 x 100 + 0.5 x 100 = 450 g.
TEST(Review, a_resume_that_takes_less_than_planned_is_charges) {
  Shifted run = scripted();
  run.known.assign(16, grams_per_kwh(300));
  for (const std::size_t dip : {4U, 5U, 10U, 11U}) run.known[dip] = grams_per_kwh(100);
  run.published = run.forecast = run.known;
  run.pausable = true;
  run.planned.resume = kwh(5);
  run.measured = plan::Charges{};
  run.measured->resume = kwh(0.5);
  const Slots in_a_piece = plan::exact({run.known, run.work, run.planned})->slots;
  EXPECT_EQ(in_a_piece.back() - in_a_piece.front(), 3U);
  run.ran = in_a_piece;
  const Review judged = *review(run);
  EXPECT_DOUBLE_EQ(of(judged.actual), 800);
  EXPECT_DOUBLE_EQ(of(judged.hindsight), 450);
  expect_parts(judged, 0, 0, 350, 0);
}

// Slots 8 to 11 were published as 50 g and are 300 by now.
TEST(Review, values_published_anew_are_revision) {
  Shifted run = scripted();
  run.published = run.forecast = with(wave(), 8, 50);
  run.ran = {8, 9, 10, 11};
  expect_parts(*review(run), 0, 0, 0, 800);
}

// All four at once: the forecast had the last dip lowest (800 g), the gate let the job run
// (1,200 g), and the values published first led to slots 8 to 11 (1,200 g).
TEST(Review, the_parts_of_a_regret_add_up_one_by_one) {
  Shifted run = scripted();
  run.forecast = with(with(wave(), 4, 200), 12, 100);
  run.published = with(wave(), 8, 50);
  run.ran = {0, 1, 2, 3};
  expect_parts(*review(run), 400, -400, 0, 800);
}

TEST(Review, the_forecasts_part_covers_what_is_not_kept) {
  Shifted run = scripted();
  run.forecast = with(with(wave(), 4, 200), 12, 100);
  run.published = {};
  run.ran = {0, 1, 2, 3};
  const Review no_publication = *review(run);
  EXPECT_DOUBLE_EQ(of(no_publication.policy), 400);
  EXPECT_DOUBLE_EQ(of(no_publication.forecast), 400);
  EXPECT_FALSE(no_publication.revision.carbon);
  EXPECT_NE(no_publication.revision.why_not, "");
  EXPECT_DOUBLE_EQ(as_grams(*no_publication.regret), 800);
  run.forecast = {};
  const Review neither = *review(run);
  EXPECT_FALSE(neither.policy.carbon);
  EXPECT_NE(neither.policy.why_not, "");
  EXPECT_DOUBLE_EQ(of(neither.forecast), 800);
}

TEST(Review, charges_that_no_pause_taught_are_not_zero_but_not_known) {
  Shifted run = scripted();
  run.pausable = true;
  EXPECT_FALSE(review(run)->charges.carbon);
  EXPECT_NE(review(run)->charges.why_not, "");
  run.measured = run.planned;
  EXPECT_DOUBLE_EQ(of(review(run)->charges), 0);
}

TEST(Review, a_gap_is_not_a_zero) {
  Shifted run = scripted();
  run.known[14] = plan::kMissing;
  const Review judged = *review(run);
  EXPECT_DOUBLE_EQ(as_grams(*judged.saved()), 800);
  EXPECT_FALSE(judged.hindsight.carbon);
  EXPECT_NE(judged.hindsight.why_not, "");
  EXPECT_FALSE(judged.regret);
  run.known[5] = plan::kMissing;
  EXPECT_FALSE(review(run)->actual.carbon);
  EXPECT_FALSE(review(run)->saved());
  run = scripted();
  run.published[14] = plan::kMissing;
  EXPECT_FALSE(review(run)->revision.carbon);
  EXPECT_DOUBLE_EQ(as_grams(*review(run)->regret), 0);
}

TEST(Review, what_ran_late_or_may_not_start_is_told) {
  Shifted run = scripted();
  run.known.resize(18, grams_per_kwh(10));
  run.ran = {14, 15, 16, 17};
  const Review late = *review(run);
  EXPECT_NE(late.not_a_plan, "");
  EXPECT_DOUBLE_EQ(of(late.actual), 420);
  EXPECT_DOUBLE_EQ(of(late.hindsight), 400);  // of the window alone
  run = scripted();
  run.forbidden = std::vector<bool>(16);
  run.forbidden[1] = run.forbidden[5] = true;
  const Review barred = *review(run);
  EXPECT_EQ(barred.now_slots, (Slots{6, 7, 8, 9}));
  EXPECT_NE(barred.not_a_plan, "");
  EXPECT_FALSE(review(Shifted{}));
  run.ran.pop_back();
  EXPECT_FALSE(review(run));
}

plan::Slots any_slots(plan::Random& random, std::size_t work, std::size_t window) {
  std::vector<std::size_t> all(window);
  for (std::size_t i = 0; i < window; ++i) all[i] = i;
  Slots slots;
  std::sample(all.begin(), all.end(), std::back_inserter(slots), work, random);
  return slots;
}

// In any world: the parts are the regret, nothing legal is under hindsight, and hindsight is what
// trying every plan finds.
TEST(Review, the_parts_are_the_regret_in_any_world) {
  plan::Random random(20);
  for (int i = 0; i < 400; ++i) {
    const std::size_t work = 1 + plan::up_to(random, 4);
    const std::size_t slack = plan::up_to(random, 7);
    plan::Question truth = plan::question(random, work, slack, plan::kShapes[i % 4]);
    Shifted run;
    run.work = truth.work;
    run.window = work + slack;
    run.pausable = true;
    run.known = truth.intensity;
    run.published = plan::question(random, work, slack, plan::Shape::any).intensity;
    run.forecast = plan::question(random, work, slack, plan::Shape::any).intensity;
    run.planned = plan::random_charges(random, static_cast<unsigned>(i));
    run.measured = run.planned;
    run.measured->resume = kwh(plan::between(random, 0, 1));
    run.ran = any_slots(random, work, work + slack);
    const Review judged = *review(run);
    const double sum =
        of(judged.policy) + of(judged.forecast) + of(judged.charges) + of(judged.revision);
    ASSERT_NEAR(as_grams(*judged.regret), sum, 1e-9 * (1 + of(judged.actual)));
    ASSERT_NEAR(of(judged.actual) - of(judged.hindsight), sum, 1e-9 * (1 + of(judged.actual)));
    const double least = 1e-9 * (1 + of(judged.hindsight));
    ASSERT_LE(of(judged.hindsight), of(judged.now) + least);
    ASSERT_GE(of(judged.revision), -least);
    ASSERT_TRUE(as_grams(*judged.regret) >= -least || !judged.not_a_plan.empty());
    truth.charges = *run.measured;
    ASSERT_NEAR(of(judged.hindsight), plan::least_by_trying(truth.problem()), least);
  }
}

TEST(Review, slots_are_those_in_which_a_stretch_begins_and_what_it_did) {
  const auto at = [](double minute) { return kBegin + seconds(60 * minute); };
  // At once, in the midst of slot 0: as a plan has it, slots 0 to 2.
  EXPECT_EQ(slots_of(std::vector<Interval>{{at(3), at(18)}}, at(3), 3), (Slots{0, 1, 2}));
  // A start a little late, a pause a little late, and the rest.
  const std::vector<Interval> paused = {{at(30.05), at(40.1)}, {at(60.02), at(69.9)}};
  EXPECT_EQ(slots_of(paused, at(1), 4), (Slots{6, 7, 12, 13}));
  // Two short stretches in a slot are one slot of work; none is left out.
  const std::vector<Interval> short_ones = {{at(0), at(1)}, {at(2), at(4)}, {at(20), at(29)}};
  EXPECT_EQ(slots_of(short_ones, at(0), 3), (Slots{0, 4, 5}));
  EXPECT_EQ(slots_of(std::vector<Interval>{{at(0), at(1)}}, at(0), 1), (Slots{0}));
}

// Now: 4 kWh at 300 g; instead 4 kWh at 100 g. 10 % of 1,200 up and 10 % of 400 down: 640 to 960.
TEST(Review, an_error_cancels_only_where_both_draw) {
  const auto known = wave();
  const std::vector<Energy> work(4, kwh(1));
  const plan::Problem problem{known, work};
  const SavedRange apart = saved_range(problem, {0, 1, 2, 3}, {4, 5, 6, 7}, {0.1, 0.1});
  EXPECT_DOUBLE_EQ(as_grams(apart.low), 640);
  EXPECT_DOUBLE_EQ(as_grams(apart.high), 960);
  const SavedRange near = saved_range(problem, {0, 1, 2, 3}, {1, 2, 3, 4}, {0.1, 0.2});
  EXPECT_DOUBLE_EQ(as_grams(near.low), 200 - 30 - 20);
  EXPECT_DOUBLE_EQ(as_grams(near.high), 200 + 60 + 10);
}

// What is drawn slot by slot, with an error of everything, is the cost itself, charges and all.
TEST(Review, the_range_knows_every_charge) {
  plan::Random random(7);
  for (unsigned kinds = 0; kinds < 128; ++kinds) {
    plan::Question asked = plan::question(random, 4, 8, plan::Shape::any);
    asked.charges = plan::random_charges(random, kinds);
    const plan::Problem problem = asked.problem();
    const Slots ran = any_slots(random, 4, 12);
    const Slots instead = any_slots(random, 4, 12);
    const double saved =
        as_grams(cost_of(problem, instead).total() - cost_of(problem, ran).total());
    const SavedRange none = saved_range(problem, instead, ran, {});
    EXPECT_NEAR(as_grams(none.low), saved, 1e-9 * (1 + std::abs(saved)));
    EXPECT_NEAR(as_grams(none.high), saved, 1e-9 * (1 + std::abs(saved)));
    // Twice the intensity in each slot that `instead` draws more in, none in the others.
    const SavedRange all = saved_range(problem, instead, ran, {1, 1});
    EXPECT_NEAR(as_grams(all.high) - saved, saved - as_grams(all.low), 1e-6);
    EXPECT_GE(as_grams(all.high) - saved, std::abs(saved) - 1e-6);
  }
}

TEST(Review, a_saving_within_its_bounds_is_called_so) {
  EXPECT_EQ(finding_of(grams(5), grams(100), std::nullopt), Finding::less);
  EXPECT_EQ(finding_of(grams(-5), grams(100), std::nullopt), Finding::more);
  EXPECT_EQ(finding_of(grams(1e-12), grams(100), std::nullopt), Finding::none);
  EXPECT_EQ(finding_of(grams(5), grams(100), SavedRange{grams(-1), grams(11)}),
            Finding::within_error);
  EXPECT_EQ(finding_of(grams(-5), grams(100), SavedRange{grams(-9), grams(-1)}), Finding::more);
  EXPECT_EQ(finding_of(grams(5), grams(100), SavedRange{grams(2), grams(8)}), Finding::less);
}

TEST(Review, a_sum_keeps_what_one_lacks_and_its_parts_add_up) {
  Shifted run = scripted();
  run.forecast = with(with(wave(), 4, 200), 12, 100);
  run.ran = {0, 1, 2, 3};
  const Review whole = *review(run);
  run.published = {};
  const Review lacking = *review(run);
  const Review both = sum_of(std::vector<Review>{whole, lacking});
  EXPECT_DOUBLE_EQ(of(both.actual), 2400);
  EXPECT_DOUBLE_EQ(as_grams(*both.regret), 1600);
  EXPECT_DOUBLE_EQ(of(both.policy) + of(both.forecast) + of(both.charges) + of(both.revision),
                   1600);
  run.known[14] = plan::kMissing;
  const Review open = sum_of(std::vector<Review>{whole, *review(run)});
  EXPECT_DOUBLE_EQ(of(open.now), 2400);
  EXPECT_FALSE(open.regret);
  EXPECT_FALSE(open.policy.carbon);
}

}  // namespace
}  // namespace lowtide::study
