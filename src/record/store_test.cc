#include "record/store.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "host/child_for_test.h"
#include "record/meter_for_test.h"
#include "record/run_for_test.h"

namespace lowtide::record {
namespace {

using host::Child;
using host::TempFolder;

Increment samples_of(std::initializer_list<Sample> samples) {
  Increment more;
  more.samples = samples;
  return more;
}

RunRecord read_back(const std::string& path, const std::string& id) {
  auto ledger = Ledger::open_to_read(path).value();
  return ledger.load(ledger.find(id)->key, true).value();
}

double joules_in(const RunRecord& run) {
  double sum = 0;
  for (const Sample& s : run.samples) sum += as_joules(s.energy);
  return sum;
}

class StoreTest : public testing::Test {
 protected:
  // A ledger below a file: no disk takes it until the file is gone.
  std::string blocked_path() {
    folder_.write("blocked", "");
    return folder_.path("blocked/ledger.db");
  }
  void unblock() {
    std::filesystem::remove(folder_.path("blocked"));
    clock_.now += std::chrono::minutes(2);
  }
  TempFolder folder_;
  SetClock clock_;
  Buckets buckets_{seconds(1)};
};

TEST_F(StoreTest, the_first_flush_writes_the_run_and_the_next_ones_what_is_new) {
  const std::string path = folder_.path("ledger.db");
  Store store(path, clock_);
  EXPECT_EQ(store.key(), 0);
  store.flush(small_run("a"), samples_of({sample(0, 1, 5)}), {}, buckets_);
  EXPECT_GT(store.key(), 0);
  EXPECT_FALSE(store.trouble());
  store.flush(small_run("a"), samples_of({sample(0, 2, 9), sample(2, 3, 1)}), {}, buckets_);
  const RunRecord run = read_back(path, "a");
  ASSERT_EQ(run.samples.size(), 2U);
  EXPECT_DOUBLE_EQ(joules_in(run), 10);
}

TEST_F(StoreTest, finish_writes_state_end_and_status) {
  const std::string path = folder_.path("ledger.db");
  Store store(path, clock_);
  RunRecord run = small_run("a");
  store.flush(run, {}, {}, buckets_);
  run.state = RunState::failed;
  run.exit_status = 2;
  run.end = second(5);
  EXPECT_TRUE(store.finish(run, {}));
  EXPECT_EQ(read_back(path, "a").state, RunState::failed);
  EXPECT_EQ(read_back(path, "a").end, second(5));
}

TEST_F(StoreTest, without_a_place_nothing_is_written_and_the_trouble_is_said) {
  Store store("", clock_);
  store.flush(small_run("a"), samples_of({sample(0, 1, 5)}), {}, buckets_);
  ASSERT_TRUE(store.trouble());
  EXPECT_FALSE(store.finish(small_run("a"), {}));
  EXPECT_EQ(store.key(), 0);
}

TEST_F(StoreTest, what_the_disk_would_not_take_is_written_when_it_will) {
  const std::string path = blocked_path();
  Store store(path, clock_);
  RunRecord run = small_run("a");
  Increment first = samples_of({sample(0, 1, 5)});
  first.channels = {{0, full_channel()}};
  first.slots = {
      {0, span_of(0, 300), RunState::running, joules(5), seconds(1), watts(5), Quality::measured}};
  first.events = {{second(1), "one", ""}};
  first.intensity = {{0, full_intensity()}};
  store.flush(run, first, {}, buckets_);
  ASSERT_TRUE(store.trouble());
  EXPECT_EQ(store.key(), 0);
  Increment next = samples_of({sample(0, 2, 9)});
  next.slots = {
      {0, span_of(0, 300), RunState::running, joules(9), seconds(2), watts(4), Quality::measured}};
  next.use = {{span_of(0, 300), RunState::running, seconds(1), seconds(2)}};
  next.events = {{second(2), "two", ""}};
  store.flush(run, next, {}, buckets_);
  EXPECT_TRUE(store.trouble());

  unblock();
  Keeper keeper;
  keeper.saved = "counters";
  store.flush(run, samples_of({sample(2, 3, 1)}), keeper, buckets_);
  EXPECT_FALSE(store.trouble());
  const RunRecord read = read_back(path, "a");
  EXPECT_EQ(read.channels.size(), 1U);
  EXPECT_EQ(read.samples.size(), 2U);
  EXPECT_DOUBLE_EQ(joules_in(read), 10);
  ASSERT_EQ(read.slots.size(), 1U);
  EXPECT_EQ(read.slots[0].device, joules(9));
  EXPECT_EQ(read.use.size(), 1U);
  EXPECT_EQ(read.events.size(), 2U);
  EXPECT_EQ(read.intensity.size(), 1U);
  EXPECT_EQ(store.keeper()->saved, "counters");
  EXPECT_TRUE(store.finish(run, keeper));
}

TEST_F(StoreTest, finish_tries_once_more_at_once) {
  const std::string path = blocked_path();
  Store store(path, clock_);
  store.flush(small_run("a"), samples_of({sample(0, 1, 5)}), {}, buckets_);
  EXPECT_FALSE(store.finish(small_run("a"), {}));
  std::filesystem::remove(folder_.path("blocked"));  // and the clock stands still
  EXPECT_TRUE(store.finish(small_run("a"), {}));
  EXPECT_DOUBLE_EQ(joules_in(read_back(path, "a")), 5);
}

// A limit on the size of files stands for a full disk; it holds for this child alone.
TEST_F(StoreTest, a_full_disk_keeps_a_backlog_that_is_written_when_there_is_room) {
  const std::string path = folder_.path("ledger.db");
  Child child([&] {
    signal(SIGXFSZ, SIG_IGN);
    Store store(path, clock_);
    store.flush(small_run("a"), samples_of({sample(0, 1, 1)}), {}, buckets_);
    if (store.trouble()) return 1;
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    const rlim_t room = limit.rlim_cur;
    limit.rlim_cur = 16384;
    setrlimit(RLIMIT_FSIZE, &limit);
    Increment large;
    for (int i = 1; i < 3000; ++i) large.samples.push_back(sample(i, i + 1, 1));
    store.flush(small_run("a"), large, {}, buckets_);
    if (!store.trouble()) return 2;
    if (store.finish(small_run("a"), {})) return 3;
    limit.rlim_cur = room;
    setrlimit(RLIMIT_FSIZE, &limit);
    store.flush(small_run("a"), samples_of({sample(3000, 3001, 1)}), {}, buckets_);
    return store.trouble() ? 4 : 0;
  });
  ASSERT_EQ(child.exit_status(), 0);
  EXPECT_DOUBLE_EQ(joules_in(read_back(path, "a")), 3001);
}

TEST_F(StoreTest, the_backlog_is_bounded_and_conserves_energy_while_its_newest_sample_grows) {
  const std::string path = blocked_path();
  Store store(path, clock_);
  const RunRecord run = small_run("a");
  constexpr int kSeconds = 30'000;
  constexpr int kFlush = 500;
  for (int at = 0; at < kSeconds; at += kFlush) {
    Increment more;
    // The last sample of the flush before, now whole; and the first half of the newest.
    if (at > 0) more.samples.push_back(sample(at - 1, at, 2));
    for (int i = at; i < at + kFlush - 1; ++i) more.samples.push_back(sample(i, i + 1, 2));
    more.samples.push_back(sample(at + kFlush - 1, at + kFlush - 0.5, 1));
    store.flush(run, more, {}, buckets_);
    ASSERT_TRUE(store.trouble());
  }
  unblock();
  store.flush(run, samples_of({sample(kSeconds - 1, kSeconds, 2)}), {}, buckets_);
  ASSERT_FALSE(store.trouble()) << store.trouble()->line();
  const RunRecord read = read_back(path, "a");
  EXPECT_LE(read.samples.size(), 2 * Buckets::kMostSamples);
  EXPECT_NEAR(joules_in(read), 2 * kSeconds, 1e-6);
  for (std::size_t i = 1; i < read.samples.size(); ++i) {
    ASSERT_LE(read.samples[i - 1].span.end, read.samples[i].span.begin) << "samples overlap";
  }
}

TEST_F(StoreTest, what_memory_cannot_hold_is_dropped_from_the_oldest_on_and_told) {
  Store store(blocked_path(), clock_);
  const RunRecord run = small_run("a");
  // Samples as long as a slot cannot be joined any more.
  const int slot = static_cast<int>(as_seconds(kSlot));
  constexpr std::size_t kSlots = 2 * Buckets::kMostSamples + 10;
  Increment more;
  for (std::size_t i = 0; i < kSlots; ++i) {
    const auto begin = static_cast<int>(i) * slot;
    more.samples.push_back(sample(begin, begin + slot, 2));
  }
  store.flush(run, more, {}, buckets_);
  const auto news = store.take_news();
  ASSERT_EQ(news.size(), 1U);
  EXPECT_EQ(news[0].first, "samples-dropped");
  EXPECT_NE(news[0].second.find("from " + format_utc(second(0)) + " to "), std::string::npos)
      << news[0].second;
  unblock();
  store.flush(run, {}, {}, buckets_);
  ASSERT_FALSE(store.trouble()) << store.trouble()->line();
  const RunRecord read = read_back(folder_.path("blocked/ledger.db"), "a");
  EXPECT_EQ(read.samples.size(), kSlots - Buckets::kMostSamples);
  EXPECT_EQ(read.samples.back().span.end, second(static_cast<int>(kSlots) * slot));
}

// ---- side files

class SideTest : public StoreTest {
 protected:
  std::string side() const { return folder_.path("own/mark-a.db"); }
  // A run that is in the ledger up to second 2, whose ledger is then gone, with the rest offered.
  void lose_ledger(Store& store) {
    run_.slots = {{0,
                   span_of(0, 300),
                   RunState::running,
                   joules(8),
                   seconds(3),
                   watts(1),
                   Quality::measured,
                   {},
                   {}}};
    store.flush(run_, samples_of({sample(0, 1, 5), sample(1, 2, 2)}), {}, buckets_);
    std::filesystem::rename(path_, folder_.path("gone.db"));
    std::filesystem::create_directory(path_);
    Increment more = samples_of({sample(2, 3, 1)});
    more.events = {{second(3), "one", ""}};
    run_.events = more.events;  // as Recording has it
    store.flush(run_, more, {}, buckets_);
    EXPECT_TRUE(store.trouble());
  }
  std::string path_ = folder_.path("ledger.db");
  RunRecord run_ = small_run("a");
};

TEST_F(SideTest, a_refused_run_is_kept_in_memory_first_and_then_as_a_whole_aside) {
  Store store(path_, clock_, {side()});
  lose_ledger(store);
  EXPECT_FALSE(store.refused_for_long());
  clock_.now += Store::kMemoryOnly;
  store.flush(run_, {}, {}, buckets_);
  EXPECT_TRUE(store.refused_for_long());
  ASSERT_TRUE(store.move_aside(run_, {}));
  EXPECT_FALSE(store.refused_for_long());
  store.flush(run_, samples_of({sample(3, 4, 6)}), {}, buckets_);
  EXPECT_EQ(store.side(), side());
  EXPECT_TRUE(store.trouble()) << "it says why it is not in the ledger";
  std::vector<std::string> kinds;
  for (const auto& [kind, detail] : store.take_news()) kinds.push_back(kind);
  EXPECT_EQ(kinds, (std::vector<std::string>{"ledger-refused", "kept-aside"}));
  run_.state = RunState::finished;
  EXPECT_TRUE(store.finish(run_, {}));
  const RunRecord kept = read_back(side(), "a");
  EXPECT_EQ(kept.samples.size(), 4U) << "also what the lost ledger held";
  EXPECT_DOUBLE_EQ(joules_in(kept), 14);
  EXPECT_EQ(kept.events.size(), 1U);
  EXPECT_EQ(kept.slots.size(), 1U);
  EXPECT_EQ(kept.state, RunState::finished);
}

TEST_F(SideTest, a_ledger_that_is_well_again_takes_the_run_in_at_its_end) {
  Store store(path_, clock_, {side()});
  lose_ledger(store);
  ASSERT_TRUE(store.move_aside(run_, {}));
  store.flush(run_, {}, {}, buckets_);
  std::filesystem::remove(path_);
  run_.state = RunState::finished;
  EXPECT_TRUE(store.finish(run_, {}));
  EXPECT_FALSE(store.trouble());
  EXPECT_EQ(store.side(), "");
  EXPECT_FALSE(std::filesystem::exists(side()));
  EXPECT_DOUBLE_EQ(joules_in(read_back(path_, "a")), 8);
}

TEST_F(SideTest, a_later_meter_goes_on_aside) {
  {
    Store store(path_, clock_, {side()});
    lose_ledger(store);
    ASSERT_TRUE(store.move_aside(run_, {}));
    store.flush(run_, {}, {}, buckets_);
  }
  Store next(path_, clock_, {side()});
  ASSERT_TRUE(next.take_up(77, "a")) << "the key of the lost ledger says nothing";
  EXPECT_EQ(next.side(), side());
  next.flush(run_, samples_of({sample(3, 4, 6)}), {}, buckets_);
  EXPECT_DOUBLE_EQ(joules_in(read_back(side(), "a")), 14);
}

TEST_F(SideTest, a_key_that_is_another_runs_is_not_taken_up) {
  Store store(path_, clock_);
  store.flush(run_, {}, {}, buckets_);
  Store next(path_, clock_);
  EXPECT_FALSE(next.take_up(store.key(), "b"));
  EXPECT_EQ(next.key(), 0);
}

TEST_F(SideTest, a_folder_that_others_may_write_to_is_passed_over) {
  std::filesystem::create_directory(folder_.path("open"));
  std::filesystem::permissions(folder_.path("open"), std::filesystem::perms::all);
  std::filesystem::create_directory(folder_.path("true"));
  std::filesystem::permissions(folder_.path("true"), std::filesystem::perms::owner_all);
  std::filesystem::create_directory_symlink(folder_.path("true"), folder_.path("link"));
  Store store(path_, clock_, {folder_.path("open/a.db"), folder_.path("link/a.db"), side()});
  lose_ledger(store);
  ASSERT_TRUE(store.move_aside(run_, {}));
  EXPECT_EQ(store.side(), side());
  EXPECT_EQ(std::filesystem::status(folder_.path("own")).permissions(),
            std::filesystem::perms::owner_all);
}

TEST_F(StoreTest, more_samples_than_a_run_may_have_are_joined_in_the_ledger) {
  const std::string path = folder_.path("ledger.db");
  Store store(path, clock_);
  const RunRecord run = small_run("a");
  buckets_.begin(second(0));
  for (int i = 0; i < 9000; ++i) {
    buckets_.add(reading(i, i + 1, 3));
    if (i % 500 == 499) store.flush(run, buckets_.take(), {}, buckets_);
  }
  const RunRecord read = read_back(path, "a");
  EXPECT_LE(read.samples.size(), Buckets::kMostSamples);
  EXPECT_NEAR(joules_in(read), 27'000, 1e-6);
}

TEST_F(StoreTest, a_run_is_taken_up_by_its_key) {
  const std::string path = folder_.path("ledger.db");
  Store first(path, clock_);
  Keeper keeper;
  keeper.saved = "counters";
  first.flush(small_run("a"), samples_of({sample(0, 1, 5)}), keeper, buckets_);
  Store second_store(path, clock_);
  const auto run = second_store.take_up(first.key(), "a");
  ASSERT_TRUE(run);
  EXPECT_EQ(run->id, "a");
  EXPECT_EQ(second_store.keeper()->saved, "counters");
  second_store.flush(*run, samples_of({sample(1, 2, 6)}), keeper, buckets_);
  EXPECT_DOUBLE_EQ(joules_in(read_back(path, "a")), 11);
}

TEST_F(StoreTest, a_ledger_that_cannot_be_had_at_the_take_up_gets_the_rows_later) {
  const std::string path = folder_.path("sub/ledger.db");
  Store first(path, clock_);
  first.flush(small_run("a"), samples_of({sample(0, 1, 5)}), {}, buckets_);
  std::filesystem::rename(folder_.path("sub"), folder_.path("away"));
  folder_.write("sub", "");
  Store second_store(path, clock_);
  EXPECT_FALSE(second_store.take_up(first.key(), "a"));
  second_store.flush(small_run("a"), samples_of({sample(1, 2, 6)}), {}, buckets_);
  EXPECT_TRUE(second_store.trouble());
  std::filesystem::remove(folder_.path("sub"));
  std::filesystem::rename(folder_.path("away"), folder_.path("sub"));
  EXPECT_TRUE(second_store.finish(small_run("a"), {}));
  EXPECT_DOUBLE_EQ(joules_in(read_back(path, "a")), 11);
}

}  // namespace
}  // namespace lowtide::record
