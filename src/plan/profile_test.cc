#include "plan/profile.h"

#include <gtest/gtest.h>

namespace lowtide::plan {
namespace {

using std::chrono::minutes;
const Utc kBegin = parse_utc("2026-01-05T00:00Z").value();

Interval span(double from_min, double to_min) {
  return {kBegin + seconds(60 * from_min), kBegin + seconds(60 * to_min)};
}

TEST(Profile, of_constant_power_fills_its_last_slot_in_part) {
  const auto profile = flat_profile(watts(1200), minutes(12));
  ASSERT_TRUE(profile);
  ASSERT_EQ(profile->size(), 3u);
  EXPECT_NEAR(as_kwh((*profile)[0]), 0.1, 1e-12);
  EXPECT_NEAR(as_kwh((*profile)[2]), 0.04, 1e-12);
  EXPECT_EQ(flat_profile(watts(1), minutes(10))->size(), 2u);
  EXPECT_FALSE(flat_profile(watts(-1), minutes(10)));
  EXPECT_FALSE(flat_profile(watts(std::nan("")), minutes(10)));
  EXPECT_FALSE(flat_profile(watts(1), minutes(0)));
}

TEST(Profile, of_a_run_is_laid_end_to_end_from_its_begin) {
  // 7 minutes, a pause, 6 minutes: 13 minutes of work in three slots.
  const std::vector<EnergyPiece> pieces{{span(3, 10), kwh(7), Quality::measured},
                                        {span(60, 66), kwh(12), Quality::measured}};
  const auto profile = profile_of(pieces);
  ASSERT_TRUE(profile);
  ASSERT_EQ(profile->size(), 3u);
  EXPECT_NEAR(as_kwh((*profile)[0]), 5, 1e-9);
  EXPECT_NEAR(as_kwh((*profile)[1]), 2 + 3 * 2, 1e-9);
  EXPECT_NEAR(as_kwh((*profile)[2]), 3 * 2, 1e-9);
}

TEST(Profile, refuses_no_energy_and_negative_energy) {
  EXPECT_FALSE(profile_of({}));
  const std::vector<EnergyPiece> none{{span(0, 10), Energy{}, Quality::measured}};
  EXPECT_FALSE(profile_of(none));
  const std::vector<EnergyPiece> negative{{span(0, 10), kwh(-1), Quality::measured}};
  EXPECT_FALSE(profile_of(negative));
}

TEST(BySlot, is_the_mean_over_time_and_a_gap_stays_one) {
  const auto series = IntensitySeries::from({{span(0, 7), grams_per_kwh(100)},
                                             {span(7, 15), grams_per_kwh(200)},
                                             {span(16, 30), grams_per_kwh(300)}});
  ASSERT_TRUE(series);
  const auto slots = by_slot(*series, span(1, 33));
  ASSERT_EQ(slots.size(), 7u);
  EXPECT_EQ(as_grams_per_kwh(slots[0]), 100);
  EXPECT_NEAR(as_grams_per_kwh(slots[1]), 0.4 * 100 + 0.6 * 200, 1e-9);
  EXPECT_EQ(as_grams_per_kwh(slots[2]), 200);
  EXPECT_FALSE(is_known(slots[3])) << "a minute of it is missing";
  EXPECT_EQ(as_grams_per_kwh(slots[4]), 300);
  EXPECT_FALSE(is_known(slots[6]));
}

}  // namespace
}  // namespace lowtide::plan
