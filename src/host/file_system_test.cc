#include "host/file_system.h"

#include <gtest/gtest.h>

namespace lowtide::host {
namespace {

TEST(FileSystem, of_what_is_not_there_yet_is_that_of_the_folder_above) {
  const FileSystem shared = file_system_of("/dev/shm");
  EXPECT_EQ(shared.name, "tmpfs");
  EXPECT_FALSE(shared.network);
  EXPECT_EQ(file_system_of("/dev/shm/no/such/folder/ledger.db").name, "tmpfs");
}

TEST(FileSystem, one_without_a_name_here_is_named_by_its_number) {
  EXPECT_EQ(file_system_of("/proc/self").name, "0x9fa0");  // PROC_SUPER_MAGIC
}

}  // namespace
}  // namespace lowtide::host
