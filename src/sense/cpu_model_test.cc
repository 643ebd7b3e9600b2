#include "sense/cpu_model.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "sense/dram_model.h"
#include "sense/fakes_for_test.h"

namespace lowtide::sense {
namespace {

class ModelTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root.write("/proc/cpuinfo",
               "processor : 0\nmodel name : AMD EPYC 7763 64-Core Processor\nflags : hypervisor\n"
               "processor : 1\n");
    root.write("/proc/meminfo", "MemTotal: 16777216 kB\n");
    root.write("/table.csv",
               "name,vendor,family,cores,tdp_w\nAMD EPYC 7763,AMD,EPYC 7003 Series,64,280\n");
    busy(0);
  }
  // proc/stat after this many seconds of CPU time.
  void busy(double s) {
    const auto ticks = static_cast<long>(s * static_cast<double>(sysconf(_SC_CLK_TCK)));
    root.write("/proc/stat",
               fmt::format("cpu  {} 0 0 99999 5 0 0 777 {} 0\ncpu0 0\ncpu1 0\n", ticks, ticks));
  }
  std::unique_ptr<Meter> open() {
    return open_cpu_model({root.files(), root.path("/table.csv")}, clock).value();
  }

  TempRoot root;
  FakeClock clock;
  const double full = 2 * 280.0 / 128;
};

TEST_F(ModelTest, idle_is_its_fraction_and_full_is_the_share_of_the_tdp) {
  const auto meter = open();
  const ChannelInfo& info = meter->describe().at(0);
  EXPECT_EQ(info.source, Source::model);
  EXPECT_NEAR(as_watts(info.idle_power.value()), 0.21 * full, 1e-9);
  EXPECT_TRUE(meter->read()->readings.empty());
  struct Case {
    double busy_s;
    double watts;
  };
  double total = 0;
  for (const Case& c : {Case{0, 0.21 * full}, {2, full}, {1, (0.21 + 0.79 / 2) * full}}) {
    clock.advance(1);
    busy(total += c.busy_s);
    const auto batch = meter->read();
    ASSERT_EQ(batch->readings.size(), 1u);
    EXPECT_NEAR(as_joules(batch->readings[0].energy), c.watts, 1e-9);
    EXPECT_EQ(batch->readings[0].quality, Quality::modelled);
  }
}

TEST_F(ModelTest, time_in_which_the_machine_was_suspended_is_a_gap) {
  const auto cpu = open();
  const auto dram = open_dram_model(root.files(), clock, "").value();
  for (Meter* meter : {cpu.get(), dram.get()}) {
    EXPECT_TRUE(meter->read()->readings.empty());
    clock.suspend(3600);
    EXPECT_TRUE(meter->read()->readings.empty());
    clock.advance(1);
    EXPECT_EQ(meter->read()->readings.at(0).span.length(), seconds(1));
  }
}

TEST_F(ModelTest, the_note_gives_the_terms_with_numbers_and_the_bound_is_wide) {
  const auto meter = open();
  const ChannelInfo& info = meter->describe().at(0);
  for (const char* term : {"4.4 W", "2 vCPU", "280 W", "128 threads", "21 %"}) {
    EXPECT_NE(info.note.find(term), std::string::npos) << info.note;
  }
  ASSERT_EQ(info.errors.size(), 1u);
  EXPECT_EQ(info.errors[0].kind, ErrorTermKind::model);
  EXPECT_GE(info.errors[0].low_rel, 0.5);
  EXPECT_GE(info.errors[0].high_rel, 0.5);
}

TEST_F(ModelTest, a_stat_that_cannot_be_read_is_a_gap_and_the_model_goes_on_after_it) {
  const auto meter = open();
  (void)meter->read();
  clock.advance(1);
  root.write("/proc/stat", "nonsense\n");
  EXPECT_EQ(meter->read()->troubles.size(), 1u);
  clock.advance(1);
  EXPECT_TRUE(meter->read()->troubles.empty());  // said once
  busy(50);
  EXPECT_TRUE(meter->read()->readings.empty());
  clock.advance(1);
  busy(51);
  const auto batch = meter->read();
  ASSERT_EQ(batch->readings.size(), 1u);
  EXPECT_EQ(batch->readings[0].span.length(), Duration(std::chrono::seconds(1)));
}

TEST_F(ModelTest, with_nothing_known_there_is_still_a_channel_that_says_so) {
  root.remove("/proc");
  root.remove("/table.csv");
  const auto meter = open();
  const ChannelInfo& info = meter->describe().at(0);
  EXPECT_NE(info.note.find("Cloud Carbon Footprint"), std::string::npos);
  EXPECT_NE(info.note.find("no TDP table"), std::string::npos);
  EXPECT_NE(info.note.find("half of the CPUs"), std::string::npos);
  (void)meter->read();
  clock.advance(1);
  const auto batch = meter->read();
  ASSERT_EQ(batch->readings.size(), 1u);
  // The bound holds both an idle and a full CPU.
  const double joules = as_joules(batch->readings[0].energy);
  EXPECT_LE(joules * (1 - info.errors[0].low_rel), as_watts(*info.idle_power));
  EXPECT_GE(joules * (1 + info.errors[0].high_rel), as_watts(*info.idle_power) / 0.21);
}

TEST_F(ModelTest, memory_is_a_constant_for_each_gb_and_all_idle) {
  const auto meter = open_dram_model(root.files(), clock, "RAPL has no DRAM zone here").value();
  const ChannelInfo& info = meter->describe().at(0);
  EXPECT_EQ(info.id, "dram:0");
  EXPECT_DOUBLE_EQ(as_watts(info.idle_power.value()), 6);
  EXPECT_NE(info.note.find("RAPL has no DRAM zone"), std::string::npos);
  EXPECT_TRUE(meter->read()->readings.empty());
  clock.advance(10);
  const auto batch = meter->read();
  ASSERT_EQ(batch->readings.size(), 1u);
  EXPECT_DOUBLE_EQ(as_joules(batch->readings[0].energy), 60);
  EXPECT_EQ(batch->readings[0].quality, Quality::modelled);
}

TEST_F(ModelTest, memory_of_unknown_size_is_assumed_by_the_cpus_with_a_wider_bound) {
  root.remove("/proc/meminfo");
  const auto meter = open_dram_model(root.files(), clock).value();
  const ChannelInfo& info = meter->describe().at(0);
  EXPECT_DOUBLE_EQ(as_watts(info.idle_power.value()), 2 * 4 * 0.375);
  EXPECT_GT(info.errors.at(0).high_rel, 0.5);
  EXPECT_NE(info.note.find("assumed"), std::string::npos);
}

}  // namespace
}  // namespace lowtide::sense
