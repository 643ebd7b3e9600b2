// Freezes, thaws and guards the life that runs, as the controller commands; each call answers with
// the event that it is owed. The driver's, for real processes.
#pragma once

#include <optional>
#include <string>

#include "act/controller.h"
#include "act/life.h"
#include "host/freezer.h"

namespace lowtide::act {

class Hands {
 public:
  Hands(std::string run, std::string note) : run_(std::move(run)), note_(std::move(note)) {}

  // The life that runs now, or was found.
  void take(const LifeSeen& life);
  // Its first process: others that were frozen with it go on.
  void job_ended();
  void let_go();
  [[nodiscard]] const std::optional<host::JobTree>& tree() const { return tree_; }
  [[nodiscard]] host::FreezeState state() const;
  // By somebody else: a frozen one is not asked for.
  [[nodiscard]] bool job_is_stopped() const;
  // A signal waits for a frozen job to go on.
  [[nodiscard]] bool has_signals_waiting() const;

  // `at` on the real boot clock.
  [[nodiscard]] Event arm(std::uint32_t number, BootTime at);
  [[nodiscard]] Event freeze();
  [[nodiscard]] Event thaw();
  void disarm();
  // TERM to each process of the job: a shell in front of a program does not pass it on.
  void end();
  // Readable once the waker has died; -1: there is none.
  [[nodiscard]] int waker_fd() const;
  [[nodiscard]] Event waker_died();
  // Why the last of them failed; empty: it did not.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

 private:
  bool fail_with(const Error& error);

  std::string run_;
  std::string note_;
  std::optional<host::JobTree> tree_;
  std::optional<host::Freezer> freezer_;
  std::optional<host::Waker> waker_;
  std::string trouble_;
};

}  // namespace lowtide::act
