#include "host/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "host/child_for_test.h"
#include "host/unique_fd.h"

namespace lowtide::host {
namespace {

TEST(Files, a_file_is_read_whole_whatever_it_holds) {
  const TempFolder folder;
  std::string text(100'000, 'x');
  text[17] = '\0';
  text += "\n\nend";
  EXPECT_EQ(read_file(folder.write("a", text)).value(), text);
  EXPECT_EQ(read_file(folder.write("empty", "")).value(), "");
}

TEST(Files, what_is_not_there_is_absent_and_named) {
  const TempFolder folder;
  folder.write("file", "x");
  for (const std::string& path :
       {folder.path("nothing"), folder.path("file/below"), folder.root()}) {
    const auto text = read_file(path);
    ASSERT_FALSE(text) << path;
    EXPECT_EQ(text.error().kind, ErrorKind::absent);
    EXPECT_EQ(text.error().where, path);
  }
}

// Mode bits do not stop root, so the child becomes somebody else first.
TEST(Files, what_may_not_be_read_is_denied) {
  const TempFolder folder;
  const std::string path = folder.write("secret", "x");
  chmod(path.c_str(), 0000);
  Child child([&] {
    if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) return 2;
    const auto text = read_file(path);
    return !text && text.error().kind == ErrorKind::denied && text.error().where == path ? 0 : 1;
  });
  EXPECT_EQ(child.exit_status(), 0);
}

TEST(MachineFiles, another_root_stands_for_the_machine) {
  const TempFolder folder;
  folder.write("sys/class/a", "one\n");
  const MachineFiles files(folder.root());
  EXPECT_EQ(files.read("/sys/class/a").value(), "one\n");
  EXPECT_TRUE(files.exists("/sys/class/a"));
  EXPECT_FALSE(files.exists("/proc/self")) << "the real machine does not shine through";
  EXPECT_EQ(MachineFiles().read("/proc/self/stat").has_value(), true);
}

TEST(MachineFiles, a_file_that_is_replaced_is_read_anew) {
  const TempFolder folder;
  const MachineFiles files(folder.root());
  folder.write("n", "1\n");
  EXPECT_EQ(files.read_integer("/n").value(), 1);
  folder.write("n.new", "2\n");
  std::filesystem::rename(folder.path("n.new"), folder.path("n"));
  EXPECT_EQ(files.read_integer("/n").value(), 2);
}

TEST(MachineFiles, a_line_is_the_first_without_trailing_blanks) {
  const TempFolder folder;
  const MachineFiles files(folder.root());
  for (const auto& [text, line] : {std::pair{"package-0\n", "package-0"},
                                   {"a b \t\r\nsecond\n", "a b"},
                                   {"no end", "no end"},
                                   {"\n", ""},
                                   {"", ""}}) {
    folder.write("f", text);
    EXPECT_EQ(files.read_line("/f").value(), line);
  }
}

TEST(MachineFiles, a_number_is_whole_or_malformed) {
  const TempFolder folder;
  const MachineFiles files(folder.root());
  folder.write("n", "262143328850\n");
  EXPECT_EQ(files.read_integer("/n").value(), 262143328850LL);
  folder.write("n", "-5");
  EXPECT_EQ(files.read_integer("/n").value(), -5);
  for (const char* bad : {"", "x", "1.5", "12abc", "0x10", "99999999999999999999", "1 2"}) {
    folder.write("n", bad);
    const auto value = files.read_integer("/n");
    ASSERT_FALSE(value) << bad;
    EXPECT_EQ(value.error().kind, ErrorKind::malformed);
    EXPECT_EQ(value.error().where, folder.path("n"));
  }
  EXPECT_EQ(files.read_integer("/none").error().kind, ErrorKind::absent);
}

TEST(MachineFiles, a_list_is_sorted_and_empty_where_there_is_no_folder) {
  const TempFolder folder;
  const MachineFiles files(folder.root());
  for (const char* name : {"d/b", "d/a", "d/c/x", "d/.hidden"}) folder.write(name, "");
  EXPECT_THAT(files.list("/d"), testing::ElementsAre(".hidden", "a", "b", "c"));
  EXPECT_TRUE(files.list("/none").empty());
  EXPECT_TRUE(files.list("/d/a").empty());
}

TEST(MachineFiles, links_are_resolved_and_a_broken_one_is_left_as_it_is) {
  const TempFolder folder;
  folder.write("devices/x/name", "n");
  std::filesystem::create_symlink(folder.path("devices/x"), folder.path("link"));
  std::filesystem::create_symlink(folder.path("gone"), folder.path("broken"));
  const MachineFiles files(folder.root());
  EXPECT_EQ(files.real("/link"), std::filesystem::canonical(folder.path("devices/x")));
  EXPECT_EQ(files.real("/broken"), folder.path("broken"));
}

TEST(UniqueFd, closes_what_it_owns_once) {
  int raw = open("/dev/null", O_RDONLY | O_CLOEXEC);
  {
    UniqueFd owner(raw);
    UniqueFd moved(std::move(owner));
    EXPECT_TRUE(moved);
    EXPECT_EQ(moved.get(), raw);
    EXPECT_NE(fcntl(raw, F_GETFD), -1);
  }
  EXPECT_EQ(fcntl(raw, F_GETFD), -1) << "closed at the end of the scope";
  raw = open("/dev/null", O_RDONLY | O_CLOEXEC);
  UniqueFd owner(raw);
  EXPECT_EQ(owner.release(), raw);
  EXPECT_FALSE(owner);
  EXPECT_EQ(close(raw), 0) << "a released descriptor is the caller's";
}

}  // namespace
}  // namespace lowtide::host
