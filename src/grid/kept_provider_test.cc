#include "grid/kept_provider.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grid/constant.h"
#include "grid/hash.h"
#include "grid/kept_for_test.h"
#include "grid/ordered.h"
#include "host/child_for_test.h"
#include "series/origin.h"

namespace lowtide::grid {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

IntensityUsed base() {
  IntensityUsed used;
  used.zone = "US-CAL-CISO";
  used.signal = Signal::marginal;
  return used;
}

// "0-1:10 watttime m1 history", by hours.
std::vector<std::string> pieces_of(const IntensityUsed& used) {
  std::vector<std::string> all;
  for (const IntensityPiece& piece : used.series.pieces()) {
    const IntensityOrigin origin = origin_of(used, piece);
    all.push_back(std::to_string(static_cast<int>(as_hours(piece.span.begin - at(0)))) + "-" +
                  std::to_string(static_cast<int>(as_hours(piece.span.end - at(0)))) + ":" +
                  std::to_string(static_cast<int>(as_grams_per_kwh(piece.value))) + " " +
                  origin.source + " " + origin.model + " " + std::string(spell(origin.kind)));
  }
  return all;
}

class KeptProviderTest : public testing::Test {
 protected:
  KeptProviderTest() : kept_(KeptSeries::open(folder_.path("cache.db")).value()) {
    EXPECT_TRUE(
        kept_.note(zone_note("watttime", "US-CAL-CISO", Signal::marginal), "CAISO_NORTH", at(0)));
  }
  void put(const Batch& batch) {
    EXPECT_TRUE(
        kept_.put(batch, {batch.points.front().span.begin, batch.points.back().span.end}, at(100)));
  }
  std::unique_ptr<Provider> open(bool mix = false) {
    return open_kept("watttime", {folder_.path("cache.db"), Scope::lifecycle, mix}, base());
  }
  host::TempFolder folder_;
  KeptSeries kept_;
};

TEST_F(KeptProviderTest, each_piece_says_where_it_is_of_and_what_is_not_kept_is_a_gap) {
  put(batch(0, {10, 11}));
  Batch forecast = batch(1, {21, 22}, IntensityKind::forecast);
  forecast.issued = at(0.5);
  put(forecast);
  const auto used = open()->fetch({at(0.5), at(4)});
  ASSERT_TRUE(used) << used.error().line();
  EXPECT_THAT(pieces_of(*used),
              ElementsAre("0-1:10 watttime m1 history", "1-2:11 watttime m1 history",
                          "2-3:22 watttime m1 forecast"));
  EXPECT_EQ(used->origins.at(1).issued, at(0.5));
  EXPECT_EQ(used->series.pieces().front().span.begin, at(0.5));
  EXPECT_TRUE(used->provisional);
  EXPECT_EQ(used->gas, Gas::co2);
  EXPECT_EQ(used->error_low_rel, std::nullopt);
  EXPECT_EQ(used->sha256, sha256_hex(series_text(used->series)));
  const auto final = open()->fetch({at(0), at(2)});
  EXPECT_FALSE(final->provisional);
}

TEST_F(KeptProviderTest, a_cache_that_comes_later_is_seen) {
  const auto provider = open_kept("watttime", KeptWish{folder_.path("later.db")}, base());
  EXPECT_TRUE(provider->fetch({at(0), at(1)})->series.empty());
  EXPECT_TRUE(provider->fetch({at(0), at(1)})->provisional);
  auto later = KeptSeries::open(folder_.path("later.db")).value();
  ASSERT_TRUE(
      later.note(zone_note("watttime", "US-CAL-CISO", Signal::marginal), "CAISO_NORTH", at(0)));
  ASSERT_TRUE(later.put(batch(0, {10}), {at(0), at(1)}, at(2)));
  EXPECT_EQ(provider->fetch({at(0), at(1)})->series.pieces().size(), 1U);
}

TEST_F(KeptProviderTest, two_models_are_not_mixed_unless_asked_for) {
  put(batch(0, {10, 11, 12}, IntensityKind::history, "2024-01-01"));
  put(batch(3, {23, 24}, IntensityKind::history, "2025-01-01"));
  const auto provider = open();
  const auto one = provider->fetch({at(0), at(5)});
  EXPECT_EQ(pieces_of(*one).size(), 3U) << "the one that covers more";
  EXPECT_TRUE(one->provisional);
  EXPECT_THAT(provider->notes(), ElementsAre(HasSubstr("from 2024-01-01 to 2025-01-01")));
  const auto mixed = open(true)->fetch({at(0), at(5)});
  EXPECT_EQ(pieces_of(*mixed).size(), 5U);
  EXPECT_EQ(pieces_of(*mixed).back(), "4-5:24 watttime 2025-01-01 history");
}

TEST_F(KeptProviderTest, the_first_in_a_list_wins_where_it_has_a_value) {
  put(batch(1, {11, 12}));
  IntensityUsed flat = base();
  flat.source = "constant";
  flat.gas = Gas::co2;
  std::vector<std::unique_ptr<Provider>> sources;
  sources.push_back(open());
  sources.push_back(make_flat(grams_per_kwh(99), Quality::modelled, flat));
  const auto list = make_ordered(std::move(sources));
  const auto used = list->fetch({at(0), at(4)});
  ASSERT_TRUE(used) << used.error().line();
  EXPECT_THAT(pieces_of(*used),
              ElementsAre("0-1:99 constant  stated", "1-2:11 watttime m1 history",
                          "2-3:12 watttime m1 history", "3-4:99 constant  stated"));
  EXPECT_TRUE(used->fallback && used->provisional);
  EXPECT_EQ(used->source, "watttime + constant");
  const auto inside = list->fetch({at(1), at(3)});
  EXPECT_FALSE(inside->fallback || inside->provisional);
  EXPECT_EQ(inside->source, "watttime");
}

TEST_F(KeptProviderTest, series_of_another_gas_are_not_joined) {
  put(batch(0, {10}));
  IntensityUsed flat = base();
  flat.source = "constant";
  flat.gas = Gas::co2e;
  std::vector<std::unique_ptr<Provider>> sources;
  sources.push_back(open());
  sources.push_back(make_flat(grams_per_kwh(99), Quality::modelled, flat));
  const auto list = make_ordered(std::move(sources));
  EXPECT_EQ(list->fetch({at(0), at(2)})->series.pieces().size(), 1U);
  EXPECT_THAT(list->notes(), ElementsAre(HasSubstr("not joined")));
  EXPECT_FALSE(list->fetch({at(0), at(1)})->provisional);
  EXPECT_THAT(list->notes(), testing::IsEmpty()) << "nothing was wanted of the other";
}

}  // namespace
}  // namespace lowtide::grid
