#include "record/watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "host/proc.h"
#include "record/wake.h"

namespace lowtide::record {
namespace {

using std::chrono::milliseconds;

// As for a job: a late vendor library gets `wait_sensors`, files a moment more.
constexpr Duration kFirstMark = milliseconds(50);
constexpr Duration kLastReading = milliseconds(200);
// A window waits this long for a reading past its end; then the rest is a gap.
constexpr Duration kWaitForLast = std::chrono::seconds(60);

}  // namespace

Watch::Watch(WatchSetup setup)
    : setup_(std::move(setup)),
      anchor_(host::UtcAnchor::take(clock_)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      doors_(anchor_, wake_.get()) {}

void Watch::prepare_process() {
  for (const int signal :
       {SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2, SIGXFSZ}) {
    ::signal(signal, SIG_IGN);
  }
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  sigprocmask(SIG_BLOCK, &ends, nullptr);
  signals_.reset(signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK));
}

WatchResult Watch::run() {
  prepare_process();
  start();
  while (!end_) {
    wait_for_wake(next_wake());
    look_for_end();
    collect();
    const BootTime now = clock_.boot();
    if (answer_by_ != BootTime{} && (doors_.all_idle() || now >= answer_by_)) {
      collect();
      after_tick();
    }
    if (now >= next_tick_ && !end_) tick();
  }
  close();
  return {newest().rec.so_far(), trouble_, newest().rec.store.side()};
}

void Watch::start() {
  const std::string saved = take_up();
  std::vector<ChannelInfo> known;
  if (!windows_.empty()) known = newest().rec.run.channels;
  doors_.open(std::move(setup_.doors), known, saved);
  if (windows_.empty()) {
    const BootTime opened_by = clock_.boot() + std::max(setup_.wait_sensors, Duration::zero());
    collect_until(opened_by, [this] { return doors_.all_idle(); });
    collect_until(opened_by + kFirstMark, [this] { return doors_.early_idle(); });
    doors_.request();  // the mark right before the beginning
    collect_until(clock_.boot() + milliseconds(20), [this] { return doors_.all_idle(); });
    open_window(utc_now());
  }
  begun_ = clock_.boot();
  if (setup_.subject.kind == Subject::Kind::tree) {
    end_watch_.emplace(setup_.subject.pid, wake_.get());
  }
  next_tick_ = Ticks{anchor_, setup_.interval}.after(begun_);
  doors_.request(setup_.interval, next_tick_);
  flush();
  next_flush_ = {};
  if (setup_.on_begun) setup_.on_begun(newest().rec.run);
}

// The raw counters that the windows of an earlier watch end with; empty: there are none.
std::string Watch::take_up() {
  std::string saved;
  for (const Unfinished& before : setup_.unfinished) {
    RunRecord unknown = setup_.run;
    unknown.id.clear();
    auto window = std::make_unique<Window>(unknown, before.ledger_path, std::vector<std::string>(),
                                           setup_.interval, clock_);
    const std::string counters = window->rec.take_up(before.key);
    if (window->rec.run.id.empty() || !window->rec.run.begin) continue;  // could not be read
    if (!counters.empty()) saved = counters;
    Recording& rec = window->rec;
    anchor_ = {rec.keeper.anchor_utc, rec.keeper.anchor_boot};
    rec.run.state = RunState::running;
    rec.run.end.reset();
    rec.run.exit_note.clear();
    rec.buckets.begin(*rec.run.begin);
    rec.event(utc_now(), "watch-restarted",
              "an earlier watch of the same died; its counters were taken up, what they do not "
              "cover is a gap");
    if (!windows_.empty()) {  // an older one, which had not come to its end
      Recording& older = newest().rec;
      older.run.end = *rec.run.begin;
      older.buckets.end(*rec.run.begin);
    }
    windows_.push_back(std::move(window));
    name_keeper(newest());
  }
  return saved;
}

void Watch::open_window(Utc begin) {
  RunRecord run = setup_.run;
  run.id = setup_.new_id();
  run.submitted = begin;
  run.begin = begin;
  run.state = RunState::running;
  auto window = std::make_unique<Window>(run, setup_.ledger_for(run.id), setup_.sides_for(run.id),
                                         setup_.interval, clock_);
  Recording& rec = window->rec;
  rec.buckets.begin(begin);
  rec.pending.events = rec.run.events;
  if (windows_.empty()) {
    rec.use_before = setup_.subject.cpu(setup_.files);
    rec.add(early_);
    window->gpus.note(early_.holders, ours(), anchor_, rec.buckets);
  } else {
    // The growth up to the edge is the older window's, by its share of the time.
    Recording& older = newest().rec;
    const CpuTimes now = setup_.subject.cpu(setup_.files);
    const Duration since = std::max<Duration>(utc_now() - older.use_since, Duration(1));
    const double part =
        std::clamp(as_seconds(begin - older.use_since) / as_seconds(since), 0.0, 1.0);
    const auto between = [part](Duration from, Duration to) {
      return from + seconds(as_seconds(to - from) * part);
    };
    CpuTimes at_edge{between(older.use_before.job, std::max(now.job, older.use_before.job)),
                     now.machine};
    if (now.machine && older.use_before.machine) {
      at_edge.machine = between(*older.use_before.machine, *now.machine);
    }
    older.note_use(at_edge, begin);
    rec.use_before = at_edge;
    window->gpus = newest().gpus.next(begin);
  }
  rec.use_since = begin;
  for (std::size_t i = 0; i < doors_.channels().size(); ++i) {
    rec.run.channels.push_back(doors_.channels()[i]);
    rec.pending.channels.emplace_back(i, doors_.channels()[i]);
  }
  windows_.push_back(std::move(window));
  notices_.next_run();
  name_keeper(newest());
  newest().gpus.look_again(ours());
  priced_until_.reset();
}

void Watch::name_keeper(Window& window) {
  Keeper& keeper = window.rec.keeper;
  keeper.boot_id = host::boot_id();
  keeper.job_pid = 0;  // nobody but a watch can take it up
  keeper.meter_pid = getpid();
  if (const auto self = host::process_stat(getpid())) keeper.meter_start = self->start_ticks;
  keeper.supervisor_pid = setup_.guard;
  if (const auto above = host::process_stat(setup_.guard)) {
    keeper.supervisor_start = above->start_ticks;
  }
  keeper.anchor_utc = anchor_.utc;
  keeper.anchor_boot = anchor_.boot;
  if (keeper.saved_at == BootTime{}) keeper.saved_at = anchor_.boot_at(*window.rec.run.begin);
}

Utc Watch::window_end(Utc t) const {
  return Utc((t.time_since_epoch() / setup_.window + 1) * setup_.window);
}

// Opens the windows that have begun since; what is read from here on goes to each that it is in.
void Watch::roll(Utc now) {
  while (!windows_.empty() && window_end(*newest().rec.run.begin) <= now) {
    const Utc edge = window_end(*newest().rec.run.begin);
    open_window(edge);
    Recording& older = windows_[windows_.size() - 2]->rec;
    older.run.end = edge;
    older.buckets.end(edge);
  }
}

void Watch::collect() {
  const Utc now = utc_now();
  // What comes after the end opens no window; an end at an edge is the older window's.
  roll(end_ ? std::min(now, *end_ - Duration(1)) : now);
  Arrivals arrived = doors_.take(now);
  if (windows_.empty()) {  // not begun: the readings are of before, the rest is news for the first
    std::move(arrived.events.begin(), arrived.events.end(), std::back_inserter(early_.events));
    std::move(arrived.holders.begin(), arrived.holders.end(), std::back_inserter(early_.holders));
    return;
  }
  for (const auto& window : windows_) {
    window->rec.add(arrived);
    Recording& rec = window->rec;
    if (!rec.run.end) window->gpus.note(arrived.holders, ours(), anchor_, rec.buckets);
    window->gpus.count(arrived.busy, anchor_, rec.run.end, rec.buckets);
  }
}

GpuUse::Ours Watch::ours() const {
  return [this](pid_t pid) { return setup_.subject.holds(pid); };
}

void Watch::wait_for_wake(BootTime until) {
  std::array<pollfd, 2> wanted{{{wake_.get(), POLLIN, 0}, {signals_.get(), POLLIN, 0}}};
  record::wait_for_wake(wanted, until, clock_);
}

template <typename Done>
void Watch::collect_until(BootTime deadline, Done done) {
  collect_until_done([this] { collect(); }, done,
                     [this, deadline] {
                       if (clock_.boot() >= deadline) return false;
                       wait_for_wake(deadline);
                       return true;
                     });
}

BootTime Watch::next_question() const {
  const Duration rests = setup_.on_tick ? Duration::zero() : kFlush - setup_.interval / 2;
  return Ticks{anchor_, setup_.interval}.after(clock_.boot() + std::max(rests, Duration::zero()));
}

BootTime Watch::next_wake() const {
  BootTime at = next_tick_;
  if (answer_by_ != BootTime{}) at = std::min(at, answer_by_);
  if (setup_.at_most) at = std::min(at, begun_ + *setup_.at_most);
  return at;
}

void Watch::tick() {
  next_tick_ = next_question();
  doors_.request(setup_.interval, next_tick_);
  answer_by_ = clock_.boot() + setup_.interval / 2;
  if (doors_.all_idle()) after_tick();
}

void Watch::after_tick() {
  if (clock_.boot() >= answer_by_) notices_.late_doors(doors_, newest().rec, utc_now());
  notices_.clocks(anchor_, clock_, newest().rec);
  answer_by_ = {};
  const Utc now = utc_now();
  Recording& rec = newest().rec;
  if (!priced_until_ || now >= *priced_until_) {
    rec.price(setup_.intensity, {*rec.run.begin, slot_end(now)});
    priced_until_ = slot_end(now);
  }
  if (clock_.boot() >= next_flush_) flush();
  if (setup_.on_tick) {
    rec.note_use(setup_.subject.cpu(setup_.files), now);
    setup_.on_tick(rec.so_far());
  }
}

void Watch::flush() {
  newest().rec.note_use(setup_.subject.cpu(setup_.files), utc_now());
  const std::string saved = doors_.saved();
  for (const auto& window : windows_) {
    window->rec.flush(saved, anchor_, utc_now());
    trouble_ = window->rec.store.trouble();
  }
  close_full_windows();
  next_flush_ = clock_.boot() + kFlush - setup_.interval / 2;
}

bool Watch::read_to_the_end(const Window& window) const {
  const Recording& rec = window.rec;
  if (utc_now() > *rec.run.end + kWaitForLast) return true;
  for (std::size_t i = 0; i < rec.run.channels.size(); ++i) {
    const auto* newest = rec.buckets.newest(i);
    if (newest != nullptr && newest->span.end < *rec.run.end) return false;
  }
  return true;
}

void Watch::close_full_windows() {
  while (windows_.size() > 1 && read_to_the_end(*windows_.front())) {
    close_window(*windows_.front());
    windows_.erase(windows_.begin());
  }
}

void Watch::close_window(Window& window) {
  Recording& rec = window.rec;
  rec.run.state = interrupted_ ? RunState::interrupted : RunState::finished;
  rec.run.exit_note = "watched, not started by lowtide";
  if (!setup_.all_gpus) {
    for (const std::size_t i : window.gpus.settle(rec.run.channels)) {
      rec.pending.channels.emplace_back(i, rec.run.channels[i]);
    }
  }
  rec.note_silent_counters(*rec.run.end);
  rec.price(setup_.intensity, {*rec.run.begin, *rec.run.end});
  rec.flush(doors_.saved(), anchor_, utc_now());
  rec.finish(utc_now());
  trouble_ = rec.store.trouble();
}

void Watch::look_for_end() {
  signalfd_siginfo info{};
  const BootTime now = clock_.boot();
  const auto ended = end_watch_ ? end_watch_->ended() : std::nullopt;
  if (ended) {
    end_ = anchor_.at(*ended);
    why_ = "the process ended";
  } else if (setup_.subject.kind == Subject::Kind::cgroup && setup_.subject.over()) {
    end_ = anchor_.at(now);
    why_ = "the cgroup was removed";
  } else if (setup_.at_most && now - begun_ >= *setup_.at_most) {
    end_ = anchor_.at(begun_ + *setup_.at_most);
  } else if (read(signals_.get(), &info, sizeof info) == ssize_t{sizeof info}) {
    end_ = anchor_.at(now);
    // Whoever stops what is left after its guard was killed starts another one, which goes on.
    interrupted_ = setup_.guard != 0 && getppid() != setup_.guard;
  }
}

void Watch::close() {
  roll(*end_ - Duration(1));
  *end_ = std::max(*end_, *newest().rec.run.begin);
  newest().rec.run.end = *end_;
  newest().rec.buckets.end(*end_);
  doors_.request();
  collect_until(clock_.boot() + kLastReading, [this] { return doors_.all_idle(); });
  Arrivals tails;
  tails.readings = doors_.tails();
  for (const auto& window : windows_) {
    window->rec.add(tails);
    window->gpus.count({}, anchor_, window->rec.run.end, window->rec.buckets);
  }
  if (!why_.empty()) newest().rec.event(*end_, "watch-ended", why_);
  // What has ended tells nothing more of its CPU time: its last moments go by the time before.
  if (!setup_.subject.over()) newest().rec.note_use(setup_.subject.cpu(setup_.files), *end_);
  for (const auto& window : windows_) {
    window->rec.store.wait_for_locks(std::chrono::seconds(3));
    close_window(*window);
  }
}

}  // namespace lowtide::record
