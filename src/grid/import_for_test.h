// For tests only: files made on the spot, and what checking them says.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "grid/import.h"
#include "grid/test_files.h"

namespace lowtide::grid {

inline const std::string kOwn = "time,g_per_kwh\n";

inline Utc at(std::string_view text) { return parse_utc(text).value(); }

inline ImportWish average() {
  ImportWish wish;
  wish.zone = "local:X";
  wish.signal = Signal::average;
  return wish;
}

class ImportTest : public testing::Test {
 protected:
  Result<std::vector<ImportReport>> check(const std::vector<std::string>& texts,
                                          const ImportWish& wish) {
    files_.clear();
    for (std::size_t i = 0; i < texts.size(); ++i) {
      files_.push_back(folder_.write(fmt::format("{}.csv", i), texts[i]));
    }
    return check_files(files_, wish);
  }
  ImportReport one(const std::string& text, const ImportWish& wish = average()) {
    const auto reports = check({text}, wish);
    EXPECT_TRUE(reports) << (reports ? "" : reports.error().line());
    return reports ? reports->front() : ImportReport{};
  }
  // The error's line, the folder left out.
  std::string trouble(const std::string& text, const ImportWish& wish = average()) {
    const auto reports = check({text}, wish);
    if (reports) return "none";
    std::string line = reports.error().line();
    const std::size_t folder = line.find(folder_.path());
    return folder == line.npos ? line : line.erase(folder, folder_.path().size() + 1);
  }

  TestFolder folder_;
  std::vector<std::string> files_;
};

}  // namespace lowtide::grid
