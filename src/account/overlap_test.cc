#include "account/overlap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "account/derive.h"
#include "account/sum.h"
#include "account/testing_run.h"

namespace lowtide::account {
namespace {

using std::chrono::minutes;
using ::testing::HasSubstr;
using ::testing::Not;

// An hour of one GPU at 1 kW and 100 g/kWh.
struct GpuRun {
  std::string uuid = "GPU-1";
  Duration later{};
  std::string host = "a";
  Signal other = Signal::average;  // marginal: that signal is known too
};
Report gpu_run(const std::string& id, const GpuRun& what) {
  TestRun run(hours(1), TestRun(hours(1)).record.submitted + what.later);
  run.gpu(watts(1000)).constant(100);
  if (what.other == Signal::marginal) run.constant(300, Signal::marginal);
  run.record.id = id;
  run.record.host = what.host;
  run.record.channels[0].uuid = what.uuid;
  run.record.channels[0].errors = {{ErrorTermKind::gain, 0.1, 0.1, {}, {}, {}, {}, "sheet"}};
  run.record.options.pue = 1.2;
  return derive(run.record, test_tables());
}

TEST(Overlap, gpu_that_two_runs_charged_at_one_time_counts_once) {
  struct Case {
    const char* what;
    GpuRun second;
    double hours;  // that the GPU is counted
  };
  for (const Case& test : {
           Case{"side by side", {}, 1},
           Case{"half an hour in common", {"GPU-1", minutes(30)}, 1.5},
           Case{"two minutes and a half in common", {"GPU-1", seconds(3450)}, 1 + 3450 / 3600.0},
           Case{"one after the other", {"GPU-1", hours(1)}, 2},
           Case{"another GPU", {"GPU-2"}, 2},
           Case{"seen from another container", {"GPU-1", {}, "b"}, 1},
           Case{"no UUID", {""}, 2},
       }) {
    const std::vector<Report> reports = {gpu_run("1", {}), gpu_run("2", test.second)};
    const Sum total = sum(reports).value();
    const Report& one = reports[0];
    EXPECT_NEAR(as_kwh(*total.it), test.hours, 1e-9) << test.what;
    EXPECT_NEAR(as_kwh(*total.total), test.hours * 1.2, 1e-9) << test.what;
    EXPECT_NEAR(as_grams(*total.operational), test.hours * 120, 1e-6) << test.what;
    EXPECT_NEAR(as_grams(*total.embodied), test.hours * as_grams(*one.carbon.embodied), 1e-6)
        << test.what;
    EXPECT_NEAR(as_grams(*total.total_carbon), test.hours * as_grams(*one.carbon.total), 1e-6);
    EXPECT_NEAR(as_kwh(*total.total_high), test.hours * as_kwh(*one.energy.total_high), 1e-9)
        << test.what;
    EXPECT_NEAR(as_grams(*total.high), test.hours * as_grams(*one.carbon.high), 1e-6) << test.what;
    EXPECT_THAT(total.note, test.hours < 2 ? ::testing::Matcher<std::string>(
                                                 HasSubstr("at the same time is counted once"))
                                           : Not(HasSubstr("once")))
        << test.what;
  }
}

TEST(Overlap, other_names_are_of_their_host) {
  for (const char* host : {"a", "b"}) {
    const std::vector<Report> reports = {gpu_run("1", {"nvml-index-0"}),
                                         gpu_run("2", {"nvml-index-0", {}, host})};
    EXPECT_NEAR(as_kwh(*sum(reports)->it), *host == 'a' ? 1 : 2, 1e-9);
  }
}

TEST(Overlap, run_inside_a_run_that_is_not_in_the_list_counts_its_device_once_too) {
  std::vector<Report> reports = {gpu_run("1", {}), gpu_run("2", {}), gpu_run("3", {})};
  for (Report& report : reports) report.run.parent = "launcher";
  EXPECT_NEAR(as_kwh(*sum(reports)->it), 1, 1e-9);
}

TEST(Overlap, what_is_taken_off_has_the_intensity_of_its_time) {
  TestRun first(hours(1));
  first.gpu(watts(1000)).intensity({100, 700});
  TestRun second(minutes(30), *first.record.begin + minutes(30));
  second.gpu(watts(1000)).intensity({700});
  first.record.id = "1";
  std::vector<Report> reports;
  for (TestRun* run : {&first, &second}) {
    run->record.channels[0].uuid = "GPU-1";
    reports.push_back(derive(run->record, test_tables()));
  }
  for (int order = 0; order < 2; ++order) {
    EXPECT_NEAR(as_grams(*sum(reports)->operational), 400, 1e-6);
    std::swap(reports[0], reports[1]);
  }
}

TEST(Overlap, idle_energy_of_a_cpu_counts_once_and_dynamic_energy_of_each) {
  struct Case {
    double share;  // of the CPU time, for each of the two runs
    double watts;  // of both: 40 W idle and their shares of 60 W
  };
  for (const Case& test : {Case{0.5, 100}, Case{0.25, 70}, Case{0.8, 100}}) {
    std::vector<Report> reports;
    for (const char* id : {"1", "2"}) {
      TestRun run(hours(1));
      run.cpu(watts(100), watts(40)).use(test.share).constant(100);
      run.record.id = id;
      run.record.channels[0].uuid = "rapl:package-0";
      run.record.options.embodied = "none";
      reports.push_back(derive(run.record, test_tables()));
    }
    EXPECT_NEAR(as_wh(*sum(reports)->it), test.watts, 1e-6) << test.share;
  }
}

// One GPU, three quarters of its busy time the first run's; the second comes when half is over and
// is alone in nothing.
TEST(Overlap, gpu_that_runs_shared_out_between_them_adds_up_to_the_device) {
  TestRun first(minutes(5));
  first.gpu(watts(300)).shared(0.5, 0.5, 0.75);
  TestRun second(seconds(150), *first.record.begin + seconds(150));
  second.gpu(watts(300)).shared(1, 0.5, 0.25);
  std::vector<Report> reports;
  for (TestRun* run : {&first, &second}) {
    run->constant(100);
    run->record.id = std::to_string(reports.size());
    run->record.channels[0].uuid = "GPU-1";
    run->record.channels[0].idle_power = watts(100);
    reports.push_back(derive(run->record, test_tables()));
  }
  EXPECT_NEAR(as_joules(*reports[1].energy.it), 150 * (0.25 * 200 + 50), 1e-6);
  for (int order = 0; order < 2; ++order) {
    EXPECT_NEAR(as_joules(*sum(reports)->it), 300 * 300, 1e-6);
    std::swap(reports[0], reports[1]);
  }
}

TEST(Overlap, modelled_share_is_of_what_is_counted) {
  std::vector<Report> reports;
  for (const char* id : {"1", "2"}) {
    TestRun run(hours(1));
    run.gpu(watts(100)).cpu(watts(100), watts(0)).use(0.5);
    for (ChannelSlot& slot : run.record.slots) {
      if (slot.channel == 1) slot.quality = Quality::modelled;
    }
    run.record.id = id;
    run.record.channels[0].uuid = std::string("GPU-") + id;
    run.record.channels[1].uuid = "model:cpu";
    run.record.channels[1].idle_power = watts(100);
    run.record.channels[1].source = Source::model;
    reports.push_back(derive(run.record, test_tables()));
  }
  EXPECT_NEAR(as_wh(*sum(reports)->it), 300, 1e-6);
  EXPECT_NEAR(*sum(reports)->modelled_share, 1.0 / 3, 1e-9);
}

TEST(Overlap, other_signal_of_what_counts_once_is_not_known) {
  const GpuRun both{"GPU-1", {}, "a", Signal::marginal};
  EXPECT_TRUE(sum(std::vector{gpu_run("1", both)})->other_signal);
  EXPECT_FALSE(sum(std::vector{gpu_run("1", both), gpu_run("2", both)})->other_signal);
}

}  // namespace
}  // namespace lowtide::account
