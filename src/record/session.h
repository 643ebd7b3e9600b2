// One metered run, from its first reading to its last row: the meter's main loop.
//
// Starts the job (or takes up one whose meter died), asks the doors at each tick (whole multiples
// of the interval in UTC, each 5-minute edge, the job's begin and end), sorts what arrives into
// buckets and slots, and flushes to the store at least each 5 s. Nothing in here may hold up the
// job: a door that does not answer is a gap in its channels, a ledger that does not take rows is a
// backlog. Runs in the meter's process, on its main thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "host/clock.h"
#include "host/files.h"
#include "host/job.h"
#include "host/supervise.h"
#include "host/unique_fd.h"
#include "record/doors.h"
#include "record/end_watch.h"
#include "record/freeze_watch.h"
#include "record/gpu_use.h"
#include "record/job_use.h"
#include "record/notices.h"
#include "record/recording.h"
#include "series/run.h"

namespace lowtide::record {

struct SessionSetup {
  RunRecord run;  // what is known before the start: id, name, command, options, machine, ..
  host::JobSpec job;
  std::string ledger_path;         // empty: the run is kept in memory only
  std::vector<std::string> sides;  // where else, when the ledger will not take it
  std::string counts_path;         // the job appends `name=value` lines to it; empty: none
  std::vector<DoorSpec> doors;
  host::MachineFiles files;
  Duration interval = std::chrono::seconds(1);
  Duration wait_sensors = std::chrono::milliseconds(100);
  // Where a freezer of ours notes what it does to the job (host/freeze_note.h); empty: there is
  // none.
  std::string freeze_note = {};
  bool own_cgroup = true;    // the job gets a cgroup of its own where that is allowed
  bool gpus_chosen = false;  // by the user: the contexts that the job holds decide nothing
  IntensityOver intensity;   // called at the start, at each slot, at the end
  // Called after that at the end: what the record should say of the intensity; may be empty.
  std::function<std::vector<std::string>()> intensity_notes;
  // Called once, when the job runs and its row is in the ledger; may be empty.
  std::function<void()> on_begun;
  // Called after each tick with the record so far (no samples); may be empty.
  std::function<void(const RunRecord&)> on_tick;
};

struct SessionResult {
  RunRecord run;                 // without samples
  std::optional<Error> trouble;  // why it is not (all) in the ledger
  std::string side;              // the file that it is in then; empty: nowhere (or not all)
};

class Session {
 public:
  Session(SessionSetup setup, const host::Inherited& inherited, host::Board& board,
          const host::MeterSeat& seat);

  // Blocks until the job has ended and everything is written. Error: the job could not be started
  // (board.exec_errno says why).
  [[nodiscard]] Result<SessionResult> run();

 private:
  void prepare_process();
  void name_keeper();
  [[nodiscard]] Result<void> start_fresh();
  [[nodiscard]] Result<void> take_up();
  void began();
  void loop();
  void close();

  struct Woken {
    bool child = false;
    bool supervisor = false;
  };
  Woken wait_for_wake(BootTime until);
  template <typename Done>
  void collect_until(BootTime deadline, Done done);
  void collect();
  void tick();
  void after_tick();
  void flush();
  void count_cpu_time(const Result<std::string>& group, bool in_it);
  void note_use(JobUse::When when = JobUse::When::when_cheap);
  [[nodiscard]] GpuUse::Ours ours();
  void note_late_doors(BootTime deadline);
  void reap();
  void wake_supervisor();
  void notice_foreign_end();
  void read_socket();
  void look_at_freezes();
  void note_freeze(const host::FreezeNote::Change& change, Utc at);
  [[nodiscard]] std::string gpus_held() const;
  void write_new_state();
  void settle_gpus();
  void note_gpus_so_far();
  void settle_end();
  void read_counts();
  void event(std::string kind, std::string detail) {
    rec_.event(utc_now(), std::move(kind), std::move(detail));
  }
  [[nodiscard]] Utc utc_now() const { return anchor_.at(clock_.boot()); }
  [[nodiscard]] BootTime next_question() const;
  [[nodiscard]] BootTime next_wake() const;
  // Of UTC as it is scaled, in boot time.
  [[nodiscard]] Duration tick_length() const {
    return host::unscaled(setup_.interval, anchor_.scale);
  }
  void say_scaled_clock();

  SessionSetup setup_;
  const host::Inherited& inherited_;
  host::Board& board_;
  host::MeterSeat seat_;
  host::SystemClock clock_;
  host::UtcAnchor anchor_;
  host::UniqueFd wake_;
  host::UniqueFd signals_;
  Doors doors_;
  Recording rec_;
  JobUse use_;
  GpuUse gpu_use_;
  std::optional<EndWatch> watch_;
  FreezeWatch freezes_;
  bool state_changed_ = false;  // and is not on record yet

  BootTime next_tick_{};
  BootTime next_flush_{};
  BootTime answer_by_{};
  bool supervisor_stopped_ = false;  // was told to stop, as the job did
  Notices notices_;
  std::optional<Utc> priced_until_;
  std::map<std::size_t, bool> charged_so_far_;  // GPU channels as the ledger has them
};

}  // namespace lowtide::record
