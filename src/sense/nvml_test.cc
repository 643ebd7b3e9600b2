#include "sense/nvml.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <utility>

#include "sense/fakes_for_test.h"

namespace lowtide::sense {
namespace {

// A GPU as the driver shows it; handles are pointers to these.
struct FakeGpu {
  std::string uuid;
  std::optional<std::uint64_t> energy_mj = 0;  // absent: not supported
  std::optional<std::uint64_t> instant_mw = std::nullopt;
  std::optional<std::uint64_t> usage_mw = 60'000;
  std::optional<int> capability = 86;
  bool lost = false;
  bool fail_next = false;
  std::optional<NvmlHolders> holders = NvmlHolders{};
  std::vector<NvmlPart> parts = {};
  int asked_holders = 0;
};

class FakeDoor final : public NvmlDoor {
 public:
  FakeDoor(std::vector<FakeGpu>& gpus, FakeClock& clock, const Duration& cost)
      : gpus_(gpus), clock_(clock), cost_(cost) {}

  [[nodiscard]] Result<NvmlDevices> devices() override {
    NvmlDevices out;
    for (unsigned i = 0; i < gpus_.size(); ++i) {
      out.devices.push_back(
          {&gpus_[i], i, gpus_[i].uuid, "Fake", watts(400), gpus_[i].capability, gpus_[i].parts});
    }
    return out;
  }
  [[nodiscard]] Result<NvmlHandle> find(const std::string& uuid) override {
    for (FakeGpu& gpu : gpus_) {
      if (gpu.uuid == uuid && !gpu.lost) return &gpu;
    }
    return fail(ErrorKind::temporary, "the GPU is lost");
  }
  [[nodiscard]] Result<std::uint64_t> energy_mj(NvmlHandle device) override {
    return answer(device, &FakeGpu::energy_mj);
  }
  [[nodiscard]] Result<std::uint64_t> power_mw(NvmlHandle device, NvmlPower which) override {
    return answer(device, which == NvmlPower::instant ? &FakeGpu::instant_mw : &FakeGpu::usage_mw);
  }
  [[nodiscard]] Result<NvmlHolders> holders(NvmlHandle device) override {
    auto* gpu = static_cast<FakeGpu*>(device);
    ++gpu->asked_holders;
    if (!gpu->holders) return fail(ErrorKind::absent, "not supported");
    return *gpu->holders;
  }

 private:
  Result<std::uint64_t> answer(NvmlHandle device, std::optional<std::uint64_t> FakeGpu::* value) {
    auto* gpu = static_cast<FakeGpu*>(device);
    clock_.now += cost_;
    if (std::exchange(gpu->fail_next, false)) return fail(ErrorKind::temporary, "hiccup");
    if (gpu->lost) return fail(ErrorKind::temporary, "the GPU is lost");
    if (!(gpu->*value)) return fail(ErrorKind::absent, "the driver does not give this");
    return *(gpu->*value);
  }

  std::vector<FakeGpu>& gpus_;
  FakeClock& clock_;
  const Duration& cost_;
};

class NvmlTest : public ::testing::Test {
 protected:
  std::unique_ptr<Meter> open(const GpuWish& wish = {}) {
    auto meter = make_nvml(std::make_unique<FakeDoor>(gpus, clock, cost), wish, clock);
    EXPECT_TRUE(meter.has_value());
    return meter ? *std::move(meter) : nullptr;
  }
  // One read after `s` seconds, the GPUs having drawn `w` watts.
  Batch tick(Meter& meter, double s, double w) {
    clock.advance(s);
    for (FakeGpu& gpu : gpus) {
      if (gpu.energy_mj) *gpu.energy_mj += static_cast<std::uint64_t>(std::llround(w * s * 1000));
      if (gpu.instant_mw) *gpu.instant_mw = static_cast<std::uint64_t>(w * 1000);
      if (gpu.usage_mw) *gpu.usage_mw = static_cast<std::uint64_t>(w * 1000);
    }
    auto batch = meter.read();
    EXPECT_TRUE(batch.has_value());
    return *std::move(batch);
  }

  FakeClock clock;
  Duration cost{};  // of each call behind the door
  std::vector<FakeGpu> gpus{{.uuid = "GPU-a"}, {.uuid = "GPU-b"}};
};

TEST_F(NvmlTest, each_device_uses_the_best_source_it_has) {
  gpus = {{.uuid = "GPU-counter", .instant_mw = 1},
          {.uuid = "GPU-instant", .energy_mj = std::nullopt, .instant_mw = 60'000},
          {.uuid = "GPU-mean", .energy_mj = std::nullopt},
          {.uuid = "GPU-old", .energy_mj = std::nullopt, .capability = 61},
          {.uuid = "GPU-mute", .energy_mj = std::nullopt, .usage_mw = std::nullopt}};
  const auto meter = open();
  const auto& channels = meter->describe();
  ASSERT_EQ(channels.size(), 5u);
  EXPECT_EQ(channels[0].source, Source::nvml_counter);
  EXPECT_EQ(channels[1].source, Source::nvml_instant);
  EXPECT_EQ(channels[2].source, Source::nvml_power);
  EXPECT_NE(channels[2].note.find("averaged over 1 s"), std::string::npos);
  EXPECT_NE(channels[3].note.find("instantaneous"), std::string::npos);
  EXPECT_NE(channels[4].note.find("neither"), std::string::npos);
  EXPECT_EQ(channels[4].id, "gpu:4");
  EXPECT_EQ(channels[4].uuid, "GPU-mute");
  for (const ChannelInfo& info : channels) {
    EXPECT_TRUE(info.in_total);
    for (const ErrorTerm& term : info.errors) EXPECT_FALSE(term.reference.empty());
  }
}

TEST_F(NvmlTest, counters_are_read_once_a_second_and_summed_per_device) {
  const auto meter = open();
  EXPECT_EQ(meter->period(), std::chrono::seconds(1));
  EXPECT_TRUE(meter->read()->readings.empty());
  const Batch batch = tick(*meter, 1, 300);
  ASSERT_EQ(batch.readings.size(), 2u);
  EXPECT_DOUBLE_EQ(as_joules(batch.readings[1].energy), 300);
  EXPECT_EQ(batch.readings[1].quality, Quality::measured);
  EXPECT_TRUE(batch.tail.empty());
}

TEST_F(NvmlTest, a_reading_is_stamped_in_the_middle_of_its_call) {
  for (FakeGpu& gpu : gpus) gpu.usage_mw = std::nullopt;
  const auto meter = open();
  (void)meter->read();
  cost = std::chrono::milliseconds(10);
  const BootTime begin = clock.now + std::chrono::seconds(1);
  const Batch batch = tick(*meter, 1, 300);
  ASSERT_EQ(batch.readings.size(), 2u);
  EXPECT_EQ(batch.readings[0].span.end, begin + std::chrono::milliseconds(5));
  EXPECT_EQ(batch.readings[1].span.end, begin + std::chrono::milliseconds(15));
}

// 8.6: power is a mean over the second before; 6.1: one value, between two of which a line is
// drawn.
TEST_F(NvmlTest, power_is_read_beside_the_counter_once_a_second) {
  gpus[1].capability = 61;
  const auto meter = open();
  (void)tick(*meter, 0, 100);
  EXPECT_TRUE(tick(*meter, 0.5, 100).second.empty());
  const Batch batch = tick(*meter, 0.5, 300);
  ASSERT_EQ(batch.second.size(), 2U);
  EXPECT_EQ(batch.second[0].span, (BootInterval{clock.now - std::chrono::seconds(1), clock.now}));
  EXPECT_NEAR(as_joules(batch.second[0].path.own), 200, 1e-6);
  EXPECT_NEAR(as_joules(batch.second[0].path.other), 300, 1e-6);
  EXPECT_EQ(batch.second[0].path.swing, Power{});
  EXPECT_NEAR(as_joules(batch.second[1].path.other), 200, 1e-6);
  EXPECT_EQ(batch.second[1].path.swing, watts(400));
  EXPECT_TRUE(tick(*meter, 2, 100).second.empty()) << "a hole";
}

TEST_F(NvmlTest, power_that_is_slow_to_read_is_left_alone) {
  gpus.resize(1);
  const auto meter = open();
  (void)tick(*meter, 0, 100);
  cost = std::chrono::milliseconds(3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(tick(*meter, 1, 100).second.empty());
  const BootTime before = clock.now;
  (void)tick(*meter, 1, 100);
  EXPECT_EQ(clock.now - before, std::chrono::milliseconds(1003)) << "the counter alone was read";
}

TEST_F(NvmlTest, a_lost_device_is_a_gap_in_its_channel_and_keeps_its_energy_when_it_is_back) {
  const auto meter = open();
  (void)meter->read();
  gpus[0].lost = true;
  int told = 0;
  for (int s = 0; s < 3; ++s) {
    const Batch batch = tick(*meter, 1, 300);
    ASSERT_EQ(batch.readings.size(), 1u);
    EXPECT_EQ(batch.readings[0].channel, 1u);
    told += static_cast<int>(batch.troubles.size());
  }
  EXPECT_EQ(told, 1);
  gpus[0].lost = false;
  const Batch batch = tick(*meter, 1, 300);
  ASSERT_EQ(batch.readings.size(), 2u);
  EXPECT_NEAR(as_joules(batch.readings[0].energy), 1200, 1e-6);
  EXPECT_EQ(batch.readings[0].quality, Quality::spread);
}

TEST_F(NvmlTest, a_reset_is_a_gap_until_the_next_reading) {
  gpus.resize(1);
  const auto meter = open();
  *gpus[0].energy_mj = 5'000'000;
  (void)meter->read();
  *gpus[0].energy_mj = 0;
  const Batch reset = tick(*meter, 1, 100);
  EXPECT_TRUE(reset.readings.empty());
  EXPECT_EQ(reset.troubles.size(), 1u);
  const Batch next = tick(*meter, 1, 300);
  ASSERT_EQ(next.readings.size(), 1u);
  EXPECT_DOUBLE_EQ(as_joules(next.readings[0].energy), 300);
}

TEST_F(NvmlTest, a_step_above_three_times_the_power_limit_is_refused) {
  gpus.resize(1);
  const auto meter = open();
  (void)meter->read();
  const Batch batch = tick(*meter, 1, 1600);  // the limit is 400 W; 250 ms may be in the counter
  EXPECT_TRUE(batch.readings.empty());
  EXPECT_EQ(batch.troubles.size(), 1u);
  EXPECT_EQ(tick(*meter, 1, 1100).readings.size(), 1u);
}

TEST_F(NvmlTest, polled_power_is_trapezoids_each_20_ms) {
  gpus = {{.uuid = "GPU-a", .energy_mj = std::nullopt, .instant_mw = 0}};
  const auto meter = open();
  EXPECT_EQ(meter->period(), std::chrono::milliseconds(20));
  double joules = 0;
  (void)tick(*meter, 0, 100);
  for (int i = 1; i <= 100; ++i) {
    for (const Reading& reading : tick(*meter, 0.02, 100 + i).readings) {
      joules += as_joules(reading.energy);
    }
  }
  EXPECT_NEAR(joules, 2 * 150, 1e-6);
}

TEST_F(NvmlTest, averaged_power_ends_half_a_second_ago_and_leaves_a_tail) {
  gpus = {{.uuid = "GPU-a", .energy_mj = std::nullopt}};
  const auto meter = open();
  (void)tick(*meter, 0, 200);
  const BootTime begin = clock.now;
  double joules = 0;
  Batch batch;
  for (int i = 1; i <= 100; ++i) {
    batch = tick(*meter, 0.02, 200);
    for (const Reading& reading : batch.readings) {
      EXPECT_GE(reading.span.begin, begin);
      EXPECT_EQ(reading.span.end, clock.now - std::chrono::milliseconds(500));
      joules += as_joules(reading.energy);
    }
  }
  EXPECT_NEAR(joules, 1.5 * 200, 1e-6);
  ASSERT_EQ(batch.tail.size(), 1u);
  EXPECT_EQ(batch.tail[0].span,
            (BootInterval{clock.now - std::chrono::milliseconds(500), clock.now}));
  EXPECT_NEAR(as_joules(batch.tail[0].energy), 100, 1e-6);
}

TEST_F(NvmlTest, polls_that_cost_over_a_millisecond_slow_down_and_speed_up_again) {
  gpus = {{.uuid = "GPU-a", .energy_mj = std::nullopt, .instant_mw = 0}};
  const auto meter = open();
  cost = std::chrono::milliseconds(3);
  for (int i = 0; i < 3; ++i) (void)tick(*meter, 0.02, 100);
  EXPECT_EQ(meter->period(), std::chrono::milliseconds(100));
  cost = std::chrono::microseconds(100);
  for (int i = 0; i < 30; ++i) (void)tick(*meter, 0.1, 100);
  EXPECT_EQ(meter->period(), std::chrono::milliseconds(20));
}

TEST_F(NvmlTest, a_hole_in_polled_power_is_a_gap) {
  gpus = {{.uuid = "GPU-a", .energy_mj = std::nullopt, .instant_mw = 0}};
  const auto meter = open();
  (void)tick(*meter, 0, 100);
  const Batch late = tick(*meter, 2, 100);
  EXPECT_TRUE(late.readings.empty());
  EXPECT_EQ(late.troubles.size(), 1u);
  EXPECT_EQ(tick(*meter, 0.02, 100).readings.size(), 1u);
}

TEST_F(NvmlTest, a_call_that_fails_once_is_made_again_at_once) {
  gpus.resize(1);
  const auto meter = open();
  (void)meter->read();
  gpus[0].fail_next = true;
  const Batch batch = tick(*meter, 1, 300);
  EXPECT_TRUE(batch.troubles.empty());
  ASSERT_EQ(batch.readings.size(), 1u);
  EXPECT_DOUBLE_EQ(as_joules(batch.readings[0].energy), 300);
}

TEST_F(NvmlTest, a_poll_that_fails_now_and_then_costs_no_time) {
  gpus = {{.uuid = "GPU-a", .energy_mj = std::nullopt, .instant_mw = 0}};
  const auto meter = open();
  (void)tick(*meter, 0, 100);
  double joules = 0;
  for (int i = 1; i <= 100; ++i) {
    gpus[0].lost = i % 3 == 0;
    for (const Reading& reading : tick(*meter, 0.02, 100).readings) {
      joules += as_joules(reading.energy);
    }
  }
  EXPECT_NEAR(joules, 200, 1e-6);
}

TEST_F(NvmlTest, holders_are_asked_at_most_twice_a_second_and_unknown_stays_unknown) {
  gpus[0].holders = NvmlHolders{{{41}, {42}}};
  gpus[1].holders = std::nullopt;
  const auto meter = open();
  const auto first = meter->read();
  ASSERT_EQ(first->holders.size(), 2u);
  EXPECT_EQ(first->holders[0].all, (std::vector<Holder>{{41}, {42}}));
  EXPECT_EQ(first->holders[0].at, clock.now);
  EXPECT_FALSE(first->holders[1].all.has_value());
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(tick(*meter, 0.1, 100).holders.empty());
  EXPECT_EQ(tick(*meter, 0.1, 100).holders.size(), 2u);
  EXPECT_EQ(gpus[0].asked_holders, 2);
}

TEST_F(NvmlTest, how_busy_several_holders_were_is_told_as_time_since_the_last_question) {
  gpus[0].holders = NvmlHolders{{{41, {}, 0.6}, {42, {}, 0.2}}, true};
  gpus[1].holders = NvmlHolders{{{41, {}, 0.6}, {42, {}, 0.2}}, false};  // an old driver
  const auto meter = open();
  EXPECT_TRUE(meter->read()->busy.empty());
  const BootTime since = clock.now;
  const Batch batch = tick(*meter, 2, 100);
  ASSERT_EQ(batch.busy.size(), 1U);
  EXPECT_EQ(batch.busy[0].span, (BootInterval{since, clock.now}));
  EXPECT_EQ(batch.busy[0].by_pid[0], std::make_pair(41, seconds(1.2)));
  EXPECT_EQ(batch.busy[0].by_pid[1], std::make_pair(42, seconds(0.4)));
}

TEST_F(NvmlTest, a_holder_in_a_mig_part_has_the_share_of_its_slices) {
  gpus[0].parts = {{"MIG-a", 1, 3.0 / 7}, {"MIG-b", 2, 0}};
  gpus[0].holders = NvmlHolders{{{41, 1}, {42, 2}}};
  const auto batch = open()->read();
  EXPECT_EQ(batch->holders[0].all, (std::vector<Holder>{{41, 1, 3.0 / 7}, {42, 2, 0}}));
}

TEST_F(NvmlTest, devices_that_were_not_chosen_are_neither_recorded_nor_asked_for_holders) {
  const auto meter = open({std::nullopt, "GPU-b", ""});
  ASSERT_EQ(meter->describe().size(), 1u);
  EXPECT_EQ(meter->describe()[0].id, "gpu:1");
  EXPECT_EQ(meter->read()->holders.size(), 1U);
  EXPECT_EQ(gpus[0].asked_holders, 0);
  EXPECT_EQ(gpus[1].asked_holders, 1);
}

TEST_F(NvmlTest, no_visible_device_is_absent_and_a_wrong_flag_is_usage) {
  const auto none =
      make_nvml(std::make_unique<FakeDoor>(gpus, clock, cost), {std::nullopt, "", ""}, clock);
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().kind, ErrorKind::absent);
  const auto wrong =
      make_nvml(std::make_unique<FakeDoor>(gpus, clock, cost), {"9", std::nullopt, ""}, clock);
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().kind, ErrorKind::usage);
}

TEST_F(NvmlTest, a_gpu_that_is_not_here_is_said_once_and_the_others_are_read) {
  const auto meter = open({"0,9", std::nullopt, ""});
  const auto first = meter->read();
  ASSERT_EQ(first->troubles.size(), 1u);
  EXPECT_EQ(first->troubles[0].channel, meter->describe().size());
  EXPECT_NE(first->troubles[0].error.message.find("'9'"), std::string::npos);
  EXPECT_TRUE(meter->read()->troubles.empty());
}

TEST_F(NvmlTest, a_later_meter_bridges_counters_by_uuid_and_nothing_else) {
  gpus.push_back({.uuid = "GPU-polled", .energy_mj = std::nullopt, .instant_mw = 1});
  std::string saved;
  {
    const auto meter = open();
    (void)meter->read();
    saved = meter->save();
  }
  EXPECT_EQ(saved.find("GPU-polled"), std::string::npos);
  std::swap(gpus[0].uuid, gpus[1].uuid);  // the driver numbers them otherwise now
  *gpus[0].energy_mj = 900'000;
  clock.advance(3);
  const auto meter = open();
  meter->restore(saved);
  const auto batch = meter->read();
  ASSERT_EQ(batch->readings.size(), 1u);  // GPU-a stood still for 3 s: nothing is known of it yet
  EXPECT_EQ(meter->describe()[batch->readings[0].channel].uuid, "GPU-b");
  EXPECT_EQ(batch->readings[0].quality, Quality::bridged);
  EXPECT_NEAR(as_joules(batch->readings[0].energy), 900, 1e-6);
}

TEST_F(NvmlTest, the_bounds_hold_for_a_sensor_at_the_edge_of_its_gain) {
  const auto meter = open();
  const ErrorTerm& gain = meter->describe()[0].errors.at(0);
  for (const double sensor : {0.95, 1.05}) {
    const double reading = 300 * sensor;
    EXPECT_LE(reading * (1 - gain.low_rel), 300 + 1e-9);
    EXPECT_GE(reading * (1 + gain.high_rel), 300 - 1e-9);
  }
}

}  // namespace
}  // namespace lowtide::sense
