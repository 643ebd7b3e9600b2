// One run while it is being written: what arrives goes in, increments go to the store.
//
// Owns the run's values, its buckets and its way to the ledger; knows nothing of when to read or
// who the subject is (record/session: a job; record/watch: what already runs). One thread, the
// collector's. Times are UTC.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/clock.h"
#include "record/buckets.h"
#include "record/doors.h"
#include "record/job_use.h"
#include "record/store.h"
#include "series/run.h"

namespace lowtide::record {

// What is on record is at most this old.
inline constexpr Duration kFlush = std::chrono::seconds(5);

// The series to join with, cut to the interval.
using IntensityOver = std::function<std::vector<IntensityUsed>(Interval)>;

struct Recording {
  // `sides`: where the run goes when the ledger will not take it (record/spool.h).
  Recording(RunRecord about, const std::string& ledger_path, std::vector<std::string> sides,
            Duration interval, const host::Clock& clock)
      : run(std::move(about)), buckets(interval), store(ledger_path, clock, std::move(sides)) {}

  RunRecord run;
  Buckets buckets;
  Store store;
  Increment pending;
  Keeper keeper;
  CpuTimes use_before;  // at use_since
  Utc use_since{};

  // Continues what an earlier process wrote under this key; its raw counters (Keeper::saved), or
  // empty when the ledger cannot be had.
  [[nodiscard]] std::string take_up(std::int64_t key);
  // Readings, channels and events that came; what lies outside the run's ends is cut off.
  void add(const Arrivals& arrived);
  void event(Utc time, std::string kind, std::string detail);
  // Asks for the intensity over the interval; keeps it for the next flush.
  void price(const IntensityOver& intensity, Interval over);
  // CPU times now; what they have grown by since the last time goes to the slots.
  void note_use(const CpuTimes& times, Utc now);
  // At the end: a counter that never moved tells nothing, which is said.
  void note_silent_counters(Utc now);
  // `saved` are the doors' raw counters, `saved_at` the time that they belong to at the least.
  void flush(const std::string& saved, const host::UtcAnchor& anchor, Utc now);
  // After the last flush: state, ends and exit status. Aside, when the ledger will not take them.
  void finish(Utc now);
  // The run as it is, with slots and use, without samples.
  [[nodiscard]] RunRecord so_far() const;

 private:
  void add_use(Interval span, Duration job, Duration machine);
  bool move_aside(Utc now);
  void tell_news(Utc now);
};

}  // namespace lowtide::record
