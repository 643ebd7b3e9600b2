#include "plan/region.h"

#include <gtest/gtest.h>

namespace lowtide::plan {
namespace {

Region region(const char* key, const char* country, double carbon_g, double mean) {
  return {key, country, grams(carbon_g), grams_per_kwh(mean)};
}

std::vector<std::string> order(const std::vector<Region>& regions, const RegionRules& rules) {
  std::vector<std::string> keys;
  for (const auto& rank : choose_region(regions, rules).ranked) {
    keys.push_back(regions[rank.region].key);
  }
  return keys;
}

using Keys = std::vector<std::string>;

const std::vector<Region> kRegions = {region("home", "DE", 400, 400), region("a", "FR", 60, 60),
                                      region("b", "US", 30, 30), region("c", "SE", 60, 20)};

TEST(Region, the_best_is_first_and_ties_stay_as_given) {
  EXPECT_EQ(order(kRegions, {}), (Keys{"b", "a", "c", "home"}));
}

TEST(Region, moving_the_data_costs_half_at_each_end_and_nothing_at_home) {
  RegionRules rules;
  rules.transfer = kwh(2);
  rules.home = 0;
  EXPECT_DOUBLE_EQ(as_grams(transfer_carbon(kRegions, 0, rules)), 0);
  EXPECT_DOUBLE_EQ(as_grams(transfer_carbon(kRegions, 1, rules)), 2 * (400 + 60) / 2.0);
  // 490, 460, 480 and 400 g: with this much data nothing is better than to stay.
  EXPECT_EQ(order(kRegions, rules), (Keys{"home", "b", "c", "a"}));
  rules.home.reset();
  EXPECT_DOUBLE_EQ(as_grams(transfer_carbon(kRegions, 1, rules)), 120);
}

TEST(Region, what_may_not_take_the_job_is_left_out_for_the_first_reason) {
  std::vector<Region> regions = kRegions;
  regions[3].job.reset();
  regions.push_back(region("nowhere", "", 1, 1));
  RegionRules rules;
  rules.countries = {{"DE", "FR", "SE"}};
  rules.offering = {{"home", "b", "c"}};
  const RegionChoice choice = choose_region(regions, rules);
  ASSERT_EQ(choice.ranked.size(), 1U);
  EXPECT_EQ(choice.ranked[0].region, 0U);
  ASSERT_EQ(choice.left_out.size(), 4U);
  EXPECT_EQ(choice.left_out[0].why, LeftOut::sku);
  EXPECT_EQ(choice.left_out[1].why, LeftOut::country);
  EXPECT_EQ(choice.left_out[2].why, LeftOut::no_result);
  EXPECT_EQ(choice.left_out[3].why, LeftOut::country) << "an unknown country is not a legal one";
}

TEST(Region, rules_that_name_nothing_leave_nothing) {
  RegionRules rules;
  rules.countries.emplace();
  EXPECT_TRUE(choose_region(kRegions, rules).ranked.empty());
  EXPECT_EQ(choose_region(kRegions, rules).left_out.size(), kRegions.size());
}

}  // namespace
}  // namespace lowtide::plan
