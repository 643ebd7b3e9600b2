#include "grid/kept_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grid/kept_for_test.h"

namespace lowtide::grid {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(KeptFacts, of_nothing_are_nothing) {
  const KeptFacts facts = facts_of({});
  EXPECT_EQ(facts.values, 0);
  EXPECT_FALSE(facts.mean);
  EXPECT_THAT(facts.gaps, IsEmpty());
}

TEST(KeptFacts, holes_kinds_and_a_mean_over_the_time_that_is_covered) {
  KeptSeries kept = KeptSeries::in_memory().value();
  Batch batch = grid::batch(0, {10, 10, 40});
  batch.points.push_back(point(6, 20, IntensityKind::estimated));
  batch.points.push_back(point(7, 60, IntensityKind::forecast, 2));
  ASSERT_TRUE(kept.put(batch, {}, at(20)));
  const auto points = kept.read(key_of(), {at(0), at(24)}).value();
  const KeptFacts facts = facts_of(points);
  EXPECT_EQ(facts.values, 5);
  EXPECT_EQ(facts.estimated, 1);
  EXPECT_EQ(facts.forecast, 1);
  EXPECT_EQ(facts.step, std::chrono::hours(1));
  EXPECT_EQ(facts.span, (Interval{at(0), at(9)}));
  EXPECT_EQ(facts.covered, std::chrono::hours(6));
  EXPECT_THAT(facts.gaps, ElementsAre(Interval{at(3), at(6)}));
  EXPECT_EQ(facts.steps_lost, 3);
  EXPECT_EQ(facts.lowest, grams_per_kwh(10));
  EXPECT_EQ(facts.highest, grams_per_kwh(60));
  EXPECT_DOUBLE_EQ(as_grams_per_kwh(*facts.mean), (10 + 10 + 40 + 20 + 2 * 60) / 6.0);
  EXPECT_EQ(facts.longest_constant, 2);
}

}  // namespace
}  // namespace lowtide::grid
