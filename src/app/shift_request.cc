#include "app/shift_request.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <sstream>
#include <utility>

#include "app/ledger_access.h"
#include "app/paths.h"
#include "app/plan_values.h"
#include "host/clock.h"

namespace lowtide::app {
namespace {

// Of a job of which nothing is known but when it may start at the latest.
constexpr const char* kAssumedLength = "1h";
// Savings are shares: the height of an even power does not matter.
constexpr const char* kAssumedPower = "100W";
constexpr int kHighestStatus = 255;

std::string last_finished(const std::string& name) {
  auto ledger = open_ledger();
  const auto lines = ledger ? ledger->list({}) : tl::unexpected(ledger.error());
  if (!lines) return {};
  for (auto line = lines->rbegin(); line != lines->rend(); ++line) {
    if (line->name == name && line->state == RunState::finished) return line->id;
  }
  return {};
}

bool is_share(const std::string& text) { return text.ends_with('%') || text.ends_with('x'); }

// What the planner is to take for the job.
Result<void> take_job(const ShiftFlags& flags, const std::string& name, ShiftRequest& request) {
  if (!flags.carry.empty()) {  // its length is on record
    request.plan.duration = kAssumedLength;
    request.plan.power = kAssumedPower;
    return {};
  }
  const std::string like = flags.expect ? "" : last_finished(name);
  if (!like.empty()) {
    request.plan.like = like;
    return {};
  }
  request.plan.duration = flags.expect;
  request.plan.power = kAssumedPower;
  if (flags.expect) return {};
  const bool relative = !flags.start_within || is_share(*flags.start_within);
  if (relative) {
    return fail(ErrorKind::usage,
                "how long the job takes is not known: no run named " + name + " has finished",
                flags.start_within ? "--start-within" : "--finish-within",
                "say it with --expect, as in --expect 6h");
  }
  request.plan.duration = kAssumedLength;
  request.length_assumed = true;
  return {};
}

// Neither a length nor a time.
Result<void> check_form(const std::string& finish_within) {
  auto length = parse_window(finish_within, {});
  if (length || !length.error().hint.starts_with("write")) return {};
  length.error().hint =
      "write it as 90m, 24h, 2d or 2x, or as a time: 2026-03-02T09:00 (local) or 2026-03-02T09:00Z";
  return tl::unexpected(in_flag(length.error(), "--finish-within"));
}

// A moment by the clock is so long from now.
Result<void> take_window(const ShiftFlags& flags, ShiftRequest& request) {
  if (!flags.carry.empty()) {  // and so is its deadline
    request.plan.finish_within.reset();
    return {};
  }
  if (flags.start_within) {
    request.plan.finish_within.reset();
    request.plan.within = flags.start_within;
    return {};
  }
  if (!flags.plan.finish_within) return {};
  const auto moment = parse_moment(*flags.plan.finish_within);
  if (!moment) return check_form(*flags.plan.finish_within);  // the planner reads it
  const Duration left = *moment - host::SystemClock().utc();
  if (left <= Duration::zero()) {
    return fail(ErrorKind::no_plan, "that time is past",
                "--finish-within " + *flags.plan.finish_within,
                "give a later one, or a length: 36h, 2x");
  }
  request.plan.finish_within = spell_duration(left);
  return {};
}

// A frozen job keeps its machine; one that has saved and ended leaves it.
void take_machine(const ShiftFlags& flags, ShiftRequest& request) {
  if (!flags.plan.machine.empty()) return;
  const bool freezes = request.terms.manner == act::Manner::freeze;
  request.plan.machine = freezes ? "held" : "stays-on";
  request.plan.machine_by_default = true;
}

Result<void> take_checkpoint(const ShiftFlags& flags, ShiftRequest& request) {
  const auto grace = parse_length(flags.grace);
  if (!grace) return tl::unexpected(in_flag(grace.error(), "--checkpoint-grace"));
  request.terms.grace = *grace;
  if (flags.signal != "none") {
    const auto signal = host::parse_signal(flags.signal);
    if (!signal) return tl::unexpected(in_flag(signal.error(), "--checkpoint-signal"));
    request.signal = *signal;
  }
  const auto target = host::parse_checkpoint_target(flags.target);
  if (!target) return tl::unexpected(in_flag(target.error(), "--checkpoint-to"));
  request.target = *target;
  if (!flags.paused_status) return {};
  int status = -1;
  const std::string& text = *flags.paused_status;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), status);
  if (read.ec != std::errc{} || *read.ptr != '\0' || status < 0 || status > kHighestStatus) {
    return fail(ErrorKind::usage, "'" + text + "' is no exit status", "--paused-status",
                "give a number from 0 to 255");
  }
  request.terms.paused_status = status;
  return {};
}

Result<void> take_manner(const ShiftFlags& flags, ShiftRequest& request) {
  using act::Manner;
  request.plan.pausable = flags.pause.has_value();
  if (!flags.pause) return {};
  request.terms.manner = *flags.pause == "freeze" ? Manner::freeze : Manner::checkpoint;
  if (request.terms.manner == Manner::freeze && (flags.paused_status || flags.resume_args)) {
    return fail(ErrorKind::usage, "a frozen job does not end",
                flags.paused_status ? "--paused-status" : "--resume-args",
                "it goes with --pause checkpoint");
  }
  // Quotes as in a shell.
  for (std::string& word : CLI::detail::split_up(flags.resume_args.value_or(""))) {
    CLI::detail::remove_quotes(word);
    request.resume_args.push_back(word);
  }
  return take_checkpoint(flags, request);
}

void put_in_place(std::string& text, const std::string& from, const std::string& to) {
  if (text == from || text.starts_with(from + " ")) text.replace(0, from.size(), to);
}

int why_not_this(const std::string& path) {
  struct stat what{};
  if (stat(path.c_str(), &what) != 0) return errno;
  if (S_ISDIR(what.st_mode) || access(path.c_str(), X_OK) != 0) return EACCES;
  return 0;
}

}  // namespace

std::string needs_a_window(const ShiftFlags& flags) {
  const std::pair<bool, const char*> all[] = {{flags.detach, "--detach"},
                                              {flags.trust_typical, "--trust-typical"},
                                              {flags.require_forecast, "--require-forecast"},
                                              {flags.pause.has_value(), "--pause"},
                                              {flags.gpu_turn == "wait", "--gpu-turn wait"},
                                              {!flags.plan.forbidden.empty(), "--not"},
                                              {flags.plan.agree.has_value(), "--agree"},
                                              {flags.dry_run, "--dry-run"}};
  if (flags.start_within || flags.plan.finish_within || !flags.carry.empty()) return {};
  for (const auto& [given, flag] : all) {
    if (given) return flag;
  }
  return {};
}

int why_not_executable(const std::string& program) {
  if (program.empty()) return ENOENT;
  if (program.find('/') != std::string::npos) return why_not_this(program);
  std::istringstream folders(environment("PATH").value_or("/bin:/usr/bin"));
  int why = ENOENT;
  for (std::string folder; std::getline(folders, folder, ':');) {
    const int found = why_not_this((folder.empty() ? "." : folder) + "/" + program);
    if (found == 0) return 0;
    if (found == EACCES) why = EACCES;
  }
  return why;
}

Error as_run_says(Error error, const ShiftFlags& flags) {
  if (flags.start_within) put_in_place(error.where, "--within", "--start-within");
  put_in_place(error.where, "--duration", "--expect");
  const std::size_t option = error.hint.find("--pausable");
  if (option != error.hint.npos) error.hint.replace(option, 10, "--pause freeze|checkpoint");
  return error;
}

Result<ShiftRequest> make_shift_request(const ShiftFlags& flags, const std::string& name,
                                        const SettingFlags& settings) {
  ShiftRequest request;
  request.name = name;
  request.plan = flags.plan;
  request.plan.settings = settings;
  request.plan.warned = true;  // once a run, and by whoever carries it out
  request.trust_typical = flags.trust_typical;
  request.require_forecast = flags.require_forecast;
  if (auto done = take_manner(flags, request); !done) return tl::unexpected(done.error());
  if (auto done = take_job(flags, name, request); !done) return tl::unexpected(done.error());
  if (auto done = take_window(flags, request); !done) return tl::unexpected(done.error());
  take_machine(flags, request);
  return request;
}

}  // namespace lowtide::app
