#include "grid/revised.h"

#include <gtest/gtest.h>

namespace lowtide::grid {
namespace {

using std::chrono::hours;

const Utc kFirst = *parse_utc("2026-03-01T00:00Z");

Interval hour(int i) { return {kFirst + hours(i), kFirst + hours(i + 1)}; }

std::vector<double> grams_of(const IntensitySeries& series) {
  std::vector<double> out;
  for (const IntensityPiece& piece : series.pieces()) out.push_back(as_grams_per_kwh(piece.value));
  return out;
}

TEST(Revised, values_go_back_to_the_first_whatever_order_they_are_told_in) {
  const auto today = *IntensitySeries::from(
      {{hour(0), grams_per_kwh(30)}, {hour(1), grams_per_kwh(50)}, {hour(2), grams_per_kwh(30)}});
  const auto revision = [](int at, double before, double after, int learnt) {
    return Revision{hour(at), grams_per_kwh(before), grams_per_kwh(after),
                    kFirst + hours(learnt - 1), kFirst + hours(learnt)};
  };
  // Hour 0: 10, 20, 30. Hour 2: 30, 40, 30 again.
  const std::vector<Revision> told = {revision(0, 10, 20, 4), revision(0, 20, 30, 5),
                                      revision(2, 40, 30, 6), revision(2, 30, 40, 5)};
  EXPECT_EQ(grams_of(as_first_published(today, told)), (std::vector<double>{10, 50, 30}));
  EXPECT_EQ(grams_of(as_first_published(today, {})), (std::vector<double>{30, 50, 30}));
}

TEST(Revised, what_no_revision_led_to_stays) {
  // The hour was revised, but its first half is of a finer series by now.
  const Utc half = kFirst + std::chrono::minutes(30);
  const auto today =
      *IntensitySeries::from({{{kFirst, half}, grams_per_kwh(70)},
                              {{half, kFirst + hours(1)}, grams_per_kwh(20)},
                              {{kFirst + hours(1), kFirst + hours(3)}, grams_per_kwh(20)}});
  const std::vector<Revision> told = {
      {hour(0), grams_per_kwh(10), grams_per_kwh(20), kFirst, kFirst + hours(9)},
      {hour(1), grams_per_kwh(10), grams_per_kwh(20), kFirst, kFirst + hours(9)}};
  EXPECT_EQ(grams_of(as_first_published(today, told)), (std::vector<double>{70, 10, 20}));
}

}  // namespace
}  // namespace lowtide::grid
