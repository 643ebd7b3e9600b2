// How a command joins the command line: one file a command, one line in commands.cc.
//
// A command adds its options to the parser and says what to do when it is chosen. Parsing itself
// does nothing: the chosen action runs after it, with what stood behind `--` in `after`.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/inherited.h"

namespace lowtide::app {

// Exit statuses (contract section 2).
inline constexpr int kUsage = 2;
inline constexpr int kRefused = 125;

struct Cli {
  CLI::App& app;
  const host::Inherited& inherited;
  std::vector<std::string> after;        // the job's words
  std::vector<std::string> before = {};  // all of lowtide's own, the command's name first
  std::function<int()> action = {};      // of the chosen command; returns the exit status
};

// A command whose options fill `flags`, which `act` is given when it is chosen.
template <typename Flags, typename Act>
CLI::App& add_command(Cli& cli, const char* name, const char* help,
                      const std::shared_ptr<Flags>& flags, Act act) {
  CLI::App& command = *cli.app.add_subcommand(name, help);
  command.callback([&cli, flags, act] { cli.action = [flags, act] { return act(*flags); }; });
  return command;
}

void add_run(Cli& cli);
void add_watch(Cli& cli);
void add_runs(Cli& cli);
void add_show(Cli& cli);
void add_report(Cli& cli);
void add_verify(Cli& cli);
void add_compare(Cli& cli);
void add_plan(Cli& cli);
void add_wait(Cli& cli);
void add_start_now(Cli& cli);
void add_cancel(Cli& cli);
void add_resume(Cli& cli);
void add_status(Cli& cli);
void add_review(Cli& cli);
void add_study(Cli& cli);
void add_grid(Cli& cli);
void add_doctor(Cli& cli);
void add_config(Cli& cli);
void add_edit(Cli& cli);
void add_rm(Cli& cli);
void add_export(Cli& cli);
void add_help(Cli& cli);
void add_completion(Cli& cli);

}  // namespace lowtide::app
