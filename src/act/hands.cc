#include "act/hands.h"

#include <unistd.h>

#include <csignal>

#include "host/cgroup.h"
#include "host/checkpoint_signal.h"

namespace lowtide::act {

void Hands::take(const LifeSeen& life) {
  host::JobTree tree;
  tree.root = life.job;
  tree.cgroup = host::find_job_cgroup(life.job.pid, run_);
  tree.own = {getpid()};
  for (const pid_t pid : {life.meter, life.supervisor}) {
    if (pid == 0) continue;
    tree.adopters.push_back(pid);
    tree.own.push_back(pid);
  }
  tree_ = tree;
  freezer_.emplace(std::move(tree), note_);
}

void Hands::job_ended() {
  host::thaw_the_rest(note_);
  disarm();
}

void Hands::let_go() {
  job_ended();
  tree_.reset();
  freezer_.reset();
}

host::FreezeState Hands::state() const {
  return freezer_ ? freezer_->state() : host::FreezeState::gone;
}

bool Hands::job_is_stopped() const {
  const auto stat = tree_ ? host::process_stat(tree_->root.pid) : std::nullopt;
  return stat && stat->is_stopped();
}

bool Hands::has_signals_waiting() const { return tree_ && host::has_signals_waiting(tree_->root); }

bool Hands::fail_with(const Error& error) {
  trouble_ = error.line();
  return false;
}

Event Hands::arm(std::uint32_t number, BootTime at) {
  if (waker_) {
    const auto done = waker_->extend(at);
    if (done) return events::Armed{number};
    fail_with(done.error());
    return events::ArmFailed{number};
  }
  if (!freezer_) return events::ArmFailed{number};
  const auto setup = freezer_->prepare(at);
  auto armed = setup ? host::arm(*setup) : tl::unexpected(setup.error());
  if (!armed) {
    fail_with(armed.error());
    return events::ArmFailed{number};
  }
  waker_ = std::move(*armed);
  return events::Armed{number};
}

Event Hands::freeze() {
  if (!freezer_ || !waker_) return events::FreezeFailed{};
  const auto frozen = freezer_->freeze(*waker_);
  if (frozen) return events::Frozen{};
  fail_with(frozen.error());
  return events::FreezeFailed{};
}

// Whatever its note says: a job that is told to go on once more takes no harm.
Event Hands::thaw() {
  if (!freezer_) return events::Thawed{};
  if (const auto done = freezer_->thaw(); !done) {
    fail_with(done.error());
    static_cast<void>(host::signal_process(tree_->root, SIGCONT));
  }
  return events::Thawed{};
}

void Hands::end() {
  if (!tree_) return;
  for (const host::ProcessKey& process : host::processes_of(*tree_)) {
    static_cast<void>(host::signal_process(process, SIGTERM));
  }
}

void Hands::disarm() {
  if (waker_) waker_->let_go();
  waker_.reset();
}

int Hands::waker_fd() const { return waker_ ? waker_->ended_fd() : -1; }

Event Hands::waker_died() {
  waker_.reset();
  const host::FreezeState now = state();
  return events::WakerDied{now == host::FreezeState::frozen || now == host::FreezeState::partly};
}

}  // namespace lowtide::act
