#include "series/counts.h"

#include <gtest/gtest.h>

namespace lowtide {
namespace {

using Values = std::map<std::string, double>;

TEST(Counts, values_of_a_name_add_up) {
  const Counts counts = parse_counts("samples=100\nsamples=200.5\r\n\n tokens = 7 \nlast=1");
  EXPECT_EQ(counts.values, (Values{{"samples", 300.5}, {"tokens", 7}, {"last", 1}}));
  EXPECT_EQ(counts.ignored, 0U);
}

TEST(Counts, line_that_is_no_count_is_left_out_and_quoted) {
  struct Case {
    std::string text;
    std::string first;
  };
  for (const Case& test : {
           Case{"nonsense", "'nonsense'"},
           Case{"=5", "'=5'"},
           Case{"samples=", "'samples='"},
           Case{"samples=5abc", "'samples=5abc'"},
           Case{"samples=nan", "'samples=nan'"},
           Case{"samples=inf", "'samples=inf'"},
           Case{"a\x1b[2J\xff", "'a\\x1b[2J\\xff'"},
           Case{std::string("\0", 1), "'\\x00'"},
           Case{std::string(1000, 'x'), "'" + std::string(40, 'x') + "…'"},
       }) {
    const Counts counts = parse_counts("samples=1\n" + test.text + "\nmore junk\nsamples=2\n");
    EXPECT_EQ(counts.values, (Values{{"samples", 3}})) << test.text;
    EXPECT_EQ(counts.ignored, 2U) << test.text;
    EXPECT_EQ(counts.first_ignored, test.first);
  }
}

}  // namespace
}  // namespace lowtide
