#include "act/life.h"

#include <utility>
#include <vector>

#include "host/clock.h"
#include "record/ledger.h"

namespace lowtide::act {
namespace {

host::ProcessKey key_of(pid_t pid) {
  const auto stat = host::process_stat(pid);
  return {pid, stat ? stat->start_ticks : 0};
}

class OnBoard final : public Life {
 public:
  OnBoard(host::Board& board, std::unique_ptr<Life> earlier)
      : board_(board), earlier_(std::move(earlier)) {}

  std::optional<LifeSeen> look() override {
    if (!is_there()) return earlier_->look();
    LifeSeen seen;
    if (job_.pid != board_.job_pid) job_ = key_of(board_.job_pid);
    seen.job = job_;
    seen.meter = board_.meter_pid;
    seen.supervisor = board_.supervisor_pid;
    seen.ended = board_.ended;
    if (!seen.ended) return seen;
    const host::SystemClock clock;
    seen.end = host::UtcAnchor::take(clock).at(board_.end());
    if (!board_.status_unknown) seen.status = host::shell_status(board_.wait_status);
    return seen;
  }

  bool is_unknown() override {
    return is_there() ? board_.ended && board_.status_unknown : earlier_->is_unknown();
  }

  int begun() override { return is_there() ? static_cast<int>(board_.life) : earlier_->begun(); }

 private:
  [[nodiscard]] bool is_there() const { return board_.job_pid != 0 && board_.exec_errno == 0; }

  host::Board& board_;
  std::unique_ptr<Life> earlier_;
  host::ProcessKey job_;
};

class InLedger final : public Life {
 public:
  InLedger(std::string path, std::string run) : path_(std::move(path)), run_(std::move(run)) {}

  std::optional<LifeSeen> look() override {
    auto ledger = record::Ledger::open_to_read(path_);
    if (!ledger) return last_;
    const auto keys = begun_rows(*ledger);
    if (keys.empty()) return std::nullopt;
    const auto run = ledger->load(keys.back(), false);
    const auto keeper = ledger->keeper(keys.back());
    if (!run || !keeper) return last_;
    LifeSeen seen;
    seen.job = {keeper->job_pid, keeper->job_start};
    seen.meter = keeper->meter_pid;
    seen.supervisor = keeper->supervisor_pid;
    const bool here = keeper->boot_id == host::boot_id() && host::is_alive(seen.job);
    seen.ended = !here;
    seen.status = run->exit_status;
    seen.end = run->end;
    unknown_ = run->state == RunState::interrupted;
    last_ = seen;
    return seen;
  }

  bool is_unknown() override { return unknown_; }

  int begun() override {
    auto ledger = record::Ledger::open_to_read(path_);
    return ledger ? static_cast<int>(begun_rows(*ledger).size()) : 0;
  }

 private:
  [[nodiscard]] std::vector<std::int64_t> begun_rows(record::Ledger& ledger) const {
    std::vector<std::int64_t> rows;
    const auto line = ledger.find(run_);
    const auto keys = line ? ledger.lives_of(line->key) : tl::unexpected(line.error());
    if (!keys) return rows;
    for (const std::int64_t key : *keys) {
      const auto run = ledger.load(key, false);
      if (run && run->begin) rows.push_back(key);
    }
    return rows;
  }

  std::string path_;
  std::string run_;
  std::optional<LifeSeen> last_;
  bool unknown_ = false;
};

}  // namespace

std::unique_ptr<Life> life_on_board(host::Board& board, std::unique_ptr<Life> earlier) {
  return std::make_unique<OnBoard>(board, std::move(earlier));
}

std::unique_ptr<Life> life_in_ledger(std::string ledger_path, std::string run) {
  return std::make_unique<InLedger>(std::move(ledger_path), std::move(run));
}

}  // namespace lowtide::act
