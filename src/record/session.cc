// The loop itself; what it notes beside readings is in session_notes.cc.
#include "record/session.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <utility>

#include "host/cgroup.h"
#include "host/proc.h"
#include "record/wake.h"

namespace lowtide::record {
namespace {

using std::chrono::milliseconds;

// The first mark of sensors that are files, before the job starts.
constexpr Duration kFirstMark = milliseconds(50);
// A door that has not answered by then is left behind: exit waits no longer than this.
constexpr Duration kLastReading = milliseconds(200);
// The supervisor reaps a job whose meter died; its word comes at once or not at all.
constexpr Duration kStatusComes = std::chrono::seconds(2);
// How often it is looked whether the job was frozen or thawed.
constexpr Duration kLookAtFreezes = std::chrono::seconds(1);

}  // namespace

Session::Session(SessionSetup setup, const host::Inherited& inherited, host::Board& board,
                 const host::MeterSeat& seat)
    : setup_(std::move(setup)),
      inherited_(inherited),
      board_(board),
      seat_(seat),
      anchor_(host::UtcAnchor::take(clock_)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      doors_(anchor_, wake_.get()),
      rec_(setup_.run, setup_.ledger_path, setup_.sides, setup_.interval, clock_),
      use_(board, setup_.files),
      freezes_(setup_.freeze_note) {}

Result<SessionResult> Session::run() {
  prepare_process();
  const auto ready = seat_.restarted ? take_up() : start_fresh();
  if (!ready) return tl::unexpected(ready.error());
  loop();
  close();
  return SessionResult{rec_.so_far(), rec_.store.trouble(), rec_.store.side()};
}

void Session::prepare_process() {
  for (const int signal : {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGHUP, SIGTERM, SIGPIPE,
                           SIGUSR1, SIGUSR2, SIGXFSZ}) {
    ::signal(signal, SIG_IGN);
  }
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  sigprocmask(SIG_SETMASK, &children, nullptr);
  signals_.reset(signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK));
  name_keeper();
}

void Session::name_keeper() {
  rec_.keeper.boot_id = host::boot_id();
  rec_.keeper.meter_pid = getpid();
  if (const auto self = host::process_stat(getpid())) rec_.keeper.meter_start = self->start_ticks;
}

Result<void> Session::start_fresh() {
  doors_.open(std::move(setup_.doors), {}, {});
  const auto group = setup_.own_cgroup
                         ? host::make_job_cgroup(rec_.run.id)
                         : Result<std::string>(fail(ErrorKind::usage, "cgroup = false"));
  setup_.job.cgroup = group.value_or("");
  const BootTime opened_by = clock_.boot() + std::max(setup_.wait_sensors, Duration::zero());
  collect_until(opened_by, [this] { return doors_.all_idle(); });
  // A late vendor library is not waited for any longer; files get a moment more.
  collect_until(opened_by + kFirstMark, [this] { return doors_.early_idle(); });
  doors_.request();  // the mark right before the start
  collect_until(clock_.boot() + milliseconds(20), [this] { return doors_.all_idle(); });
  rec_.use_before = {Duration::zero(), use_.now()->machine};
  if (!group && !setup_.freeze_note.empty()) host::join_untied_group(board_.supervisor_pid);
  const auto job = host::start_job(setup_.job, inherited_, board_);
  if (!job) {
    if (group) host::remove_job_cgroup(*group);
    return tl::unexpected(job.error());
  }
  count_cpu_time(group, job->in_cgroup);
  seat_.tell({host::Note::Kind::started, job->pid});
  inherited_.release_descriptors();
  say_scaled_clock();
  rec_.pending.events = rec_.run.events;
  began();
  return {};
}

// The meter before us died. The job is the supervisor's child now, or was never started.
Result<void> Session::take_up() {
  for (int i = 0; i < 100 && board_.job_pid == 0 && board_.exec_errno == 0; ++i) usleep(1000);
  if (board_.exec_errno != 0 || board_.job_pid == 0) {
    return fail(ErrorKind::absent, "the job was never started");
  }
  seat_.tell({host::Note::Kind::started, board_.job_pid});
  inherited_.release_descriptors();
  std::string saved;
  rec_.run.channels.clear();
  saved = rec_.take_up(board_.run_key);
  if (rec_.store.key() != 0 && rec_.keeper.anchor_boot != BootTime{}) {
    anchor_ = {rec_.keeper.anchor_utc, rec_.keeper.anchor_boot};
    use_.continue_from(rec_.keeper.saved_job_cpu);
  }
  name_keeper();
  use_.by_cgroup(host::find_job_cgroup(board_.job_pid, rec_.run.id));
  // Before the first flush, which must not lose what the counters stood at.
  doors_.open(std::move(setup_.doors), rec_.run.channels, saved);
  began();
  event("meter-restarted",
        "the meter (pid " + std::to_string(seat_.dead_meter) +
            ") died; its counters were taken up, what they do not cover is a gap");
  return {};
}

void Session::began() {
  rec_.run.state = RunState::running;
  if (!rec_.run.begin) rec_.run.begin = anchor_.at(board_.begin());
  rec_.buckets.begin(*rec_.run.begin);
  if (rec_.use_since == Utc{}) rec_.use_since = *rec_.run.begin;
  notices_.clocks(anchor_, clock_, rec_);
  watch_.emplace(board_.job_pid, wake_.get());
  rec_.keeper.job_pid = board_.job_pid;
  rec_.keeper.supervisor_pid = board_.supervisor_pid;
  if (const auto above = host::process_stat(rec_.keeper.supervisor_pid)) {
    rec_.keeper.supervisor_start = above->start_ticks;
  }
  if (const auto job = host::process_stat(rec_.keeper.job_pid))
    rec_.keeper.job_start = job->start_ticks;
  rec_.keeper.anchor_utc = anchor_.utc;
  rec_.keeper.anchor_boot = anchor_.boot;
  rec_.keeper.saved_at = board_.begin();
  look_at_freezes();
  rec_.pending.state = rec_.run.state;  // a meter before this one may have left another
  gpu_use_.look_again(ours());
  // The first tick is on record soon: a run of seconds has something to show while it goes on.
  next_tick_ = Ticks{anchor_, setup_.interval}.after(clock_.boot());
  doors_.request(setup_.interval, next_tick_);
  // The run's row exists from the first moment, so that a meter that dies now leaves it behind.
  flush();
  next_flush_ = {};
  if (setup_.on_begun) setup_.on_begun();
}

// When the collector looks at the doors again: at each tick while somebody watches, else when the
// next flush is due. Between its questions the readers keep the ticks.
BootTime Session::next_question() const {
  const BootTime now = clock_.boot();
  const Duration rests = setup_.on_tick ? Duration::zero() : kFlush - tick_length() / 2;
  return Ticks{anchor_, setup_.interval}.after(now + std::max(rests, Duration::zero()));
}

BootTime Session::next_wake() const {
  const bool asked = answer_by_ != BootTime{};
  const BootTime until = std::min(next_tick_, asked ? answer_by_ : next_tick_);
  return freezes_.any() ? std::min(until, clock_.boot() + kLookAtFreezes) : until;
}

void Session::loop() {
  while (!board_.ended) {
    const Woken woken = wait_for_wake(next_wake());
    if (woken.child) reap();
    if (woken.supervisor) read_socket();
    collect();
    write_new_state();
    notice_foreign_end();
    const BootTime now = clock_.boot();
    if (answer_by_ != BootTime{} && (doors_.all_idle() || now >= answer_by_)) {
      collect();  // what came between the last look and the last answer
      after_tick();
    }
    if (now >= next_tick_ && !board_.ended) tick();
  }
}

Session::Woken Session::wait_for_wake(BootTime until) {
  std::array<pollfd, 3> wanted{
      {{wake_.get(), POLLIN, 0}, {signals_.get(), POLLIN, 0}, {seat_.socket, POLLIN, 0}}};
  record::wait_for_wake(wanted, until, clock_);
  return {wanted[1].revents != 0, wanted[2].revents != 0};
}

template <typename Done>
void Session::collect_until(BootTime deadline, Done done) {
  collect_until_done([this] { collect(); }, done,
                     [this, deadline] {
                       if (clock_.boot() >= deadline) return false;
                       wait_for_wake(deadline);
                       return true;
                     });
}

void Session::tick() {
  next_tick_ = next_question();
  doors_.request(setup_.interval, next_tick_);
  answer_by_ = clock_.boot() + tick_length() / 2;
  if (doors_.all_idle()) after_tick();
}

void Session::after_tick() {
  note_late_doors(answer_by_);
  answer_by_ = {};
  notices_.clocks(anchor_, clock_, rec_);
  const Utc now = utc_now();
  if (!priced_until_ || now >= *priced_until_) {
    rec_.price(setup_.intensity, {*rec_.run.begin, slot_end(now)});
    priced_until_ = slot_end(now);
  }
  if (clock_.boot() >= next_flush_) {
    note_use();
    flush();
  }
  if (setup_.on_tick) {
    note_use();
    setup_.on_tick(rec_.so_far());
  }
}

// Takes what the doors have sent. The end of the job, once seen, cuts it.
void Session::collect() {
  const Arrivals arrived = doors_.take(utc_now());
  if (watch_ && !rec_.run.end) {
    if (const auto ended = watch_->ended()) {
      rec_.run.end = anchor_.at(*ended);
      rec_.buckets.end(*rec_.run.end);
    }
  }
  look_at_freezes();
  rec_.add(arrived);
  // Contexts are gone when the job is, and with them the word of how busy it was.
  if (!rec_.run.end) gpu_use_.note(arrived.holders, ours(), anchor_, rec_.buckets);
  gpu_use_.count(arrived.busy, anchor_, rec_.run.end, rec_.buckets);
}

void Session::reap() {
  signalfd_siginfo info{};
  while (read(signals_.get(), &info, sizeof info) == ssize_t{sizeof info}) {
  }
  int status = 0;
  rusage use{};
  pid_t pid = 0;
  while ((pid = wait4(-1, &status, WNOHANG | WUNTRACED | WCONTINUED, &use)) > 0) {
    const bool job = pid == board_.job_pid;
    if (WIFSTOPPED(status)) {
      if (!job || host::stopped_by_freezer(setup_.freeze_note, pid)) continue;
      seat_.tell({host::Note::Kind::stopped, WSTOPSIG(status)});
      supervisor_stopped_ = true;
    } else if (WIFCONTINUED(status)) {
      if (job) wake_supervisor();
    } else if (job) {
      wake_supervisor();  // who ends at once after a stop is never seen to have gone on
      board_.note_end(status, use, watch_->ended().value_or(clock_.boot()));
    } else {
      board_.add_cpu(use);
    }
  }
}

// Only the job may have been continued, or killed: then the supervisor must not sleep on.
void Session::wake_supervisor() {
  if (std::exchange(supervisor_stopped_, false)) kill(board_.supervisor_pid, SIGCONT);
}

void Session::read_socket() {
  if (seat_.socket < 0) return;
  host::Note note;
  const ssize_t got = recv(seat_.socket, &note, sizeof note, MSG_DONTWAIT);
  if (got != 0) return;
  // End of file: the supervisor is dead. If we started the job we are its parent and go on.
  ::close(seat_.socket);
  seat_.socket = -1;
  event("supervisor-died", "the shell's child of lowtide died; the job and its meter went on");
}

// The job has ended, and the one who is told how is not us: the supervisor, or nobody.
void Session::notice_foreign_end() {
  const auto ended = watch_->ended();
  if (!ended || board_.ended) return;
  reap();
  const bool supervisor_tells = seat_.socket >= 0 && clock_.boot() - *ended < kStatusComes;
  if (board_.ended || supervisor_tells) return;
  board_.status_unknown = true;
  board_.end_boot_ns = ended->time_since_epoch().count();
  board_.ended = true;
}

void Session::close() {
  if (!rec_.run.end) rec_.run.end = anchor_.at(watch_->ended().value_or(board_.end()));
  rec_.buckets.end(*rec_.run.end);
  doors_.request();
  const BootTime deadline = clock_.boot() + kLastReading;
  collect_until(deadline, [this] { return doors_.all_idle(); });
  for (const ChannelReading& tail : doors_.tails()) rec_.buckets.add(tail);
  gpu_use_.count({}, anchor_, rec_.run.end, rec_.buckets);
  note_late_doors(deadline);
  notices_.clocks(anchor_, clock_, rec_);
  note_use(JobUse::When::at_once);
  settle_end();
  settle_gpus();
  read_counts();
  rec_.price(setup_.intensity, {*rec_.run.begin, *rec_.run.end});
  if (setup_.intensity_notes) {
    for (std::string& note : setup_.intensity_notes()) event("intensity-note", std::move(note));
  }
  rec_.store.wait_for_locks(std::chrono::seconds(3));
  flush();
  rec_.finish(utc_now());
  use_.remove_cgroup();
}

}  // namespace lowtide::record
