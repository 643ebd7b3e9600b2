#include "plan/sweep.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <thread>

#include "plan/problem_for_test.h"
#include "plan/sweep_kernels.h"
#include "plan/sweep_reference.h"
#include "plan/vector_targets.h"

namespace lowtide::plan {
namespace {

constexpr double kDouble = 1e-12;
constexpr double kFloat = 2e-5;

// A year's shape: days, seasons and noise, sometimes exactly zero, with ties.
std::vector<Intensity> series(std::size_t slots, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> noise(-80, 80);
  std::vector<Intensity> out(slots);
  for (std::size_t t = 0; t < slots; ++t) {
    const double day = std::sin(static_cast<double>(t) * 2 * M_PI / 288);
    const double grams = 250 + 150 * day + noise(random);
    out[t] = grams_per_kwh(t % 97 == 0 ? 0 : t % 5 == 0 ? std::round(grams) : grams);
  }
  return out;
}

std::vector<Energy> profile(std::size_t slots, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> power(0, 2);
  std::vector<Energy> out(slots);
  for (auto& energy : out) energy = kwh(power(random));
  return out;
}

void expect_near(std::span<const Carbon> got, std::span<const Carbon> want, double relative) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t t = 0; t < got.size(); ++t) {
    if (std::isnan(as_grams(want[t]))) {
      ASSERT_TRUE(std::isnan(as_grams(got[t]))) << "start " << t << " touches a gap";
    } else {
      ASSERT_NEAR(as_grams(got[t]), as_grams(want[t]), relative * as_grams(want[t]))
          << "start " << t;
    }
  }
}

void expect_near_at_resumes(const LowestSlots& got, const LowestSlots& want) {
  const auto of_a_kwh = [](const LowestSlots& of) {
    std::vector<Carbon> out(of.at_resumes.size());
    std::transform(of.at_resumes.begin(), of.at_resumes.end(), out.begin(),
                   [](Intensity sum) { return sum * kwh(1); });
    return out;
  };
  expect_near(of_a_kwh(got), of_a_kwh(want), kDouble);
}

void expect_all_near(const LowestSlots& got, const LowestSlots& want) {
  expect_near(got.carbon, want.carbon, kDouble);
  EXPECT_EQ(got.resumes, want.resumes);
  expect_near_at_resumes(got, want);
}

// Every vector target that this CPU has; which ones were run is in the name of each test.
class SweepOn : public testing::TestWithParam<std::string> {
 protected:
  SweepOn() { EXPECT_TRUE(force_vector_target(GetParam())); }
  ~SweepOn() override { force_vector_target(""); }
};
INSTANTIATE_TEST_SUITE_P(Targets, SweepOn, testing::ValuesIn(vector_targets()),
                         [](const auto& target) { return target.param; });

TEST_P(SweepOn, the_code_made_for_the_target_is_what_runs) {
  const std::map<std::string, std::size_t> doubles = {{"avx512", 8}, {"avx2", 4}};
  const auto known = doubles.find(GetParam());
  if (known == doubles.end()) {
    EXPECT_LE(doubles_in_vector(), 2U);
  } else {
    EXPECT_EQ(doubles_in_vector(), known->second);
  }
}

TEST_P(SweepOn, baseline_is_the_references) {
  for (const std::size_t work : {1U, 2U, 7U, 72U, 301U}) {
    for (const std::size_t more : {0U, 1U, 6U, 7U, 63U, 64U, 9000U}) {
      const auto c = series(work + more, 7);
      const auto p = profile(work, 8);
      expect_near(baseline_for_all(c, p), reference::baseline_for_all(c, p), kDouble);
    }
  }
}

TEST_P(SweepOn, flexible_start_is_the_references_bit_for_bit) {
  const auto c = series(3000, 3);
  auto baseline = reference::baseline_for_all(c, profile(30, 4));
  baseline[1000] = grams(std::nan(""));
  const std::vector<std::size_t> slacks = {288, 0, 1, 2, 3, 71, 71, 2970, 2971, 9999};
  const auto got = flexible_start_for_all(baseline, slacks);
  const auto want = reference::flexible_start_for_all(baseline, slacks);
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < slacks.size(); ++i) expect_near(got[i], want[i], 0);
}

TEST_P(SweepOn, what_touches_a_gap_has_no_result_and_what_does_not_has_one) {
  auto c = series(500, 1);
  c[200] = kMissing;
  auto p = profile(20, 2);
  p[5] = Energy();  // no energy is no reason to know what is not known
  const auto baseline = baseline_for_all(c, p);
  const std::vector<std::size_t> slacks = {10};
  const auto flexible = flexible_start_for_all(baseline, slacks)[0];
  for (std::size_t t = 0; t < baseline.size(); ++t) {
    EXPECT_EQ(std::isnan(as_grams(baseline[t])), t <= 200 && t + 20 > 200) << t;
  }
  for (std::size_t t = 0; t < flexible.size(); ++t) {
    EXPECT_EQ(std::isnan(as_grams(flexible[t])), t <= 200 && t + 30 > 200) << t;
  }
}

TEST_P(SweepOn, lowest_slots_are_the_references) {
  auto c = series(900, 11);
  c[300] = kMissing;
  c[301] = kMissing;
  c[340] = kMissing;  // a run shorter than some windows
  const RankedSeries ranked(c);
  for (const std::size_t work : {1U, 2U, 5U, 16U, 33U, 60U}) {
    for (const std::size_t slack : {0U, 1U, 15U, 100U}) {
      const auto p = profile(work, 12);
      const auto got = lowest_slots_for_all(ranked, p, slack);
      const auto want = reference::lowest_slots_for_all(c, p, slack);
      expect_near(got.carbon, want.carbon, kFloat);
      EXPECT_EQ(got.resumes, want.resumes);
      expect_near_at_resumes(got, want);
      const std::vector<Energy> flat(work, kwh(0.7));
      const auto want_flat = reference::lowest_slots_for_all(c, flat, slack);
      expect_near(flat_lowest_slots_for_all(ranked, kwh(0.7), work, slack), want_flat.carbon,
                  kDouble);
      expect_all_near(flat_lowest_slots_with_resumes_for_all(ranked, kwh(0.7), work, slack),
                      want_flat);
    }
  }
}

// Neighbours, and starts that are no neighbours, over ends and gaps.
TEST_P(SweepOn, exact_is_the_references) {
  auto c = series(260, 31);
  c[170] = kMissing;
  std::vector<std::size_t> starts(200);
  std::iota(starts.begin(), starts.end(), 0);
  for (const std::size_t start : {250U, 7U, 259U, 7U, 100U, 169U, 170U, 171U, 260U, 99'999U}) {
    starts.push_back(start);
  }
  const std::vector<std::size_t> slacks = {30, 0, 1, 7, 10'000'000};
  for (const std::size_t work : {1U, 3U, 4U, 8U, 12U, 13U, 29U, 60U}) {
    const auto p = profile(work, 32);
    for (const double resume : {0.0, 0.4, 3.0, 1e5}) {
      const ManyStarts asked{p, kwh(resume), slacks, starts};
      const auto got = exact_for_starts(c, asked);
      const auto want = reference::exact_for_starts(c, asked);
      ASSERT_EQ(got.size(), slacks.size());
      for (std::size_t i = 0; i < slacks.size(); ++i) expect_near(got[i], want[i], kFloat);
    }
  }
}

TEST_P(SweepOn, slacks_of_one_sweep_are_those_of_their_own_bit_for_bit) {
  const auto c = series(700, 41);
  const auto p = profile(50, 42);
  const std::vector<std::size_t> starts = {0, 1, 2, 300, 17};
  const std::vector<std::size_t> slacks = {0, 5, 50, 288};
  for (const double resume : {0.0, 0.5}) {
    const auto together = exact_for_starts(c, {p, kwh(resume), slacks, starts});
    for (std::size_t i = 0; i < slacks.size(); ++i) {
      const auto alone =
          exact_for_starts(c, {p, kwh(resume), std::span(slacks).subspan(i, 1), starts});
      EXPECT_EQ(together[i], alone[0]);
    }
  }
}

TEST_P(SweepOn, exact_of_flat_work_in_two_parts_is_the_references) {
  auto c = series(420, 51);
  c[180] = kMissing;
  c[183] = kMissing;
  for (const std::size_t work : {1U, 2U, 7U, 16U, 17U, 40U, 90U}) {
    for (const std::size_t slack : {0U, 1U, 3U, 16U, 33U, 100U}) {
      for (const double resume : {0.0, 0.1, 1.5, 1e5}) {
        const std::vector<Energy> flat(work, kwh(0.5));
        const std::vector<std::size_t> slacks = {slack};
        std::vector<std::size_t> starts(c.size() - work - slack + 1);
        std::iota(starts.begin(), starts.end(), 0);
        expect_near(flat_exact_for_all(c, {kwh(0.5), work, kwh(resume)}, slack),
                    reference::exact_for_starts(c, {flat, kwh(resume), slacks, starts})[0], kFloat);
        if (HasFatalFailure()) FAIL() << work << " " << slack << " " << resume;
      }
    }
  }
}

TEST(Sweep, flat_work_that_would_take_over_a_gigabyte_has_no_result) {
  const auto c = series(200'000, 1);
  EXPECT_TRUE(flat_exact_for_all(c, {kwh(1), 90'000, kwh(1)}, 90'000).empty());
}

TEST(Sweep, lowest_slots_of_ties_zeros_and_a_constant_are_the_earliest) {
  Random random(5);
  for (const Shape shape : kShapes) {
    for (int i = 0; i < 20; ++i) {
      const Question asked = question(random, 1 + up_to(random, 30), up_to(random, 300), shape);
      const std::size_t work = asked.work.size();
      const std::size_t slack = std::min<std::size_t>(up_to(random, 40), asked.problem().slack());
      const RankedSeries ranked(asked.intensity);
      const auto got = lowest_slots_for_all(ranked, asked.work, slack);
      const auto want = reference::lowest_slots_for_all(asked.intensity, asked.work, slack);
      expect_near(got.carbon, want.carbon, kFloat);
      EXPECT_EQ(got.resumes, want.resumes) << "another choice among equals";
      expect_near_at_resumes(got, want);
      const std::vector<Energy> flat(work, kwh(1));
      const auto want_flat = reference::lowest_slots_for_all(asked.intensity, flat, slack);
      expect_near(flat_lowest_slots_for_all(ranked, kwh(1), work, slack), want_flat.carbon,
                  kDouble);
      expect_all_near(flat_lowest_slots_with_resumes_for_all(ranked, kwh(1), work, slack),
                      want_flat);
    }
  }
}

// A leap year; the last starts have behind them every running sum there is.
TEST(Sweep, after_a_leap_year_running_sums_are_those_of_a_fresh_start) {
  constexpr std::size_t kLeapYear = 105'408;
  const auto c = series(kLeapYear, 21);
  const RankedSeries ranked(c);
  const std::size_t work = 228;
  const std::size_t slack = 288;
  const auto all = flat_lowest_slots_for_all(ranked, kwh(0.3), work, slack);
  const auto more = flat_lowest_slots_with_resumes_for_all(ranked, kwh(0.3), work, slack);
  ASSERT_EQ(all.size(), kLeapYear - work - slack + 1);
  const std::vector<Energy> flat(work, kwh(0.3));
  for (const std::size_t t : {std::size_t{0}, std::size_t{50'000}, all.size() - 1}) {
    const auto window = std::span(c).subspan(t, work + slack);
    const LowestSlots fresh = reference::lowest_slots_for_all(window, flat, slack);
    const double grams = as_grams(fresh.carbon[0]);
    EXPECT_NEAR(as_grams(all[t]), grams, 1e-12 * grams) << t;
    EXPECT_NEAR(as_grams(more.carbon[t]), grams, 1e-12 * grams) << t;
    EXPECT_EQ(more.resumes[t], fresh.resumes[0]) << t;
    const double at_resumes = as_grams_per_kwh(fresh.at_resumes[0]);
    EXPECT_NEAR(as_grams_per_kwh(more.at_resumes[t]), at_resumes, 1e-9 * at_resumes) << t;
  }
}

TEST(Sweep, a_series_shorter_than_the_window_has_no_start) {
  const auto c = series(10, 1);
  EXPECT_TRUE(baseline_for_all(c, profile(11, 1)).empty());
  EXPECT_TRUE(baseline_for_all(c, {}).empty());
  const std::vector<std::size_t> slacks = {10};
  EXPECT_TRUE(flexible_start_for_all(baseline_for_all(c, profile(1, 1)), slacks)[0].empty());
  EXPECT_TRUE(lowest_slots_for_all(RankedSeries(c), profile(1, 1), 10).carbon.empty());
  EXPECT_TRUE(flat_lowest_slots_for_all(RankedSeries(c), kwh(1), 1, 10).empty());
  EXPECT_TRUE(flat_exact_for_all(c, {kwh(1), 1, kwh(1)}, 10).empty());
  EXPECT_TRUE(flat_exact_for_all(c, {kwh(1), 0, kwh(1)}, 1).empty());
}

TEST(Sweep, spread_pieces_give_the_same_bits_and_report_progress) {
  const auto c = series(20'000, 5);
  const auto p = profile(50, 6);
  std::vector<double> parts;
  SweepOptions options;
  options.spread = [](std::size_t pieces, const std::function<void(std::size_t)>& do_piece) {
    while (pieces > 0) do_piece(--pieces);  // in any order
  };
  options.progress = [&](double part) { return parts.push_back(part), true; };
  EXPECT_EQ(baseline_for_all(c, p, options), baseline_for_all(c, p));
  ASSERT_GT(parts.size(), 2U);
  EXPECT_TRUE(std::is_sorted(parts.begin(), parts.end()));
  EXPECT_EQ(parts.back(), 1);
}

// Every sweep, so that what holds for one is asked of all.
std::vector<std::vector<Carbon>> all_sweeps(const SweepOptions& options) {
  const auto c = series(9000, 61);
  const auto p = profile(40, 62);
  const RankedSeries ranked(c);
  const std::vector<std::size_t> slacks = {25};
  std::vector<std::size_t> starts(500);
  std::iota(starts.begin(), starts.end(), 0);
  const auto exact = exact_for_starts(c, {p, kwh(0.3), slacks, starts}, options);
  return {baseline_for_all(c, p, options),
          flat_lowest_slots_for_all(ranked, kwh(1), 40, 25, options),
          lowest_slots_for_all(ranked, p, 25, options).carbon,
          exact.empty() ? std::vector<Carbon>() : exact[0],
          flat_exact_for_all(c, {kwh(1), 40, kwh(0.3)}, 25, options)};
}

TEST(Sweep, threads_give_the_same_bits_and_progress_comes_from_one_at_a_time) {
  std::size_t reports = 0;  // not atomic: the thread sanitizer sees two at once
  SweepOptions options;
  options.progress = [&](double) { return ++reports > 0; };
  options.spread = [](std::size_t pieces, const std::function<void(std::size_t)>& do_piece) {
    std::atomic<std::size_t> next = 0;
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (std::size_t piece = next++; piece < pieces; piece = next++) do_piece(piece);
      });
    }
  };
  EXPECT_EQ(all_sweeps(options), all_sweeps({}));
  EXPECT_GT(reports, 10U);
}

TEST(Sweep, a_stopped_sweep_has_no_result) {
  SweepOptions options;
  options.progress = [](double) { return false; };
  for (const auto& result : all_sweeps(options)) EXPECT_TRUE(result.empty());
  int asked = 0;
  options.progress = [&](double) { return ++asked < 2; };
  EXPECT_TRUE(baseline_for_all(series(20'000, 5), profile(50, 6), options).empty());
  EXPECT_EQ(asked, 2) << "nobody is asked after the stop";
}

}  // namespace
}  // namespace lowtide::plan
