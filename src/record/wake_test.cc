#include "record/wake.h"

#include <gtest/gtest.h>

namespace lowtide::record {
namespace {

// A reader answers just after the collector has looked and just before it asks whether all is
// there.
TEST(CollectUntilDone, an_answer_between_the_look_and_the_question_is_not_lost) {
  int sent = 0;
  int taken = 0;
  collect_until_done([&] { taken = sent; },
                     [&] {
                       sent = 1;
                       return true;
                     },
                     [] { return true; });
  EXPECT_EQ(taken, 1);
}

TEST(CollectUntilDone, an_answer_in_the_last_moment_is_taken) {
  int sent = 0;
  int taken = 0;
  collect_until_done([&] { taken = sent; }, [] { return false; },
                     [&] {
                       sent = 1;
                       return false;
                     });
  EXPECT_EQ(taken, 1);
}

}  // namespace
}  // namespace lowtide::record
