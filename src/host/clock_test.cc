#include "host/clock.h"

#include <gtest/gtest.h>

#include "host/dynlib.h"

namespace lowtide::host {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

class SetClock final : public Clock {
 public:
  [[nodiscard]] BootTime boot() const override { return boot_now; }
  [[nodiscard]] Utc utc() const override { return utc_now; }
  BootTime boot_now{std::chrono::seconds(100)};
  Utc utc_now{std::chrono::seconds(1'767'571'200)};
};

// The second pair of reads is torn apart by a preemption, as on a busy machine.
class PreemptedClock final : public Clock {
 public:
  [[nodiscard]] BootTime boot() const override {
    const int call = calls_++;
    if (call == 1) now_ += milliseconds(80);
    now_ += Duration(10);
    return BootTime(now_);
  }
  [[nodiscard]] Utc utc() const override { return Utc(now_ + hours(1)); }

 private:
  mutable int calls_ = 0;
  mutable Duration now_{};
};

TEST(UtcAnchor, utc_is_the_anchor_plus_elapsed_boot_time_and_back) {
  const SetClock clock;
  const UtcAnchor anchor = UtcAnchor::take(clock);
  EXPECT_EQ(anchor.at(clock.boot_now), clock.utc_now);
  EXPECT_EQ(anchor.at(clock.boot_now + hours(2)), clock.utc_now + hours(2));
  EXPECT_EQ(anchor.boot_at(clock.utc_now + hours(2)), clock.boot_now + hours(2));
}

TEST(UtcAnchor, a_step_of_the_clock_is_seen_and_moves_no_time_of_the_run) {
  SetClock clock;
  const UtcAnchor anchor = UtcAnchor::take(clock);
  const Utc before = anchor.at(clock.boot_now + hours(1));
  clock.boot_now += hours(1);
  clock.utc_now += hours(1) - milliseconds(1500);
  EXPECT_EQ(anchor.step(clock), -milliseconds(1500));
  EXPECT_EQ(anchor.at(clock.boot_now), before);
}

TEST(UtcAnchor, a_preemption_between_the_two_reads_does_not_shift_it) {
  const PreemptedClock clock;
  const UtcAnchor anchor = UtcAnchor::take(clock);
  const Duration off = (anchor.utc - Utc(hours(1))) - anchor.boot.time_since_epoch();
  EXPECT_LT(std::chrono::abs(off), milliseconds(1));
}

TEST(SystemClock, time_suspended_is_never_less_than_none_and_does_not_grow_while_awake) {
  const SystemClock clock;
  const Duration first = clock.slept();
  EXPECT_GE(first, -milliseconds(1));
  EXPECT_FALSE(was_suspended(first, clock.slept()));
}

TEST(SystemClock, boot_time_never_goes_back_and_utc_is_the_present) {
  const SystemClock clock;
  const BootTime first = clock.boot();
  EXPECT_GE(clock.boot(), first);
  EXPECT_GT(clock.utc(), parse_utc("2024-01-01").value());
}

TEST(DynamicLibrary, one_that_is_missing_is_absent_and_named) {
  const auto library = DynamicLibrary::open("liblowtide-no-such-library.so.1");
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().kind, ErrorKind::absent);
  EXPECT_EQ(library.error().where, "liblowtide-no-such-library.so.1");
}

TEST(DynamicLibrary, a_symbol_is_found_or_null) {
  const auto library = DynamicLibrary::open("libm.so.6");
  ASSERT_TRUE(library);
  auto* cosine = library->find<double(double)>("cos");
  ASSERT_NE(cosine, nullptr);
  EXPECT_DOUBLE_EQ(cosine(0), 1);
  EXPECT_EQ(library->find<double(double)>("lowtide_no_such_symbol"), nullptr);
}

TEST(UtcAnchor, on_a_scaled_clock_utc_runs_so_much_faster_and_boot_time_stays_real) {
  const UtcAnchor anchor{Utc(std::chrono::seconds(1'767'571'200)), BootTime(hours(5)), 720};
  EXPECT_EQ(anchor.at(BootTime(hours(5) + std::chrono::seconds(120))), anchor.utc + hours(24));
  EXPECT_EQ(anchor.at(BootTime(hours(5) - std::chrono::seconds(5))), anchor.utc - hours(1));
  EXPECT_EQ(anchor.boot_at(anchor.utc + hours(24)), anchor.boot + std::chrono::seconds(120));
  EXPECT_EQ(scaled(milliseconds(10), 720), milliseconds(7200));
  EXPECT_EQ(unscaled(milliseconds(7200), 720), milliseconds(10));
  EXPECT_EQ(unscaled(milliseconds(7), 1), milliseconds(7));
}

}  // namespace
}  // namespace lowtide::host
