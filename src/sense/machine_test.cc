#include "sense/machine.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "sense/fakes_for_test.h"

namespace lowtide::sense {
namespace {

TEST(Machine, facts_come_from_cpuinfo_and_meminfo) {
  TempRoot root;
  root.write(
      "/proc/cpuinfo",
      "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 1\n"
      "model name\t: AMD EPYC 7763 64-Core Processor\nsiblings\t: 128\ncpu cores\t: 64\n"
      "flags\t\t: fpu vme\n\nprocessor\t: 1\nmodel name\t: AMD EPYC 7763 64-Core Processor\n");
  root.write("/proc/meminfo", "MemTotal:       67108864 kB\nMemFree: 1 kB\n");
  const MachineFacts facts = read_machine(root.files());
  EXPECT_EQ(facts.cpu_model, "AMD EPYC 7763 64-Core Processor");
  EXPECT_EQ(facts.cpu_family, 25);
  EXPECT_EQ(facts.cpu_number, 1);
  EXPECT_EQ(facts.logical_cpus, 2);
  EXPECT_EQ(facts.threads_per_socket, 128);
  EXPECT_EQ(facts.cores_per_socket, 64);
  EXPECT_FALSE(facts.virtual_machine);
  EXPECT_DOUBLE_EQ(facts.memory_gb.value(), 64);
}

TEST(Machine, a_hypervisor_flag_makes_it_a_virtual_machine) {
  TempRoot root;
  root.write("/proc/cpuinfo", "processor : 0\nflags : fpu hypervisor\n");
  EXPECT_TRUE(read_machine(root.files()).virtual_machine);
}

TEST(Machine, what_is_not_there_is_absent) {
  TempRoot root;
  const MachineFacts facts = read_machine(root.files());
  EXPECT_EQ(facts.cpu_model, "");
  EXPECT_FALSE(facts.logical_cpus.has_value());
  EXPECT_FALSE(facts.memory_gb.has_value());
}

TEST(Machine, cpus_are_counted_from_stat_when_there_is_no_cpuinfo) {
  TempRoot root;
  root.write("/proc/stat", "cpu  1 1 1 1 1 1 1\ncpu0 1 1\ncpu1 1 1\nintr 5\n");
  EXPECT_EQ(read_machine(root.files()).logical_cpus, 2);
}

TEST(Machine, busy_time_leaves_out_idle_iowait_steal_and_counts_guests_once) {
  TempRoot root;
  //                            user nice sys idle iowait irq softirq steal guest guest_nice
  root.write("/proc/stat", "cpu  1000 200 30 4000 5000 60 7 8000 900 100\ncpu0 1\n");
  const auto busy = read_busy_time(root.files());
  ASSERT_TRUE(busy.has_value());
  const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  EXPECT_DOUBLE_EQ(as_seconds(*busy), (1000 + 200 + 30 + 60 + 7) / ticks);
}

TEST(Machine, a_broken_stat_is_malformed_not_zero) {
  TempRoot root;
  for (const char* text : {"", "cpu\n", "cpu  1 2 x\n", "intr 5\n"}) {
    root.write("/proc/stat", text);
    const auto busy = read_busy_time(root.files());
    ASSERT_FALSE(busy.has_value()) << text;
    EXPECT_EQ(busy.error().kind, ErrorKind::malformed);
  }
}

}  // namespace
}  // namespace lowtide::sense
