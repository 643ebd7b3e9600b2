// What is to be seen of the job of a run that a plan moves: by whoever started it through shared
// memory, by a later controller through the ledger.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "host/job.h"
#include "host/proc.h"

namespace lowtide::act {

struct LifeSeen {
  host::ProcessKey job;
  pid_t meter = 0;
  pid_t supervisor = 0;  // 0: there is none
  bool ended = false;
  std::optional<int> status;  // ended: as a shell says it; absent: nobody was told
  std::optional<Utc> end;
};

class Life {
 public:
  virtual ~Life() = default;
  // The newest life that was started; absent: none was.
  [[nodiscard]] virtual std::optional<LifeSeen> look() = 0;
  // Its end is on record and says that nobody was told how: no status will come.
  [[nodiscard]] virtual bool is_unknown() = 0;
  // How many were started.
  [[nodiscard]] virtual int begun() = 0;
};

// Before the seat has started one, what `earlier` sees.
[[nodiscard]] std::unique_ptr<Life> life_on_board(host::Board& board,
                                                  std::unique_ptr<Life> earlier);
[[nodiscard]] std::unique_ptr<Life> life_in_ledger(std::string ledger_path, std::string run);

}  // namespace lowtide::act
