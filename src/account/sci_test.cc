#include "account/sci.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "account/derive.h"
#include "account/embodied.h"
#include "account/testing_run.h"

namespace lowtide::account {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;

SciReport sci_per(const std::string& per, TestRun run) {
  run.record.options.per = per;
  return derive(run.record, test_tables()).sci;
}

// Two hours of two GPUs at 500 W, 100 g/kWh, M not included: 2 kWh, 200 g.
TestRun two_gpus() {
  TestRun run(hours(2));
  run.gpu(watts(500)).gpu(watts(500)).constant(100);
  run.record.options.embodied = "none";
  run.record.counts["samples"] = 50'000;
  return run;
}

TEST(Sci, value_is_per_the_functional_unit) {
  struct Case {
    std::string per;
    double count;
    double value;
  };
  for (const Case& test : {Case{"run", 1, 200}, Case{"hour", 2, 100}, Case{"gpu-hour", 4, 50},
                           Case{"instance-hour", 2, 100}, Case{"samples", 50'000, 0.004},
                           Case{"1000 samples", 50, 4}}) {
    const SciReport sci = sci_per(test.per, two_gpus());
    ASSERT_TRUE(sci.value) << test.per << ": " << sci.note;
    EXPECT_NEAR(*sci.r_count, test.count, 1e-9) << test.per;
    EXPECT_NEAR(as_grams(*sci.value), test.value, 1e-9) << test.per;
    EXPECT_EQ(sci.r, test.per);
    EXPECT_EQ(sci.unit, "gCO2e/" + test.per);
  }
}

TEST(Sci, unit_that_cannot_be_counted_is_null_with_the_reason) {
  TestRun cpu_only(hours(1));
  cpu_only.cpu(watts(100), watts(0)).use(1).constant(100);
  EXPECT_EQ(sci_per("gpu-hour", cpu_only).value, std::nullopt);
  EXPECT_THAT(sci_per("gpu-hour", cpu_only).note, HasSubstr("no GPU"));
  const SciReport uncounted = sci_per("1000 tokens", two_gpus());
  EXPECT_EQ(uncounted.value, std::nullopt);
  EXPECT_EQ(uncounted.r_count, std::nullopt);
  EXPECT_THAT(uncounted.note, HasSubstr("--count tokens=N"));
  EXPECT_THAT(sci_per("12", two_gpus()).note, HasSubstr("'12' is not"));
}

TEST(Sci, count_that_is_not_above_zero_is_null_with_the_reason) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const double count : {kNan, kInfinity, 0.0, -0.0, -5.0}) {
    TestRun run = two_gpus();
    run.record.counts["samples"] = count;
    const SciReport sci = sci_per("1000 samples", run);
    EXPECT_EQ(sci.value, std::nullopt) << count;
    EXPECT_EQ(sci.r_count, std::nullopt) << count;
    EXPECT_THAT(sci.note, HasSubstr("the count 'samples' is")) << count;
  }
  for (const char* per : {"0 samples", "-1 samples"}) {
    EXPECT_THAT(sci_per(per, two_gpus()).note, HasSubstr("is not a number and the name")) << per;
  }
}

TEST(Sci, name_that_begins_like_a_number_is_a_name) {
  for (const char* name : {"inferences", "nanoseconds"}) {
    TestRun run = two_gpus();
    run.record.counts[name] = 20;
    EXPECT_EQ(sci_per(name, run).r_count, 20) << name;
  }
}

// As a reader of the JSON would: in kWh, g/kWh and grams, with nothing else.
void expect_identity(const std::string& what, const Report& report) {
  const SciReport& sci = report.sci;
  ASSERT_TRUE(sci.value && sci.e && sci.i && sci.r_count) << what << ": " << sci.note;
  const double made = sci.m ? as_grams(*sci.m) : 0;
  EXPECT_EQ(as_grams(*sci.value), (as_kwh(*sci.e) * as_grams_per_kwh(*sci.i) + made) / *sci.r_count)
      << what;
  EXPECT_EQ(sci.e, report.energy.total) << what;
  if (report.carbon.low) {
    EXPECT_LE(*sci.low, *sci.value) << what;
    EXPECT_GE(*sci.high, *sci.value) << what;
  }
}

TEST(Sci, e_times_i_plus_m_over_r_is_the_value_of_any_run) {
  const auto paused = [](TestRun& run) {
    for (ChannelSlot& slot : run.record.slots) {
      if (slot.span.begin >= *run.record.begin + hours(1)) slot.state = RunState::paused;
    }
  };
  using Change = std::function<void(TestRun&)>;
  const std::vector<std::pair<std::string, Change>> kinds = {
      {"plain", [](TestRun&) {}},
      {"pue", [](TestRun& run) { run.record.options.pue = 1.3; }},
      {"no M", [](TestRun& run) { run.record.options.embodied = "none"; }},
      {"M in grams", [](TestRun& run) { run.record.options.embodied = "12.5"; }},
      {"paused", paused},
      {"shared CPU", [](TestRun& run) { run.cpu(watts(150), watts(60)).use(0.3).cpus(64, 7); }},
      {"a reading is missing",
       [](TestRun& run) { run.record.slots.erase(run.record.slots.begin()); }},
      {"intensity rises",
       [](TestRun& run) { run.record.intensity.clear(), run.intensity({7, 30, 411}); }},
      {"intensity gap",
       [](TestRun& run) { run.record.intensity.clear(), run.intensity({7, std::nullopt, 411}); }}};
  for (const auto& [what, change] : kinds) {
    for (const char* per : {"run", "hour", "gpu-hour", "instance-hour", "1000 samples"}) {
      TestRun run = two_gpus();
      run.record.options.embodied = "auto";
      run.record.options.per = per;
      change(run);
      expect_identity(what + " per " + per, derive(run.record, test_tables()));
    }
  }
}

// 1 kWh at 100 g/kWh, 1 kWh of which nothing is known: the whole is taken to be as the known half.
TEST(Sci, energy_without_intensity_is_priced_at_the_mean_and_the_note_says_so) {
  TestRun run = two_gpus();
  run.record.intensity.clear();
  run.intensity({100, std::nullopt});
  const Report report = derive(run.record, test_tables());
  EXPECT_NEAR(as_grams(*report.carbon.operational), 100, 1e-9);
  EXPECT_NEAR(as_grams(*report.sci.value), 200, 1e-9);
  EXPECT_THAT(report.sci.note, HasSubstr("known for 50 % of the energy"));
  EXPECT_THAT(report.sci.note, HasSubstr("I is taken to be the same for the rest"));
}

TEST(Sci, boundary_is_stated_with_what_it_leaves_out) {
  TestRun gpu_alone = two_gpus();
  EXPECT_THAT(derive(gpu_alone.record, test_tables()).sci.methodology,
              HasSubstr("boundary gpu; left out: CPU, DRAM, the rest of the machine"));
  TestRun whole = two_gpus();
  whole.cpu(watts(9), watts(1)).channel(ChannelKind::dram, Source::rapl, {watts(5)}).use(1);
  whole.record.options.pue = 1.2;
  const Report report = derive(whole.record, test_tables());
  EXPECT_EQ(report.sci.boundary, Boundary::facility);
  EXPECT_THAT(report.sci.methodology, HasSubstr("left out: the rest of the machine, network"));
}

TEST(Sci, paused_time_is_not_active_time) {
  TestRun run = two_gpus();
  for (ChannelSlot& slot : run.record.slots) {
    if (slot.span.begin >= *run.record.begin + hours(1)) slot.state = RunState::paused;
  }
  EXPECT_NEAR(*sci_per("hour", run).r_count, 1, 1e-9);
}

// 8 of 64 CPUs of a server of 1,200 kg over 4 years, one hour: 1.2e6 x 8/64 / 35,040 = 4.281 g;
// an H100 of 164 kg: 164,000 / 35,040 = 4.680 g.
TEST(Embodied, auto_is_worked_by_hand) {
  TestRun run(hours(1));
  run.gpu(watts(700)).cpus(8, 8);
  run.record.channels[0].name = "NVIDIA H100 80GB HBM3";
  run.record.options.embodied = "auto";
  const Embodied made = embodied(run.record, hours(1), test_tables().embodied);
  EXPECT_NEAR(as_grams(*made.value), 4.2808 + 4.6804, 1e-3);
  EXPECT_LT(made.low, *made.value);
  EXPECT_GT(made.high, *made.value);
  EXPECT_THAT(made.assumed, Each(HasSubstr("kg CO2e, held 1 h of its 4 years")));
  EXPECT_EQ(made.assumed.size(), 2U);
  EXPECT_EQ(made.sources.size(), 3U);  // of the server, the GPU and the life
}

TEST(Embodied, figure_that_is_only_quoted_is_marked) {
  for (const char* name : {"NVIDIA H100 80GB HBM3", "NVIDIA A100-SXM4-40GB"}) {
    TestRun run(hours(1));
    run.gpu(watts(700));
    run.record.channels[0].name = name;
    const Embodied made = embodied(run.record, hours(1), test_tables().embodied);
    const bool marked = made.assumed.at(0).find("not confirmed") != std::string::npos;
    EXPECT_EQ(marked, made.items.at(0).row.unconfirmed) << made.assumed[0];
    EXPECT_EQ(marked, std::string_view(name).find("A100") == std::string_view::npos);
  }
}

TEST(Embodied, without_a_table_m_is_not_known_and_that_is_said) {
  TestRun run(hours(1));
  run.gpu(watts(700)).cpus(8, 8).constant(100);
  const Report report = derive(run.record, {});
  EXPECT_EQ(report.carbon.embodied, std::nullopt);
  EXPECT_EQ(report.sci.label, "operational carbon");
  EXPECT_THAT(report.carbon.assumed, Contains(HasSubstr("embodied: left out, the table")));
}

TEST(Embodied, large_machine_is_its_own_server) {
  TestRun run(hours(1));
  run.cpus(256, 64);
  EXPECT_NEAR(as_grams(*embodied(run.record, hours(1), test_tables().embodied).value),
              1.2e6 / 4 / 35'040, 1e-9);
}

TEST(Embodied, gpu_that_is_not_counted_is_not_held) {
  TestRun run(hours(1));
  run.gpu(watts(50));
  run.record.channels[0].in_total = false;
  EXPECT_EQ(embodied(run.record, hours(1), test_tables().embodied).value, std::nullopt);
}

TEST(Embodied, option_is_none_auto_or_grams) {
  TestRun run(hours(1));
  run.cpus(8, 8);
  run.record.options.embodied = "none";
  EXPECT_EQ(embodied(run.record, hours(1), test_tables().embodied).value, std::nullopt);
  for (const char* text : {"12.5", "12.5g"}) {
    run.record.options.embodied = text;
    const Embodied given = embodied(run.record, hours(1), test_tables().embodied);
    EXPECT_EQ(given.value, grams(12.5));
    EXPECT_EQ(given.low, given.high);
    EXPECT_TRUE(given.assumed.empty());
  }
  for (const char* text : {"-1", "heavy", "12kg"}) {
    run.record.options.embodied = text;
    EXPECT_EQ(embodied(run.record, hours(1), test_tables().embodied).value, std::nullopt) << text;
  }
}

TEST(Embodied, total_has_its_bounds_and_operational_has_not) {
  TestRun run(hours(1));
  run.gpu(watts(1000)).constant(100);
  const Report report = derive(run.record, test_tables());
  EXPECT_EQ(*report.carbon.total, *report.carbon.operational + *report.carbon.embodied);
  EXPECT_LT(*report.carbon.low, *report.carbon.total);
  EXPECT_EQ(*report.carbon.operational_low, *report.carbon.operational);
}

}  // namespace
}  // namespace lowtide::account
