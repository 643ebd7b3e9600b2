#include "base/names.h"

#include <gtest/gtest.h>

namespace lowtide {
namespace {

TEST(NearestNames, count_a_swap_of_neighbours_as_one_step) {
  EXPECT_EQ(nearest_names("ab", {"zz", "ba", "abcd"}, 1), std::vector<std::string>{"ba"});
  EXPECT_EQ(nearest_names("x", {}, 3), std::vector<std::string>{});
}

}  // namespace
}  // namespace lowtide
