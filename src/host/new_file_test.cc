#include "host/new_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>

#include "host/child_for_test.h"
#include "host/files.h"

namespace lowtide::host {
namespace {

using testing::HasSubstr;

// Does not repeat: longer than the buffers when packed.
std::string long_text() {
  std::string out;
  std::uint64_t state = 1;
  while (out.size() < 3'000'000) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    out += static_cast<char>(state >> 56U);
  }
  return out;
}

std::string unpacked(const std::string& path) {
  auto file = open_unpacked(path);
  std::string out;
  std::string piece(100'000, '\0');
  while (file) {
    const auto got = (*file)->read(piece);
    if (!got || *got == 0) return got ? out : got.error().line();
    out.append(piece, 0, *got);
  }
  return file.error().line();
}

TEST(NewFileTest, packed_as_its_name_ends_it_reads_back_and_was_seen_as_it_lies) {
  const TempFolder folder;
  const std::string text = long_text();
  for (const char* name : {"a.csv", "a.csv.gz", "a.csv.zst"}) {
    std::string seen;
    auto file = NewFile::open(folder.path(name), [&](std::string_view some) { seen += some; });
    ASSERT_TRUE(file) << file.error().line();
    ASSERT_TRUE(file->add(text));
    ASSERT_TRUE(file->add("end"));
    EXPECT_FALSE(std::filesystem::exists(folder.path(name)));
    ASSERT_TRUE(file->finish());
    EXPECT_EQ(unpacked(folder.path(name)), text + "end");
    EXPECT_EQ(*read_file(folder.path(name)), seen);
    EXPECT_EQ(seen == text + "end", std::string(name) == "a.csv");
  }
}

TEST(NewFileTest, one_that_is_not_finished_leaves_nothing_and_changes_nothing) {
  const TempFolder folder;
  {
    auto first = NewFile::open(folder.path("a"));
    ASSERT_TRUE(first->add("first") && first->finish());
  }
  {
    auto second = NewFile::open(folder.path("a"));
    ASSERT_TRUE(second->add("second"));
  }
  EXPECT_EQ(*read_file(folder.path("a")), "first");
  const std::filesystem::directory_iterator all(folder.root());
  EXPECT_EQ(std::distance(begin(all), end(all)), 1);
}

TEST(NewFileTest, a_process_that_is_killed_leaves_nothing) {
  const TempFolder folder;
  Child child([&] {
    auto file = NewFile::open(folder.path("a"));
    if (!file || !file->add(long_text())) return 1;
    return std::raise(SIGKILL);
  });
  EXPECT_EQ(WTERMSIG(child.wait()), SIGKILL);
  EXPECT_TRUE(std::filesystem::is_empty(folder.root()));
}

// /dev/full cannot be renamed over: a limit on the length of files stands for a full disk.
TEST(NewFileTest, no_room_is_an_error_that_says_so_and_leaves_nothing) {
  const TempFolder folder;
  for (const char* name : {"a.csv", "a.csv.gz", "a.csv.zst"}) {
    Child child([&] {
      std::signal(SIGXFSZ, SIG_IGN);
      const rlimit least{100'000, 100'000};
      setrlimit(RLIMIT_FSIZE, &least);
      auto file = NewFile::open(folder.path(name));
      const auto added = file->add(long_text());
      if (added || added.error().where != folder.path(name)) return 1;
      return added.error().line().find("free some room") == std::string::npos ? 2 : 0;
    });
    EXPECT_EQ(child.exit_status(), 0) << name;
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.root()));
}

TEST(NewFileTest, a_pipe_and_a_folder_are_never_replaced) {
  const TempFolder folder;
  ASSERT_EQ(mkfifo(folder.path("pipe").c_str(), 0600), 0);
  for (const std::string& path : {folder.path("pipe"), folder.path(".")}) {
    const auto file = NewFile::open(path);
    ASSERT_FALSE(file);
    EXPECT_THAT(file.error().line(), HasSubstr("no file that could be replaced"));
  }
}

TEST(NewFileTest, a_folder_that_is_not_there_is_named) {
  const auto file = NewFile::open("/nowhere/at/all.csv");
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().line(), HasSubstr("/nowhere/at/all.csv"));
}

}  // namespace
}  // namespace lowtide::host
