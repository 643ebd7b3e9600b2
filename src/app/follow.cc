#include "app/follow.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <iostream>
#include <string>

#include "account/derive.h"
#include "account/live.h"
#include "account/timeline.h"
#include "app/ledger_access.h"
#include "app/shift_status.h"
#include "app/tables.h"
#include "app/terminal.h"
#include "show/chart.h"
#include "show/live.h"

namespace lowtide::app {
namespace {

constexpr timespec kPause{1, 0};
constexpr int kInterrupted = 130;

volatile std::sig_atomic_t interrupted = 0;  // NOLINT: set by a signal handler
volatile std::sig_atomic_t resumed = 0;      // NOLINT: set by a signal handler

// ^C is a flag for as long as we wait, unless it was to be ignored; so is going on after ^Z.
class Signals {
 public:
  Signals() {
    sigaction(SIGINT, nullptr, &before_);
    if (before_.sa_handler != SIG_IGN) set(SIGINT, [](int) { interrupted = 1; });
    set(SIGCONT, [](int) { resumed = 1; });
  }
  ~Signals() {
    sigaction(SIGINT, &before_, nullptr);
    set(SIGCONT, SIG_DFL);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  static void set(int signal, void (*act)(int)) {
    struct sigaction action{};
    action.sa_handler = act;
    sigaction(signal, &action, nullptr);
  }
  struct sigaction before_{};
};

bool is_open(RunState state) {
  return state == RunState::waiting || state == RunState::running || state == RunState::paused;
}

// What stands on the terminal, written over each time.
class Picture {
 public:
  void draw(const RunRecord& run) {
    if (!can_draw(STDOUT_FILENO) || tcgetpgrp(STDOUT_FILENO) != getpgrp()) {
      lines_ = 0;  // somebody else writes there now
      return;
    }
    const show::Style style = style_of(STDOUT_FILENO);
    std::string text =
        show::clip("run " + show::escape(run.id) + " · " + show::title(run), show::columns(style)) +
        "\n";
    const auto report = account::derive(run, shipped_tables());
    const auto steps = account::timeline(run, report, show::chart_steps(style));
    const std::string chart = show::chart(steps, style);
    // The cursor stands below the last line.
    if (lines_of(chart) + lines_of(text) + 2 <= rows_of(STDOUT_FILENO)) text += chart;
    text += show::live_line(account::live(run, shipped_tables()), style, next_of(run.id)) + "\n";
    erase();
    std::cout << text << std::flush;
    lines_ = lines_of(text);
  }

  // After ^C: what was drawn last stays, and the shell's prompt gets a line of its own.
  void leave() const {
    if (lines_ > 0) std::cout << '\n' << std::flush;
  }

  void erase() {
    if (resumed == 0 && lines_ > 0) std::cout << fmt::format("\x1b[{}A\r\x1b[J", lines_);
    resumed = 0;
    lines_ = 0;
  }

 private:
  static int lines_of(const std::string& text) {
    return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  }
  int lines_ = 0;  // above the cursor that are ours
};

// The run as it is now. A ledger that is busy leaves it as it was.
Result<void> look_again(RunRecord& run) {
  auto ledger = open_ledger();
  auto now = ledger ? load_run(*ledger, run.id, true) : tl::unexpected(ledger.error());
  if (now) run = std::move(*now);
  if (now || now.error().kind == ErrorKind::temporary) return {};
  return tl::unexpected(now.error());
}

}  // namespace

int follow(RunRecord& run) {
  if (!is_open(run.state)) return 0;
  const Signals signals;
  Picture picture;
  while (is_open(run.state)) {
    picture.draw(run);
    if (interrupted == 0) nanosleep(&kPause, nullptr);
    if (interrupted != 0) {
      picture.leave();
      return kInterrupted;
    }
    if (const auto done = look_again(run); !done) return refuse(done.error());
  }
  picture.erase();
  return 0;
}

}  // namespace lowtide::app
