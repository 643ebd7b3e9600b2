// What already runs, metered from outside: the main loop of `lowtide watch`.
//
// Starts nothing and signals nothing. The time is cut into windows (an hour of UTC) and each is a
// run of its own; the energy of a reading across an edge is shared between the two, and a window
// stays open until every counter has been read past its end, so that windows add up to the whole.
// What an earlier watch of the same subject left unfinished on this boot is gone on with: the
// counters bridge the hole, window by window. One thread and its readers.
#pragma once

#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/clock.h"
#include "host/files.h"
#include "host/unique_fd.h"
#include "record/doors.h"
#include "record/end_watch.h"
#include "record/gpu_use.h"
#include "record/notices.h"
#include "record/recording.h"
#include "record/subject.h"

namespace lowtide::record {

// A run of an earlier watch, claimed for this process.
struct Unfinished {
  std::string ledger_path;
  std::int64_t key = 0;
};

struct WatchSetup {
  RunRecord run;  // what all windows share; id and times are set by each
  std::function<std::string()> new_id;
  std::function<std::string(const std::string& id)> ledger_for;  // where a run is written
  // Where else, when the ledger will not take it (record/spool.h); may be empty.
  std::function<std::vector<std::string>(const std::string& id)> sides_for;
  std::vector<Unfinished> unfinished;  // oldest first
  Subject subject;
  std::vector<DoorSpec> doors;
  host::MachineFiles files;
  Duration interval = std::chrono::seconds(1);
  Duration wait_sensors = std::chrono::milliseconds(100);
  Duration window = std::chrono::hours(1);
  std::optional<Duration> at_most;  // ends by itself then
  bool all_gpus = false;            // every GPU counts, whoever holds a context
  pid_t guard = 0;                  // the process that starts another watch when this one dies
  IntensityOver intensity;
  std::function<void(const RunRecord&)> on_begun;  // once, when the first window is in the ledger
  std::function<void(const RunRecord&)> on_tick;   // the newest window; may be empty
};

struct WatchResult {
  RunRecord last;                // the newest window, without samples
  std::optional<Error> trouble;  // why it is not (all) in the ledger
  std::string side;              // the file that it is in then; empty: nowhere (or not all)
};

class Watch {
 public:
  explicit Watch(WatchSetup setup);
  // Blocks until SIGINT or SIGTERM, the subject's end, or `at_most`.
  [[nodiscard]] WatchResult run();

 private:
  struct Window {
    Window(RunRecord about, const std::string& path, std::vector<std::string> sides,
           Duration interval, const host::Clock& clock)
        : rec(std::move(about), path, std::move(sides), interval, clock) {}
    Recording rec;
    GpuUse gpus;
  };

  void prepare_process();
  void start();
  [[nodiscard]] std::string take_up();
  void open_window(Utc begin);
  void name_keeper(Window& window);
  void roll(Utc now);
  void collect();
  void wait_for_wake(BootTime until);
  template <typename Done>
  void collect_until(BootTime deadline, Done done);
  void tick();
  void after_tick();
  void flush();
  void close_full_windows();
  void close_window(Window& window);
  [[nodiscard]] bool read_to_the_end(const Window& window) const;
  void look_for_end();
  void close();
  [[nodiscard]] Window& newest() { return *windows_.back(); }
  [[nodiscard]] Utc utc_now() const { return anchor_.at(clock_.boot()); }
  [[nodiscard]] Utc window_end(Utc t) const;
  [[nodiscard]] BootTime next_question() const;
  [[nodiscard]] BootTime next_wake() const;
  [[nodiscard]] GpuUse::Ours ours() const;

  WatchSetup setup_;
  host::SystemClock clock_;
  host::UtcAnchor anchor_;
  host::UniqueFd wake_;
  host::UniqueFd signals_;
  Doors doors_;
  std::vector<std::unique_ptr<Window>> windows_;  // open ones, oldest first
  Arrivals early_;                                // what came before the first window
  std::optional<EndWatch> end_watch_;
  std::optional<Utc> end_;
  std::optional<Error> trouble_;
  std::optional<Utc> priced_until_;
  std::string why_;  // it ended
  bool interrupted_ = false;
  BootTime begun_{};
  BootTime next_tick_{};
  BootTime next_flush_{};
  BootTime answer_by_{};
  Notices notices_;
};

}  // namespace lowtide::record
