// `lowtide watch`: meters what already runs.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <optional>

#include "account/derive.h"
#include "account/live.h"
#include "app/background_fetch.h"
#include "app/cli.h"
#include "app/ledger_access.h"
#include "app/paths.h"
#include "app/run_request.h"
#include "app/say.h"
#include "app/setting_options.h"
#include "app/sources.h"
#include "app/tables.h"
#include "app/terminal.h"
#include "app/values.h"
#include "app/watch_runs.h"
#include "base/time.h"
#include "host/guard.h"
#include "record/spool.h"
#include "record/watch.h"
#include "show/live.h"
#include "show/summary.h"

namespace lowtide::app {
namespace {

using record::Subject;

struct WatchFlags {
  RunFlags run;
  SettingFlags settings;
  bool machine = false;
  std::string pid;
  std::string cgroup;
  std::string at_most;
  std::string window = "1h";
  bool detach = false;
  bool stop = false;
};

Result<Subject> subject_of(const WatchFlags& flags) {
  if (!flags.pid.empty()) return Subject::of_pid(flags.pid);
  if (!flags.cgroup.empty()) return Subject::of_cgroup(flags.cgroup);
  return Subject{};
}

Result<Duration> length_of(const std::string& text, const char* flag, Duration shortest) {
  const auto length = parse_duration(text);
  if (length && *length >= shortest) return *length;
  return fail(ErrorKind::usage,
              "'" + text + "' is no duration of at least " + format_duration(shortest), flag,
              "write it as 90s, 2m or 1h");
}

// What the user asked for, checked.
struct WatchRequest {
  Subject subject;
  std::unique_ptr<RunRequest> run;
  Duration window{};
  std::optional<Duration> at_most;
};

// What the accounting of this subject is unless the user says otherwise.
void fit_accounting(const Subject& subject, bool per_given, RunRecord& run) {
  const bool machine = subject.kind == Subject::Kind::machine;
  run.options.subject = subject.word();
  if (!per_given) run.options.per = machine ? "instance-hour" : "hour";
  if (!machine) return;
  run.options.idle = IdleRule::all;
  run.machine.cpus_reserved = run.machine.cpus;
  run.machine.memory_reserved_gb = run.machine.memory_gb;
}

Result<void> read_lengths(const WatchFlags& flags, WatchRequest& request) {
  const auto window = length_of(flags.window, "--window", std::chrono::seconds(5));
  if (!window) return tl::unexpected(window.error());
  request.window = *window;
  if (flags.at_most.empty()) return {};
  const auto at_most = length_of(flags.at_most, "--for", std::chrono::seconds(1));
  if (!at_most) return tl::unexpected(at_most.error());
  request.at_most = *at_most;
  return {};
}

Result<WatchRequest> read_request(WatchFlags& flags) {
  WatchRequest request;
  auto subject = subject_of(flags);
  if (!subject) return tl::unexpected(subject.error());
  request.subject = *subject;
  if (flags.run.name.empty()) flags.run.name = subject->name();
  Settings settings = Settings::load(config_path());
  for (const auto& [key, value] : flags.settings) settings.set_flag(key, value);
  const bool per_given = !settings.text("per").empty();
  auto run = make_request(flags.run, settings);
  if (!run) return tl::unexpected(run.error());
  for (const std::string& text : settings.warnings()) warn(text);
  fit_accounting(*subject, per_given, run->record);
  request.run = std::make_unique<RunRequest>(std::move(*run));
  if (auto done = read_lengths(flags, request); !done) return tl::unexpected(done.error());
  return request;
}

// The life of the process that watches.
class WatchLife {
 public:
  // `told`, a pipe or -1: gets the id of the first run once it is in the ledger.
  WatchLife(WatchRequest& request, int told) : request_(request), told_(told) {}

  int live(const host::GuardSeat& seat) {
    guard_ = seat.guard;
    RunRequest& run = *request_.run;
    record::WatchSetup setup;
    setup.run = run.record;
    setup.new_id = new_run_id;
    setup.ledger_for = [&run](const std::string& id) {
      return record::ledger_for_run(ledger_path(), id, run.spool);
    };
    setup.sides_for = [](const std::string& id) {
      return record::side_files(ledger_path(), id, side_folders());
    };
    setup.unfinished = claim_unfinished(run.record.options.subject);
    setup.subject = request_.subject;
    setup.files = host::MachineFiles(environment("LOWTIDE_SYSROOT").value_or(""));
    setup.interval = run.interval;
    setup.wait_sensors = run.wait_sensors;
    setup.window = request_.window;
    setup.at_most = request_.at_most;
    setup.guard = guard_;
    const SourceWishes wishes{setup.files, data_folder(), run.gpus};
    setup.doors = energy_sources(wishes, clock_);
    setup.all_gpus = gpus_chosen(wishes) || request_.subject.kind == Subject::Kind::machine;
    setup.intensity = [&run](Interval over) {
      settle_place(run);
      return intensity_of(run, over);
    };
    setup.on_begun = [this](const RunRecord& begun) { tell(begun.id); };
    if (!run.quiet && LiveLine::wanted()) {
      setup.on_tick = [this](const RunRecord& so_far) { draw(so_far); };
    }
    const auto result = record::Watch(std::move(setup)).run();
    line_.erase();
    report(result);
    return 0;
  }

 private:
  void tell(const std::string& id) {
    if (told_ < 0) return;
    static_cast<void>(write(told_, id.data(), id.size()));
    close(std::exchange(told_, -1));
  }

  void draw(const RunRecord& run) {
    line_.draw(show::live_line(account::live(run, shipped_tables()), style_of(STDERR_FILENO)),
               getpgid(guard_));
  }

  void report(const record::WatchResult& result) {
    warn_of_ledger(result.trouble, result.side);
    if (request_.run->quiet) return;
    const auto derived = account::derive(result.last, shipped_tables());
    say(show::summary(derived, style_of(STDERR_FILENO)));
  }

  WatchRequest& request_;
  int told_;
  pid_t guard_ = 0;
  host::SystemClock clock_;
  LiveLine line_;
};

int stop(const Subject& subject) {
  for (const WatchRun& run : watches_of(subject.word())) {
    if (!run.kept) continue;
    if (stop_watch(run)) {
      say("lowtide: the watch of " + subject.name() + " has ended; lowtide show " + run.line.id +
          "\n");
      return 0;
    }
    return refuse({ErrorKind::temporary, "has not ended within 10 s",
                   "process " + std::to_string(run.keeper.meter_pid), "try again"});
  }
  return refuse(
      {ErrorKind::absent, "is not being watched", subject.name(), "lowtide runs lists what was"});
}

int watch(WatchRequest& request, int told) {
  Settings settings = Settings::load(config_path());
  settings.set_flag("intensity", request.run->record.options.intensity);
  const BackgroundFetch fetch = BackgroundFetch::start(*request.run, settings);
  return host::guard(
      [&](const host::GuardSeat& seat) { return WatchLife(request, told).live(seat); });
}

// In a session of its own, with nothing of the terminal; returns when the first row is written.
int watch_detached(WatchRequest& request) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return 70;
  const pid_t pid = fork();
  if (pid == 0) {
    close(ends[0]);
    setsid();
    const int nothing = open("/dev/null", O_RDWR);
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(nothing, fd);
    _exit(watch(request, ends[1]));
  }
  close(ends[1]);
  std::string id(64, '\0');
  const ssize_t got = pid < 0 ? -1 : read(ends[0], id.data(), id.size());
  close(ends[0]);
  if (got <= 0) {
    return refuse({ErrorKind::internal, "did not begin", "the watch in the background",
                   "try it without --detach"});
  }
  id.resize(static_cast<std::size_t>(got));
  say("lowtide: watching " + request.subject.name() + " in the background, process " +
      std::to_string(pid) + "\n  look    lowtide show " + id + "\n  end it  lowtide watch --stop" +
      "\n");
  return 0;
}

int watch_chosen(WatchFlags& flags) {
  if (int{flags.machine} + int{!flags.pid.empty()} + int{!flags.cgroup.empty()} > 1) {
    return refuse({ErrorKind::usage, "--machine, --pid and --cgroup exclude each other", "watch",
                   "give one of them"});
  }
  if (flags.stop) {
    const auto subject = subject_of(flags);
    return subject ? stop(*subject) : refuse(subject.error());
  }
  auto request = read_request(flags);
  if (!request) return refuse(request.error());
  for (const WatchRun& run : watches_of(request->subject.word())) {
    if (!run.kept) continue;
    return refuse({ErrorKind::usage,
                   "is watched already, by process " + std::to_string(run.keeper.meter_pid) +
                       " as run " + run.line.id,
                   request->subject.name(),
                   "look: lowtide show " + run.line.id + "; end it: lowtide watch --stop"});
  }
  return flags.detach ? watch_detached(*request) : watch(*request, -1);
}

}  // namespace

void add_watch(Cli& cli) {
  const auto flags = std::make_shared<WatchFlags>();
  CLI::App& watch = add_command(cli, "watch",
                                "Meter what already runs: a machine, a process tree, "
                                "a cgroup",
                                flags, watch_chosen);
  watch.footer(
      "Each hour (UTC) becomes a run in the ledger. ^C ends the watch; so does the end of the\n"
      "process or cgroup. A log-out leaves it running. A watch that is killed is started again "
      "and\n"
      "goes on from the counters, so that no joule of a counter is lost.\n\nExamples:\n"
      "  lowtide watch                              # the whole machine, live\n"
      "  lowtide watch --pid 4711 --per hour\n"
      "  lowtide watch --cgroup /system.slice/jupyter.service --detach\n"
      "  lowtide watch --stop\n"
      "  systemctl enable --now lowtide-watch       # as a service, see docs/watch.md");
  watch.add_flag("--machine", flags->machine, "the whole machine (default)");
  watch.add_option("--pid", flags->pid, "this process and what is below it")->type_name("PID");
  watch.add_option("--cgroup", flags->cgroup, "a cgroup (version 2): its path")->type_name("PATH");
  watch.add_option("--for", flags->at_most, "end after this time")->type_name("DURATION");
  watch.add_option("--window", flags->window, "length of a run; default 1h")->type_name("DURATION");
  watch.add_flag("--detach", flags->detach, "in the background, until --stop");
  watch.add_flag("--stop", flags->stop, "end the watch of the same machine, process or cgroup");
  add_metering_settings(watch, flags->settings);
  watch.add_option("--name", flags->run.name, "name of the runs")->type_name("NAME");
  watch.add_option("--tag", flags->run.tags, "a label; may be repeated")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  watch.add_flag_callback(
      "--quiet", [flags] { flags->settings.emplace_back("quiet", "true"); },
      "no summary, no live line");
}

}  // namespace lowtide::app
