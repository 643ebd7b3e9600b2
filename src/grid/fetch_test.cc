// The loop that brings a span into the kept series, with a provider that counts what it is asked.
#include "grid/fetch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grid/kept_for_test.h"

namespace lowtide::grid {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Hourly values, the hour of `at()` as value; chunks of six hours; a span that holds `breaks`
// fails.
class Hourly final : public Client {
 public:
  Hourly() {
    facts_.name = "watttime";
    facts_.longest = hours(6);
    facts_.step = hours(1);
    facts_.settles = hours(48);
    facts_.ahead = hours(24);
  }
  const ClientFacts& facts() const override { return facts_; }
  Result<std::string> zone_for(const Place& /*place*/, Signal /*signal*/) override { return "Z"; }
  Result<std::vector<Batch>> history(const Question& question) override {
    asked.push_back(question.over);
    if (breaks && question.over.holds(*breaks)) {
      return fail(ErrorKind::temporary, "does not answer", "WattTime");
    }
    Batch batch{key_of("m1"), std::nullopt, {}, {"of the provider"}};
    for (Utc t = question.over.begin; t < question.over.end; t += hours(1)) {
      batch.points.push_back({{t, t + hours(1)}, grams_per_kwh(as_hours(t - at(0))), {}});
    }
    batch.points.back().value.reset();
    return std::vector{batch};
  }
  Result<std::vector<Batch>> forecast(const Question& question) override {
    Batch batch{key_of("m1"), question.over.begin, {}, {}};
    batch.points = {{question.over, grams_per_kwh(7), IntensityKind::forecast}};
    return std::vector{batch};
  }
  Result<std::vector<Batch>> forecasts_issued(const Question& question) override {
    asked.push_back(question.over);
    return std::vector<Batch>{};
  }

  std::vector<Interval> asked;
  std::optional<Utc> breaks;

 private:
  ClientFacts facts_;
};

class Fetch : public testing::Test {
 protected:
  Fetched fetch_all(const FetchWish& wish = {}, const FetchProgress& progress = {}) {
    client_.asked.clear();
    return fetch(client_, kept_, question_, wish, progress);
  }
  KeptSeries kept_ = KeptSeries::in_memory().value();
  Hourly client_;
  Question question_{"CAISO_NORTH", Signal::marginal, Scope::lifecycle, {at(0), at(24)}, {}, {}};
};

TEST_F(Fetch, a_span_comes_in_the_providers_chunks_and_only_once) {
  std::vector<std::size_t> told;
  const Fetched fetched = fetch_all({}, [&](std::size_t done, std::size_t chunks) {
    EXPECT_EQ(chunks, 4U);
    told.push_back(done);
    return true;
  });
  EXPECT_FALSE(fetched.trouble);
  EXPECT_THAT(told, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(client_.asked.size(), 4U);
  EXPECT_EQ(fetched.put.added, 20);
  EXPECT_EQ(fetched.missing, 4);
  EXPECT_THAT(fetched.notes, ElementsAre("of the provider"));
  EXPECT_EQ(fetch_all().chunks, 0U);
  EXPECT_THAT(client_.asked, IsEmpty());
}

TEST_F(Fetch, one_that_broke_goes_on_where_it_stopped) {
  client_.breaks = at(13);
  const Fetched broken = fetch_all();
  ASSERT_TRUE(broken.trouble);
  EXPECT_THAT(broken.trouble->line(), HasSubstr("does not answer"));
  EXPECT_EQ(broken.done, 2U);
  EXPECT_EQ(broken.put.added, 10) << "what was there is kept";
  client_.breaks.reset();
  EXPECT_EQ(fetch_all().done, 2U);
  EXPECT_THAT(client_.asked, ElementsAre(Interval{at(12), at(18)}, Interval{at(18), at(24)}));
}

TEST_F(Fetch, who_stops_it_keeps_what_was_done) {
  const Fetched stopped =
      fetch_all({}, [](std::size_t done, std::size_t /*chunks*/) { return done < 1; });
  EXPECT_FALSE(stopped.trouble);
  EXPECT_EQ(stopped.done, 1U);
  EXPECT_EQ(fetch_all().done, 3U);
}

TEST_F(Fetch, again_asks_for_all_of_it) {
  static_cast<void>(fetch_all());
  const Fetched again = fetch_all({FetchWish::What::history, true, {}});
  EXPECT_EQ(again.done, 4U);
  EXPECT_EQ(again.put.equal, 20);
}

TEST_F(Fetch, what_may_still_change_serves_a_while) {
  const Utc now = std::chrono::system_clock::now();
  question_.over = {now - hours(3), now};
  static_cast<void>(fetch_all());
  EXPECT_EQ(fetch_all({FetchWish::What::history, false, hours(1)}).chunks, 0U);
  EXPECT_EQ(fetch_all().chunks, 1U);
  EXPECT_EQ(client_.asked[0].begin, std::chrono::floor<hours>(now - hours(3))) << "a whole step";
}

TEST_F(Fetch, forecasts_are_asked_for_beside_history) {
  const Fetched newest = fetch_all({FetchWish::What::newest_forecast, false, {}});
  EXPECT_EQ(newest.put.added, 1);
  EXPECT_EQ(fetch_all({FetchWish::What::issued_forecasts, false, {}}).done, 4U);
  EXPECT_EQ(fetch_all({FetchWish::What::issued_forecasts, false, {}}).done, 0U);
  EXPECT_EQ(fetch_all().done, 4U);
}

}  // namespace
}  // namespace lowtide::grid
