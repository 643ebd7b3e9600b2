#include "host/clock.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>

namespace lowtide::host {
namespace {

Duration read(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return std::chrono::seconds(now.tv_sec) + Duration(now.tv_nsec);
}

constexpr double kFastest = 100'000;
constexpr const char* kOrigin = "LOWTIDE_TIME_ORIGIN";

double read_scale() {
  const char* text = std::getenv("LOWTIDE_TIME_SCALE");
  if (text == nullptr) return 1;
  const double scale = std::strtod(text, nullptr);
  return scale >= 1 && scale <= kFastest ? scale : 1;
}

struct Origin {
  Utc utc;
  BootTime boot;
};

// "UTC-NS,BOOT-NS"
std::optional<Origin> read_origin() {
  const char* given = std::getenv(kOrigin);
  const std::string text = given == nullptr ? "" : given;
  std::int64_t utc = 0;
  std::int64_t boot = 0;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, utc);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != ',') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, boot);
  if (second.ec != std::errc{} || second.ptr != end) return std::nullopt;
  return Origin{Utc(Duration(utc)), BootTime(Duration(boot))};
}

Origin origin() {
  if (const auto given = read_origin()) return *given;
  const Origin now{Utc(read(CLOCK_REALTIME)), BootTime(read(CLOCK_BOOTTIME))};
  const std::string text = std::to_string(now.utc.time_since_epoch().count()) + "," +
                           std::to_string(now.boot.time_since_epoch().count());
  setenv(kOrigin, text.c_str(), 1);
  return now;
}

Duration times(Duration length, double factor) {
  return Duration(std::llround(static_cast<double>(length.count()) * factor));
}

}  // namespace

double time_scale() {
  static const double scale = read_scale();
  return scale;
}

Duration unscaled(Duration length, double scale) {
  return scale == 1 ? length : times(length, 1 / scale);
}
Duration scaled(Duration length, double scale) {
  return scale == 1 ? length : times(length, scale);
}

BootTime SystemClock::boot() const { return BootTime(read(CLOCK_BOOTTIME)); }
Utc SystemClock::utc() const {
  if (time_scale() == 1) return Utc(read(CLOCK_REALTIME));
  static const Origin since = origin();
  return since.utc + scaled(boot() - since.boot, time_scale());
}

Duration SystemClock::slept() const {
  // A preemption between the two reads makes the difference smaller.
  Duration most = Duration::min();
  for (int i = 0; i < 3; ++i) most = std::max(most, read(CLOCK_BOOTTIME) - read(CLOCK_MONOTONIC));
  return most;
}

UtcAnchor UtcAnchor::take(const Clock& clock) {
  // The two clocks are read one after the other; the tightest of a few tries is kept, so that a
  // preemption between the reads does not shift the whole run.
  UtcAnchor best{};
  Duration best_width = Duration::max();
  for (int i = 0; i < 3; ++i) {
    const BootTime before = clock.boot();
    const Utc utc = clock.utc();
    const Duration width = clock.boot() - before;
    if (width < best_width) {
      best_width = width;
      best = {utc, before + width / 2};
    }
  }
  return best;
}

Duration UtcAnchor::step(const Clock& clock) const {
  const UtcAnchor now = take(clock);
  return now.utc - at(now.boot);
}

}  // namespace lowtide::host
