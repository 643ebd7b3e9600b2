#include "grid/mix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grid/test_files.h"

namespace lowtide::grid {
namespace {

TEST(Mix, nothing_generated_has_no_intensity) {
  const auto factors = Factors::read(kShippedData, Scope::lifecycle);
  ASSERT_TRUE(factors);
  Mix mix;
  EXPECT_FALSE(mix.intensity());
  mix.add("solar", kwh(-5), *factors);
  mix.add(kStorage, kwh(5), *factors);
  EXPECT_FALSE(mix.intensity());
  EXPECT_EQ(mix.generated(), kwh(5));
}

TEST(Mix, direct_is_never_more_than_life_cycle) {
  const auto direct = Factors::read(kShippedData, Scope::direct);
  const auto whole = Factors::read(kShippedData, Scope::lifecycle);
  ASSERT_TRUE(direct && whole);
  for (const char* fuel : {"coal", "gas", "oil", "biomass", "geothermal", "hydro", "nuclear",
                           "solar", "wind", "unknown"}) {
    EXPECT_LE(direct->of(fuel), whole->of(fuel)) << fuel;
  }
  EXPECT_EQ(whole->of("coal"), grams_per_kwh(820));
  EXPECT_EQ(whole->of("never heard of"), whole->of("unknown"));
}

TEST(Factors, a_table_that_is_none_is_said) {
  const TestFolder folder;
  EXPECT_EQ(Factors::read(folder.path(), Scope::direct).error().kind, ErrorKind::absent);
  const std::string head = "set,fuel,lifecycle_g_per_kwh,direct_g_per_kwh\n";
  folder.write("generation_factors.csv", head + "a,coal,1,1\n");
  EXPECT_THAT(Factors::read(folder.path(), Scope::direct).error().line(),
              testing::HasSubstr("no factor of 'unknown'"));
  folder.write("generation_factors.csv", head + "a,unknown,1,1\nb,coal,1,1\n");
  EXPECT_THAT(Factors::read(folder.path(), Scope::direct).error().line(),
              testing::HasSubstr("a second set"));
  folder.write("generation_factors.csv", head + "a,unknown,much,1\n");
  EXPECT_THAT(Factors::read(folder.path(), Scope::lifecycle).error().line(),
              testing::HasSubstr("lifecycle_g_per_kwh"));
}

}  // namespace
}  // namespace lowtide::grid
