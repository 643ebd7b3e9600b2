// What a run that a plan moves keeps in the ledger: its state, each transition, each plan, and what
// was learnt for the next run of its name (docs/adr/0020, 0021).
//
// Texts of `act` are opaque here: `record` stores them and knows only whether the run waits, is
// paused or is over. Times are UTC. Rows go with the run's (ON DELETE CASCADE). Several processes
// share the tables; one thread an Acts object.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/sqlite.h"
#include "series/run.h"

namespace lowtide::record {

// How a run stands as its plan has it: what listings and reports say instead of the state of a
// life. `runs`: whatever the lives say.
enum class Standing { waiting, runs, paused, done, cancelled };

struct Act {
  std::string run;   // id of the record
  std::string host;  // on which it was begun, and alone is gone on with
  Standing standing = Standing::waiting;
  std::string state;  // of the controller, as act/state_text has it
  std::string about;  // JSON: what was asked for (window, manner, ..); no secrets
  Utc changed;
};

struct Transition {
  Utc time;
  std::string changes;  // words of act::Change, with commas between
  std::string phase;    // after it: act::Phase
  std::string detail;   // for people; may be empty
};

// One plan as it was made. `forecast` of the first one only: what the promise was made on, by which
// a review judges.
struct KeptPlan {
  Utc made;
  std::string why;    // act::PlanWhy, or why there is none
  double saving = 0;  // expected, of what running on would emit; 0 .. 1
  std::vector<Interval> runs;
  std::string basis;  // JSON: zone, signal, source, model, kind, issued, sha256, charges, gate
  std::optional<IntensitySeries> forecast;
  // Expected of the whole job when made, g of the priced signal; absent: not known.
  std::optional<Carbon> cost, cost_now;
};

// What one pause taught. Absent: was not seen.
struct Learnt {
  std::string name;    // of the run
  std::string manner;  // act::Manner
  Utc when;
  std::optional<Duration> save_takes;    // from the signal to the exit
  std::optional<Duration> resume_takes;  // from the start to work that is new
  std::optional<Duration> redone;        // of it, work that had been done before the pause
  std::optional<Energy> resume_energy;
};

class Acts {
 public:
  // As Ledger::open; errors of it.
  [[nodiscard]] static Result<Acts> open(const std::string& ledger_path);
  [[nodiscard]] static Result<Acts> open_to_read(const std::string& ledger_path);

  // The record's row (state waiting, no begin; host and submitted are the run's), the act and its
  // first transition, in one transaction. Ledger::add() of a life with that id takes the row over.
  [[nodiscard]] Result<void> begin(const RunRecord& run, const Act& act, const Transition& first);
  // State, standing and transition in one transaction, on disk when it returns (synchronous=FULL).
  // Error absent: no such run.
  [[nodiscard]] Result<void> write(const Act& act, const Transition& transition);
  [[nodiscard]] Result<void> add_plan(const std::string& run, const KeptPlan& plan);
  [[nodiscard]] Result<void> learn(const std::string& run, const Learnt& learnt);
  // What befell the run as a whole, beside what its lives have noted.
  [[nodiscard]] Result<void> add_event(const std::string& run, const Event& event);

  // By the exact id of the record. Absent where no plan moves the run.
  [[nodiscard]] Result<std::optional<Act>> find(const std::string& run);
  // Neither done nor cancelled, of this host, oldest first.
  [[nodiscard]] Result<std::vector<Act>> open_ones(const std::string& host);
  [[nodiscard]] Result<std::vector<Transition>> transitions(
      const std::string& run);                                                // oldest first
  [[nodiscard]] Result<std::vector<KeptPlan>> plans(const std::string& run);  // oldest first
  // Of the name and manner, newest first.
  [[nodiscard]] Result<std::vector<Learnt>> learnt(std::string_view name, std::string_view manner,
                                                   std::int64_t newest);

 private:
  explicit Acts(host::Database database) : database_(std::move(database)) {}
  host::Database database_;
};

}  // namespace lowtide::record

template <>
struct lowtide::Spelling<lowtide::record::Standing> {
  using enum record::Standing;
  static constexpr auto table =
      std::to_array<std::pair<record::Standing, std::string_view>>({{waiting, "waiting"},
                                                                    {runs, "runs"},
                                                                    {paused, "paused"},
                                                                    {done, "done"},
                                                                    {cancelled, "cancelled"}});
};
