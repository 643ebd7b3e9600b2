#include "sense/nvml_door.h"

#include <gtest/gtest.h>

namespace lowtide::sense {
namespace {

TEST(NvmlDoorTest, no_library_is_absent) {
  const auto door = open_nvml_door("libnvidia-ml-that-is-not-there.so.1");
  ASSERT_FALSE(door.has_value());
  EXPECT_EQ(door.error().kind, ErrorKind::absent);
}

TEST(NvmlDoorTest, a_library_without_the_symbols_is_absent_not_a_crash) {
  const auto door = open_nvml_door("libm.so.6");
  ASSERT_FALSE(door.has_value());
  EXPECT_EQ(door.error().kind, ErrorKind::absent);
}

}  // namespace
}  // namespace lowtide::sense
