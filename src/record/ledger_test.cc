#include "record/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/child_for_test.h"
#include "record/ledger_text.h"
#include "record/run_for_test.h"

namespace lowtide::record {
namespace {

using host::Child;
using host::TempFolder;
using testing::ElementsAre;

Ledger ledger_in(const TempFolder& folder, const std::string& name = "ledger.db") {
  auto opened = Ledger::open(folder.path(name));
  EXPECT_TRUE(opened) << (opened ? "" : opened.error().line());
  return std::move(opened.value());
}

Keeper full_keeper() {
  Keeper keeper;
  keeper.boot_id = "boot";
  keeper.job_pid = 11;
  keeper.job_start = 12;
  keeper.meter_pid = 13;
  keeper.meter_start = 14;
  keeper.supervisor_pid = 15;
  keeper.supervisor_start = 16;
  keeper.anchor_utc = second(1);
  keeper.anchor_boot = BootTime(seconds(17));
  keeper.saved = "{\"nvml\":\"1 2\"}";
  keeper.saved_at = BootTime(seconds(18));
  keeper.saved_job_cpu = seconds(19);
  keeper.saved_machine_cpu = seconds(20);
  return keeper;
}

void expect_same_channels(const RunRecord& a, const RunRecord& b) {
  ASSERT_EQ(a.channels.size(), b.channels.size());
  for (std::size_t i = 0; i < a.channels.size(); ++i) {
    const ChannelInfo& x = a.channels[i];
    const ChannelInfo& y = b.channels[i];
    EXPECT_EQ(std::tie(x.id, x.kind, x.name, x.uuid, x.source, x.in_total, x.idle_power, x.note),
              std::tie(y.id, y.kind, y.name, y.uuid, y.source, y.in_total, y.idle_power, y.note));
    ASSERT_EQ(x.errors.size(), y.errors.size());
    for (std::size_t j = 0; j < x.errors.size(); ++j) {
      const ErrorTerm& p = x.errors[j];
      const ErrorTerm& q = y.errors[j];
      EXPECT_EQ(std::tie(p.kind, p.low_rel, p.high_rel, p.low_power, p.high_power, p.low_once,
                         p.high_once, p.reference),
                std::tie(q.kind, q.low_rel, q.high_rel, q.low_power, q.high_power, q.low_once,
                         q.high_once, q.reference));
    }
  }
}

void expect_same_rows(const RunRecord& a, const RunRecord& b) {
  ASSERT_EQ(a.slots.size(), b.slots.size());
  for (std::size_t i = 0; i < a.slots.size(); ++i) {
    const ChannelSlot& x = a.slots[i];
    const ChannelSlot& y = b.slots[i];
    EXPECT_EQ(std::tie(x.channel, x.span, x.state, x.device, x.covered, x.lowest, x.quality),
              std::tie(y.channel, y.span, y.state, y.device, y.covered, y.lowest, y.quality));
    ASSERT_EQ(x.use.has_value(), y.use.has_value());
    if (x.use) {
      EXPECT_EQ(to_text(*x.use), to_text(*y.use));
    }
    ASSERT_EQ(x.check.has_value(), y.check.has_value());
    if (x.check) {
      EXPECT_EQ(to_text(*x.check), to_text(*y.check));
    }
  }
  ASSERT_EQ(a.use.size(), b.use.size());
  for (std::size_t i = 0; i < a.use.size(); ++i) {
    EXPECT_EQ(std::tie(a.use[i].span, a.use[i].state, a.use[i].job_cpu, a.use[i].machine_cpu),
              std::tie(b.use[i].span, b.use[i].state, b.use[i].job_cpu, b.use[i].machine_cpu));
  }
  ASSERT_EQ(a.samples.size(), b.samples.size());
  for (std::size_t i = 0; i < a.samples.size(); ++i) {
    const Sample& x = a.samples[i];
    const Sample& y = b.samples[i];
    EXPECT_EQ(std::tie(x.channel, x.span, x.energy, x.min, x.max, x.quality),
              std::tie(y.channel, y.span, y.energy, y.min, y.max, y.quality));
  }
}

void expect_same_intensity(const RunRecord& a, const RunRecord& b) {
  ASSERT_EQ(a.intensity.size(), b.intensity.size());
  for (std::size_t i = 0; i < a.intensity.size(); ++i) {
    const IntensityUsed& x = a.intensity[i];
    const IntensityUsed& y = b.intensity[i];
    EXPECT_EQ(std::tie(x.zone, x.asked, x.resolved_by, x.place_assumed, x.signal, x.scope, x.gas),
              std::tie(y.zone, y.asked, y.resolved_by, y.place_assumed, y.signal, y.scope, y.gas));
    EXPECT_EQ(std::tie(x.source, x.model, x.step, x.fallback, x.provisional, x.sha256),
              std::tie(y.source, y.model, y.step, y.fallback, y.provisional, y.sha256));
    EXPECT_EQ(std::tie(x.error_low_rel, x.error_high_rel, x.error_reference, x.licence),
              std::tie(y.error_low_rel, y.error_high_rel, y.error_reference, y.licence));
    EXPECT_EQ(x.origins, y.origins);
    ASSERT_EQ(x.series.pieces().size(), y.series.pieces().size());
    for (std::size_t j = 0; j < x.series.pieces().size(); ++j) {
      EXPECT_EQ(x.series.pieces()[j].span, y.series.pieces()[j].span);
      EXPECT_EQ(x.series.pieces()[j].quality, y.series.pieces()[j].quality);
      EXPECT_EQ(x.series.pieces()[j].origin, y.series.pieces()[j].origin);
      EXPECT_NEAR(as_grams_per_kwh(x.series.pieces()[j].value),
                  as_grams_per_kwh(y.series.pieces()[j].value), 1e-9);
    }
  }
}

TEST(Ledger, a_run_is_read_back_as_it_was_written) {
  const TempFolder folder;
  const RunRecord run = full_run();
  std::int64_t key = 0;
  {
    Ledger ledger = ledger_in(folder, "new/folder/ledger.db");
    key = ledger.add(run, full_keeper()).value();
  }
  const auto read =
      Ledger::open_to_read(folder.path("new/folder/ledger.db")).value().load(key, true);
  ASSERT_TRUE(read) << read.error().line();
  EXPECT_EQ(std::tie(read->id, read->name, read->project, read->parent, read->life_of),
            std::tie(run.id, run.name, run.project, run.parent, run.life_of));
  EXPECT_EQ(std::tie(read->command, read->host), std::tie(run.command, run.host));
  EXPECT_EQ(std::tie(read->tags, read->counts, read->state, read->exit_status, read->exit_note),
            std::tie(run.tags, run.counts, run.state, run.exit_status, run.exit_note));
  EXPECT_EQ(std::tie(read->submitted, read->begin, read->end, read->lives, read->lowtide_version),
            std::tie(run.submitted, run.begin, run.end, run.lives, run.lowtide_version));
  const auto machine = [](const MachineShare& m) {
    return std::tie(m.cpu_model, m.cpus, m.cpus_reserved, m.memory_gb, m.memory_reserved_gb);
  };
  EXPECT_EQ(machine(read->machine), machine(run.machine));
  const auto options = [](const AccountingOptions& o) {
    return std::tie(o.headline, o.idle, o.pue, o.pue_source, o.pue_is_average, o.embodied, o.per,
                    o.location, o.intensity);
  };
  EXPECT_EQ(options(read->options), options(run.options));
  ASSERT_EQ(read->events.size(), 2U);
  EXPECT_EQ(read->events[0].time, second(20));
  EXPECT_EQ(read->events[1].detail, "nvml");
  expect_same_channels(*read, run);
  expect_same_rows(*read, run);
  expect_same_intensity(*read, run);
}

TEST(Ledger, what_is_not_known_stays_unknown) {
  const TempFolder folder;
  Ledger ledger = ledger_in(folder);
  RunRecord run = small_run("a");
  run.begin.reset();
  run.channels.emplace_back();
  run.intensity.emplace_back();
  const auto read = ledger.load(ledger.add(run, {}).value(), true).value();
  EXPECT_EQ(read.exit_status, std::nullopt);
  EXPECT_EQ(read.begin, std::nullopt);
  EXPECT_EQ(read.end, std::nullopt);
  EXPECT_EQ(read.options.pue, std::nullopt);
  EXPECT_EQ(read.channels.at(0).idle_power, std::nullopt);
  EXPECT_EQ(read.intensity.at(0).scope, std::nullopt);
  EXPECT_EQ(read.intensity.at(0).error_low_rel, std::nullopt);
}

TEST(Ledger, samples_are_read_only_when_asked_for) {
  const TempFolder folder;
  Ledger ledger = ledger_in(folder);
  const auto key = ledger.add(full_run(), {}).value();
  EXPECT_TRUE(ledger.load(key, false)->samples.empty());
  EXPECT_EQ(ledger.load(key, true)->samples.size(), 3U);
}

TEST(Ledger, an_increment_replaces_rows_with_the_same_begin_and_adds_the_others) {
  const TempFolder folder;
  Ledger ledger = ledger_in(folder);
  const auto key = ledger.add(full_run(), full_keeper()).value();
  Increment more;
  more.samples = {sample(13, 14.5, 8), sample(14.5, 15, 1)};
  more.slots = {{0, span_of(300, 640), RunState::running, joules(77), seconds(9), watts(1),
                 Quality::measured}};
  more.use = {{span_of(300, 640), RunState::running, seconds(5), seconds(6)}};
  more.events = {{second(30), "new", ""}};
  more.channels = {{1, full_channel()}, {2, full_channel()}};
  IntensityUsed other = full_intensity();
  other.series =
      IntensitySeries::from({{span_of(0, 60), grams_per_kwh(1), Quality::measured}}).value();
  more.intensity = {{0, other}};
  Keeper keeper = full_keeper();
  keeper.saved = "later";
  ASSERT_TRUE(ledger.append(key, more, keeper));
  const auto run = ledger.load(key, true).value();
  EXPECT_EQ(run.samples.size(), 4U);
  EXPECT_EQ(run.samples[1].span, span_of(13, 14.5));
  EXPECT_EQ(run.samples[1].energy, joules(8));
  EXPECT_EQ(run.slots.size(), 3U);
  EXPECT_EQ(run.slots[2].device, joules(77));
  EXPECT_EQ(run.slots[2].span.end, second(640));
  EXPECT_EQ(run.use.at(1).job_cpu, seconds(5));
  EXPECT_EQ(run.use.size(), 2U);
  EXPECT_EQ(run.events.size(), 3U);
  EXPECT_EQ(run.channels.size(), 3U);
  EXPECT_EQ(run.channels[1].uuid, "GPU-1234");
  EXPECT_EQ(run.intensity.at(0).series.pieces().size(), 1U) << "no piece of the old series stays";
  EXPECT_EQ(run.intensity.size(), 2U);
  EXPECT_EQ(ledger.keeper(key)->saved, "later");
}

TEST(Ledger, a_keeper_is_read_back_as_it_was_written) {
  const TempFolder folder;
  Ledger ledger = ledger_in(folder);
  const Keeper wrote = full_keeper();
  const Keeper read = ledger.keeper(ledger.add(small_run("a"), wrote).value()).value();
  EXPECT_EQ(std::tie(read.boot_id, read.job_pid, read.job_start, read.meter_pid, read.meter_start,
                     read.supervisor_pid, read.supervisor_start),
            std::tie(wrote.boot_id, wrote.job_pid, wrote.job_start, wrote.meter_pid,
                     wrote.meter_start, wrote.supervisor_pid, wrote.supervisor_start));
  EXPECT_EQ(std::tie(read.anchor_utc, read.anchor_boot, read.saved, read.saved_at,
                     read.saved_job_cpu, read.saved_machine_cpu),
            std::tie(wrote.anchor_utc, wrote.anchor_boot, wrote.saved, wrote.saved_at,
                     wrote.saved_job_cpu, wrote.saved_machine_cpu));
}

TEST(Ledger, update_changes_what_the_end_of_a_run_changes) {
  const TempFolder folder;
  Ledger ledger = ledger_in(folder);
  RunRecord run = small_run("a");
  const auto key = ledger.add(run, {}).value();
  EXPECT_EQ(ledger.unfinished()->size(), 1U);
  run.state = RunState::failed;
  run.exit_status = 3;
  run.end = second(9);
  run.counts["samples"] = 5;
  run.lives = 2;
  ASSERT_TRUE(ledger.update(key, run));
  const auto read = ledger.load(key, false).value();
  EXPECT_EQ(read.state, RunState::failed);
  EXPECT_EQ(read.exit_status, 3);
  EXPECT_EQ(read.end, second(9));
  EXPECT_EQ(read.counts.at("samples"), 5);
  EXPECT_EQ(read.lives, 2);
  EXPECT_TRUE(ledger.unfinished()->empty());
}

TEST(Ledger, coarsening_joins_the_samples_of_one_channel_and_leaves_the_others) {
  const TempFolder folder;
  Ledger ledger = ledger_in(folder);
  RunRecord run = small_run("a");
  for (int i = 0; i < 20; ++i) {
    run.samples.push_back(sample(i, i + 1, i));
    run.samples.push_back(sample(i, i + 1, i, 1));
  }
  const auto key = ledger.add(run, {}).value();
  ASSERT_TRUE(ledger.coarsen(key, 0, seconds(4)));
  EXPECT_EQ(ledger.count_samples(key, 0).value(), 5);
  EXPECT_EQ(ledger.count_samples(key, 1).value(), 20);
  Energy sum;
  const RunRecord read = ledger.load(key, true).value();
  for (const Sample& s : read.samples) {
    if (s.channel == 0) sum += s.energy;
  }
  EXPECT_NEAR(as_joules(sum), 190, 1e-9);
}

TEST(Ledger, two_processes_write_at_once_and_both_are_kept) {
  const TempFolder folder;
  static_cast<void>(ledger_in(folder));
  const auto writer = [&folder](const char* prefix) {
    return [&folder, prefix] {
      auto ledger = Ledger::open(folder.path("ledger.db"));
      if (!ledger) return 1;
      ledger->wait_for_locks(std::chrono::seconds(15));
      const auto key = ledger->add(small_run(std::string(prefix) + "run"), {});
      if (!key) return 2;
      for (int i = 0; i < 100; ++i) {
        Increment more;
        more.samples = {sample(i, i + 1, 1)};
        if (!ledger->append(*key, more, {})) return 3;
      }
      return 0;
    };
  };
  Child first(writer("a"));
  Child second_writer(writer("b"));
  EXPECT_EQ(first.exit_status(), 0);
  EXPECT_EQ(second_writer.exit_status(), 0);
  Ledger ledger = ledger_in(folder);
  for (const char* id : {"arun", "brun"}) {
    const auto line = ledger.find(id);
    ASSERT_TRUE(line) << id;
    EXPECT_EQ(ledger.count_samples(line->key, 0).value(), 100) << id;
  }
}

TEST(Ledger, a_claim_is_won_by_one_only) {
  const TempFolder folder;
  Ledger first = ledger_in(folder);
  Ledger other = ledger_in(folder);
  const auto key = first.add(small_run("a"), full_keeper()).value();
  Keeper mine = full_keeper();
  mine.meter_pid = 100;
  Keeper theirs = full_keeper();
  theirs.meter_pid = 200;
  EXPECT_TRUE(first.claim(key, mine, 13).value());
  EXPECT_FALSE(other.claim(key, theirs, 13).value());
  EXPECT_EQ(other.keeper(key)->meter_pid, 100);
}

}  // namespace
}  // namespace lowtide::record
