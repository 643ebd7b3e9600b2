#include "app/review_basis.h"

#include <gtest/gtest.h>

namespace lowtide::app {
namespace {

ReviewBasis basis_of(const std::string& charges) {
  record::KeptPlan plan;
  plan.basis =
      R"({"charges": {"resume_j": 30000, "pause_j": 60, "restore_w": 100)" + charges + "}}";
  return read_basis({}, {plan});
}

TEST(ReviewBasis, charges_of_an_assumed_power_are_put_into_the_runs_own) {
  const ReviewBasis basis = basis_of(R"(, "assumed_w": 100, "of_mean": ["resume", "restore"])");
  EXPECT_DOUBLE_EQ(as_joules(basis.charges->resume), 30000);
  const auto charges = charges_at(basis, watts(0.5));
  EXPECT_DOUBLE_EQ(as_joules(charges->resume), 150);  // 5 min of it, as of the assumed one
  EXPECT_DOUBLE_EQ(as_watts(charges->restore_power), 0.5);
  EXPECT_DOUBLE_EQ(as_joules(charges->pause), 60);  // was given as an energy
}

TEST(ReviewBasis, charges_of_a_known_power_stay) {
  for (const char* known : {"", R"(, "of_mean": ["resume"])", R"(, "assumed_w": 100)",
                            R"(, "assumed_w": 0, "of_mean": ["resume"])",
                            R"(, "assumed_w": 100, "of_mean": "resume")"}) {
    const ReviewBasis basis = basis_of(known);
    EXPECT_EQ(charges_at(basis, watts(0.5)), basis.charges) << known;
  }
  EXPECT_FALSE(charges_at(ReviewBasis{}, watts(1)));
}

}  // namespace
}  // namespace lowtide::app
