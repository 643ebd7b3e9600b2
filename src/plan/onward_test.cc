#include "plan/onward.h"

#include <gtest/gtest.h>

#include "plan/exact.h"
#include "plan/problem_for_test.h"

namespace lowtide::plan {
namespace {

// The past as it was, written out: a run that was long enough, and a pause that was.
struct Written {
  Written(const Question& asked, Standing standing) : question(asked) {
    if (standing == Standing::not_begun) return;
    run = std::max<std::size_t>(asked.charges.min_run, 1);
    past = run;
    if (standing == Standing::paused) past += std::max<std::size_t>(asked.charges.min_pause, 1);
    question.intensity.insert(question.intensity.begin(), past, Intensity{});
    question.work.insert(question.work.begin(), run, Energy{});
  }
  [[nodiscard]] Slots whole(const Slots& slots) const {
    Slots out(run);
    for (std::size_t slot = 0; slot < run; ++slot) out[slot] = slot;
    for (const std::size_t slot : slots) out.push_back(past + slot);
    return out;
  }
  [[nodiscard]] bool goes_on_unpaused(const Slots& slots) const {
    return past == run || slots.front() > 0;
  }
  Question question;
  std::size_t run = 0;
  std::size_t past = 0;
};

TEST(Onward, is_the_best_of_all_ways_on_with_the_past_written_out) {
  Random random(7);
  for (int round = 0; round < 600; ++round) {
    Question asked = question(random, 1 + up_to(random, 4), up_to(random, 4), kShapes[round % 4]);
    asked.charges = random_charges(random, static_cast<unsigned>(up_to(random, 255)));
    for (const Standing standing : {Standing::not_begun, Standing::running, Standing::paused}) {
      const Written written(asked, standing);
      double least = std::nan("");
      for_each_placement(asked.work.size(), asked.intensity.size(), [&](const Slots& slots) {
        const Problem whole = written.question.problem();
        if (!why_illegal(whole, written.whole(slots)).empty()) return;
        const double cost = as_grams(cost_of(whole, written.whole(slots)).total());
        if (!(cost >= least)) least = cost;
      });
      const auto found = exact_from(asked.problem(), standing);
      ASSERT_EQ(found.has_value(), !std::isnan(least)) << round;
      if (!found) continue;
      const Problem whole = written.question.problem();
      EXPECT_EQ(why_illegal(whole, written.whole(*found)), "");
      const double cost = as_grams(cost_of(whole, written.whole(*found)).total());
      EXPECT_NEAR(cost, least, 0.02 + 1e-9 * least) << round;
      EXPECT_NEAR(as_grams(cost_from(asked.problem(), standing, *found)), cost, 1e-9 * (1 + cost));
    }
  }
}

TEST(Onward, going_on_is_free_only_while_it_runs) {
  Question asked;
  asked.intensity = intensities({100, 100, 70, 70});
  asked.work = energies({1, 1});
  asked.charges.resume = kwh(0.9);
  EXPECT_EQ(*exact_from(asked.problem(), Standing::running), (Slots{0, 1}));
  EXPECT_EQ(*exact_from(asked.problem(), Standing::paused), (Slots{2, 3}));
  EXPECT_EQ(*exact_from(asked.problem(), Standing::not_begun), (Slots{2, 3}));
  asked.charges.resume = kwh(0.8);
  EXPECT_EQ(*exact_from(asked.problem(), Standing::running), (Slots{2, 3}));
  asked.charges.restore_slots = 3;  // there is no time to read it back
  EXPECT_EQ(*exact_from(asked.problem(), Standing::running), (Slots{0, 1}));
  EXPECT_EQ(exact_from(asked.problem(), Standing::paused).error().kind, ErrorKind::absent);
}

}  // namespace
}  // namespace lowtide::plan
