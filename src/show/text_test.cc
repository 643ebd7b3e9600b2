#include "show/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "show/sample_report.h"

namespace lowtide::show {
namespace {

using ::testing::ElementsAre;

TEST(Text, control_characters_and_bad_bytes_are_shown_not_sent) {
  struct Case {
    std::string in, out;
  };
  for (const Case& test :
       {Case{"plain", "plain"}, Case{"\x1b[31mred", "\\x1b[31mred"},
        Case{"a\nb\tc\r", "a\\x0ab\\x09c\\x0d"}, Case{"\x7f", "\\x7f"},
        Case{"caf\xc3\xa9 \xe6\xbd\xae", "caf\xc3\xa9 \xe6\xbd\xae"}, Case{"\xc3(", "\\xc3("},
        Case{"\xff", "\\xff"}, Case{"\xc2\x9b", "\\xc2\\x9b"},  // a C1 control
        Case{"\xe2\x80\xae", "\\xe2\\x80\\xae"},                // turns the text around
        Case{"\xe2\x80\xa8\xe2\x81\xa6", "\\xe2\\x80\\xa8\\xe2\\x81\\xa6"},
        Case{"\xd8\x9c", "\\xd8\\x9c"}, Case{"\xe2\x80\x8b", "\\xe2\\x80\\x8b"},  // not seen
        Case{"\xe2\x80\x8d", "\xe2\x80\x8d"},                                     // a joiner
        Case{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},                         // beyond Unicode
        Case{"\xf0\x9f\x8c\x8a|\xf0\x9f\x8c", "\xf0\x9f\x8c\x8a|\\xf0\\x9f\\x8c"},
        Case{"\xed\xa0\x80", "\\xed\\xa0\\x80"},  // a surrogate
        Case{"\xc0\xaf", "\\xc0\\xaf"}}) {        // not the shortest form
    EXPECT_EQ(escape(test.in), test.out);
  }
}

TEST(Text, width_counts_columns_not_bytes) {
  EXPECT_EQ(width_of("abc"), 3);
  EXPECT_EQ(width_of("caf\xc3\xa9"), 4);
  EXPECT_EQ(width_of("\xe6\xbd\xae"), 2);
  EXPECT_EQ(width_of("e\xcc\x81"), 1);
  EXPECT_EQ(width_of("\xf0\x9f\x8c\x8a\xef\xb8\x8f"), 2);  // an emoji and its variation selector
  EXPECT_EQ(width_of("\xff\xc0\xe6\xbd"), 4);              // what is no UTF-8: a column a byte
  EXPECT_EQ(width_of("\x80"), 1);
  EXPECT_EQ(width_of("\xe2\x8c\x9a"), 2);              // a watch
  EXPECT_EQ(width_of("\xd7\xa9\xd6\xb8"), 1);          // a Hebrew letter and its point
  EXPECT_EQ(width_of("\xe0\xa4\xa8\xe0\xa4\xbe"), 2);  // a Devanagari letter, a vowel beside it
}

TEST(Text, clip_never_exceeds_its_width) {
  EXPECT_EQ(clip("lowtide", 7), "lowtide");
  EXPECT_EQ(clip("lowtide", 4), "low…");
  EXPECT_EQ(clip("\xe6\xbd\xae\xe6\xbd\xae", 3), "\xe6\xbd\xae…");
  EXPECT_EQ(clip("lowtide", 0), "");
  EXPECT_EQ(pad("ab", 4), "ab  ");
  EXPECT_EQ(pad_left("ab", 4), "  ab");
}

TEST(Text, wrap_breaks_at_spaces_and_long_words) {
  EXPECT_THAT(wrap("one two three", 8, 2), ElementsAre("one two", "  three"));
  EXPECT_THAT(wrap("abcdefghij", 4, 1), ElementsAre("abcd", " efg", " hij"));
  EXPECT_THAT(wrap("", 10, 2), ElementsAre());
}

TEST(Text, figures_are_rounded_to_what_their_bounds_justify) {
  struct Case {
    double value, half;
    std::string text;
  };
  for (const Case& test :
       {Case{0.6066, 0.303, "0.61 Wh (0.30 to 0.91)"}, Case{12345, 1500, "12.3 kWh (10.8 to 13.8)"},
        Case{250, 40, "250 Wh (210 to 290)"}, Case{100, 0.001, "100 Wh (100 to 100)"},
        Case{0.02, 0.001, "20.0 mWh (19.0 to 21.0)"}, Case{1.9, 0.95, "1.9 Wh (0.9 to 2.9)"},
        Case{256, 128, "260 Wh (130 to 380)"}, Case{123.4, 1.234, "123 Wh (122 to 125)"},
        Case{0.2, 0.4, "0.20 Wh (-0.20 to 0.60)"}}) {
    const Energy value = joules(test.value * 3600);
    const Energy half = joules(test.half * 3600);
    EXPECT_EQ(text_of(Figure<Energy>{value, value - half, value + half}).full(), test.text);
  }
  EXPECT_EQ(text_of(Figure<Carbon>{grams(1234.5), {}, {}}).full(), "1.23 kg");
  EXPECT_EQ(text_of(Figure<Carbon>{grams(0.0042), {}, {}}).full(), "4.20 mg");
  EXPECT_EQ(text_of(Figure<Carbon>{grams(0), {}, {}}).full(), "0 g");
  // The energy is known to +-60 %, the error of the intensity is not: no third digit, no range.
  EXPECT_EQ(text_of(Figure<Carbon>{grams(0.0919), {}, {}, 0.6}).full(), "0.092 g");
  EXPECT_EQ(grams_text({grams(12'345), {}, {}, 0.6}), "12000");
}

TEST(Text, part_of_a_rounded_figure_is_never_rounded_to_nothing) {
  const Energy value = kwh(0.256);
  const FigureText whole = text_of(Figure<Energy>{value, value / 2, value * 1.5});
  EXPECT_EQ(part_text(whole, kwh(0.203)), "200 Wh");
  EXPECT_EQ(part_text(whole, kwh(0.004)), "4 Wh");
  EXPECT_EQ(part_text(whole, Energy{}), "0 Wh");
}

TEST(Text, grams_are_rounded_alike_and_never_scaled) {
  const auto text = [](double value, double half) {
    return grams_text({grams(value), grams(value - half), grams(value + half)});
  };
  EXPECT_EQ(text(12'345'678, 6e6), "12000000");
  EXPECT_EQ(text(12'345'678, 1.2e5), "12300000");
  EXPECT_EQ(text(0.00234, 0.0012), "0.0023");
  EXPECT_EQ(grams_text({grams(1234.5), {}, {}}), "1230");
}

TEST(Text, zoned_time_says_its_offset) {
  const Utc midnight(std::chrono::seconds(1'767'571'200));
  use_zone("XXX-5:30");
  EXPECT_EQ(zoned_time(midnight), "2026-01-05 05:30:00 +05:30");
  use_zone("XXX3:30");
  EXPECT_EQ(zoned_time(midnight), "2026-01-04 20:30:00 -03:30");
}

TEST(Text, less_than_all_is_never_100_percent) {
  EXPECT_EQ(percent(1), "100 %");
  EXPECT_EQ(percent(0.99999), "99.99 %");
  EXPECT_EQ(percent(0.5), "50 %");
  EXPECT_EQ(percent(0.0012), "0.12 %");
  EXPECT_EQ(percent(0), "0 %");
}

TEST(Text, time_is_local) {
  const Utc midnight(std::chrono::seconds(1'767'571'200));  // 2026-01-05T00:00Z
  use_zone("UTC0");
  EXPECT_EQ(local_time(midnight), "2026-01-05 00:00:00");
  use_zone("XXX-5:30");
  EXPECT_EQ(local_time(midnight), "2026-01-05 05:30:00");
}

TEST(Text, a_time_of_the_local_clock_is_found_again) {
  use_zone("CET-1CEST,M3.5.0,M10.5.0/3");
  const auto at = [](const char* text) { return *parse_utc(text); };
  EXPECT_EQ(from_local(at("2026-01-05T09:00:30")), at("2026-01-05T08:00:30Z"));
  EXPECT_EQ(from_local(at("2026-07-05T09:00")), at("2026-07-05T07:00Z"));
  EXPECT_EQ(from_local(at("2026-10-25T02:30")), at("2026-10-25T00:30Z")) << "the first of two";
  EXPECT_EQ(from_local(at("2026-03-29T02:30")), at("2026-03-29T01:30Z")) << "there is none";
  use_zone("LHST-10:30LHDT-11,M10.1.0,M4.1.0");
  EXPECT_EQ(from_local(at("2026-07-05T09:45")), at("2026-07-04T23:15Z")) << "half an hour apart";
  EXPECT_EQ(from_local(at("2026-01-05T09:45")), at("2026-01-04T22:45Z"));
  use_zone("XXX8");
  EXPECT_EQ(from_local(at("2026-03-02T10:00")), at("2026-03-02T18:00Z"));
  use_zone("UTC0");
}

}  // namespace
}  // namespace lowtide::show
