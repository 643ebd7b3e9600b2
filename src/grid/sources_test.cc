#include "grid/sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grid/constant.h"
#include "grid/test_files.h"

namespace lowtide::grid {
namespace {

using std::chrono::hours;

const Interval kDay{Utc(std::chrono::sys_days(std::chrono::year(2026) / 1 / 5)),
                    Utc(std::chrono::sys_days(std::chrono::year(2026) / 1 / 6))};

SourceRequest request(const std::string& spec, const std::string& location,
                      Signal signal = Signal::average) {
  return {spec, find_place(location, kShippedData).value(), signal, kShippedData};
}

TEST(Constant, is_read_in_every_usual_spelling) {
  for (const char* text :
       {"475g/kWh", "475 g/kWh", " 475gCO2e/kWh", "475.0 gCO2eq / kWh", "4.75e2 G/KWH"}) {
    const auto stated = parse_constant(text);
    ASSERT_TRUE(stated) << text;
    EXPECT_DOUBLE_EQ(as_grams_per_kwh(stated->value), 475) << text;
    EXPECT_EQ(stated->gas, Gas::co2e);
  }
  EXPECT_EQ(parse_constant("475 gCO2/kWh")->gas, Gas::co2);
  EXPECT_DOUBLE_EQ(as_grams_per_kwh(parse_constant("0g/kWh")->value), 0);
}

TEST(Constant, another_unit_or_no_number_is_refused) {
  struct {
    const char* text;
    const char* error;
  } const cases[] = {
      {"475", "'475' has no unit; write an intensity as 475g/kWh"},
      {"475kg/MWh", "'475kg/MWh' is not in g/kWh; write an intensity as 475g/kWh"},
      {"475g/kWhx", "'475g/kWhx' is not in g/kWh; write an intensity as 475g/kWh"},
      {"-5g/kWh", "'-5g/kWh' is negative; write an intensity as 475g/kWh"},
      {"g/kWh", "'g/kWh' is not a number with a unit; write an intensity as 475g/kWh"},
      {"inf g/kWh", "'inf g/kWh' is not a number with a unit; write an intensity as 475g/kWh"},
      {"4.5.6g/kWh", "'4.5.6g/kWh' is not in g/kWh; write an intensity as 475g/kWh"},
  };
  for (const auto& bad : cases) {
    const auto stated = parse_constant(bad.text);
    ASSERT_FALSE(stated) << bad.text;
    EXPECT_EQ(stated.error().kind, ErrorKind::malformed);
    EXPECT_EQ(stated.error().line(), bad.error);
  }
}

TEST(OpenSource, a_constant_holds_over_the_whole_interval) {
  const auto provider = open_source(request("475g/kWh", "FR", Signal::marginal));
  ASSERT_TRUE(provider);
  const auto used = (*provider)->fetch(kDay);
  ASSERT_TRUE(used);
  ASSERT_EQ(used->series.pieces().size(), 1U);
  EXPECT_EQ(used->series.pieces()[0].span, kDay);
  EXPECT_DOUBLE_EQ(as_grams_per_kwh(used->series.pieces()[0].value), 475);
  EXPECT_EQ(used->source, "constant");
  EXPECT_EQ(used->model, "475 g/kWh, as given");
  EXPECT_EQ(used->signal, Signal::marginal);
  EXPECT_EQ(used->scope, std::nullopt);
  EXPECT_EQ(used->zone, "FR");
  EXPECT_EQ(used->sha256.size(), 64U);
}

TEST(OpenSource, typical_carries_the_place_as_asked_and_resolved) {
  const auto provider = open_source(request("typical", "azure:westus2"));
  ASSERT_TRUE(provider);
  const auto used = (*provider)->fetch(kDay);
  ASSERT_TRUE(used);
  EXPECT_EQ(used->asked, "azure:westus2");
  EXPECT_EQ(used->zone, "US-NW-BPAT");
  EXPECT_EQ(used->resolved_by, "region azure:westus2");
  EXPECT_EQ(used->source, "typical");
  EXPECT_FALSE(used->fallback);
  EXPECT_EQ(used->series.pieces().size(), 24U);
  EXPECT_EQ(used->series.covered(kDay), hours(24));
}

TEST(OpenSource, typical_falls_back_on_the_annual_mean_and_says_so) {
  const auto provider = open_source(request("typical", "azure:uaenorth"));
  ASSERT_TRUE(provider);
  const IntensityUsed& used = (*provider)->describe();
  EXPECT_EQ(used.source, "annual");
  EXPECT_TRUE(used.fallback);
  EXPECT_EQ(used.zone, "AE");
  EXPECT_EQ(used.model, "annual mean 2024 of United Arab Emirates; no typical year for AE");
  EXPECT_THAT(used.licence, testing::HasSubstr("CC BY 4.0"));
}

TEST(OpenSource, a_faulty_typical_file_is_an_error_and_no_fallback) {
  const TestFolder folder;
  folder.write("typical_odbl.csv", "zone,month\n");
  SourceRequest broken = request("typical", "FR");
  broken.data_dir = folder.path();
  const auto provider = open_source(broken);
  ASSERT_FALSE(provider);
  EXPECT_EQ(provider.error().kind, ErrorKind::malformed);
}

TEST(OpenSource, no_shipped_data_names_the_file_that_is_missing) {
  SourceRequest bare = request("typical", "FR");
  bare.data_dir = "/nowhere";
  const auto provider = open_source(bare);
  ASSERT_FALSE(provider);
  EXPECT_EQ(provider.error().line(), "/nowhere/typical_odbl.csv: No such file or directory");
}

TEST(OpenSource, marginal_is_never_answered_with_an_average) {
  for (const char* zone : {"US-CAL-CISO", "AE"}) {
    const auto provider = open_source(request("typical", zone, Signal::marginal));
    ASSERT_FALSE(provider);
    EXPECT_EQ(provider.error().kind, ErrorKind::absent);
    EXPECT_EQ(provider.error().line(),
              std::string("--signal marginal: no marginal source is configured or known for ") +
                  zone + "; give --intensity file:PATH or use --signal average");
  }
}

TEST(OpenSource, a_file_may_be_marginal) {
  const TestFolder folder;
  const std::string path =
      folder.write("m.csv", "time,g_per_kwh\n2026-01-05T00:00Z,1\n2026-01-05T01:00Z,2\n");
  const auto provider = open_source(request("file:" + path, "local:attic", Signal::marginal));
  ASSERT_TRUE(provider);
  EXPECT_EQ((*provider)->describe().signal, Signal::marginal);
  EXPECT_EQ((*provider)->describe().zone, "local:attic");
}

TEST(OpenSource, a_zone_of_ones_own_has_nothing_shipped) {
  const auto provider = open_source(request("typical", "local:attic"));
  ASSERT_FALSE(provider);
  EXPECT_EQ(provider.error().kind, ErrorKind::absent);
}

TEST(OpenSource, an_unknown_source_names_those_there_are) {
  const auto provider = open_source(request("weather", "FR"));
  ASSERT_FALSE(provider);
  EXPECT_EQ(provider.error().kind, ErrorKind::usage);
  EXPECT_THAT(provider.error().line(),
              testing::StartsWith("unknown intensity source 'weather'; give typical, file:PATH, "
                                  "import, a number such as 475g/kWh or a provider: watttime, "));
}

TEST(Sources, a_list_names_each_and_a_comma_in_a_path_belongs_to_it) {
  EXPECT_THAT(parse_sources("electricitymaps, typical").value(),
              testing::ElementsAre("electricitymaps", "typical"));
  EXPECT_THAT(parse_sources("import,typical").value(), testing::ElementsAre("import", "typical"));
  EXPECT_THAT(providers_in("import,uk,typical"), testing::ElementsAre("uk"))
      << "nobody asks the network for an import";
  EXPECT_THAT(parse_sources("file:a,b.csv,typical").value(),
              testing::ElementsAre("file:a,b.csv", "typical"));
  EXPECT_THAT(providers_in("watttime,typical,475g/kWh"), testing::ElementsAre("watttime"));
  const auto wrong = parse_sources("wattime,typical");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().line(), testing::HasSubstr("'wattime'"));
}

TEST(Sources, a_provider_without_the_signal_is_passed_over_and_alone_refused) {
  auto list = request("electricitymaps,typical", "FR", Signal::marginal);
  const auto refused = open_source(list);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::absent);
  list.signal = Signal::average;
  ASSERT_TRUE(open_source(list));
  auto alone = request("electricitymaps", "FR");
  EXPECT_TRUE((*open_source(alone))->fetch(kDay)->series.empty());
  alone.allow_fallback = true;
  const auto used = (*open_source(alone))->fetch(kDay);
  EXPECT_EQ(used->source, "typical");
  EXPECT_TRUE(used->fallback && used->provisional);
}

}  // namespace
}  // namespace lowtide::grid
