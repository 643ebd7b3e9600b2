#include "host/job_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

#include "host/child_for_test.h"

namespace lowtide::host {
namespace {

using testing::HasSubstr;

std::string in_folder(const TempFolder& folder) { return folder.path("progress"); }

TEST(JobFiles, a_share_of_the_work_is_read_as_people_write_it) {
  const std::pair<const char*, double> lines[] = {
      {"0.25", 0.25},  {" 0.25\r", 0.25}, {"25%", 0.25}, {"25 %", 0.25}, {"3/10", 0.3},
      {"3 / 10", 0.3}, {"0", 0},          {"1", 1},      {"1.0", 1},     {"100%", 1},
      {"10/10", 1},    {"2.5e-1", 0.25},  {"0/7", 0}};
  for (const auto& [line, done] : lines) {
    EXPECT_DOUBLE_EQ(parse_progress(line).value_or(-1), done) << line;
  }
}

TEST(JobFiles, what_is_no_share_is_none) {
  for (const char* line : {"", " ", "-0.1", "1.1", "101%", "nan", "inf", "3/0", "0/0", "11/10", "/",
                           "1/", "/2", "%", "0,25", "epoch 3", "0.25 0.5", "1/2/3"}) {
    EXPECT_FALSE(parse_progress(line)) << line;
  }
}

TEST(JobFiles, a_file_that_is_not_there_or_empty_says_nothing) {
  const TempFolder folder;
  ProgressFile file(in_folder(folder));
  EXPECT_FALSE(file.look().done);
  EXPECT_FALSE(file.look().trouble);
  folder.write("progress", "");
  EXPECT_FALSE(file.look().done);
  EXPECT_FALSE(file.look().trouble);
}

TEST(JobFiles, the_last_line_counts_however_the_file_is_written) {
  const TempFolder folder;
  ProgressFile file(in_folder(folder));
  const auto done = [&] { return file.look().done.value_or(-1); };
  folder.write("progress", "0.1\n0.2\n");
  EXPECT_EQ(done(), 0.2);
  std::ofstream(in_folder(folder), std::ios::app) << "0.3\n" << std::flush;
  EXPECT_EQ(done(), 0.3) << "appended";
  folder.write("progress", "0.05");
  EXPECT_EQ(done(), 0.05) << "written anew, shorter, without an end of line";
  folder.write("other", "0.7\n\n");
  std::filesystem::rename(folder.path("other"), in_folder(folder));
  EXPECT_EQ(done(), 0.7) << "another file renamed to it";
  folder.write("progress", std::string(5, '\0') + "0.8\n");
  EXPECT_EQ(done(), 0.8) << "cut short under a writer that goes on where it was";
  std::filesystem::remove(in_folder(folder));
  EXPECT_EQ(done(), -1);
}

TEST(JobFiles, a_line_that_is_being_written_is_waited_for) {
  const TempFolder folder;
  ProgressFile file(in_folder(folder));
  folder.write("progress", "1/10\n2/10\n1");  // of 10/10, or of 1/10 again
  EXPECT_EQ(file.look().done.value_or(-1), 0.2);
}

TEST(JobFiles, what_an_earlier_life_left_is_told_from_what_is_said_anew) {
  const TempFolder folder;
  ProgressFile file(in_folder(folder));
  EXPECT_FALSE(file.look().anew) << "no file";
  folder.write("progress", "0.4\n");
  EXPECT_TRUE(file.look().anew);
  EXPECT_FALSE(file.look().anew);
  usleep(20'000);  // the clock of the file system is a coarse one
  folder.write("progress", "0.4\n");
  EXPECT_TRUE(file.look().anew) << "the same value, said once more";
  EXPECT_EQ(file.look().done.value_or(-1), 0.4);
  folder.write("other", "0.4\n");
  std::filesystem::rename(folder.path("other"), in_folder(folder));
  EXPECT_TRUE(file.look().anew);
  EXPECT_FALSE(file.look().anew);
}

TEST(JobFiles, junk_is_left_out_and_said_once) {
  const TempFolder folder;
  ProgressFile file(in_folder(folder));
  folder.write("progress", "0.4\nepoch three\n");
  const auto first = file.look();
  EXPECT_EQ(first.done.value_or(-1), 0.4);
  ASSERT_TRUE(first.trouble);
  EXPECT_THAT(first.trouble->line(), HasSubstr(in_folder(folder) + ": 'epoch three'"));
  EXPECT_FALSE(file.look().trouble);
  folder.write("progress", "7\n");
  EXPECT_FALSE(file.look().done);
  EXPECT_FALSE(file.look().trouble);
}

TEST(JobFiles, of_a_long_file_the_end_is_read) {
  const TempFolder folder;
  std::string lines;
  while (lines.size() < 1'000'000) lines += "0.125\n";
  ProgressFile file(in_folder(folder));
  folder.write("progress", lines + "0.5\n");
  EXPECT_EQ(file.look().done.value_or(-1), 0.5);
  // One endless line: its end is no line.
  folder.write("progress", std::string(1'000'000, '0') + "1");
  EXPECT_FALSE(file.look().done);
  std::filesystem::resize_file(in_folder(folder), 1ULL << 40U);  // sparse: zeros to the end
  EXPECT_FALSE(file.look().done);
}

TEST(JobFiles, a_pipe_or_a_folder_given_by_mistake_is_not_opened) {
  const TempFolder folder;
  ASSERT_EQ(mkfifo(in_folder(folder).c_str(), 0600), 0);
  ProgressFile file(in_folder(folder));
  const auto seen = file.look();
  EXPECT_FALSE(seen.done);
  ASSERT_TRUE(seen.trouble);
  EXPECT_THAT(seen.trouble->line(), HasSubstr("no plain file"));
  ProgressFile itself(folder.root());
  EXPECT_TRUE(itself.look().trouble);
  EXPECT_FALSE(itself.look().trouble) << "once";
}

TEST(JobFiles, a_reader_beside_a_writer_sees_only_what_was_written) {
  const TempFolder folder;
  const std::jthread writer([&](const std::stop_token& end) {
    while (!end.stop_requested()) {
      for (const char* text : {"0.125\n", "0.25\n", "0.5\n"}) {
        folder.write("new", text);
        std::filesystem::rename(folder.path("new"), in_folder(folder));
      }
    }
  });
  ProgressFile file(in_folder(folder));
  int seen = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto look = file.look();
    if (look.done) ++seen;
    const double done = look.done.value_or(0.125);
    ASSERT_TRUE(done == 0.125 || done == 0.25 || done == 0.5) << done;
    ASSERT_FALSE(look.trouble) << look.trouble->line();
  }
  EXPECT_GT(seen, 0);
}

TEST(JobFiles, the_control_file_says_run_or_pause_until_when_and_is_the_users_alone) {
  const TempFolder folder;
  const std::string path = folder.path("control");
  const mode_t mask = umask(0);
  ASSERT_TRUE(write_control(path, Wish::run));
  umask(mask);
  EXPECT_EQ(folder.read("control"), "run\n");
  struct stat about{};
  ASSERT_EQ(stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
  ASSERT_TRUE(write_control(path, Wish::pause));
  EXPECT_EQ(folder.read("control"), "pause\n");
  ASSERT_TRUE(write_control(path, Wish::pause, *parse_utc("2026-12-01T03:05Z")));
  EXPECT_EQ(folder.read("control"), "pause\n2026-12-01T03:05:00.000Z\n");
  ASSERT_TRUE(write_control(path, Wish::run, *parse_utc("2026-12-01T03:05Z")));
  EXPECT_EQ(folder.read("control"), "run\n");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.root()), {}), 1);
}

TEST(JobFiles, who_polls_the_control_file_never_sees_half_of_it) {
  const TempFolder folder;
  const std::string path = folder.path("control");
  const std::string pause = "pause\n2026-12-01T03:05:00.000Z\n";
  ASSERT_TRUE(write_control(path, Wish::run));
  const std::jthread writer([&](const std::stop_token& end) {
    while (!end.stop_requested()) {
      static_cast<void>(write_control(path, Wish::pause, *parse_utc("2026-12-01T03:05Z")));
      static_cast<void>(write_control(path, Wish::run));
    }
  });
  int pauses = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = folder.read("control");
    ASSERT_TRUE(text == "run\n" || text == pause) << text;
    if (text == pause) ++pauses;
  }
  EXPECT_GT(pauses, 0);
}

TEST(JobFiles, what_is_no_file_is_not_replaced_and_a_folder_that_is_not_there_is_said) {
  const TempFolder folder;
  ASSERT_EQ(mkfifo(folder.path("control").c_str(), 0600), 0);
  EXPECT_EQ(write_control(folder.path("control"), Wish::run).error().kind, ErrorKind::denied);
  EXPECT_EQ(write_control(folder.path("none/control"), Wish::run).error().where,
            folder.path("none/control"));
}

}  // namespace
}  // namespace lowtide::host
