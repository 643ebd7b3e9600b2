#include "grid/typical_error.h"

#include <gtest/gtest.h>

#include "grid/table.h"
#include "grid/test_files.h"

namespace lowtide::grid {
namespace {

constexpr const char* kErrors =
    "zone,basis,savings_of,zones,years,hours,low95_pct,high95_pct\n"
    "XX,held-out,XX,1,2021 2024,17544,-20,75\n"
    "YY,pooled,calm,6,2021 2022 2024,157824,-7.1,15.3\n"
    "ZZ,pooled,nobody,6,2021,157824,-7.1,15.3\n"
    "UP,held-out,UP,1,2021,8760,3,75\n";
constexpr const char* kCame =
    "of,promised_pct,mean_pct,low10_pct,high90_pct,shifts\n"
    "calm,3,2,0.5,6,2000\n"
    "XX,10,4,-5,20,9000\n"
    "XX,30,20,15,40,3000\n";

struct Shipped {
  TestFolder folder;
  Shipped() {
    folder.write("typical_odbl_error.csv", kErrors);
    folder.write("typical_odbl_savings.csv", kCame);
  }
};

TEST(TypicalSavings, of_a_zone_with_other_years_are_its_own) {
  const Shipped shipped;
  const auto savings = typical_savings(shipped.folder.path(), "XX");
  ASSERT_TRUE(savings) << savings.error().line();
  EXPECT_TRUE(savings->judges.own);
  EXPECT_EQ(savings->judges.years, "2021 and 2024");
  EXPECT_DOUBLE_EQ(savings->range(0.10).low, -0.05);
  EXPECT_DOUBLE_EQ(savings->range(0.20).low, 0.05) << "linear between promises";
  EXPECT_DOUBLE_EQ(savings->range(0.20).high, 0.30);
  EXPECT_DOUBLE_EQ(savings->range(0.01).low, -0.05) << "the least that was measured";
  EXPECT_DOUBLE_EQ(savings->range(0.90).high, 0.40) << "no more than was seen";
}

TEST(TypicalSavings, of_a_zone_with_one_year_are_those_of_its_pool) {
  const Shipped shipped;
  const auto savings = typical_savings(shipped.folder.path(), "YY");
  ASSERT_TRUE(savings) << savings.error().line();
  EXPECT_FALSE(savings->judges.own);
  EXPECT_EQ(savings->judges.zones, "6");
  EXPECT_EQ(savings->judges.years, "2021, 2022 and 2024");
  ASSERT_EQ(savings->came.size(), 1U);
  EXPECT_DOUBLE_EQ(savings->range(0.03).high, 0.06);
}

TEST(TypicalSavings, say_what_is_not_there) {
  const Shipped shipped;
  const std::string& path = shipped.folder.path();
  EXPECT_EQ(typical_savings(path, "X").error().line(), "typical_odbl_error.csv has no row for X");
  EXPECT_EQ(typical_savings(path, "ZZ").error().line(),
            "typical_odbl_savings.csv has no row for nobody");
  shipped.folder.write("typical_odbl_savings.csv",
                       "of,promised_pct,low10_pct,high90_pct\nXX,10,,20\n");
  EXPECT_EQ(typical_savings(path, "XX").error().kind, ErrorKind::malformed);
  std::filesystem::remove(path + "/typical_odbl_savings.csv");
  EXPECT_EQ(typical_savings(path, "XX").error().line(), "there is no typical_odbl_savings.csv");
  std::filesystem::remove(path + "/typical_odbl_error.csv");
  EXPECT_EQ(typical_savings(path, "XX").error().kind, ErrorKind::absent);
  EXPECT_EQ(typical_savings(path, "XX").error().line(), "there is no typical_odbl_error.csv");
}

TEST(TypicalError, never_leaves_the_typical_value_out) {
  const Shipped shipped;
  const auto error = typical_error(shipped.folder.path(), "UP");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->low, 0) << "nearly all its hours were above it";
  EXPECT_DOUBLE_EQ(error->high, 0.75);
}

// Every zone with a typical year has an error and a table of savings that rises with the promise.
TEST(TypicalError, is_shipped_for_every_zone) {
  const auto zones = Table::read(kShippedData + "/typical_odbl_zones.csv", {"zone"});
  ASSERT_TRUE(zones);
  int own = 0;
  for (std::size_t i = 0; i < zones->size(); ++i) {
    const std::string& zone = zones->cell(i, 0);
    const auto error = typical_error(kShippedData, zone);
    ASSERT_TRUE(error) << zone;
    EXPECT_LE(error->low, 1) << zone;
    EXPECT_GT(error->high, 0) << zone;
    const auto savings = typical_savings(kShippedData, zone);
    ASSERT_TRUE(savings) << zone;
    EXPECT_EQ(savings->judges.own, error->judges.own) << zone;
    own += error->judges.own ? 1 : 0;
    double below = -1;
    for (const auto& came : savings->came) {
      EXPECT_LT(came.range.low, came.range.high) << zone;
      EXPECT_GT(came.promised, below) << zone;
      below = came.promised;
    }
  }
  EXPECT_EQ(own, 18);
}

}  // namespace
}  // namespace lowtide::grid
