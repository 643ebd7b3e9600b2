#include "show/derivation.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "account/derive.h"
#include "account/testing_run.h"

namespace lowtide::show {
namespace {

using account::ChannelCharge;
using account::derive;
using account::hours;
using account::Report;
using account::test_tables;
using account::TestRun;

// Computes a formula from its inputs: + - x / ^, brackets, min, max, sqrt; {} takes the next input.
class Calculator {
 public:
  explicit Calculator(const Step& step) : text_(step.formula), inputs_(step.inputs) {
    std::erase(text_, ' ');
    for (const char* unit : {"J/kWh"}) {
      for (std::size_t at; (at = text_.find(unit)) != std::string::npos;) text_.erase(at, 5);
    }
  }
  double result() {
    const double value = sum();
    EXPECT_EQ(at_, text_.size()) << text_;
    EXPECT_EQ(next_, inputs_.size()) << "an input that the formula does not use: " << text_;
    return value;
  }

 private:
  bool take(std::string_view word) {
    if (text_.compare(at_, word.size(), word) != 0) return false;
    at_ += word.size();
    return true;
  }
  double sum() {
    double value = product();
    while (true) {
      if (take("+")) {
        value += product();
      } else if (take("-")) {
        value -= product();
      } else {
        return value;
      }
    }
  }
  double product() {
    double value = power();
    while (true) {
      if (take("x")) {
        value *= power();
      } else if (take("/")) {
        value /= power();
      } else {
        return value;
      }
    }
  }
  double power() {
    const double value = atom();
    return take("^2") ? value * value : value;
  }
  double atom() {
    if (take("{}")) return next_ < inputs_.size() ? inputs_[next_++].value : NAN;
    const bool is_min = take("min");
    const bool is_max = !is_min && take("max");
    const bool is_root = !is_max && take("sqrt");
    if (take("(")) {
      double value = sum();
      if (take(",")) value = is_min ? std::min(value, sum()) : std::max(value, sum());
      EXPECT_TRUE(take(")")) << text_;
      return is_root ? std::sqrt(value) : value;
    }
    std::size_t length = 0;
    const double value = std::stod(text_.substr(at_), &length);
    at_ += length;
    return value;
  }

  std::string text_;
  std::vector<Value> inputs_;
  std::size_t at_ = 0;
  std::size_t next_ = 0;
};

std::vector<Step> steps_of(const Explanation& explanation) {
  std::vector<Step> all;
  for (const Section& section : explanation.sections) {
    all.insert(all.end(), section.steps.begin(), section.steps.end());
  }
  return all;
}

void expect_steps_compute(const std::string& what, const RunRecord& record) {
  const Report report = derive(record, test_tables());
  for (const bool all : {false, true}) {
    for (const Step& step : steps_of(explain(record, report, all))) {
      if (step.inputs.empty()) continue;
      ASSERT_TRUE(step.result) << what << ": " << step.what;
      const double value = Calculator(step).result();
      EXPECT_NEAR(value, step.result->value, 1e-9 * (1 + std::abs(value)))
          << what << ": " << step.what << ": " << step.formula;
    }
  }
}

// Everything that bounds can be made of, on a shared machine, with a gap and a change of intensity.
TestRun rich_run() {
  TestRun run(hours(2));
  run.gpu({watts(600), watts(200)}).gpu(watts(300));
  run.cpu(watts(150), watts(60));
  run.channel(ChannelKind::dram, Source::model, {watts(20), watts(30)});
  run.channel(ChannelKind::psys, Source::rapl, {watts(900)});
  RunRecord& record = run.record;
  record.channels.back().in_total = false;
  for (std::size_t i = 0; i < 2; ++i) {
    record.channels[i].errors = {
        {ErrorTermKind::gain, 0.05, 0.04, {}, {}, {}, {}, "sheet"},
        {ErrorTermKind::offset, 0, 0, watts(5), watts(4), {}, {}, "sheet"},
        {ErrorTermKind::alias, 0, 0, {}, {}, joules(90), joules(70), "ends"}};
  }
  record.channels[3].errors = {{ErrorTermKind::model, 0.5, 0.5, {}, {}, {}, {}, "assumed"}};
  run.use(0.3).cpus(64, 8).intensity({400, 100, 50, 700, 20});
  record.machine.memory_gb = 512;
  record.machine.memory_reserved_gb = 64;
  record.intensity[0].error_low_rel = 0.1;
  record.intensity[0].error_high_rel = 0.2;
  record.options.pue = 1.2;
  record.options.pue_is_average = true;
  record.slots.erase(record.slots.begin() + 2);
  return run;
}

TEST(Explain, every_step_computes_to_its_result_and_uses_all_its_inputs) {
  expect_steps_compute("rich", rich_run().record);
  TestRun gap = rich_run();
  gap.record.intensity.clear();
  gap.intensity({400, std::nullopt, 90});
  expect_steps_compute("intensity gap", gap.record);
  TestRun paused = rich_run();
  for (ChannelSlot& slot : paused.record.slots) {
    if (slot.span.begin >= *paused.record.begin + hours(1)) slot.state = RunState::paused;
  }
  expect_steps_compute("paused", paused.record);
  TestRun unseen = rich_run();
  unseen.record.use.clear();
  expect_steps_compute("CPU time never seen", unseen.record);
  TestRun given = rich_run();
  given.record.options.embodied = "12.5";
  given.record.intensity[0].error_low_rel.reset();
  expect_steps_compute("M in grams, error not known", given.record);
  expect_steps_compute("nothing", TestRun(hours(1)).record);
}

// The explanation ends in the report's figures, and all that leads there is in it.
TEST(Explain, the_figures_of_the_report_are_results) {
  const TestRun run = rich_run();
  const Report report = derive(run.record, test_tables());
  const std::vector<Step> steps = steps_of(explain(run.record, report, false));
  const auto expect_result = [&](const char* name, double value) {
    EXPECT_TRUE(std::any_of(steps.begin(), steps.end(),
                            [&](const Step& step) {
                              return step.result && !step.inputs.empty() &&
                                     step.result->name == name &&
                                     std::abs(step.result->value - value) <= 1e-12 * value;
                            }))
        << name << " " << value;
  };
  expect_result("IT energy", as_kwh(*report.energy.it));
  expect_result("E", as_kwh(*report.energy.total));
  expect_result("low", as_kwh(*report.energy.total_low));
  expect_result("high", as_kwh(*report.energy.total_high));
  expect_result("operational", as_grams(*report.carbon.operational));
  expect_result("M", as_grams(*report.carbon.embodied));
  expect_result("total", as_grams(*report.carbon.total));
  expect_result("low", as_grams(*report.carbon.low));
  expect_result("high", as_grams(*report.carbon.high));
  expect_result("I", as_grams_per_kwh(*report.sci.i));
  expect_result("value", as_grams(*report.sci.value));
  for (const ChannelCharge& channel : report.energy.channels) {
    if (!channel.info.in_total) continue;
    expect_result("charged", as_kwh(channel.charged));
    expect_result("coverage", channel.coverage);
  }
}

// One hour, 8 of 64 CPUs, a third of the CPU time: 100 W of which 40 W are idle.
TEST(Explain, charge_is_worked_with_the_numbers_of_the_run) {
  TestRun run(hours(1), Utc(std::chrono::seconds(1'767'571'200)));
  run.cpu(watts(100), watts(40)).use(0.25).cpus(64, 8).constant(500);
  const Report report = derive(run.record, test_tables());
  const std::vector<Step> steps = steps_of(explain(run.record, report, false));
  const auto found = std::find_if(steps.begin(), steps.end(), [](const Step& step) {
    return step.what == "dynamic energy of cpu:0";
  });
  ASSERT_NE(found, steps.end());
  ASSERT_EQ(found->inputs.size(), 4U);
  EXPECT_NEAR(found->inputs[0].value, 100 * 300 / 3.6e6, 1e-12);
  EXPECT_NEAR(found->inputs[1].value, 40 * 300 / 3.6e6, 1e-12);
  EXPECT_NEAR(found->inputs[2].value, 75, 1e-9);
  EXPECT_NEAR(found->inputs[3].value, 300, 1e-9);
  EXPECT_EQ(found->anchor, "charges");
}

TEST(Explain, of_a_long_run_first_and_last_are_shown_and_all_when_asked) {
  const TestRun run = rich_run();
  const Report report = derive(run.record, test_tables());
  const auto slots = [&](bool all) {
    const std::vector<Step> steps = steps_of(explain(run.record, report, all));
    return std::count_if(steps.begin(), steps.end(),
                         [](const Step& step) { return step.what == "carbon of the slot"; });
  };
  EXPECT_EQ(slots(false), 2);
  EXPECT_EQ(slots(true), static_cast<std::ptrdiff_t>(report.slots.size()));
}

}  // namespace
}  // namespace lowtide::show
