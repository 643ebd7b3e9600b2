#include "sense/nvml_bounds.h"

#include <gtest/gtest.h>

namespace lowtide::sense {
namespace {

// docs/accuracy.md: the terms of the sensor's class, and no other's.
TEST(NvmlBounds, each_class_of_sensor_has_its_own_terms_of_alias) {
  const auto alias = [](int capability, Source source) {
    NvmlDevice device;
    device.limit = watts(400);
    device.capability = capability;
    double sum = 0;
    for (const ErrorTerm& term : nvml_error_terms(device, source)) {
      if (term.kind == ErrorTermKind::alias) sum += term.high_rel;
    }
    return sum;
  };
  EXPECT_EQ(alias(86, Source::nvml_counter), 0);
  EXPECT_EQ(alias(80, Source::nvml_counter), 0.05);
  EXPECT_EQ(alias(86, Source::nvml_instant), 0.02);
  EXPECT_EQ(alias(90, Source::nvml_instant), 0.05);  // its values stand for whole windows
}

}  // namespace
}  // namespace lowtide::sense
