#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <cmath>
#include <cstring>

#include "show/parquet.h"
#include "show/scale_csv.h"
#include "show/thrift.h"

namespace lowtide::show {
namespace {

using std::chrono::hours;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

const float kNaN = std::nanf("");

std::vector<Utc> two_starts() {
  const Utc begin = *parse_utc("2022-01-01");
  return {begin, begin + hours(1)};
}

TEST(ScaleCsvTest, a_row_is_a_zone_and_start_and_an_empty_field_is_not_known) {
  const study::ScaleAxes axes{{{"6h", 6}}, {{"24h", 24}}};
  EXPECT_EQ(scale_csv_head(axes), "zone,start,flexible_start_6h_24h_pct,lowest_slots_6h_24h_pct\n");
  EXPECT_EQ(scale_csv({"FR", two_starts(), {{0, 100}, {12.34F, kNaN}}}),
            "FR,2022-01-01T00:00Z,0.00,12.34\nFR,2022-01-01T01:00Z,100.00,\n");
}

TEST(ScaleCsvTest, each_hundredth_is_written_as_it_is_read) {
  for (int i = -250; i <= 12'000; ++i) {
    const float percent = static_cast<float>(i / 100.0);
    const std::string row = scale_csv({"A", {Utc{}}, {{percent}}});
    EXPECT_EQ(std::stof(row.substr(row.rfind(',') + 1)), percent) << row;
  }
}

// By the examples of the protocol's specification.
TEST(ThriftTest, numbers_are_zigzag_varints_and_ids_are_told_by_their_steps) {
  ThriftWriter out;
  out.i32(1, -1);
  out.i64(3, 300);
  out.flag(4, true);
  out.text(18, "ab");
  EXPECT_EQ(out.done(), std::string("\x15\x01\x26\xd8\x04\x11\xe8\x02"
                                    "ab\x00",
                                    11));
}

TEST(ThriftTest, a_list_of_fifteen_says_its_size_in_a_byte_of_its_own) {
  ThriftWriter out;
  out.begin_list(1, ThriftWriter::Kind::i32, 15);
  for (int i = 0; i < 15; ++i) out.element(i);
  EXPECT_THAT(out.done(), StartsWith("\x19\xf5\x0f"));
}

// A row group's pages unpacked, in order: each is one frame.
std::vector<std::string> pages_of(std::string_view bytes) {
  std::vector<std::string> out;
  for (std::size_t at = bytes.find("\x28\xB5\x2F\xFD"); at != std::string_view::npos;
       at = bytes.find("\x28\xB5\x2F\xFD", at)) {
    const std::size_t length = ZSTD_findFrameCompressedSize(&bytes[at], bytes.size() - at);
    std::string page(ZSTD_getFrameContentSize(&bytes[at], length), '\0');
    ZSTD_decompress(page.data(), page.size(), &bytes[at], length);
    out.push_back(std::move(page));
    at += length;
  }
  return out;
}

std::string bytes_of(std::span<const float> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

ParquetGroup group_of(std::span<const float> values) {
  ParquetGroup out(values.size());
  out.add_text("FR");
  out.add_times(std::vector<Utc>(values.size(), *parse_utc("1970-01-01T00:00:01Z")));
  out.add_values(values);
  return out;
}

ParquetFile small_file() {
  return ParquetFile({{"zone", ParquetKind::text},
                      {"start", ParquetKind::time},
                      {"saving_pct", ParquetKind::value}});
}

TEST(ParquetTest, a_page_holds_the_values_and_says_in_runs_which_rows_have_one) {
  ParquetFile file = small_file();
  const std::vector<float> values = {1.5F, 2.25F, kNaN, kNaN, kNaN, -0.0F};
  const auto pages = pages_of(file.add(group_of(values)));
  ASSERT_EQ(pages.size(), 3U);
  EXPECT_THAT(pages[0], StartsWith(std::string("\2\0\0\0FR\2\0\0\0FR", 12)));
  EXPECT_THAT(pages[1], StartsWith(std::string("\xe8\3\0\0\0\0\0\0", 8)));
  const std::vector<float> known = {1.5F, 2.25F, -0.0F};
  EXPECT_EQ(pages[2], std::string("\6\0\0\0\4\1\6\0\2\1", 10) + bytes_of(known));
}

TEST(ParquetTest, a_run_of_many_rows_is_a_varint) {
  ParquetFile file = small_file();
  const auto pages = pages_of(file.add(group_of(std::vector<float>(100, 1))));
  EXPECT_THAT(pages[2], StartsWith(std::string("\3\0\0\0\xc8\1\1", 7)));
}

TEST(ParquetTest, the_footer_ends_with_its_length_and_the_mark) {
  ParquetFile file = small_file();
  EXPECT_EQ(file.begin(), "PAR1");
  const std::vector<float> values = {1, 2};
  const std::size_t group = file.add(group_of(values)).size();
  EXPECT_EQ(file.add(group_of(values)).size(), group);
  const std::string end = file.end({{"licence", "ODbL 1.0"}}, "lowtide 0");
  EXPECT_THAT(end, EndsWith("PAR1"));
  std::uint32_t length = 0;
  std::memcpy(&length, &end[end.size() - 8], sizeof length);
  EXPECT_EQ(length, end.size() - 8);
  for (const char* text : {"zone", "start", "saving_pct", "licence", "ODbL 1.0", "lowtide 0"}) {
    EXPECT_THAT(end, HasSubstr(text));
  }
}

}  // namespace
}  // namespace lowtide::show
