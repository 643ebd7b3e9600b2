// What goes into the kept series and comes out of it; its file is in kept_series_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <random>

#include "grid/kept_for_test.h"

namespace lowtide::grid {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto kForecast = IntensityKind::forecast;
constexpr auto kEstimated = IntensityKind::estimated;
const Interval kDay{at(0), at(24)};

class Kept : public testing::Test {
 protected:
  PutResult put(const Batch& batch, Utc known, Interval asked = {}) {
    const auto done = kept_.put(batch, asked, known);
    EXPECT_TRUE(done) << done.error().line();
    return done.value_or(PutResult{});
  }
  std::string read(Interval over = kDay, std::optional<Utc> as_of = std::nullopt) {
    return read_text(kept_, over, as_of);
  }
  std::vector<Interval> to_ask(Interval over, Utc now, double settles_h = 2, double again_h = 0.1) {
    return kept_.to_ask({key_of(), over}, {now, seconds(settles_h * 3600), seconds(again_h * 3600)})
        .value();
  }
  KeptSeries kept_ = KeptSeries::in_memory().value();
};

TEST_F(Kept, what_was_put_is_read_cut_to_what_is_asked) {
  const PutResult first = put(batch(0, {10, 11, 12}), at(5));
  EXPECT_EQ(first.added, 3);
  EXPECT_EQ(read(), "0:10 1:11 2:12");
  EXPECT_EQ(read({at(0.5), at(1.25)}), "0.5+0.5:10 1+0.25:11");
  EXPECT_EQ(read({at(3), at(9)}), "");
  const PutResult again = put(batch(1, {11, 12, 13}), at(6));
  EXPECT_EQ(again.added, 1);
  EXPECT_EQ(again.equal, 2);
  EXPECT_EQ(read(), "0:10 1:11 2:12 3:13");
}

TEST_F(Kept, a_value_keeps_every_bit) {
  std::mt19937_64 random(1);
  std::vector<double> values = {0.1 + 0.2, 5e-324, 1e308, -0.0, std::nextafter(300.0, 301.0)};
  for (int i = 0; i < 200; ++i)
    values.push_back(std::uniform_real_distribution(0.0, 900.0)(random));
  put(batch(0, values), at(500));
  const auto points = kept_.read(key_of(), {at(0), at(500)}).value();
  ASSERT_EQ(points.size(), values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(as_grams_per_kwh(points[i].value), values[i]) << i;
  }
}

TEST_F(Kept, a_long_batch_is_kept_as_its_values_one_by_one_are) {
  Batch all{key_of("m1"), std::nullopt, {}, {}};
  for (int i = 0; i < 1500; ++i) {  // over two ends of a month
    all.points.push_back(point(i, 100 + 0.1 * i, i % 5 == 0 ? kEstimated : IntensityKind::history,
                               i % 7 == 0 ? 0.5 : 1));
    if (i % 11 == 0) all.points.back().value.reset();
  }
  KeptSeries single = KeptSeries::in_memory().value();
  for (const Point& each : all.points) {
    ASSERT_TRUE(single.put({all.key, std::nullopt, {each}, {}}, {}, at(2000)));
  }
  EXPECT_EQ(put(all, at(2000)).added, 1500 - 137);
  const Interval over{at(0), at(1500)};
  EXPECT_EQ(kept_.read(key_of(), over).value(), single.read(key_of(), over).value());
  EXPECT_EQ(kept_.read(key_of(), over)->size(), 1500U - 137);
  EXPECT_EQ(kept_.list()->front().values, 1500 - 137) << "counted by month";
  EXPECT_EQ(put(all, at(2001)).equal, 1500 - 137);
}

TEST_F(Kept, a_hole_and_a_row_without_a_value_stay_gaps) {
  Batch holes = batch(0, {10, 11, 12});
  holes.points[1].value.reset();
  holes.points.push_back(point(5, std::numeric_limits<double>::quiet_NaN()));
  put(holes, at(5));
  EXPECT_EQ(read(), "0:10 2:12");
}

TEST_F(Kept, a_revision_keeps_both_values_and_when_each_was_known) {
  put(batch(0, {10, 11, 12}), at(5));
  const PutResult revised = put(batch(0, {10, 99, 12}), at(7));
  EXPECT_EQ(revised.revised, 1);
  EXPECT_EQ(revised.equal, 2);
  EXPECT_EQ(read(), "0:10 1:99 2:12");
  EXPECT_EQ(read(kDay, at(6)), "0:10 1:11 2:12");
  EXPECT_EQ(read(kDay, at(4)), "");
  const auto revisions = kept_.revisions(key_of(), kDay).value();
  ASSERT_EQ(revisions.size(), 1U);
  EXPECT_EQ(revisions[0].span, (Interval{at(1), at(2)}));
  EXPECT_EQ(revisions[0].before, grams_per_kwh(11));
  EXPECT_EQ(revisions[0].after, grams_per_kwh(99));
  EXPECT_EQ(revisions[0].known_before, at(5));
  EXPECT_EQ(revisions[0].known_after, at(7));
  EXPECT_EQ(kept_.list()->front().revisions, 1);
}

TEST_F(Kept, a_value_that_comes_back_is_a_revision_too) {
  for (const auto& [value, hour] : {std::pair{10.0, 5}, {20.0, 6}, {10.0, 7}}) {
    put(batch(0, {value}), at(hour));
  }
  EXPECT_EQ(kept_.revisions(key_of(), kDay)->size(), 2U);
  EXPECT_EQ(read(kDay, at(6.5)), "0:20");
  EXPECT_EQ(read(), "0:10");
}

TEST_F(Kept, two_values_learnt_in_one_moment_are_both_kept_the_later_counts) {
  put(batch(0, {10}), at(5));
  EXPECT_EQ(put(batch(0, {20}), at(5)).revised, 1);
  EXPECT_EQ(read(), "0:20");
  EXPECT_EQ(kept_.revisions(key_of(), kDay)->size(), 1U);
}

TEST_F(Kept, history_before_estimated_before_forecast) {
  Batch forecast = batch(0, {1, 2, 3, 4}, kForecast);
  forecast.issued = at(0);
  put(forecast, at(0));
  EXPECT_EQ(read(), "0:1f 1:2f 2:3f 3:4f");
  put(batch(0, {10, 11, 12}, kEstimated), at(3));
  EXPECT_EQ(read(), "0:10e 1:11e 2:12e 3:4f");
  const PutResult measured = put(batch(0, {20, 11}), at(4));
  EXPECT_EQ(measured.revised, 1) << "the other is measured as it was estimated";
  EXPECT_EQ(read(), "0:20 1:11 2:12e 3:4f");
  put(batch(0, {30}, kEstimated), at(5));
  EXPECT_EQ(read(), "0:20 1:11 2:12e 3:4f") << "what was measured is not estimated any more";
  EXPECT_EQ(read(kDay, at(3.5)), "0:10e 1:11e 2:12e 3:4f");
  EXPECT_EQ(read(kDay, at(1)), "0:1f 1:2f 2:3f 3:4f");
  EXPECT_EQ(kept_.revisions(key_of(), kDay)->size(), 1U);
}

TEST_F(Kept, forecasts_are_kept_by_issue_and_the_newest_counts) {
  for (int hour = 0; hour < 3; ++hour) {
    Batch issue = batch(hour, {100.0 + hour, 200.0 + hour, 300.0 + hour}, kForecast);
    issue.issued = at(hour);
    put(issue, at(10));
  }
  EXPECT_EQ(read(), "0:100f 1:101f 2:102f 3:202f 4:302f");
  EXPECT_EQ(text_of(kept_.forecast(key_of(), kDay, at(1.5)).value()), "1:101f 2:201f 3:301f");
  EXPECT_EQ(text_of(kept_.forecast(key_of(), kDay, at(0)).value()), "0:100f 1:200f 2:300f");
  EXPECT_THAT(kept_.forecast(key_of(), kDay, at(-1)).value(), IsEmpty());
  EXPECT_EQ(kept_.read(key_of(), kDay)->at(3).issued, at(2));
  EXPECT_EQ(kept_.list()->front().forecasts, 3);
}

TEST_F(Kept, a_forecast_without_a_time_of_issue_is_issued_when_it_was_heard) {
  put(batch(4, {7}, kForecast), at(3));
  EXPECT_EQ(kept_.read(key_of(), kDay)->at(0).issued, at(3));
  EXPECT_EQ(read(kDay, at(2)), "") << "nobody had heard of it";
}

TEST_F(Kept, an_issue_that_comes_in_two_parts_is_one) {
  for (const double hour : {0.0, 2.0}) {
    Batch part = batch(hour, {hour, hour + 1}, kForecast);
    part.issued = at(0);
    put(part, at(1));
    put(part, at(1));
  }
  EXPECT_EQ(read(), "0:0f 1:1f 2:2f 3:3f");
  EXPECT_EQ(kept_.list()->front().forecasts, 1);
}

TEST_F(Kept, models_stay_apart) {
  put(batch(0, {10, 11}, IntensityKind::history, "2024-01-01"), at(5));
  put(batch(1, {20, 21}, IntensityKind::history, "2025-06-01"), at(5));
  EXPECT_THAT(kept_.models(key_of(), kDay).value(), ElementsAre("2024-01-01", "2025-06-01"));
  EXPECT_THAT(kept_.models(key_of(), {at(0), at(1)}).value(), ElementsAre("2024-01-01"));
  EXPECT_EQ(read(), "1:20 2:21") << "the newest alone";
  EXPECT_EQ(read({at(0), at(1)}), "0:10") << "the newest that knows of it";
  EXPECT_EQ(text_of(kept_.read(key_of("2024-01-01"), kDay).value()), "0:10 1:11");
}

TEST_F(Kept, what_differs_in_anything_is_another_series) {
  put(batch(0, {10}), at(5));
  const auto other = [&](auto change) {
    Batch one = batch(0, {99});
    change(one.key);
    put(one, at(6));
  };
  other([](SeriesKey& key) { key.provider = "uk"; });
  other([](SeriesKey& key) { key.zone = "CAISO_SOUTH"; });
  other([](SeriesKey& key) { key.signal = Signal::average; });
  other([](SeriesKey& key) { key.scope = Scope::direct; });
  other([](SeriesKey& key) { key.gas = Gas::co2e; });
  EXPECT_EQ(read(), "0:10");
  put(batch(0, {10}, IntensityKind::history, "m2"), at(5));
  EXPECT_EQ(kept_.keys("watttime", "CAISO_NORTH", Signal::marginal)->size(), 3U) << "no models";
  const auto lines = kept_.list().value();
  EXPECT_EQ(lines.size(), 7U);
  for (const KeptLine& line : lines) {
    EXPECT_EQ(line.values, 1);
    EXPECT_EQ(line.span, (Interval{at(0), at(1)}));
  }
}

TEST_F(Kept, finer_steps_go_before_coarser_ones_that_overlap) {
  put(batch(0, {10, 11, 12}), at(5));
  Batch halves{key_of("m1"), std::nullopt, {}, {}};
  halves.points = {point(1, 50, IntensityKind::history, 0.5)};
  put(halves, at(4));
  EXPECT_EQ(read(), "0:10 1+0.5:50 1.5+0.5:11 2:12");
  put(batch(0, {10, 77, 12}), at(6));
  EXPECT_EQ(read(), "0:10 1+0.5:50 1.5+0.5:77 2:12");
  put(batch(1, {5}, kEstimated), at(7));
  EXPECT_EQ(read(), "0:10 1+0.5:50 1.5+0.5:77 2:12");
  put(halves, at(8));
  EXPECT_EQ(kept_.revisions(key_of(), kDay)->size(), 1U) << "the steps do not revise each other";
}

TEST_F(Kept, a_long_value_is_found_far_from_its_begin) {
  Batch month{key_of("m1"), std::nullopt, {point(0, 10, IntensityKind::history, 24 * 31)}, {}};
  put(month, at(1000));
  EXPECT_EQ(read({at(700), at(701)}), "700:10");
  EXPECT_THAT(kept_.models(key_of(), {at(700), at(701)}).value(), ElementsAre("m1"));
}

TEST_F(Kept, puts_in_any_order_and_twice_give_the_same_series_at_every_time) {
  std::mt19937 random(7);
  // Chunks of a day as they were known at five times; some hours change each time.
  struct Put {
    Batch batch;
    Utc known;
  };
  std::vector<Put> puts;
  for (int known = 0; known < 5; ++known) {
    for (int hour = 0; hour < 24; hour += 6) {
      std::vector<double> values(6);
      for (int i = 0; i < 6; ++i)
        values[static_cast<std::size_t>(i)] = (hour + i) % 3 == 0 ? 100 * known : hour + i;
      puts.push_back(
          {batch(hour, values, known < 2 ? kEstimated : IntensityKind::history), at(30 + known)});
    }
  }
  const auto all_of = [&](KeptSeries& kept) {
    std::string text;
    for (double hour = 29.5; hour < 36; ++hour) text += read_text(kept, kDay, at(hour)) + "\n";
    return text + std::to_string(kept.revisions(key_of(), kDay)->size());
  };
  for (const Put& each : puts) put(each.batch, each.known);
  const std::string expected = all_of(kept_);
  for (int round = 0; round < 40; ++round) {
    std::vector<Put> order = puts;
    for (int i = 0; i < 5; ++i) order.push_back(puts[random() % puts.size()]);
    std::shuffle(order.begin(), order.end(), random);
    KeptSeries other = KeptSeries::in_memory().value();
    for (const Put& each : order) ASSERT_TRUE(other.put(each.batch, {}, each.known));
    ASSERT_EQ(all_of(other), expected) << round;
  }
}

TEST_F(Kept, random_series_cut_anywhere_are_read_as_a_plain_model_says) {
  std::mt19937 random(11);
  std::vector<std::pair<double, int>> model(48, {-1, 2});  // value and kind (2: none) of each hour
  for (int round = 0; round < 300; ++round) {
    const auto from = random() % 48;
    const auto to = from + 1 + random() % std::min<std::size_t>(48 - from, 12);
    const bool history = random() % 3 != 0;
    std::vector<double> values;
    for (auto hour = from; hour < to; ++hour) {
      values.push_back(static_cast<double>(random() % 5));
      auto& [value, kind] = model[hour];
      if (history || kind != 0) value = values.back();
      kind = std::min(kind, history ? 0 : 1);
    }
    put(batch(static_cast<double>(from), values, history ? IntensityKind::history : kEstimated),
        at(100 + round));
    std::string expected;
    for (std::size_t hour = 0; hour < 48; ++hour) {
      if (model[hour].second == 2) continue;
      expected += (expected.empty() ? "" : " ") + std::to_string(hour) + ":" +
                  std::to_string(static_cast<int>(model[hour].first)) +
                  (model[hour].second == 1 ? "e" : "");
    }
    ASSERT_EQ(read({at(0), at(48)}), expected) << round;
  }
}

TEST_F(Kept, what_was_never_asked_is_to_ask_even_where_values_are) {
  EXPECT_THAT(to_ask(kDay, at(100)), ElementsAre(kDay));
  put(batch(0, {1, 2, 3}), at(100), {at(0), at(3)});
  EXPECT_THAT(to_ask(kDay, at(200)), ElementsAre(Interval{at(3), at(24)}));
  put(batch(10, {1, 2, 3}), at(100));
  EXPECT_THAT(to_ask(kDay, at(200)), ElementsAre(Interval{at(3), at(24)})) << "nobody asked";
}

TEST_F(Kept, a_fetch_that_was_cut_off_goes_on_where_it_stopped) {
  for (const double hour : {0.0, 6.0, 18.0}) {
    put(batch(hour, {1, 2, 3, 4, 5, 6}), at(100), {at(hour), at(hour + 6)});
  }
  EXPECT_THAT(to_ask(kDay, at(200)), ElementsAre(Interval{at(12), at(18)}));
}

TEST_F(Kept, an_answer_without_values_is_an_answer) {
  ASSERT_TRUE(kept_.put({}, {key_of(), kDay}, at(100)));
  EXPECT_THAT(to_ask(kDay, at(200)), IsEmpty());
}

TEST_F(Kept, what_could_still_change_is_asked_again_but_not_at_once) {
  put(batch(0, {1, 2, 3}), at(3), {at(0), at(3)});  // settled is what ended two hours before
  EXPECT_THAT(to_ask({at(0), at(3)}, at(3.05)), IsEmpty()) << "asked just now";
  EXPECT_THAT(to_ask({at(0), at(3)}, at(4)), ElementsAre(Interval{at(1), at(3)}));
  put(batch(1, {2, 3}), at(6), {at(1), at(3)});
  EXPECT_THAT(to_ask({at(0), at(3)}, at(100)), IsEmpty());
}

TEST_F(Kept, the_newest_asking_counts_whatever_comes_first) {
  put(batch(0, {}), at(50), kDay);
  put(batch(0, {}), at(5), {at(3), at(9)});  // an answer that came late
  EXPECT_THAT(to_ask(kDay, at(100)), IsEmpty());
  put(batch(0, {}), at(10), {at(20), at(40)});
  EXPECT_THAT(to_ask({at(0), at(40)}, at(100)), ElementsAre(Interval{at(24), at(40)}));
}

TEST_F(Kept, models_and_issued_forecasts_are_asked_for_on_their_own) {
  put(batch(0, {}), at(100), kDay);
  const KeptSeries::Freshness fresh{at(200), {}, {}};
  EXPECT_THAT(kept_.to_ask({key_of("2024-01-01"), kDay}, fresh).value(), ElementsAre(kDay));
  EXPECT_THAT(kept_.to_ask({key_of(), kDay, true}, fresh).value(), ElementsAre(kDay));
  ASSERT_TRUE(kept_.put({}, {key_of(), kDay, true}, at(100)));
  EXPECT_THAT(kept_.to_ask({key_of(), kDay, true}, fresh).value(), IsEmpty());
}

TEST_F(Kept, many_askings_in_small_steps_are_as_one) {
  std::mt19937 random(3);
  for (int i = 0; i < 500; ++i) {
    const double from = static_cast<double>(random() % 240) / 10;
    put(batch(0, {}), at(100 + static_cast<double>(random() % 50)), {at(from), at(from + 1.5)});
  }
  EXPECT_THAT(to_ask(kDay, at(300)), IsEmpty());
}

}  // namespace
}  // namespace lowtide::grid
