#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "host/child_for_test.h"
#include "record/ledger.h"
#include "record/run_for_test.h"

namespace lowtide::record {
namespace {

using testing::HasSubstr;

class LedgerChange : public testing::Test {
 protected:
  LedgerChange() : ledger(Ledger::open(folder.path("ledger.db")).value()) {
    RunRecord ended = full_run();
    ended.id = "ended";
    ended.life_of.clear();
    ended.state = RunState::failed;
    RunRecord open = full_run();
    open.id = "open";
    open.life_of.clear();
    open.state = RunState::running;
    keeper.job_pid = 4711;
    key = ledger.add(ended, keeper).value();
    EXPECT_TRUE(ledger.add(open, keeper));
  }
  host::TempFolder folder;
  Ledger ledger;
  Keeper keeper;
  std::int64_t key = 0;
};

TEST_F(LedgerChange, an_edit_that_fails_half_way_changes_nothing) {
  const auto before = ledger.export_json(key).value();
  const auto done = ledger.edit("ended", [](RunRecord& run) -> Result<void> {
    run.name = "other";
    return fail(ErrorKind::usage, "no");
  });
  EXPECT_FALSE(done);
  EXPECT_EQ(ledger.export_json(key).value(), before);
  EXPECT_TRUE(ledger.edit("ended", [](RunRecord& run) -> Result<void> {
    run.name = "other";
    run.events.push_back({second(99), "edited", "name"});
    return {};
  }));
  const auto run = ledger.load(key, true).value();
  EXPECT_EQ(run.name, "other");
  EXPECT_EQ(run.events.size(), full_run().events.size() + 1);
  EXPECT_EQ(run.samples.size(), full_run().samples.size());
}

TEST_F(LedgerChange, an_open_run_is_refused_with_the_pid_to_stop_and_all_stay) {
  const auto done = ledger.remove({"ended", "open"});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::usage);
  EXPECT_THAT(done.error().line(), HasSubstr("kill 4711"));
  EXPECT_EQ(ledger.count_runs().value(), 2);
  EXPECT_FALSE(ledger.remove({"end"})) << "a prefix is no id";
  EXPECT_TRUE(ledger.remove({"ended"}));
  EXPECT_EQ(ledger.count_runs().value(), 1);
  EXPECT_EQ(ledger.reclaim().value().returned, 0) << "not while a run goes on";
}

TEST_F(LedgerChange, a_record_is_all_its_lives_whoever_of_them_is_named) {
  for (const char* id : {"first", "second"}) {
    RunRecord life = full_run();
    life.id = id;
    life.life_of = "record";
    life.state = RunState::finished;
    EXPECT_TRUE(ledger.add(life, keeper));
  }
  RunRecord further = full_run();
  further.id = "further";
  further.life_of = "ended";
  further.state = RunState::finished;
  const auto last = ledger.add(further, keeper).value();
  EXPECT_EQ(ledger.count_runs().value(), 3);
  EXPECT_EQ(ledger.find("second").value().id, "record");
  EXPECT_EQ(ledger.find("rec").value().id, "record");
  EXPECT_EQ(ledger.find("last").value().id, "ended");
  EXPECT_EQ(ledger.lives_of(last).value(), (std::vector{key, last}));
  EXPECT_EQ(ledger.whole(last, false).value().id, "ended");
  EXPECT_EQ(ledger.load(last, false).value().id, "further") << "a row as its meter wrote it";
  std::vector<std::string> listed;
  const auto lines = ledger.list({}).value();
  listed.reserve(lines.size());
  for (const RunLine& line : lines) listed.push_back(line.id);
  EXPECT_THAT(listed, testing::UnorderedElementsAre("ended", "open", "record"));
  EXPECT_TRUE(ledger.remove({"record", "ended"}));
  EXPECT_FALSE(ledger.find("further"));
  EXPECT_EQ(ledger.count_runs().value(), 1);
}

TEST_F(LedgerChange, an_export_has_every_row_and_exact_times) {
  const auto json = nlohmann::json::parse(ledger.export_json(key).value());
  const RunRecord run = full_run();
  EXPECT_EQ(json["run"]["id"], "ended");
  EXPECT_EQ(json["run"]["submitted"], "2026-01-05T00:00:12.500000000Z");
  EXPECT_EQ(json["run"]["tags"], nlohmann::json(run.tags));
  EXPECT_EQ(json["sample"].size(), run.samples.size());
  EXPECT_EQ(json["slot"].size(), run.slots.size());
  EXPECT_EQ(json["use"].size(), run.use.size());
  EXPECT_EQ(json["event"].size(), run.events.size());
  EXPECT_EQ(json["channel"][0]["errors"].size(), 2U);
  EXPECT_EQ(json["channel"][0]["in_total"], false);
  EXPECT_EQ(json["intensity"][0]["about"]["licence"], "ODbL");
  EXPECT_EQ(json["intensity_piece"][1]["quality"], "filled");
}

TEST_F(LedgerChange, a_new_price_keeps_the_one_it_replaces) {
  EXPECT_EQ(ledger.provisional().value(), std::vector<std::int64_t>{key}) << "not the open one";
  IntensityUsed now = full_intensity();
  now.provisional = false;
  now.sha256 = "def456";
  now.series = IntensitySeries::from({{span_of(0, 5400), grams_per_kwh(70)}}).value();
  ASSERT_TRUE(ledger.reprice(key, {now}, {second(9000), "priced-again", "1 g, was 2 g"}));
  const RunRecord run = ledger.load(key, false).value();
  ASSERT_EQ(run.intensity.size(), 1U);
  EXPECT_EQ(run.intensity[0].sha256, "def456");
  EXPECT_EQ(run.intensity[0].series.pieces().size(), 1U);
  EXPECT_EQ(run.events.back().kind, "priced-again");
  EXPECT_TRUE(ledger.provisional()->empty());
  const auto past = ledger.past_intensity(key).value();
  ASSERT_EQ(past.size(), 2U);
  EXPECT_EQ(past[0].at, second(9000));
  EXPECT_EQ(past[0].used.sha256, "abc123");
  EXPECT_EQ(past[0].used.origins, full_intensity().origins);
  EXPECT_TRUE(std::ranges::equal(past[0].used.series.pieces(), full_intensity().series.pieces()));
}

}  // namespace
}  // namespace lowtide::record
