// The curves against hand-worked joules and a brute-force sum.
#include "curve.h"

#include <gtest/gtest.h>

#include <sstream>

#include "script.h"

namespace lowtide::rig {
namespace {

Curve curve_of(const std::string& text) {
  const auto curve = parse_curve(split_words(text));
  EXPECT_TRUE(curve.has_value()) << text;
  return curve.value_or(Curve());
}

struct CurveCase {
  const char* text;
  double from;
  double to;
  double joules;  // worked by hand
};

const CurveCase kCurves[] = {
    {"flat 300", 0, 10, 3000},
    {"flat 300 2", 0, 5, 600},
    {"flat 300", -2, 1, 300},
    {"ramp 50 450 10", 0, 10, 2500},
    {"ramp 50 450 10", 5, 12, 1750 + 900},
    {"ramp 450 50 10", 0, 5, 1750},
    {"square 50 400 2 0.5 0", 0, 4, 900},
    {"square 50 400 2 0.5 0", 0.5, 1.5, 225},
    {"square 50 400 2 0.5 0.25", 0, 1, 225},
    {"square 50 400 2 0.5 0.5", 0, 1, 50},
    {"square 50 400 2 0.25 0.75", 0, 2, 275},
    {"square 50 400 2 0.5 0", 2000, 2001, 400},
    {"spike 100 500 1.25 0.5", 0, 3, 500},
    {"spike 100 500 1.25 0.5", 1.5, 10, 8.5 * 100 + 0.25 * 400},
    // 1 s load at 90 W, then 3 x (0.3 s at 400 W + 0.1 s at 250 W) and a 0.5 s save at 120 W
    {"training 90 1 400 250 0.4 0.25 120 0.5 3", 0, 1, 90},
    {"training 90 1 400 250 0.4 0.25 120 0.5 3", 1, 2.7, 3 * (120 + 25) + 60},
    {"training 90 1 400 250 0.4 0.25 120 0.5 3", 1, 1 + 1.7 * 100, 495 * 100},
    {"list 10:1 20:2", 0, 4, 50},
    {"list 10:1 20:2 repeat", 0, 6, 100},
};

TEST(Curve, integral_is_the_hand_worked_energy) {
  for (const CurveCase& c : kCurves) {
    EXPECT_NEAR(curve_of(c.text).joules(c.from, c.to), c.joules, 1e-6)
        << c.text << " over " << c.from << " to " << c.to;
  }
}

TEST(Curve, integral_is_the_sum_of_its_power) {
  constexpr int kSteps = 400000;
  for (const CurveCase& c : kCurves) {
    const Curve curve = curve_of(c.text);
    const double from = -0.5;
    const double to = 7.25;
    const double step = (to - from) / kSteps;
    double sum = 0;
    for (int i = 0; i < kSteps; ++i) sum += curve.watts(from + (i + 0.5) * step) * step;
    // Each jump may fall inside one step: at most 450 W x 20 us, and there are under 40 jumps.
    EXPECT_NEAR(curve.joules(from, to), sum, 0.4) << c.text;
  }
}

TEST(Curve, idle_power_stands_before_the_start_and_after_a_curve_that_ends) {
  Curve curve = curve_of("flat 300 2");
  curve.set_idle_w(60);
  EXPECT_EQ(curve.watts(-1), 60);
  EXPECT_EQ(curve.watts(1), 300);
  EXPECT_EQ(curve.watts(3), 60);
  EXPECT_NEAR(curve.joules(-1, 3), 60 + 600 + 60, 1e-9);
}

TEST(Curve, what_is_not_a_curve_is_refused) {
  for (const char* text : {"", "flat", "flat x", "ramp 1 2", "square 1 2 3", "list", "list 3",
                           "list 3:0", "sine 1", "flat -5", "flat 1 2 3"}) {
    EXPECT_FALSE(parse_curve(split_words(text)).has_value()) << text;
  }
}

TEST(Script, a_line_that_cannot_be_read_is_named) {
  std::istringstream text("delay_ms 2\ndevice GPU-1\ncurve wobble 3\n");
  std::string error;
  EXPECT_FALSE(parse_script(text, &error).has_value());
  EXPECT_NE(error.find("line 3"), std::string::npos) << error;
}

}  // namespace
}  // namespace lowtide::rig
