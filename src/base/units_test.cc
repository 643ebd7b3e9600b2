#include "base/units.h"

#include <gtest/gtest.h>

namespace lowtide {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

// The whole algebra is usable at compile time.
static_assert(watts(100) * hours(1) == kwh(0.1));
static_assert(as_grams(kwh(2) * grams_per_kwh(475)) > 949.9999);
static_assert(joules(1) < joules(2));

TEST(Units, a_kilowatt_hour_is_3_6_megajoules) {
  EXPECT_DOUBLE_EQ(as_joules(kwh(1)), 3.6e6);
  EXPECT_DOUBLE_EQ(as_kwh(joules(3.6e6)), 1);
  EXPECT_DOUBLE_EQ(as_wh(joules(3600)), 1);
}

TEST(Units, a_quantity_leaves_as_it_entered) {
  EXPECT_DOUBLE_EQ(as_joules(joules(12.5)), 12.5);
  EXPECT_DOUBLE_EQ(as_kwh(kwh(0.037)), 0.037);
  EXPECT_DOUBLE_EQ(as_watts(watts(350)), 350);
  EXPECT_DOUBLE_EQ(as_grams(grams(0.25)), 0.25);
  EXPECT_DOUBLE_EQ(as_grams_per_kwh(grams_per_kwh(62)), 62);
}

TEST(Units, power_over_time_is_energy_and_back) {
  EXPECT_DOUBLE_EQ(as_joules(watts(250) * milliseconds(400)), 100);
  EXPECT_DOUBLE_EQ(as_joules(minutes(2) * watts(3)), 360);
  EXPECT_DOUBLE_EQ(as_watts(kwh(1) / hours(2)), 500);
}

TEST(Units, energy_times_intensity_is_carbon_and_back) {
  EXPECT_DOUBLE_EQ(as_grams(kwh(1.5) * grams_per_kwh(400)), 600);
  EXPECT_DOUBLE_EQ(as_grams(grams_per_kwh(400) * kwh(1.5)), 600);
  EXPECT_DOUBLE_EQ(as_grams_per_kwh(grams(600) / kwh(1.5)), 400);
}

TEST(Units, like_quantities_add_compare_and_divide_to_a_plain_ratio) {
  Energy sum = joules(3);
  sum += joules(4);
  sum -= joules(1);
  EXPECT_DOUBLE_EQ(as_joules(sum), 6);
  EXPECT_DOUBLE_EQ(as_joules(2 * sum - sum / 2), 9);
  EXPECT_DOUBLE_EQ(joules(9) / joules(6), 1.5);
  EXPECT_DOUBLE_EQ(as_joules(-sum), -6);
  EXPECT_GT(watts(2), watts(1.999));
}

TEST(Units, a_quantity_that_nobody_set_is_zero) {
  EXPECT_EQ(Energy{}, joules(0));
  EXPECT_EQ(Intensity{}, grams_per_kwh(0));
}

TEST(Units, durations_convert_to_seconds_and_hours) {
  EXPECT_DOUBLE_EQ(as_seconds(milliseconds(1500)), 1.5);
  EXPECT_DOUBLE_EQ(as_hours(minutes(90)), 1.5);
  EXPECT_EQ(seconds(0.25), milliseconds(250));
}

}  // namespace
}  // namespace lowtide
