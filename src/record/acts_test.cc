#include "record/acts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "host/child_for_test.h"
#include "host/proc.h"
#include "record/recover.h"
#include "record/run_for_test.h"
#include "record/spool.h"

namespace lowtide::record {
namespace {

using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A run that was submitted at 100 s, as its driver begins it.
RunRecord asked(const std::string& id = "7f3a0001") {
  RunRecord run = small_run(id, 100);
  run.begin.reset();
  run.tags = {{"k", "v"}};
  return run;
}

Act act_of(const std::string& id = "7f3a0001", Standing standing = Standing::waiting) {
  return {id, "here", standing, "phase=waiting\nvolume=1\n", R"({"window_s":3600})", second(101)};
}

Transition step(double at, const char* changes, const char* detail = "") {
  return {second(at), changes, "running", detail};
}

class ActsTest : public testing::Test {
 protected:
  void begin(const std::string& id = "7f3a0001") {
    const auto done = acts_.begin(asked(id), act_of(id), step(100, "submitted"));
    ASSERT_TRUE(done) << done.error().line();
  }
  // What another process sees.
  Acts other() { return Acts::open_to_read(path_).value(); }
  RunRecord row(const std::string& id = "7f3a0001") {
    return ledger_.load(ledger_.find(id)->key, true).value();
  }
  // The first life of the record, begun at `at`.
  static RunRecord life(double at, const std::string& id = "7f3a0001") {
    RunRecord run = full_run();
    run.id = id;
    run.life_of = "";
    run.submitted = run.begin.emplace(second(at));
    run.state = RunState::running;
    run.end.reset();
    return run;
  }

  host::TempFolder folder_;
  std::string path_ = folder_.path("ledger.db");
  Acts acts_ = Acts::open(path_).value();
  Ledger ledger_ = Ledger::open(path_).value();
};

TEST_F(ActsTest, a_run_begins_as_a_row_that_waits_and_has_not_begun) {
  begin();
  const RunRecord run = row();
  EXPECT_EQ(run.state, RunState::waiting);
  EXPECT_EQ(run.begin, std::nullopt);
  EXPECT_EQ(run.submitted, second(100));
  EXPECT_EQ(run.tags, asked().tags);
  const auto act = other().find("7f3a0001");
  ASSERT_TRUE(act && *act);
  EXPECT_EQ((*act)->run, "7f3a0001");
  EXPECT_EQ((*act)->host, "here");
  EXPECT_EQ((*act)->standing, Standing::waiting);
  EXPECT_EQ((*act)->state, act_of().state);
  EXPECT_EQ((*act)->about, act_of().about);
  EXPECT_EQ((*act)->changed, second(101));
  EXPECT_EQ(other().transitions("7f3a0001")->size(), 1U);
}

TEST_F(ActsTest, a_run_is_begun_once_and_nothing_is_left_of_a_second_try) {
  begin();
  EXPECT_FALSE(acts_.begin(asked(), act_of(), step(200, "again")));
  EXPECT_EQ(acts_.transitions("7f3a0001")->size(), 1U);
  ASSERT_TRUE(ledger_.add(small_run("plain"), {}));
  EXPECT_FALSE(acts_.begin(asked("plain"), act_of("plain"), step(200, "again")));
  EXPECT_EQ(*acts_.find("plain"), std::nullopt) << "no plan moves it";
  EXPECT_EQ(row("plain").state, RunState::running);
}

TEST_F(ActsTest, each_write_replaces_the_state_and_adds_a_transition) {
  begin();
  Act act = act_of("7f3a0001", Standing::paused);
  act.state = "phase=paused\n";
  act.changed = second(300);
  ASSERT_TRUE(acts_.write(act, step(300, "paused,planned", "until 04:00")));
  // A clock that was set back does not change what came first.
  ASSERT_TRUE(acts_.write(act_of("7f3a0001", Standing::runs), step(200, "resumed")));
  const auto found = other().find("7f3a0001").value();
  EXPECT_EQ(found->standing, Standing::runs);
  std::vector<std::string> changes;
  const auto transitions = other().transitions("7f3a0001").value();
  changes.reserve(transitions.size());
  for (const Transition& one : transitions) {
    changes.push_back(one.changes + "|" + one.phase + "|" + one.detail);
  }
  EXPECT_THAT(changes, ElementsAre("submitted|running|", "paused,planned|running|until 04:00",
                                   "resumed|running|"));
}

TEST_F(ActsTest, what_is_in_no_ledger_is_absent) {
  const auto written = acts_.write(act_of("nothing"), step(1, "x"));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::absent);
  EXPECT_THAT(written.error().line(), HasSubstr("nothing"));
  EXPECT_FALSE(acts_.add_plan("nothing", {}));
  EXPECT_FALSE(acts_.learn("nothing", {}));
  EXPECT_EQ(*acts_.find("nothing"), std::nullopt);
  EXPECT_THAT(*acts_.plans("nothing"), IsEmpty());
  EXPECT_EQ(Acts::open_to_read(folder_.path("none.db")).error().kind, ErrorKind::absent);
}

TEST_F(ActsTest, an_event_of_the_whole_run_stands_beside_those_of_its_life) {
  begin();
  ASSERT_TRUE(ledger_.add(life(500), {}));
  const std::size_t before = row().events.size();
  ASSERT_TRUE(acts_.add_event("7f3a0001", {second(900), "late", "ended at 11:03"}));
  ASSERT_EQ(row().events.size(), before + 1);
  EXPECT_EQ(row().events.back().kind, "late");
  EXPECT_FALSE(acts_.add_event("nothing", {second(900), "late", ""}));
}

TEST_F(ActsTest, a_life_takes_over_the_row_that_waits_and_keeps_its_key_and_its_time) {
  begin();
  const auto waiting = ledger_.find("7f3a0001")->key;
  EXPECT_EQ(ledger_.add(life(500), {}).value(), waiting);
  const RunRecord run = row();
  EXPECT_EQ(run.submitted, second(100));
  EXPECT_EQ(run.begin, second(500));
  EXPECT_EQ(run.state, RunState::running);
  EXPECT_EQ(run.name, full_run().name);
  EXPECT_EQ(run.options, full_run().options);
  EXPECT_EQ(run.samples.size(), full_run().samples.size());
  EXPECT_TRUE(ledger_.keeper(waiting));
  EXPECT_EQ(ledger_.count_runs().value(), 1);
  EXPECT_TRUE(*acts_.find("7f3a0001")) << "the act hangs on the same row";
}

TEST_F(ActsTest, a_row_that_has_begun_is_never_taken_over) {
  begin();
  ASSERT_TRUE(ledger_.add(life(500), {}));
  EXPECT_FALSE(ledger_.add(life(600), {}));
  RunRecord paused = small_run("plain");
  paused.state = RunState::paused;
  ASSERT_TRUE(ledger_.add(paused, {}));
  EXPECT_FALSE(ledger_.add(small_run("plain"), {}));
  EXPECT_EQ(row().begin, second(500));
}

TEST_F(ActsTest, open_are_those_of_this_host_that_are_neither_done_nor_cancelled) {
  for (const char* id : {"a", "b", "c", "d", "e"}) begin(id);
  ASSERT_TRUE(acts_.write(act_of("b", Standing::done), step(2, "done")));
  ASSERT_TRUE(acts_.write(act_of("c", Standing::cancelled), step(2, "cancelled")));
  ASSERT_TRUE(acts_.write(act_of("d", Standing::paused), step(2, "paused")));
  Act elsewhere = act_of("e");
  elsewhere.host = "there";
  ASSERT_TRUE(acts_.write(elsewhere, step(2, "waits")));
  std::vector<std::string> open;
  const auto found = acts_.open_ones("here").value();
  open.reserve(found.size());
  for (const Act& act : found) open.push_back(act.run);
  EXPECT_THAT(open, ElementsAre("a", "d"));
}

TEST_F(ActsTest, a_run_that_is_over_before_it_began_is_closed_in_its_row) {
  begin("a");
  begin("b");
  begin("c");
  Act cancelled = act_of("a", Standing::cancelled);
  cancelled.changed = second(700);
  ASSERT_TRUE(acts_.write(cancelled, step(700, "cancelled")));
  ASSERT_TRUE(acts_.write(act_of("b", Standing::done), step(700, "failed")));
  EXPECT_EQ(row("a").state, RunState::cancelled);
  EXPECT_EQ(row("a").begin, std::nullopt);
  EXPECT_EQ(row("a").end, second(700));
  EXPECT_EQ(row("b").state, RunState::interrupted);
  EXPECT_FALSE(row("b").exit_note.empty());
  ASSERT_TRUE(ledger_.add(life(500, "c"), {}));
  ASSERT_TRUE(acts_.write(act_of("c", Standing::cancelled), step(700, "cancelled")));
  EXPECT_EQ(row("c").state, RunState::running) << "its meter says how it ended";
}

TEST_F(ActsTest, plans_come_back_whole_and_in_their_order) {
  begin();
  KeptPlan first;
  first.made = second(100);
  first.why = "first";
  first.saving = 0.125;
  first.runs = {span_of(300, 600), span_of(1200, 1500)};
  first.basis = R"({"zone":"FR"})";
  first.forecast = full_intensity().series;
  first.cost = grams(12.5);
  KeptPlan second_one;
  second_one.made = second(50);
  second_one.why = "no forecast";
  second_one.cost_now = grams(20);
  ASSERT_TRUE(acts_.add_plan("7f3a0001", first));
  ASSERT_TRUE(acts_.add_plan("7f3a0001", second_one));
  const auto plans = other().plans("7f3a0001").value();
  ASSERT_EQ(plans.size(), 2U);
  EXPECT_EQ(plans[0].made, second(100));
  EXPECT_EQ(plans[0].why, "first");
  EXPECT_EQ(plans[0].saving, 0.125);
  EXPECT_EQ(plans[0].runs, first.runs);
  EXPECT_EQ(plans[0].basis, first.basis);
  ASSERT_TRUE(plans[0].forecast);
  EXPECT_TRUE(std::ranges::equal(plans[0].forecast->pieces(), first.forecast->pieces()));
  EXPECT_EQ(plans[0].cost, grams(12.5));
  EXPECT_EQ(plans[0].cost_now, std::nullopt) << "not known is no zero";
  EXPECT_EQ(plans[1].why, "no forecast");
  EXPECT_FALSE(plans[1].forecast || plans[1].cost);
  EXPECT_EQ(plans[1].cost_now, grams(20));
  EXPECT_THAT(plans[1].runs, IsEmpty());
}

TEST_F(ActsTest, what_was_learnt_is_found_by_name_and_manner_newest_first) {
  begin("a");
  begin("b");
  const auto learn = [&](const char* run, const char* name, const char* manner, double when) {
    Learnt one;
    one.name = name;
    one.manner = manner;
    one.when = second(when);
    one.save_takes = seconds(when);
    ASSERT_TRUE(acts_.learn(run, one));
  };
  learn("a", "bert", "checkpoint", 1);
  learn("a", "bert", "freeze", 2);
  learn("b", "bert", "checkpoint", 4);
  learn("a", "bert", "checkpoint", 3);
  learn("a", "other", "checkpoint", 5);
  const auto newest = other().learnt("bert", "checkpoint", 2).value();
  ASSERT_EQ(newest.size(), 2U);
  EXPECT_EQ(newest[0].when, second(4));
  EXPECT_EQ(newest[1].when, second(3));
  EXPECT_EQ(newest[1].save_takes, seconds(3));
  EXPECT_FALSE(newest[1].resume_takes || newest[1].redone || newest[1].resume_energy);
  Learnt all{"x", "freeze", second(9), seconds(1), seconds(2), seconds(3), joules(4)};
  ASSERT_TRUE(acts_.learn("b", all));
  const Learnt back = other().learnt("x", "freeze", 9)->front();
  EXPECT_EQ(back.resume_takes, seconds(2));
  EXPECT_EQ(back.redone, seconds(3));
  EXPECT_EQ(back.resume_energy, joules(4));
}

TEST_F(ActsTest, all_of_it_goes_with_the_run) {
  begin("a");
  begin("b");
  for (const char* id : {"a", "b"}) {
    ASSERT_TRUE(acts_.add_plan(id, {}));
    ASSERT_TRUE(acts_.learn(id, {"bert", "freeze", second(1), {}, {}, {}, {}}));
    ASSERT_TRUE(acts_.write(act_of(id, Standing::cancelled), step(2, "cancelled")));
  }
  const auto removed = ledger_.remove({"a"});
  ASSERT_TRUE(removed) << removed.error().line();
  EXPECT_EQ(*acts_.find("a"), std::nullopt);
  EXPECT_THAT(*acts_.transitions("a"), IsEmpty());
  EXPECT_EQ(acts_.learnt("bert", "freeze", 9)->size(), 1U);
  EXPECT_EQ(acts_.plans("b")->size(), 1U);
}

TEST_F(ActsTest, an_export_has_it) {
  begin();
  KeptPlan plan;
  plan.runs = {span_of(0, 300)};
  plan.basis = R"({"zone":"FR"})";
  ASSERT_TRUE(acts_.add_plan("7f3a0001", plan));
  const auto text = ledger_.export_json(ledger_.find("7f3a0001")->key);
  ASSERT_TRUE(text);
  const auto exported = nlohmann::json::parse(*text);
  EXPECT_EQ(exported["act"][0]["standing"], "waiting");
  EXPECT_EQ(exported["act"][0]["changed"], "2026-01-05T00:01:41.000000000Z");
  EXPECT_EQ(exported["act_transition"][0]["changes"], "submitted");
  EXPECT_EQ(exported["act_plan"][0]["basis"]["zone"], "FR");
  EXPECT_EQ(exported["act_plan"][0]["forecast"], nullptr);
  EXPECT_TRUE(exported["act_learnt"].empty());
}

// Of a run that waited in the ledger, whose life the ledger would not take.
TEST_F(ActsTest, a_life_from_a_side_file_takes_the_row_over_and_leaves_the_act) {
  begin();
  const auto waiting = ledger_.find("7f3a0001")->key;
  const std::string file = ledger_for_run(path_, "7f3a0001", true);
  RunRecord run = life(500);
  run.state = RunState::finished;
  run.end = second(900);
  ASSERT_TRUE(Ledger::open(file)->add(run, {}));
  const auto merged = merge(ledger_, file);
  ASSERT_TRUE(merged) << merged.error().line();
  EXPECT_EQ(ledger_.find("7f3a0001")->key, waiting);
  EXPECT_EQ(row().submitted, second(100)) << "when it was submitted, not when its life began";
  EXPECT_EQ(row().begin, second(500));
  EXPECT_EQ(row().samples.size(), full_run().samples.size());
  EXPECT_TRUE(*acts_.find("7f3a0001"));
  EXPECT_EQ(acts_.transitions("7f3a0001")->size(), 1U);
}

// On a network file system act and life are in the run's own file.
TEST_F(ActsTest, an_act_in_the_spool_is_merged_and_its_file_stays_while_the_run_is_open) {
  const std::string file = ledger_for_run(path_, "7f3a0001", true);
  auto spooled = Acts::open(file).value();
  ASSERT_TRUE(spooled.begin(asked(), act_of(), step(100, "submitted")));
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(merge(ledger_, file));
  EXPECT_EQ((*acts_.find("7f3a0001"))->standing, Standing::waiting);
  EXPECT_THAT(spooled_files(path_), ElementsAre(file));
  RunRecord run = life(500);
  run.state = RunState::finished;
  run.end = second(900);
  ASSERT_TRUE(Ledger::open(file)->add(run, {}));
  ASSERT_TRUE(spooled.write(act_of("7f3a0001", Standing::paused), step(900, "paused")));
  ASSERT_TRUE(merge(ledger_, file));
  EXPECT_EQ((*acts_.find("7f3a0001"))->standing, Standing::paused);
  EXPECT_EQ(acts_.transitions("7f3a0001")->size(), 2U);
  EXPECT_THAT(spooled_files(path_), ElementsAre(file)) << "who goes on with it writes there";
  ASSERT_TRUE(spooled.write(act_of("7f3a0001", Standing::done), step(950, "done")));
  ASSERT_TRUE(merge(ledger_, file));
  EXPECT_EQ((*acts_.find("7f3a0001"))->standing, Standing::done);
  EXPECT_THAT(spooled_files(path_), IsEmpty());
}

// No process keeps it, by design; nor one whose life has ended by its own checkpoint.
TEST_F(ActsTest, what_waits_or_is_paused_between_lives_is_not_taken_for_left_behind) {
  Keeper gone;
  gone.boot_id = "another boot";
  for (const char* id : {"waits", "paused"}) {
    RunRecord run = asked(id);
    run.host = host::host_name();
    ASSERT_TRUE(acts_.begin(run, act_of(id), step(100, "submitted")));
  }
  RunRecord ended = life(500, "paused");
  ended.host = host::host_name();
  ended.state = RunState::failed;
  ended.end = second(900);
  ASSERT_TRUE(ledger_.add(ended, gone));
  ASSERT_TRUE(acts_.write(act_of("paused", Standing::paused), step(900, "paused")));
  EXPECT_FALSE(any_left_behind(ledger_).value());
  EXPECT_TRUE(recover(ledger_)->closed.empty());
  EXPECT_EQ(row("waits").state, RunState::waiting);
  EXPECT_EQ(ledger_.whole(ledger_.find("paused")->key, false)->state, RunState::paused);
  EXPECT_EQ(ledger_.find("paused")->state, RunState::paused);
  EXPECT_FALSE(ledger_.ended("paused"));
}

// The ledger as the lowtide of an older schema left it.
void make_older(const std::string& path, int schema) {
  auto database = Database::open(path, Database::Access::read_write).value();
  ASSERT_TRUE(database.execute(
      "DROP TABLE act; DROP TABLE act_transition; DROP TABLE act_plan; DROP TABLE act_learnt"));
  if (schema < 3) {
    ASSERT_TRUE(database.execute(
        "ALTER TABLE intensity_piece DROP COLUMN origin; DROP TABLE intensity_past"));
  }
  if (schema < 2) {
    ASSERT_TRUE(database.execute(
        "DROP INDEX run_lives; DROP INDEX run_by_project;"
        "ALTER TABLE run DROP COLUMN life_of; ALTER TABLE channel DROP COLUMN limit_w;"
        "ALTER TABLE slot DROP COLUMN device_use; ALTER TABLE slot DROP COLUMN second_path"));
  }
  const std::string mark = "PRAGMA user_version=" + std::to_string(schema);
  ASSERT_TRUE(database.execute(mark.c_str()));
}

TEST(Acts, a_ledger_of_each_older_schema_is_brought_up_to_date_with_its_runs) {
  for (const int schema : {1, 2, 3}) {
    for (auto* open : {&Acts::open, &Acts::open_to_read}) {
      const host::TempFolder folder;
      const std::string path = folder.path("ledger.db");
      static_cast<void>(Ledger::open(path).value().add(full_run(), {}));
      make_older(path, schema);
      auto acts = open(path);
      ASSERT_TRUE(acts) << schema << ": " << acts.error().line();
      EXPECT_THAT(acts->open_ones("here").value(), IsEmpty());
      auto ledger = Ledger::open(path).value();
      const auto run = ledger.load(ledger.find("last")->key, true);
      ASSERT_TRUE(run);
      EXPECT_EQ(run->slots.size(), full_run().slots.size());
      auto writing = Acts::open(path).value();
      EXPECT_TRUE(writing.begin(asked(), act_of(), step(1, "submitted")));
    }
  }
}

}  // namespace
}  // namespace lowtide::record
