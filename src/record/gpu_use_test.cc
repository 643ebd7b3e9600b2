#include "record/gpu_use.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace lowtide::record {
namespace {

constexpr Utc at(int s) { return Utc(std::chrono::seconds(1'767'571'200 + s)); }
constexpr BootTime boot(int s) { return BootTime(std::chrono::seconds(s)); }
const host::UtcAnchor kAnchor{at(0), boot(0)};

// Two processes that are in /proc for as long as the test runs.
const int kOurs = getpid();
const int kOther = getppid();
bool ours(pid_t pid) { return pid == kOurs; }

class GpuUseTest : public ::testing::Test {
 protected:
  GpuUseTest() { buckets.begin(at(0)); }
  void read_until(int s) {
    buckets.add({0, {at(read), at(s)}, joules(100.0 * (s - read)), watts(100), watts(100)});
    read = s;
  }
  void told(int s, std::vector<sense::Holder> all) {
    gpus.note({{0, boot(s), std::move(all)}}, ours, kAnchor, buckets);
  }
  void busy(int from, int until, double ours_s, double other_s, std::optional<Utc> end = {}) {
    const sense::Busy seen{
        0, {boot(from), boot(until)}, {{kOurs, seconds(ours_s)}, {kOther, seconds(other_s)}}};
    gpus.count({seen}, kAnchor, end, buckets);
  }
  [[nodiscard]] std::optional<DeviceUse> use() const { return buckets.slots().at(0).use; }

  Buckets buckets{std::chrono::seconds(1)};
  GpuUse gpus;
  int read = 0;
};

TEST_F(GpuUseTest, sole_user_shares_with_nobody) {
  told(0, {{kOurs}});
  read_until(10);
  gpus.count({{0, {boot(0), boot(10)}, {{kOurs, seconds(5)}}}}, kAnchor, {}, buckets);
  EXPECT_FALSE(use().has_value());
}

TEST_F(GpuUseTest, shared_time_lasts_from_the_word_of_another_to_the_word_of_its_end) {
  told(0, {{kOurs}});
  read_until(4);
  told(4, {{kOurs}, {kOther}});
  read_until(7);
  busy(4, 7, 1.5, 0.5);
  told(9, {{kOurs}});
  read_until(12);
  gpus.count({{0, {boot(9), boot(12)}, {{kOurs, seconds(1)}}}}, kAnchor, {}, buckets);
  EXPECT_EQ(use()->shared, seconds(5));
  EXPECT_EQ(use()->held_ours, seconds(5));
  EXPECT_EQ(use()->held_all, seconds(10));
  EXPECT_EQ(use()->busy_told, seconds(3));
  EXPECT_EQ(use()->busy_ours, seconds(1.5));
  EXPECT_EQ(use()->busy_all, seconds(2));
}

TEST_F(GpuUseTest, slices_of_a_mig_instance_count_once_whoever_runs_in_it) {
  told(0, {{kOurs, 1, 0.25}, {kOther, 2, 0.5}});
  read_until(8);
  gpus.count({}, kAnchor, {}, buckets);
  EXPECT_EQ(use()->part_ours, seconds(2));
}

// When the job has gone the driver names the others alone: that says nothing of the time before.
TEST_F(GpuUseTest, what_is_told_after_the_end_is_dropped) {
  told(0, {{kOurs}, {kOther}});
  read_until(10);
  buckets.end(at(9));
  busy(0, 8, 4, 2, at(9));
  busy(8, 10, 0, 2, at(9));
  EXPECT_EQ(use()->busy_told, seconds(8));
  EXPECT_EQ(use()->busy_all, seconds(6));
  EXPECT_EQ(use()->shared, seconds(9));
}

TEST_F(GpuUseTest, next_run_starts_with_what_the_driver_told_last) {
  told(0, {{kOurs}, {kOther}});
  read_until(10);
  Buckets later{std::chrono::seconds(1)};
  later.begin(at(10));
  GpuUse next = gpus.next(at(10));
  next.look_again(ours);
  later.add({0, {at(10), at(14)}, joules(400), watts(100), watts(100)});
  next.count({}, kAnchor, {}, later);
  EXPECT_EQ(later.slots().at(0).use->shared, seconds(4));
}

}  // namespace
}  // namespace lowtide::record
