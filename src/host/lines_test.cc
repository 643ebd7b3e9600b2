#include "host/lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>

namespace lowtide::host {
namespace {

class LinesTest : public testing::Test {
 protected:
  LinesTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "lowtide-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~LinesTest() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& bytes) const {
    const std::string path = folder_ + "/file";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

 private:
  std::string folder_;
};

std::string gzipped(const std::string& text) {
  z_stream stream{};
  constexpr int kGzip = 16;
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + kGzip, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd_packed(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  const std::size_t size = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3);
  EXPECT_EQ(ZSTD_isError(size), 0U);
  out.resize(size);
  return out;
}

// All lines, or the error's line() last.
std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> out;
  auto lines = Lines::open(path);
  if (!lines) return {lines.error().line()};
  while (true) {
    const auto line = lines->next();
    if (!line) {
      out.push_back("error: " + line.error().line());
      return out;
    }
    if (!*line) return out;
    out.emplace_back(**line);
    EXPECT_EQ(lines->number(), static_cast<std::int64_t>(out.size()));
  }
}

// Longer than any buffer in between, and hard to pack.
std::string long_text() {
  std::string text;
  std::uint32_t state = 1;
  for (int i = 0; i < 40000; ++i) {
    state = state * 1664525U + 1013904223U;
    text += std::to_string(i) + "," + std::to_string(state) + "\n";
  }
  return text;
}

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(LinesTest, ends_of_both_kinds_and_a_last_line_without_one) {
  EXPECT_THAT(lines_of(write("a\r\nb\n\nc")), ElementsAre("a", "b", "", "c"));
  EXPECT_THAT(lines_of(write("a\n")), ElementsAre("a"));
  EXPECT_THAT(lines_of(write("")), ElementsAre());
}

TEST_F(LinesTest, a_byte_order_mark_is_passed_over) {
  EXPECT_THAT(lines_of(write("\xEF\xBB\xBFtime,x\n1,2\n")), ElementsAre("time,x", "1,2"));
}

TEST_F(LinesTest, packed_files_give_the_lines_of_the_plain_one) {
  const std::string text = long_text();
  const auto plain = lines_of(write(text));
  ASSERT_EQ(plain.size(), 40000U);
  EXPECT_EQ(lines_of(write(gzipped(text))), plain);
  EXPECT_EQ(lines_of(write(zstd_packed(text))), plain);
}

TEST_F(LinesTest, members_on_end_are_one_text) {
  EXPECT_THAT(lines_of(write(gzipped("a\nb") + gzipped("c\nd\n"))), ElementsAre("a", "bc", "d"));
  EXPECT_THAT(lines_of(write(zstd_packed("a\nb") + zstd_packed("c\n"))), ElementsAre("a", "bc"));
  EXPECT_THAT(lines_of(write(gzipped("a\n") + std::string(64, '\0'))), ElementsAre("a"));
}

TEST_F(LinesTest, a_packed_file_that_ends_early_is_an_error_at_every_length) {
  const std::string text = "time,g_per_kwh\n2026-01-05T00:00Z,10\n";
  for (const std::string& whole : {gzipped(text), zstd_packed(text)}) {
    for (std::size_t length = 4; length < whole.size(); ++length) {
      const auto lines = lines_of(write(whole.substr(0, length)));
      ASSERT_FALSE(lines.empty());
      EXPECT_THAT(lines.back(), HasSubstr("ends early; the file is not whole")) << length;
    }
  }
}

TEST_F(LinesTest, damage_is_an_error) {
  for (std::string bytes : {gzipped(long_text()), zstd_packed(long_text())}) {
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x40);
    bytes[bytes.size() / 2 + 1] = static_cast<char>(bytes[bytes.size() / 2 + 1] ^ 0x40);
    EXPECT_THAT(lines_of(write(bytes)).back(), HasSubstr("error: "));
  }
}

TEST_F(LinesTest, what_is_no_text_is_named) {
  EXPECT_THAT(lines_of(write("PK\x03\x04zip")).front(), HasSubstr("a zip archive"));
  EXPECT_THAT(lines_of(write("\xFD\x37zXZ")).front(), HasSubstr("packed with xz"));
  EXPECT_THAT(lines_of(write("\xFF\xFEt")).front(), HasSubstr("UTF-16"));
}

TEST_F(LinesTest, a_line_that_no_table_has_is_an_error_with_its_number) {
  const std::string path = write("a\n" + std::string(Lines::kLongest + 2, 'x') + "\n");
  EXPECT_THAT(lines_of(path).back(), HasSubstr(path + ":2: a line of more than a megabyte"));
}

TEST_F(LinesTest, only_a_regular_file_is_taken) {
  EXPECT_THAT(lines_of("/dev/null").front(), HasSubstr("is no regular file"));
  EXPECT_EQ(Lines::open("/no/such/file").error().kind, ErrorKind::absent);
}

TEST_F(LinesTest, all_bytes_of_the_file_are_seen_once) {
  const std::string bytes = gzipped(long_text());
  std::string seen;
  auto lines = Lines::open(write(bytes), [&](std::string_view part) { seen += part; });
  ASSERT_TRUE(lines);
  while (lines->next().value()) {
  }
  EXPECT_EQ(seen, bytes);
  EXPECT_EQ(lines->taken(), static_cast<std::int64_t>(bytes.size()));
  EXPECT_EQ(lines->size(), lines->taken());
}

}  // namespace
}  // namespace lowtide::host
