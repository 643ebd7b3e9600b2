// Keeps a growing run in the ledger, and in memory what the disk will not take.
//
// Trouble with the disk never stops a run: what could not be written is kept (joined to wider
// samples when it grows too long) and offered again at each flush. trouble() says what is wrong.
// One thread.
#pragma once

#include <optional>
#include <string>

#include "host/clock.h"
#include "record/buckets.h"
#include "record/ledger.h"

namespace lowtide::record {

class Store {
 public:
  // `path` empty: nothing is written anywhere.
  Store(std::string path, const host::Clock& clock) : path_(std::move(path)), clock_(clock) {}

  // Takes up the run with this key; error when the ledger cannot be read.
  [[nodiscard]] Result<RunRecord> take_up(std::int64_t key);
  [[nodiscard]] Result<Keeper> keeper();
  // Of one channel, in the ledger.
  [[nodiscard]] std::size_t count_samples(std::size_t channel);

  // Writes `more` and everything that is waiting; adds the run's row when it is not there yet.
  void flush(const RunRecord& run, Increment more, const Keeper& keeper, Buckets& buckets);
  // State, ends and exit status; then nothing more will come. True when all is in the ledger.
  bool finish(const RunRecord& run, const Keeper& keeper);

  [[nodiscard]] std::int64_t key() const { return key_; }
  [[nodiscard]] const std::optional<Error>& trouble() const { return trouble_; }
  void wait_for_locks(Duration at_most);

 private:
  [[nodiscard]] Result<void> write(const RunRecord& run, const Keeper& keeper);
  [[nodiscard]] Result<void> open();
  void add_to_backlog(Increment more);
  void coarsen(Buckets& buckets);

  std::string path_;
  const host::Clock& clock_;
  std::optional<Ledger> ledger_;
  std::int64_t key_ = 0;
  Increment backlog_;
  std::optional<Error> trouble_;
  BootTime next_open_{};
};

}  // namespace lowtide::record
