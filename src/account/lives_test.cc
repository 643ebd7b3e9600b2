// merge_lives(): laws that hold for the figures of any record of several lives.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>

#include "account/derive.h"
#include "account/testing_run.h"
#include "series/merge_lives.h"

namespace lowtide::account {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const Utc kBegin(seconds(1'767'571'200));

bool close(double a, double b) { return std::abs(a - b) <= 1e-9 * (std::abs(a) + std::abs(b) + 1); }
double any(int low, int high) { return *rc::gen::inRange(low, high + 1); }

TestRun with_uuids(TestRun run) {
  for (ChannelInfo& channel : run.record.channels) channel.uuid = "uuid of " + channel.id;
  run.record.host = "node1";
  return run;
}

// A run of 1 to 40 minutes with a GPU, a shared CPU and memory; nothing of it rests on the lowest
// power that is seen.
TestRun any_run() {
  TestRun run(seconds(*rc::gen::inRange(60, 2400)), kBegin + seconds(*rc::gen::inRange(0, 300)));
  run.gpu({watts(any(1, 700)), watts(any(1, 700)), watts(any(1, 700))});
  run.cpu(watts(any(60, 200)), watts(50)).use(any(0, 100) / 100).cpus(16, any(1, 16));
  run.intensity({any(0, 900), any(0, 900), std::nullopt, any(0, 900)});
  return with_uuids(run);
}

Report derived(const RunRecord& run) { return derive(run, test_tables()); }

// The part of a record that a lowtide would have written that saw only `span` of it.
RunRecord part_of_run(const RunRecord& whole, Interval span, const std::string& id) {
  RunRecord part = whole;
  part.id = id;
  part.life_of = id == whole.id ? "" : whole.id;
  part.submitted = part.begin.emplace(span.begin);
  part.end = span.end;
  const auto share = [&](Interval of) {
    return as_seconds(of.meet(span).length()) / as_seconds(of.length());
  };
  for (ChannelSlot& slot : part.slots) {
    slot.device *= share(slot.span);
    slot.span = slot.span.meet(span);
    slot.covered = slot.span.length();
  }
  std::erase_if(part.slots, [](const ChannelSlot& slot) { return slot.span.empty(); });
  for (UseSlot& slot : part.use) {
    slot.job_cpu = lowtide::seconds(as_seconds(slot.job_cpu) * share(slot.span));
    slot.span = slot.span.meet(span);
    slot.machine_cpu = slot.span.length();
  }
  std::erase_if(part.use, [](const UseSlot& slot) { return slot.span.empty(); });
  for (IntensityUsed& used : part.intensity) used.series = used.series.slice(span);
  return part;
}

// Moves all that was recorded by `by`.
RunRecord later(RunRecord run, Duration by) {
  *run.begin += by;
  *run.end += by;
  run.submitted += by;
  const auto move = [by](auto& rows) {
    for (auto& row : rows) row.span = {row.span.begin + by, row.span.end + by};
  };
  move(run.slots);
  move(run.use);
  move(run.samples);
  for (IntensityUsed& used : run.intensity) {
    std::vector<IntensityPiece> pieces(used.series.pieces().begin(), used.series.pieces().end());
    move(pieces);
    used.series = IntensitySeries::from(pieces).value();
  }
  return run;
}

RunRecord life(RunRecord run, const std::string& id, const std::string& of) {
  run.id = id;
  run.life_of = of;
  return run;
}

void check_same(const Report& a, const Report& b) {
  RC_ASSERT(close(as_joules(*a.energy.it), as_joules(*b.energy.it)));
  RC_ASSERT(close(as_joules(*a.energy.idle_not_charged), as_joules(*b.energy.idle_not_charged)));
  RC_ASSERT(close(as_grams(a.carbon.total.value_or(Carbon{})),
                  as_grams(b.carbon.total.value_or(Carbon{}))));
  RC_ASSERT(close(as_grams(*a.carbon.embodied), as_grams(*b.carbon.embodied)));
  RC_ASSERT(close(a.energy.coverage, b.energy.coverage));
  RC_ASSERT(*a.duration == *b.duration);
}

TEST(Lives, a_run_split_at_any_instant_is_the_same_run) {
  EXPECT_TRUE(rc::check([] {
    const RunRecord whole = any_run().record;
    const Interval span{*whole.begin, *whole.end};
    const Utc cut = span.begin + span.length() / 1000 * *rc::gen::inRange(1, 1000);
    const RunRecord merged = merge_lives({part_of_run(whole, {span.begin, cut}, whole.id),
                                          part_of_run(whole, {cut, span.end}, "life2")});
    RC_ASSERT(merged.id == whole.id);
    RC_ASSERT(merged.lives == 2);
    check_same(derived(merged), derived(whole));
  }));
}

TEST(Lives, time_between_lives_is_no_time_of_the_run) {
  EXPECT_TRUE(rc::check([] {
    const RunRecord whole = any_run().record;
    const Interval span{*whole.begin, *whole.end};
    const Utc cut = span.begin + span.length() / 2;
    // Whole slots, so that the pieces are cut where they were.
    const Duration between = kSlot * *rc::gen::inRange(1, 400);
    const RunRecord merged =
        merge_lives({part_of_run(whole, {span.begin, cut}, whole.id),
                     later(part_of_run(whole, {cut, span.end}, "life2"), between)});
    const Report report = derived(merged);
    check_same(report, derived(whole));
    RC_ASSERT(merged.end == span.end + between);
    RC_ASSERT(merged.off == std::vector<Interval>({{cut, cut + between}}));
    Duration slots{};
    for (const SlotReport& slot : report.slots) {
      slots += slot.span.length();
      RC_ASSERT(slot.span.meet(merged.off.front()).empty());
    }
    RC_ASSERT(slots == *report.duration);
    RC_ASSERT(report.intensity.front().coverage == derived(whole).intensity.front().coverage);
  }));
}

TEST(Lives, equal_ranks_are_one_run_but_for_the_cpu_time_that_adds_up) {
  EXPECT_TRUE(rc::check([] {
    TestRun run = any_run();
    for (UseSlot& slot : run.record.use) slot.job_cpu = slot.machine_cpu / 4;
    RunRecord idle = run.record;
    for (UseSlot& slot : idle.use) slot.job_cpu = Duration::zero();
    std::vector<RunRecord> ranks;
    for (const char* id : {"a", "b", "c"}) ranks.push_back(life(idle, id, run.record.id));
    ranks.push_back(run.record);
    const RunRecord merged = merge_lives(ranks);
    RC_ASSERT(merged.lives == 1 && merged.off.empty() && merged.channels.size() == 2);
    check_same(derived(merged), derived(run.record));
    for (RunRecord& rank : ranks) rank.use = run.record.use;
    const RunRecord busy = merge_lives(ranks);
    for (UseSlot& slot : run.record.use) slot.job_cpu = slot.machine_cpu;
    check_same(derived(busy), derived(run.record));
  }));
}

TEST(Lives, the_order_in_which_they_come_does_not_matter) {
  EXPECT_TRUE(rc::check([] {
    std::vector<RunRecord> lives;
    for (const char* id : {"a", "b", "c", "d"}) {
      RunRecord one = life(any_run().record, id, "whole");
      one.host = *rc::gen::arbitrary<bool>() ? "node1" : "node2";
      lives.push_back(later(one, minutes(*rc::gen::inRange(0, 90))));
    }
    const RunRecord merged = merge_lives(lives);
    const RunRecord again = merge_lives(*rc::gen::apply(
        [&](int turns) {
          std::vector<RunRecord> other = lives;
          std::rotate(other.begin(), other.begin() + turns, other.end());
          std::swap(other[0], other[2]);
          return other;
        },
        rc::gen::inRange(0, 4)));
    RC_ASSERT(merged.id == "whole");
    RC_ASSERT(merged.lives == again.lives && merged.off == again.off);
    RC_ASSERT(merged.state == again.state && merged.exit_status == again.exit_status);
    check_same(derived(merged), derived(again));
  }));
}

TEST(Lives, a_device_counts_once_where_lives_overlap_and_the_rest_fills_the_gap) {
  TestRun first(minutes(10), kBegin);
  TestRun second(minutes(20), kBegin + minutes(5));
  first.gpu(watts(360));
  second.gpu(watts(360));
  RunRecord a = with_uuids(first).record;
  RunRecord b = with_uuids(second).record;
  const Report report = derived(merge_lives({a, life(b, "rank2", a.id)}));
  EXPECT_NEAR(as_kwh(*report.energy.it), 0.36 * 25 / 60, 1e-12);
  EXPECT_EQ(*report.duration, minutes(25));
  EXPECT_DOUBLE_EQ(report.energy.coverage, 1);
  // Another machine's device of the same name is another device.
  b.host = "node2";
  EXPECT_NEAR(as_kwh(*derived(merge_lives({a, life(b, "rank2", a.id)})).energy.it), 0.36 * 30 / 60,
              1e-12);
  // But a GPU that the whole world knows by its UUID is the same.
  a.channels[0].uuid = b.channels[0].uuid = "GPU-1234";
  EXPECT_NEAR(as_kwh(*derived(merge_lives({a, life(b, "rank2", a.id)})).energy.it), 0.36 * 25 / 60,
              1e-12);
}

TEST(Lives, samples_say_how_a_slot_is_shared_out_where_lives_meet) {
  // 100 J in the first minute, 400 J in the second; the other life read the first minute only.
  TestRun two(minutes(2), kBegin);
  TestRun one(seconds(60), kBegin);
  two.gpu(joules(500) / minutes(2));
  one.gpu(joules(100) / minutes(1));
  RunRecord a = with_uuids(one).record;
  RunRecord b = with_uuids(two).record;
  a.end = kBegin + minutes(3);
  a.slots.push_back(a.slots[0]);  // and a minute that the longer life did not see
  a.slots[1].span = {kBegin + minutes(2), kBegin + minutes(3)};
  a.slots.push_back(a.slots[1]);
  a.slots[2].span = {kBegin - minutes(1), kBegin};
  a.begin = kBegin - minutes(1);
  b.samples = {{0, {kBegin, kBegin + minutes(1)}, joules(100), {}, {}},
               {0, {kBegin + minutes(1), kBegin + minutes(2)}, joules(400), {}, {}}};
  const RunRecord merged = merge_lives({a, life(b, "rank2", a.id)});
  EXPECT_NEAR(as_joules(*derived(merged).energy.it), 3 * 100 + 400, 1e-9);
  EXPECT_EQ(merged.samples.size(), 1U);  // of the minute that the other life did not read better
  EXPECT_EQ(merged.samples[0].span.begin, kBegin + minutes(1));
}

TEST(Lives, a_life_on_other_devices_leaves_no_gap_in_them) {
  TestRun first(hours(1), kBegin);
  TestRun second(hours(2), kBegin + hours(5));
  first.gpu(watts(300)).cpus(64, 64).constant(400);
  second.gpu(watts(300)).cpus(64, 32).constant(400);
  RunRecord a = with_uuids(first).record;
  RunRecord b = with_uuids(second).record;
  a.channels[0].uuid = "GPU-1";
  b.channels[0].uuid = "GPU-2";
  b.host = "node2";
  const Report report = derived(merge_lives({a, life(b, "life2", a.id)}));
  EXPECT_EQ(report.energy.channels.size(), 2U);
  EXPECT_EQ(report.energy.channels[0].info.id, "gpu:0");
  EXPECT_EQ(report.energy.channels[1].info.id, "gpu:0@node2");
  for (const ChannelCharge& channel : report.energy.channels) {
    EXPECT_DOUBLE_EQ(channel.coverage, 1) << channel.info.id;
  }
  const auto made = [](const RunRecord& run) { return as_grams(*derived(run).carbon.embodied); };
  EXPECT_NEAR(as_grams(*report.carbon.embodied), made(a) + made(b), 1e-9);
  EXPECT_NEAR(as_grams(*report.carbon.total),
              as_grams(*derived(a).carbon.total + *derived(b).carbon.total), 1e-9);
}

TEST(Lives, each_machine_charges_by_its_own_use_and_share) {
  TestRun first(hours(1), kBegin);
  TestRun second(hours(1), kBegin);
  first.cpu(watts(200), watts(50)).use(0.9).cpus(16, 16);
  second.cpu(watts(100), watts(40)).use(0.1).cpus(16, 4);
  RunRecord a = with_uuids(first).record;
  RunRecord b = with_uuids(second).record;
  b.host = "node2";
  const Report report = derived(merge_lives({a, life(b, "rank2", a.id)}));
  EXPECT_NEAR(as_kwh(*report.energy.it), as_kwh(*derived(a).energy.it + *derived(b).energy.it),
              1e-12);
  EXPECT_EQ(*report.duration, hours(1));
}

TEST(Lives, a_gpu_that_one_life_only_watched_is_charged_to_those_that_used_it) {
  TestRun first(hours(1), kBegin);
  TestRun second(hours(1), kBegin + hours(1));
  first.gpu(watts(300));
  second.gpu(watts(300));
  RunRecord a = with_uuids(first).record;
  a.channels[0].in_total = false;
  const Report report = derived(merge_lives({a, life(with_uuids(second).record, "life2", a.id)}));
  EXPECT_NEAR(as_kwh(*report.energy.it), 0.3, 1e-12);
  EXPECT_DOUBLE_EQ(report.energy.coverage, 1);
}

TEST(Lives, what_is_off_once_a_run_is_off_once_a_life_and_ranks_are_one) {
  TestRun run(minutes(5), kBegin);
  run.gpu(watts(300));
  run.record.channels[0].errors = {
      {ErrorTermKind::gain, 0, 0, {}, {}, joules(9), joules(9), "end"}};
  const RunRecord a = with_uuids(run).record;
  const auto width = [](const RunRecord& merged) {
    const Report report = derived(merged);
    return as_joules(*report.energy.total_high - *report.energy.total);
  };
  EXPECT_NEAR(width(merge_lives({a, life(a, "rank2", a.id)})), 9, 1e-9);
  EXPECT_NEAR(width(merge_lives({a, life(later(a, hours(1)), "life2", a.id)})), 18, 1e-9);
}

TEST(Lives, ranks_on_one_gpu_are_no_strangers_to_each_other) {
  TestRun run(minutes(5), kBegin);
  run.gpu(watts(300));
  RunRecord a = with_uuids(run).record;
  a.slots[0].use = {minutes(5), minutes(5), minutes(10), minutes(5), minutes(1), minutes(4)};
  RunRecord b = life(a, "rank2", a.id);
  b.slots[0].use->busy_ours = minutes(3);
  const RunRecord merged = merge_lives({a, b});
  ASSERT_EQ(merged.slots.size(), 1U);
  const DeviceUse& use = *merged.slots[0].use;
  EXPECT_EQ(use.shared, Duration::zero());
  EXPECT_EQ(use.held_ours, minutes(10));
  EXPECT_EQ(use.busy_ours, minutes(4));
  // A third process is somebody else's.
  a.slots[0].use->held_all = b.slots[0].use->held_all = minutes(15);
  EXPECT_EQ(merge_lives({a, b}).slots[0].use->shared, minutes(5));
}

// To each rank the other is a stranger on their GPU; to the job there is none, or a third.
TEST(Lives, ranks_that_share_a_gpu_are_one_user_of_it) {
  for (const double both : {1.0, 0.5}) {
    std::vector<RunRecord> ranks;
    for (const double part : {both * 0.75, both * 0.25}) {
      TestRun run(minutes(10), kBegin);
      run.gpu(watts(300)).shared(1, part, part);
      run.record.id = std::to_string(ranks.size());
      run.record.life_of = ranks.empty() ? "" : "0";
      run.record.channels[0].idle_power = watts(100);
      ranks.push_back(with_uuids(run).record);
    }
    const Report whole = derived(merge_lives(ranks));
    EXPECT_NEAR(as_joules(*whole.energy.it), 600 * 300 * both, 1e-3);
    const bool open = std::any_of(
        whole.errors.begin(), whole.errors.end(),
        [](const ErrorReport& error) { return error.kind == ErrorTermKind::attribution; });
    EXPECT_EQ(open, both < 1) << "nobody else, nothing left open";
  }
}

struct Ending {
  const char* what;
  std::vector<std::pair<RunState, std::optional<int>>> ranks;  // in the order of their ends
  RunState state;
  std::optional<int> status;
};

TEST(Lives, the_last_life_says_how_the_record_ended) {
  using enum RunState;
  const std::vector<Ending> endings = {
      {"one", {{failed, 3}}, failed, 3},
      {"the first rank that failed", {{finished, 0}, {killed, 137}, {failed, 1}}, killed, 137},
      {"no rank failed", {{finished, 0}, {finished, 0}}, finished, 0},
      {"a rank whose end nobody saw", {{finished, 0}, {interrupted, {}}}, interrupted, {}},
  };
  for (const Ending& ending : endings) {
    TestRun before(hours(1), kBegin);
    before.record.state = failed;
    before.record.exit_status = 99;
    std::vector<RunRecord> lives = {before.record};
    for (const auto& [state, status] : ending.ranks) {
      TestRun rank(hours(1) + seconds(lives.size()), kBegin + hours(2));
      lives.push_back(life(rank.record, std::to_string(lives.size()), before.record.id));
      lives.back().state = state;
      lives.back().exit_status = status;
    }
    RunRecord merged = merge_lives(lives);
    EXPECT_EQ(merged.state, ending.state) << ending.what;
    EXPECT_EQ(merged.exit_status, ending.status) << ending.what;
    EXPECT_EQ(merged.lives, 2) << ending.what;
    EXPECT_EQ(merged.end, *lives.back().end) << ending.what;
    lives.back().state = running;
    lives.back().end.reset();
    merged = merge_lives(lives);
    EXPECT_EQ(merged.state, running) << ending.what;
    EXPECT_FALSE(merged.end || merged.exit_status) << ending.what;
  }
}

TEST(Lives, counts_add_up_and_each_further_life_is_an_event) {
  TestRun first(hours(1), kBegin);
  TestRun second(hours(1), kBegin + hours(3));
  first.record.counts = {{"samples", 100}};
  second.record.counts = {{"samples", 50}, {"epochs", 1}};
  second.record.name = "another";
  second.record.options.idle = IdleRule::all;
  const RunRecord merged =
      merge_lives({life(second.record, "life2", first.record.id), first.record});
  EXPECT_EQ(merged.counts, (std::map<std::string, double>{{"samples", 150}, {"epochs", 1}}));
  EXPECT_EQ(merged.name, first.record.name);
  EXPECT_EQ(merged.options.idle, IdleRule::reserved);
  std::vector<std::string> kinds;
  kinds.reserve(merged.events.size());
  for (const Event& event : merged.events) kinds.push_back(event.kind);
  EXPECT_EQ(kinds, (std::vector<std::string>{"life", "life-options"}));
}

}  // namespace
}  // namespace lowtide::account
