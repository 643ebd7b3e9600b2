#include "grid/table.h"

#include <gtest/gtest.h>

namespace lowtide::grid {
namespace {

TEST(Table, keeps_the_columns_asked_for_in_that_order) {
  const auto table = Table::parse("a,b,c\n1,\"x, \"\"y\"\"\",3\r\n\n4,,6", "t.csv", {"c", "b"});
  ASSERT_TRUE(table);
  ASSERT_EQ(table->size(), 2U);
  EXPECT_EQ(table->cell(0, 0), "3");
  EXPECT_EQ(table->cell(0, 1), "x, \"y\"");
  EXPECT_EQ(table->cell(1, 1), "");
  EXPECT_EQ(table->find("6"), std::optional<std::size_t>(1));
  EXPECT_EQ(table->find("7"), std::nullopt);
  EXPECT_EQ(table->line(1), "4,,6");
}

TEST(Table, lines_without_what_is_looked_for_are_passed_over) {
  const auto table = Table::parse("a,b\nFR,1\nbad\nDE,2\n", "t.csv", {"a", "b"}, "DE");
  ASSERT_TRUE(table);
  ASSERT_EQ(table->size(), 1U);
  EXPECT_EQ(table->cell(0, 1), "2");
  EXPECT_EQ(table->where(0, 1), "t.csv:4, field b");
}

TEST(Table, a_fault_names_file_line_and_field) {
  struct {
    const char* text;
    const char* error;
  } const cases[] = {
      {"a\n1\n", "t.csv:1: no column 'b'"},
      {"a,b\n1\n", "t.csv:2: a row of 2 fields was expected"},
      {"a,b\n1,2\n1,\"2\n", "t.csv:3: a row of 2 fields was expected"},
      {"a,\"b\n", "t.csv:1: a quote stays open"},
  };
  for (const auto& bad : cases) {
    const auto table = Table::parse(bad.text, "t.csv", {"a", "b"});
    ASSERT_FALSE(table) << bad.text;
    EXPECT_EQ(table.error().line(), bad.error);
  }
}

TEST(Table, an_empty_cell_is_no_number) {
  const auto table = Table::parse("a,b\nx,1.5\ny,\nz,nan\n", "t.csv", {"a", "b"});
  ASSERT_TRUE(table);
  EXPECT_EQ(table->number(0, 1).value(), 1.5);
  EXPECT_EQ(table->number(1, 1).error().line(), "t.csv:3, field b: '' is not a number");
  EXPECT_EQ(table->number(2, 1).error().line(), "t.csv:4, field b: 'nan' is not a number");
}

}  // namespace
}  // namespace lowtide::grid
