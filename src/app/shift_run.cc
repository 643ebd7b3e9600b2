#include "app/shift_run.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "act/driver.h"
#include "act/gpu_turn.h"
#include "act/seat.h"
#include "act/state_text.h"
#include "app/background_fetch.h"
#include "app/job_file.h"
#include "app/late_end.h"
#include "app/ledger_access.h"
#include "app/paths.h"
#include "app/pause_learner.h"
#include "app/run_life.h"
#include "app/say.h"
#include "app/settle.h"
#include "app/shift_plan.h"
#include "app/shift_preview.h"
#include "app/shift_request.h"
#include "app/shift_status.h"
#include "app/shift_voice.h"
#include "app/terminal.h"
#include "host/clock.h"
#include "host/file_system.h"
#include "host/job_files.h"
#include "host/proc.h"
#include "host/tell.h"
#include "record/acts.h"
#include "show/shift_text.h"

namespace lowtide::app {
namespace {

constexpr int kRefused = 125;
// Plans do not wait for a reader of what is said of them: a terminal may be held up by ^S, a pipe
// be full. Who sees the job's end waits longer for the summary's reader.
constexpr Duration kReaders = std::chrono::seconds(1);
constexpr Duration kLastReaders = std::chrono::seconds(10);
// A provider that is asked for the first time may answer before the first plan.
constexpr Duration kFirstAnswer = std::chrono::seconds(10);

int refused(const Error& error) {
  complain(error);
  return kRefused;
}

Result<void> check_home() {
  const std::string ledger = ledger_path();
  if (ledger.empty()) {
    return fail(ErrorKind::absent, "there is no home to keep the plan in", "LOWTIDE_HOME",
                "set it to a folder");
  }
  const host::FileSystem system = host::file_system_of(ledger);
  if (!system.network) return {};
  return fail(
      ErrorKind::denied,
      "lies on a network file system (" + system.name + "): a plan is kept in a database there",
      ledger, "set LOWTIDE_HOME to a folder of this machine");
}

// One run that is moved, in every process of it.
class Shift {
 public:
  Shift(const RunFlags& flags, RunRequest& request, Settings& settings,
        const host::Inherited& inherited)
      : flags_(flags),
        request_(request),
        settings_(settings),
        inherited_(inherited),
        carries_(!flags.shift.carry.empty()) {}

  int run() {
    wait_for_readers(kReaders);
    if (!request_.record.life_of.empty()) {
      return refused({ErrorKind::usage, "is a further life of run " + request_.record.life_of,
                      flags_.continues.empty() ? "LOWTIDE_RUN_ID" : "--continue",
                      "only a run of its own can be moved"});
    }
    auto shift = make_shift_request(flags_.shift, request_.record.name, flags_.setting_flags);
    if (!shift) return refused(shift.error());
    shift_ = std::move(*shift);
    if (auto done = read_notice(); !done) return refused(done.error());
    for (const std::string& text : settings_.warnings()) warn(text);
    if (carries_) take_up();
    request_.record.options.machine = machine();
    files_ = run_files(request_.record.id);
    fetch_ = std::make_unique<BackgroundFetch>(BackgroundFetch::start(request_, settings_));
    if (carries_) return sit();
    // Nobody wants to hear of a mistyped command tomorrow.
    if (const int why = why_not_executable(request_.command.front()); why != 0) {
      return not_started(request_, why);
    }
    if (auto done = check_home(); !done) return unmoved(done.error());
    fetch_->wait(kFirstAnswer);
    return begin();
  }

 private:
  void take_up() {
    request_.record.id = flags_.shift.carry;
    prctl(PR_SET_NAME, "lowtide");  // begun as /proc/self/exe: `ps` and `pgrep` would say exe
  }

  int begin() {
    const Utc now = clock_.utc();
    auto first = first_plan(shift_, now);
    if (!first) return refused(as_run_says(first.error(), flags_.shift));
    if (flags_.shift.dry_run) return preview(std::move(*first), flags_);
    if (auto done = keep(*first, now); !done) {
      return done.error().kind == ErrorKind::no_plan ? refused(done.error())
                                                     : unmoved(done.error());
    }
    if (!first->stand_in.empty()) {
      warn(first->stand_in + "; the plan is made on a typical year (--require-forecast refuses)");
    }
    if (!request_.quiet || flags_.shift.detach) say(text_of(*first, now));
    if (!flags_.shift.detach) return sit();
    const auto how = start_carrying(request_.record.id);
    if (!how) {
      static_cast<void>(withdraw(act_, how.error().line()));  // refused: nothing is to wait
      return refused(how.error());
    }
    say(fmt::format(" {:<10} {}; the job's output: {}\n", "kept by", *how, files_.path("out")));
    return 0;
  }

  // A plan that cannot be kept is not carried out; the job is what counts.
  int unmoved(const Error& error) {
    if (flags_.shift.detach || flags_.shift.dry_run) return refused(error);
    warn(error.line() + "; the job runs at once and is not moved");
    host::Board& board = host::Board::map();
    const host::Supervised outcome = run_life(request_, *fetch_, inherited_, board);
    return outcome.started ? outcome.status : not_started(request_, outcome.exec_errno);
  }

  [[nodiscard]] std::string text_of(const FirstPlan& first, Utc now) const {
    return show::shift_text(
        {request_.record.id, request_.record.name, &first.view, &first.plan, first.why,
         first.terms.manner, now, first.terms.deadline, first.length, shift_.length_assumed},
        style_of(STDERR_FILENO));
  }

  // Who freezes keeps its machine, who saves and ends leaves it, unless it is said otherwise.
  [[nodiscard]] MachineWhilePaused machine() const {
    const bool freezes = shift_.terms.manner == act::Manner::freeze;
    const auto usual = freezes ? MachineWhilePaused::held : MachineWhilePaused::stays_on;
    const std::string& asked = flags_.shift.plan.machine;
    if (asked.empty()) return usual;
    switch (read_word<plan::Machine>(asked).value_or(plan::Machine::held)) {
      case plan::Machine::stays_on:
        return MachineWhilePaused::stays_on;
      case plan::Machine::released:
        return MachineWhilePaused::released;
      default:
        return MachineWhilePaused::held;
    }
  }

  // Whoever carries the run out will have to go there.
  [[nodiscard]] Result<void> check_folder() const {
    std::error_code code;
    static_cast<void>(std::filesystem::current_path(code));
    if (!code || !flags_.shift.detach) return {};
    return fail(ErrorKind::absent, "the working folder is gone", "--detach",
                "go to one that is there");
  }

  Result<void> read_notice() {
    auto notice = settings_.get<host::NoticeTo>(
        "notice", {}, [](const std::string& text) { return host::parse_notice_to(text); });
    if (!notice) return tl::unexpected(notice.error());
    notice_ = std::move(*notice);
    return {};
  }

  // On record before anything is done.
  Result<void> keep(const FirstPlan& first, Utc now) {
    auto step = act::begin(first.terms, first.length, first.resume_takes, moment(now));
    if (!step) return tl::unexpected(step.error());
    if (first.stays) step->state.runs_on = act::RunsOn::not_sure;
    if (auto done = check_folder(); !done) return done;
    if (auto done = files_.make_folder(); !done) return done;
    auto acts = record::Acts::open(ledger_path());
    if (!acts) return tl::unexpected(acts.error());
    if (auto done = write_job_file(files_, flags_.shift.words, request_.command); !done)
      return done;
    RunRecord run = request_.record;
    run.submitted = now;
    run.state = RunState::waiting;
    run.begin.reset();
    record::Act act{
        run.id, host::host_name(), record::Standing::waiting, act::text_of(step->state), about(),
        now};
    if (auto done = acts->begin(run, act, {now, "waits", "waiting", first.why}); !done) return done;
    static_cast<void>(acts->add_plan(run.id, first.kept));  // a review has less to say without it
    act_ = std::move(act);
    first_ = std::move(*step);
    plan_ = first.plan;
    return {};
  }

  [[nodiscard]] std::string about() const {
    const nlohmann::json about{{"start_within", flags_.shift.start_within.value_or("")},
                               {"finish_within", flags_.shift.plan.finish_within.value_or("")},
                               {"pause", flags_.shift.pause.value_or("")},
                               {"machine", shift_.plan.machine},
                               {"detached", flags_.shift.detach}};
    return about.dump();
  }

  // Of the clocks that the driver will use (act/driver_wait.h begins at these).
  [[nodiscard]] act::Moment moment(Utc now) const {
    timespec awake{};
    clock_gettime(CLOCK_MONOTONIC, &awake);
    return {now, clock_.boot(), std::chrono::seconds(awake.tv_sec) + Duration(awake.tv_nsec)};
  }

  int sit() {
    host::Board& board = host::Board::map();
    board_ = &board;
    const int status =
        act::sit({inherited_, board, files_.run, carries_,
                  [this](int socket, bool restarted) { return control(socket, restarted); },
                  [this](int life, int socket, const host::Beside& beside) {
                    return live(life, socket, beside);
                  },
                  [this] { settle_unled(files_.run); },
                  [this](int ended) { settle_over(files_.run, ended); }});
    report();
    return status;
  }

  // What the controller's process has for itself.
  struct Senses {
    ShiftVoice voice;
    PauseLearner learner;
    host::ProgressFile progress;
    act::GpuTurn turn;
  };

  int control(int socket, bool restarted) {
    inherited_.release_descriptors();
    const std::string& name = request_.record.name;
    Senses senses{ShiftVoice(request_.quiet, name, files_.run, notice_),
                  PauseLearner(ledger_path(), files_.run, name),
                  host::ProgressFile(files_.path("progress")), act::GpuTurn(files_.folder, gpus())};
    act::DriverSetup setup;
    setup.files = files_;
    setup.ledger_path = ledger_path();
    setup.act = act_;
    setup.act.run = files_.run;
    if (!restarted && !carries_) {
      setup.first = first_;
      setup.plan_made = plan_;
    }
    setup.life = act::life_on_board(*board_, act::life_in_ledger(ledger_path(), files_.run));
    setup.seat = socket;
    setup.time_scale = host::time_scale();
    setup.plan = [this](const act::ActState& state) {
      return next_plan(shift_, state, files_.run, clock_.utc());
    };
    hear_job(senses, setup);
    speak(senses.voice, senses.learner, setup);
    share_gpus(senses.turn, setup);
    return act::drive(std::move(setup));
  }

  void hear_job(Senses& senses, act::DriverSetup& setup) {
    setup.ask_to_save = [this](const host::JobTree& job) -> Result<int> {
      if (shift_.signal == 0) return 1;  // it looks at LOWTIDE_CONTROL
      return host::signal_to_save(job, shift_.target, shift_.signal);
    };
    setup.want = [this](const act::ActState& state) { want(state); };
    setup.progress = [this, &senses]() -> std::optional<double> {
      const host::Progress now = senses.progress.look();
      if (now.trouble) senses.voice.warn(*now.trouble);
      if (now.done && now.anew) senses.learner.said(clock_.utc(), *now.done);
      return now.done;
    };
    setup.measured = [&senses] { return senses.learner.measured(); };
    setup.watches = [&senses] { return senses.learner.watches(); };
  }

  void speak(ShiftVoice& voice, PauseLearner& learner, act::DriverSetup& setup) const {
    setup.say = [&voice](const act::ActState& state, act::Notice what, const std::string& why) {
      voice.say(state, what, why);
    };
    setup.noted = [&, run = files_.run](const act::ActState& state,
                                        const record::Transition& transition) {
      keep_late_end(run, state, transition);
      voice.noted(state, transition);
      learner.noted(state, transition);
    };
    if (!voice.draws()) return;
    setup.show = [&voice](const act::ActState& state, Utc now) { voice.draw(state, now); };
  }

  void share_gpus(act::GpuTurn& turn, act::DriverSetup& setup) const {
    setup.hold_place = [&turn] { return turn.hold(); };
    setup.leave_place = [&turn] { turn.let_go(); };
    if (flags_.shift.gpu_turn != "wait") return;
    setup.place_taken = [&turn] { return turn.taken_by_other(); };
  }

  // As the user has named them; absent: all.
  [[nodiscard]] std::optional<std::string> gpus() const {
    if (request_.gpus) return request_.gpus;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): set and empty is none
    const char* visible = std::getenv("CUDA_VISIBLE_DEVICES");
    return visible == nullptr ? std::nullopt : std::optional<std::string>(visible);
  }

  // What the job is told by its control file.
  void want(const act::ActState& state) const {
    const bool pause = state.phase == act::Phase::pausing;
    const auto until = pause ? std::optional(act::goes_on_at(state, clock_.utc())) : std::nullopt;
    static_cast<void>(host::write_control(files_.path("control"),
                                          pause ? host::Wish::pause : host::Wish::run, until));
  }

  host::Supervised live(int life, int socket, const host::Beside& beside) {
    RunRequest& request = request_;
    request.command = command_of(life);
    if (life > 1) {
      request.record.life_of = files_.run;
      request.record.id = new_run_id();
    }
    LifeWish wish;
    wish.environment = {{"LOWTIDE_PROGRESS", files_.path("progress")},
                        {"LOWTIDE_CONTROL", files_.path("control")}};
    if (life > 1) wish.environment.emplace_back("LOWTIDE_RESUME", "1");
    wish.freeze_note = files_.path("frozen");
    wish.on_begun = [this, socket, life] {
      act::send_note(socket, {act::SeatNote::Kind::started, life, board_->job_pid});
    };
    wish.next = [this] { return next_of(files_.run); };
    wish.beside = beside;
    wish.last_word = false;
    const auto outcome = run_life(request, *fetch_, inherited_, *board_, wish);
    if (!outcome.started) static_cast<void>(not_started(request, outcome.exec_errno));
    return outcome;
  }

  [[nodiscard]] std::vector<std::string> command_of(int life) const {
    std::vector<std::string> command = flags_.command;
    if (life > 1) {
      command.insert(command.end(), shift_.resume_args.begin(), shift_.resume_args.end());
    }
    return command;
  }

  // Of all lives together.
  void report() {
    if (request_.quiet && request_.json_path.empty()) return;
    wait_for_readers(kLastReaders);
    auto ledger = open_ledger();
    if (!ledger) return;
    const auto run = load_run(*ledger, files_.run, false);
    if (run && run->begin) report_run(request_, *run);
  }

  const RunFlags& flags_;
  RunRequest& request_;
  Settings& settings_;
  const host::Inherited& inherited_;
  bool carries_ = false;
  host::SystemClock clock_;
  ShiftRequest shift_;
  host::NoticeTo notice_;
  act::RunFiles files_;
  record::Act act_;
  std::optional<act::Step> first_;
  std::optional<act::Plan> plan_;
  std::unique_ptr<BackgroundFetch> fetch_;
  host::Board* board_ = nullptr;
};

}  // namespace

int shifted_run(const RunFlags& flags, RunRequest& request, Settings& settings,
                const host::Inherited& inherited) {
  return Shift(flags, request, settings, inherited).run();
}

}  // namespace lowtide::app
