#include "grid/typical.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "grid/annual.h"
#include "grid/hash.h"
#include "grid/test_files.h"
#include "host/files.h"

namespace lowtide::grid {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Utc at(std::string_view text) { return parse_utc(text).value(); }

IntensityUsed for_zone(const std::string& zone) {
  IntensityUsed base;
  base.zone = zone;
  return base;
}

double grams_at(Provider& provider, Utc time) {
  const auto used = provider.fetch({time, time + minutes(1)});
  if (!used || used->series.empty()) return NAN;
  return as_grams_per_kwh(used->series.pieces().front().value);
}

// Ten cells worked by hand, apart from tools/make_typical.py, from the raw series with zcat, date
// and awk: the mean of column LCA over the rows of that UTC month and hour whose UTC date is a
// weekday (`date -u -d DAY +%u` below 6) or not, for example
//   zcat FR_2022_lca.csv.gz | awk -F'[,T:]' 'substr($1,6,2)=="01" && $2=="18" {print $1, $NF}' |
//     while read d v; do echo $(date -u -d $d +%u) $v; done | awk '$1<6 {s+=$2; n++} END {print
//     s/n}'
// Sum and count are noted beside each; the file rounds the quotient to 0.1.
struct HandWorked {
  const char* zone;
  const char* time;  // an hour of a day of that type in 2026, which is no input
  double grams;
};

constexpr HandWorked kHandWorked[] = {
    {"FR", "2026-01-05T18:00Z", 111.7},            // Monday: 2345.38 / 21
    {"FR", "2026-12-26T23:59Z", 126.1},            // Saturday: 1009.07 / 8 (last hour is absent)
    {"IT-NO", "2026-07-15T11:30Z", 316.9},         // Wednesday: 6655.14 / 21
    {"NL", "2026-02-01T00:00Z", 372.9},            // Sunday: 2983.16 / 8
    {"US-MIDW-MISO", "2026-10-30T15:00Z", 520.8},  // Friday: 10937.4 / 21
    {"US-CAL-CISO", "2026-04-11T20:10Z", 143.9},   // Saturday, 2023: 1438.71 / 10
    {"US-TEX-ERCO", "2026-08-06T09:00Z", 439.4},   // Thursday, 2023: 10107.1 / 23
    {"KR", "2026-06-30T03:00Z", 432.4},            // Tuesday, 2023: 9513.5 / 22
    {"BR-CS", "2026-11-15T12:00Z", 108.9},         // Sunday, 2023: 871.42 / 8
    {"NO", "2026-03-02T06:00Z", 32.9},             // Monday, 2023: 756.36 / 23
};

TEST(Typical, ten_cells_worked_by_hand_from_the_raw_series) {
  for (const HandWorked& cell : kHandWorked) {
    const auto provider = open_typical(kShippedData, for_zone(cell.zone));
    ASSERT_TRUE(provider) << provider.error().line();
    EXPECT_NEAR(grams_at(**provider, at(cell.time)), cell.grams, 1e-9)
        << cell.zone << " " << cell.time;
  }
}

TEST(Typical, an_interval_is_cut_at_its_ends_and_at_each_utc_hour) {
  const auto provider = open_typical(kShippedData, for_zone("FR"));
  ASSERT_TRUE(provider);
  const Interval over{at("2026-01-09T22:30Z"), at("2026-01-10T00:15Z")};  // Friday to Saturday
  const auto used = (*provider)->fetch(over);
  ASSERT_TRUE(used);
  const auto pieces = used->series.pieces();
  ASSERT_EQ(pieces.size(), 3U);
  EXPECT_EQ(pieces[0].span, (Interval{over.begin, at("2026-01-09T23:00Z")}));
  EXPECT_EQ(pieces[2].span, (Interval{at("2026-01-10T00:00Z"), over.end}));
  EXPECT_EQ(used->series.covered(over), over.length());
  EXPECT_EQ(pieces[0].quality, Quality::modelled);
}

TEST(Typical, says_its_year_signal_scope_bound_licence_and_hash) {
  const auto provider = open_typical(kShippedData, for_zone("FR"));
  ASSERT_TRUE(provider);
  const IntensityUsed& used = (*provider)->describe();
  EXPECT_EQ(used.source, "typical");
  EXPECT_EQ(used.model, "typical year 2022");
  EXPECT_EQ(used.signal, Signal::average);
  EXPECT_EQ(used.scope, Scope::lifecycle);
  EXPECT_EQ(used.gas, Gas::co2e);
  EXPECT_EQ(used.step, hours(1));
  EXPECT_FALSE(used.fallback);
  EXPECT_EQ(used.licence, "Electricity Maps (electricitymaps.com), ODbL 1.0");
  EXPECT_EQ(used.sha256.size(), 64U);
  ASSERT_TRUE(used.error_low_rel && used.error_high_rel);
  EXPECT_GT(*used.error_low_rel, 0.05);
  EXPECT_LE(*used.error_low_rel, 1.0);
  EXPECT_GT(*used.error_high_rel, *used.error_low_rel);
}

TEST(Typical, a_zone_that_is_constant_in_its_source_says_so) {
  const auto provider = open_typical(kShippedData, for_zone("HK"));
  ASSERT_TRUE(provider);
  EXPECT_EQ((*provider)->describe().model, "typical year 2022, constant in its source");
}

TEST(Typical, a_zone_is_not_found_by_the_beginning_of_its_name) {
  const auto provider = open_typical(kShippedData, for_zone("US-CAL"));
  ASSERT_FALSE(provider);
  EXPECT_EQ(provider.error().kind, ErrorKind::absent);
}

// The file as a user may replace it: one zone, some cells.
std::string small_file(std::string_view rows) {
  std::string text = "zone,month,day";
  for (int hour = 0; hour < 24; ++hour) text += fmt::format(",h{:02}", hour);
  return text + "\n" + std::string(rows);
}

TEST(Typical, a_replaced_file_is_used_and_its_holes_are_gaps) {
  const TestFolder folder;
  const std::string row =
      "XX,1,weekday,5,,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,"
      "27,28\n";
  folder.write("typical_odbl.csv", small_file(row));
  const auto provider = open_typical(folder.path(), for_zone("XX"));
  ASSERT_TRUE(provider) << provider.error().line();
  EXPECT_EQ((*provider)->describe().model, "typical");
  EXPECT_EQ((*provider)->describe().error_low_rel, std::nullopt);
  EXPECT_EQ((*provider)->describe().error_reference,
            "how wrong it may be is not known: there is no typical_odbl_error.csv");
  EXPECT_EQ((*provider)->describe().sha256, sha256_hex(row));
  EXPECT_DOUBLE_EQ(grams_at(**provider, at("2026-01-05T00:00Z")), 5);
  EXPECT_DOUBLE_EQ(grams_at(**provider, at("2026-01-05T23:00Z")), 28);
  EXPECT_TRUE(std::isnan(grams_at(**provider, at("2026-01-05T01:00Z"))));  // a blank cell
  EXPECT_TRUE(std::isnan(grams_at(**provider, at("2026-01-10T00:00Z"))));  // no weekend row
}

// A typical year of XX beside this row of the error table.
IntensityUsed described(const std::string& error_row) {
  const TestFolder folder;
  folder.write("typical_odbl.csv", small_file("XX,1,weekday,5\n"));
  folder.write("typical_odbl_error.csv",
               "zone,basis,savings_of,zones,years,hours,low95_pct,high95_pct\n" + error_row);
  const auto provider = open_typical(folder.path(), for_zone("XX"));
  return provider ? (*provider)->describe() : IntensityUsed{};
}

TEST(Typical, its_bounds_are_those_of_the_zone_s_own_other_years) {
  const IntensityUsed used = described("XX,held-out,XX,1,2021 2022 2024,26304,-20.1,75.7\n");
  EXPECT_DOUBLE_EQ(used.error_low_rel.value(), 0.201);
  EXPECT_DOUBLE_EQ(used.error_high_rel.value(), 0.757);
  EXPECT_EQ(used.error_reference,
            "95 % of the hours of 2021, 2022 and 2024, held out, in this zone");
}

TEST(Typical, bounds_of_a_pool_are_called_assumed) {
  const IntensityUsed used = described("XX,pooled,calm,6,2021 2022,157824,-7.1,15.3\n");
  EXPECT_DOUBLE_EQ(used.error_low_rel.value(), 0.071);
  EXPECT_DOUBLE_EQ(used.error_high_rel.value(), 0.153);
  EXPECT_EQ(used.error_reference,
            "assumed: pooled over 6 zones with a like swing, 95 % of their hours of 2021 and 2022, "
            "held out");
}

TEST(Typical, a_table_that_does_not_say_leaves_the_bounds_unknown) {
  const IntensityUsed other = described("XX-1,held-out,XX-1,1,2021,8760,-20.1,75.7\n");
  EXPECT_EQ(other.error_low_rel, std::nullopt);
  EXPECT_EQ(other.error_reference,
            "how wrong it may be is not known: typical_odbl_error.csv has no row for XX");
  const IntensityUsed bad = described("XX,held-out,XX,1,2021,8760,-20.1,much\n");
  EXPECT_EQ(bad.error_high_rel, std::nullopt);
  EXPECT_THAT(bad.error_reference, testing::HasSubstr("csv:2, field high95_pct"));
}

struct BadTypical {
  const char* rows;
  const char* error;  // after the folder
};

TEST(Typical, a_bad_cell_names_file_line_and_field) {
  const BadTypical cases[] = {
      {"XX,13,weekday,1\n", "/typical_odbl.csv:2, field month: '13' is not what belongs here"},
      {"YY,bad\nXX,1,holiday,1\n",
       "/typical_odbl.csv:3, field day: 'holiday' is not what belongs here"},
      {"XX,1,weekend,1,2,x\n", "/typical_odbl.csv:2, field h02: 'x' is not what belongs here"},
      {"XX,1,weekend,1,-2\n", "/typical_odbl.csv:2, field h01: '-2' is not what belongs here"},
  };
  for (const BadTypical& bad : cases) {
    const TestFolder folder;
    folder.write("typical_odbl.csv", small_file(bad.rows));
    const auto provider = open_typical(folder.path(), for_zone("XX"));
    ASSERT_FALSE(provider) << bad.rows;
    EXPECT_EQ(provider.error().line(), folder.path() + bad.error + "; put the shipped file back");
  }
}

TEST(Annual, takes_the_zone_then_the_country_then_the_world) {
  struct {
    const char* zone;
    const char* country;
    double grams;
    const char* model;
    Scope scope;
  } const cases[] = {
      {"US", "US", 383.55, "annual mean 2024 of United States", Scope::lifecycle},
      {"CL-SEN", "CL", 265.52, "annual mean 2024 of Chile", Scope::lifecycle},
      {"egrid:CAMX", "US", 195.0, "annual mean 2023 of WECC California", Scope::direct},
      {"CA-AB", "CA", 670.0, "annual mean 2019 of Alberta", Scope::direct},
      {"MC", "MC", 472.94, "annual mean 2024 of World", Scope::lifecycle},
      {"world", "", 472.94, "annual mean 2024 of World", Scope::lifecycle},
  };
  for (const auto& expected : cases) {
    const auto provider = open_annual(kShippedData, expected.country, for_zone(expected.zone));
    ASSERT_TRUE(provider) << provider.error().line();
    const IntensityUsed& used = (*provider)->describe();
    EXPECT_EQ(used.zone, expected.zone);
    EXPECT_EQ(used.model, expected.model);
    EXPECT_EQ(used.scope, expected.scope);
    EXPECT_EQ(used.error_low_rel, std::nullopt);
    EXPECT_FALSE(used.licence.empty());
    EXPECT_NEAR(grams_at(**provider, at("2026-01-05")), expected.grams, 1e-9);
  }
}

TEST(Annual, without_a_table_it_is_absent) {
  const TestFolder folder;
  const auto provider = open_annual(folder.path(), "FR", for_zone("FR"));
  ASSERT_FALSE(provider);
  EXPECT_EQ(provider.error().kind, ErrorKind::absent);
}

}  // namespace
}  // namespace lowtide::grid
