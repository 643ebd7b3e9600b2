#include "show/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "show/sample_report.h"

namespace lowtide::show {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Explanation of(const RunRecord& record) {
  return explain(record, account::derive(record, account::test_tables()), true);
}

TEST(ExplanationText, formula_is_shown_with_names_with_numbers_and_with_its_result) {
  use_zone("UTC");
  const std::string text = explanation_text(of(measured_run()), {false, 200});
  for (const char* part :
       {"value = (E x I + M) / R = (3.62847 kWh x 265.787 g/kWh + 53.7671 g) / 6 = 169.695 g",
        "E_device = piece 1 + .. + piece 36 = 0.05 kWh + 0.05 kWh", "\n mean weighted by energy ",
        "methods.md#bounds\n", "width = (rel x charged) x PUE = (0.05 x ", "channel psys\n",
        "recorded, not counted",
        "idle share = min(1, reserved / all) = min(1, 16 CPUs / 64 CPUs) = 0.25", "(LCA H100)",
        "· 2026-01-05 00:00:00 to 2026-01-05 00:05:00"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(ExplanationText, fits_the_terminal_whatever_a_device_calls_itself) {
  use_zone("UTC");
  RunRecord record = measured_run();
  record.channels[0].name = "evil\x1b[2J device";
  for (const int width : {20, 41, 80}) {
    const std::string text = explanation_text(of(record), {false, width});
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    for (std::size_t at = 0, end = 0; at < text.size(); at = end + 1) {
      end = text.find('\n', at);
      EXPECT_LE(width_of(text.substr(at, end - at)), width) << text.substr(at, end - at);
    }
  }
}

}  // namespace
}  // namespace lowtide::show
