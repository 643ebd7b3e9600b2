// A real job of several processes below supervisor and meter, frozen by a freezer in this process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "host/job_for_test.h"
#include "host/supervise.h"
#include "record/meter_for_test.h"
#include "record/run_for_test.h"
#include "record/session.h"

namespace lowtide::record {
namespace {

using host::eventually;
using testing::HasSubstr;

// A device that draws 100 W, always, by its own counter.
Reader::Open hundred_watts() {
  auto script = script_of({"steady", "card"});
  script->channels[1].kind = ChannelKind::gpu;
  script->channels[0].source = Source::rapl;
  auto last = std::make_shared<BootTime>(host::SystemClock().boot());
  script->period = std::chrono::milliseconds(100);
  script->on_read = [last](int) {
    const BootTime now = host::SystemClock().boot();
    const BootTime before = std::exchange(*last, now);
    return sense::Batch{{{0,
                          {before, now},
                          watts(100) * (now - before),
                          watts(100),
                          watts(100),
                          Quality::measured}},
                        {},
                        {},
                        {}};
  };
  return opens(script);
}

class SessionPause : public testing::Test {
 protected:
  // As the shell's child does it; the job burns on two processes below a shell, for 60 s at most.
  void start() {
    supervisor_ = std::make_unique<host::Child>([this] {
      setpgid(0, 0);
      const host::Inherited inherited = host::Inherited::take();
      const auto outcome = host::supervise(
          inherited, board_,
          [&](const host::MeterSeat& seat) {
            pids_.pids[0] = getpid();
            return meter(seat, inherited);
          },
          host::Beside{false, {}, {}, note_});
      return outcome.status;
    });
    ASSERT_TRUE(eventually([&] { return !children_of_job().empty() && row().has_value(); }));
  }
  int meter(const host::MeterSeat& seat, const host::Inherited& inherited) {
    SessionSetup setup;
    setup.run = small_run("pause001");
    setup.run.begin.reset();
    setup.run.submitted = host::SystemClock().utc();
    setup.job.command = {"/bin/sh", "-c",
                         "while :; do :; done & A=$!; while :; do :; done & B=$!; while [ ! -e " +
                             folder_.path("go") + " ]; do sleep 0.05; done; kill $A $B; exit 7"};
    setup.ledger_path = ledger_;
    setup.doors = {{"steady", hundred_watts()}};
    setup.own_cgroup = false;
    setup.gpus_chosen = true;
    setup.freeze_note = note_;
    Session session(std::move(setup), inherited, board_, seat);
    return session.run() ? 0 : 1;
  }
  [[nodiscard]] std::vector<pid_t> children_of_job() const {
    return board_.job_pid == 0 ? std::vector<pid_t>{} : host::children_of(board_.job_pid);
  }
  [[nodiscard]] std::optional<RunRecord> row() const {
    auto ledger = Ledger::open_to_read(ledger_);
    if (!ledger) return std::nullopt;
    const auto line = ledger->find("pause001");
    if (!line) return std::nullopt;
    auto run = ledger->load(line->key, false);
    return run ? std::optional(std::move(*run)) : std::nullopt;
  }
  [[nodiscard]] RunState state() const { return row().value_or(RunRecord{}).state; }

  void freeze() {
    const pid_t meter = pids_.pids[0];
    freezer_.emplace(host::JobTree{host::key_of(board_.job_pid),
                                   {},
                                   {meter, supervisor_->pid()},
                                   {meter, supervisor_->pid()}},
                     note_);
    const auto setup = freezer_->prepare(clock_.boot() + std::chrono::hours(1));
    ASSERT_TRUE(setup) << setup.error().line();
    auto armed = host::arm(*setup);
    ASSERT_TRUE(armed) << armed.error().line();
    waker_.emplace(std::move(*armed));
    const auto frozen = freezer_->freeze(*waker_);
    ASSERT_TRUE(frozen) << frozen.error().line();
  }
  void thaw() {
    ASSERT_TRUE(freezer_->thaw());
    waker_->let_go();
  }
  void end_job() {
    folder_.write("go", "");
    EXPECT_EQ(supervisor_->exit_status(), 7);
  }
  [[nodiscard]] Duration cpu() const {
    Duration sum = host::cpu_of(board_.job_pid);
    for (const pid_t pid : children_of_job()) sum += host::cpu_of(pid);
    return sum;
  }
  // Of the slots in a state.
  static Duration time_in(const RunRecord& run, RunState state) {
    return std::accumulate(run.slots.begin(), run.slots.end(), Duration{},
                           [&](Duration sum, const ChannelSlot& slot) {
                             return sum + (slot.state == state ? slot.span.length() : Duration{});
                           });
  }
  static std::vector<Event> events(const RunRecord& run, const std::string& kind) {
    std::vector<Event> found;
    std::copy_if(run.events.begin(), run.events.end(), std::back_inserter(found),
                 [&](const Event& event) { return event.kind == kind; });
    return found;
  }
  ~SessionPause() override {
    for (const pid_t pid : children_of_job()) kill(pid, SIGKILL);
    if (board_.job_pid > 0) kill(board_.job_pid, SIGKILL);
  }

  host::TempFolder folder_;
  std::string ledger_ = folder_.path("ledger.db");
  std::string note_ = folder_.path("frozen");
  host::SystemClock clock_;
  host::Board& board_ = host::Board::map();
  host::JobBoard& pids_ = host::shared_board();
  std::unique_ptr<host::Child> supervisor_;
  std::optional<host::Freezer> freezer_;
  std::optional<host::Waker> waker_;
};

TEST_F(SessionPause, slots_are_cut_where_it_was_frozen_and_thawed) {
  start();
  usleep(1'500'000);
  const BootTime frozen_at = clock_.boot();
  freeze();
  ASSERT_TRUE(eventually([&] { return state() == RunState::paused; }))
      << "on record while it lasts";
  const Duration before = cpu();
  usleep(3'000'000);
  EXPECT_EQ(cpu(), before);
  int status = 0;
  EXPECT_EQ(waitpid(supervisor_->pid(), &status, WNOHANG | WUNTRACED), 0) << "the shell saw a stop";
  thaw();
  const Duration frozen_for = clock_.boot() - frozen_at;
  ASSERT_TRUE(eventually([&] { return state() == RunState::running; }));
  usleep(1'000'000);
  end_job();
  const RunRecord run = *row();
  EXPECT_EQ(run.state, RunState::failed);
  const double paused_s = as_seconds(time_in(run, RunState::paused));
  EXPECT_NEAR(paused_s, as_seconds(frozen_for), 0.5);
  EXPECT_GT(as_seconds(time_in(run, RunState::running)), 2);
  Energy paused;
  for (const ChannelSlot& slot : run.slots) {
    if (slot.state == RunState::paused) paused += slot.device;
  }
  EXPECT_NEAR(as_joules(paused), 100 * paused_s, 30);
  Duration paused_cpu{};
  for (const UseSlot& use : run.use) {
    if (use.state == RunState::paused) paused_cpu += use.job_cpu;
  }
  EXPECT_LT(as_seconds(paused_cpu), 0.05 * paused_s) << "flat";
  ASSERT_EQ(events(run, "paused").size(), 1U);
  ASSERT_EQ(events(run, "resumed").size(), 1U);
  EXPECT_THAT(events(run, "paused")[0].detail, HasSubstr("by signals"));
  EXPECT_THAT(events(run, "paused")[0].detail, HasSubstr("holds on id of card stays"));
}

TEST_F(SessionPause, a_meter_that_is_started_anew_takes_the_state_up) {
  start();
  usleep(500'000);
  freeze();
  ASSERT_TRUE(eventually([&] { return state() == RunState::paused; }));
  const pid_t first = pids_.pids[0];
  kill(first, SIGKILL);
  ASSERT_TRUE(eventually([&] { return pids_.pids[0] != first; }));
  ASSERT_TRUE(eventually([&] { return !events(*row(), "meter-restarted").empty(); }));
  usleep(1'500'000);
  EXPECT_EQ(state(), RunState::paused);
  EXPECT_EQ(host::state_of(board_.job_pid), 'T');
  thaw();
  ASSERT_TRUE(eventually([&] { return state() == RunState::running; }));
  end_job();
  EXPECT_EQ(events(*row(), "paused").size(), 1U) << "said once";
  EXPECT_GT(as_seconds(time_in(*row(), RunState::paused)), 1.4);
}

TEST_F(SessionPause, a_waker_that_thaws_is_named_as_the_cause) {
  start();
  freeze();
  ASSERT_TRUE(eventually([&] { return state() == RunState::paused; }));
  ASSERT_TRUE(waker_->extend(clock_.boot()));
  ASSERT_TRUE(eventually([&] { return state() == RunState::running; }));
  end_job();
  ASSERT_EQ(events(*row(), "resumed").size(), 1U);
  EXPECT_THAT(events(*row(), "resumed")[0].detail, HasSubstr("by the waker"));
}

TEST_F(SessionPause, a_job_that_is_killed_while_frozen_ends_paused) {
  start();
  usleep(500'000);
  freeze();
  ASSERT_TRUE(eventually([&] { return state() == RunState::paused; }));
  usleep(500'000);
  const auto children = children_of_job();
  kill(board_.job_pid, SIGKILL);
  for (const pid_t pid : children) kill(pid, SIGKILL);
  EXPECT_EQ(supervisor_->exit_status(), 128 + SIGKILL);
  const RunRecord run = *row();
  EXPECT_EQ(run.state, RunState::killed);
  ASSERT_TRUE(run.end);
  EXPECT_EQ(run.slots.back().state, RunState::paused);
  EXPECT_EQ(run.slots.back().span.end, *run.end);
  EXPECT_TRUE(events(run, "resumed").empty());
}

}  // namespace
}  // namespace lowtide::record
