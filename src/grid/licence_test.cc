#include "grid/licence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grid/client.h"

namespace lowtide::grid {
namespace {

using testing::HasSubstr;

TEST(LicenceOf, the_typical_year_asks_for_its_name_and_is_shared_alike) {
  const Licence licence = licence_of("typical", {}, {});
  EXPECT_THAT(licence.text, HasSubstr("ODbL 1.0"));
  EXPECT_THAT(licence.terms, HasSubstr("under the ODbL too"));
  EXPECT_EQ(licence.restricted, false);
}

TEST(LicenceOf, each_provider_says_something_and_two_may_not_be_passed_on) {
  for (const ClientKind& kind : client_kinds()) {
    const Licence licence = licence_of(kind.name, {}, {});
    EXPECT_FALSE(licence.terms.empty()) << kind.name;
    const std::string name = kind.name;
    EXPECT_EQ(licence.restricted == true, name == "watttime" || name == "electricitymaps") << name;
  }
  EXPECT_THAT(licence_of("uk", {}, {}).text, HasSubstr("CC BY 4.0"));
}

TEST(LicenceOf, a_users_own_files_are_not_known_and_a_number_has_none) {
  IntensityUsed used;
  used.licence = "of another source of the list";
  EXPECT_EQ(licence_of("import", used, {}).restricted, std::nullopt);
  EXPECT_EQ(licence_of("file", used, {}).text, "");
  EXPECT_EQ(licence_of("constant", used, {}).terms, "");
  EXPECT_EQ(licence_of("annual", used, {}).text, used.licence);
}

}  // namespace
}  // namespace lowtide::grid
