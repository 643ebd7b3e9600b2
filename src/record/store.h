// Keeps a growing run in the ledger, and elsewhere what the ledger will not take.
//
// Trouble with the disk never stops a run. What could not be written is kept in memory and offered
// again at each flush. After kMemoryOnly, or at the run's end, the whole run goes to the first side
// file (record/spool.h) that can be had, and on from there; the next lowtide merges it. Where there
// is none either, memory is bounded: samples are joined to wider ones, then the oldest are dropped,
// with their time told; the slots keep their energy. Each step is told once (take_news()).
// One thread.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/clock.h"
#include "record/buckets.h"
#include "record/ledger.h"

namespace lowtide::record {

class Store {
 public:
  // How long what the ledger refuses is kept in memory alone.
  static constexpr Duration kMemoryOnly = std::chrono::seconds(20);

  // `path` empty: nothing is written anywhere. `sides`: where else, the best first.
  Store(std::string path, const host::Clock& clock, std::vector<std::string> sides = {})
      : path_(std::move(path)), clock_(clock), sides_(std::move(sides)) {}

  // Takes up the run from its side file, if it has one, else by its key in the ledger; error when
  // that cannot be read or is another run. `id` empty: whichever run it is.
  [[nodiscard]] Result<RunRecord> take_up(std::int64_t key, const std::string& id);
  [[nodiscard]] Result<Keeper> keeper();
  // Of one channel, in the ledger.
  [[nodiscard]] std::size_t count_samples(std::size_t channel);

  // Writes `more` and everything that is waiting; adds the run's row when it is not there yet.
  void flush(const RunRecord& run, Increment more, const Keeper& keeper, Buckets& buckets);
  // Whether flush() has failed for longer than memory alone should hold.
  [[nodiscard]] bool refused_for_long() const;
  // Writes the run (with its slots and use), and from now on what comes, to a side file; false
  // when none can be had.
  bool move_aside(const RunRecord& so_far, const Keeper& keeper);
  // State, ends and exit status; then nothing more will come. True when all is in the ledger, or
  // in the side file where the ledger will not take it even now.
  bool finish(const RunRecord& run, const Keeper& keeper);

  [[nodiscard]] std::int64_t key() const { return key_; }
  // Why not all is written, or why it is in side() and not in the ledger.
  [[nodiscard]] const std::optional<Error>& trouble() const { return trouble_; }
  [[nodiscard]] const std::string& side() const { return side_; }  // empty: in the ledger
  // What befell the run's record since the last call: kind and detail of events.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> take_news() {
    return std::exchange(news_, {});
  }
  void wait_for_locks(Duration at_most);

 private:
  [[nodiscard]] Result<void> write(const RunRecord& run, const Keeper& keeper);
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<RunRecord> take_up_side(const std::string& id);
  [[nodiscard]] Result<void> begin_side(const std::string& file, const RunRecord& whole,
                                        const Keeper& keeper);
  [[nodiscard]] Result<void> merge_side();
  void refused(const Error& error);
  void add_to_backlog(Increment more);
  void coarsen(Buckets& buckets);

  std::string path_;
  const host::Clock& clock_;
  std::vector<std::string> sides_;
  std::string side_;  // the one in use
  std::optional<Ledger> ledger_;
  std::int64_t key_ = 0;
  Increment backlog_;
  std::optional<Error> trouble_;
  std::optional<BootTime> refused_since_;
  bool refusal_said_ = false;
  std::vector<std::pair<std::string, std::string>> news_;
  BootTime next_open_{};
};

}  // namespace lowtide::record
