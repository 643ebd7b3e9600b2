#include "grid/place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grid/table.h"
#include "grid/test_files.h"
#include "grid/time_zone.h"

namespace lowtide::grid {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Place found(std::string_view location) {
  auto place = find_place(location, kShippedData);
  EXPECT_TRUE(place) << (place ? "" : place.error().line());
  return place.value_or(Place{});
}

TEST(FindPlace, a_zone_key_is_itself_in_any_case) {
  for (const char* asked : {"US-CAL-CISO", "us-cal-ciso", " US-CAL-CISO "}) {
    const Place place = found(asked);
    EXPECT_EQ(place.asked, asked);
    EXPECT_EQ(place.zone, "US-CAL-CISO");
    EXPECT_EQ(place.name, "California ISO");
    EXPECT_EQ(place.country, "US");
    EXPECT_EQ(place.resolved_by, "zone");
    EXPECT_EQ(place.pue, std::nullopt);
    EXPECT_FALSE(place.assumed);
  }
}

TEST(FindPlace, a_zone_as_a_provider_names_it_is_a_zone) {
  EXPECT_EQ(found("watttime:CAISO_NORTH").zone, "watttime:CAISO_NORTH");
  EXPECT_EQ(found("watttime:CAISO_NORTH").resolved_by, "zone of WattTime");
  EXPECT_FALSE(find_place("watttime:", kShippedData));
}

TEST(FindPlace, what_can_be_asked_for_by_coordinates_has_them) {
  EXPECT_EQ(found("azure:westus2").watttime_region.empty(), false);
  EXPECT_NEAR(found("aws:ap-northeast-1").at->lat, 35.68, 0.01);
  EXPECT_EQ(found("48.85,2.35").at->lon, 2.35);
  EXPECT_FALSE(found("FR").at);
}

TEST(FindPlace, countries_and_other_namespaces_are_zones) {
  EXPECT_EQ(found("FR").name, "France");
  EXPECT_EQ(found("FR").country, "FR");
  EXPECT_EQ(found("egrid:CAMX").name, "WECC California");
  EXPECT_EQ(found("world").zone, "world");
  EXPECT_EQ(found("iso:US-CA").name, "California");
}

TEST(FindPlace, a_cloud_region_brings_zone_and_pue_with_its_source) {
  const Place azure = found("azure:westus2");
  EXPECT_EQ(azure.zone, "US-NW-BPAT");
  EXPECT_EQ(azure.pue, 1.15);
  EXPECT_THAT(azure.pue_source, HasSubstr("Microsoft"));
  EXPECT_FALSE(azure.pue_is_average);
  EXPECT_EQ(azure.resolved_by, "region azure:westus2");
  EXPECT_EQ(found("aws:us-east-1").zone, "US-MIDA-PJM");
  EXPECT_EQ(found("gcp:europe-north1").zone, "FI");
  EXPECT_TRUE(found("azure:francecentral").pue_is_average);
}

TEST(FindPlace, all_144_regions_resolve_with_a_zone_and_a_pue) {
  const auto table = Table::read(kShippedData + "/regions.csv", {"provider", "region"});
  ASSERT_TRUE(table);
  EXPECT_GE(table->size(), 144U);
  for (std::size_t row = 0; row < table->size(); ++row) {
    const Place place = found(table->cell(row, 0) + ":" + table->cell(row, 1));
    EXPECT_FALSE(place.zone.empty());
    EXPECT_GE(place.pue.value_or(0), 1.0) << place.asked;
    EXPECT_FALSE(place.pue_source.empty()) << place.asked;
  }
}

TEST(PlacesOfProvider, are_its_regions_as_find_place_has_them) {
  std::size_t all = 0;
  for (const char* provider : {"aws", "Azure", "gcp"}) {
    const auto places = places_of_provider(provider, kShippedData);
    ASSERT_TRUE(places) << places.error().line();
    all += places->size();
    for (const Place& place : *places) {
      const auto same = find_place(place.region, kShippedData);
      ASSERT_TRUE(same) << place.region;
      EXPECT_EQ(place.zone, same->zone);
      EXPECT_EQ(place.name, same->name);
      EXPECT_EQ(place.pue, same->pue);
      EXPECT_EQ(place.region, same->region);
    }
  }
  EXPECT_EQ(all, 144U);
  const auto none = places_of_provider("ibm", kShippedData);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::usage);
  EXPECT_THAT(none.error().hint, HasSubstr("aws, azure, gcp"));
}

TEST(FindPlace, a_zone_of_ones_own_is_taken_as_it_is) {
  const Place place = found("local:attic");
  EXPECT_EQ(place.zone, "local:attic");
  EXPECT_EQ(place.name, "local:attic");
  EXPECT_EQ(place.country, "");
}

TEST(FindPlace, coordinates_take_the_nearest_region_of_the_same_country) {
  struct {
    const char* asked;
    const char* zone;
    const char* resolved_by;
  } const cases[] = {
      {"37.44,-122.14", "US-CAL-CISO", "nearest cloud region a"},  // Palo Alto
      {"48.85, 2.35", "FR", "nearest cloud region "},              // Paris
      {"54.97,-1.61", "GB", "country of Newcastle upon Tyne, "},   // 390 km to London
      {"48.57,7.75", "FR", "country of Strasbourg, "},             // Frankfurt is nearer than Paris
      {"-12.05,-77.04", "PE", "country of "},                      // Lima: no region in Peru
      {"41.6,-93.6", "US-MIDW-MISO", "nearest cloud region azure:centralus, "},
  };
  for (const auto& expected : cases) {
    const Place place = found(expected.asked);
    EXPECT_EQ(place.zone, expected.zone) << expected.asked;
    EXPECT_THAT(place.resolved_by, StartsWith(expected.resolved_by)) << expected.asked;
    EXPECT_EQ(place.pue, std::nullopt) << "near a data centre is not in it";
  }
}

TEST(FindPlace, coordinates_near_a_border_say_so) {
  const Place place = found("47.56,7.59");  // Basel, at the borders of France and Germany
  EXPECT_EQ(place.zone, "CH");
  ASSERT_EQ(place.notes.size(), 1U);
  EXPECT_THAT(place.notes[0], StartsWith("taken to be in CH, but "));
  EXPECT_TRUE(found("48.85,2.35").notes.empty());  // Paris is far from any
}

struct BadPlace {
  const char* asked;
  const char* error;
};

TEST(FindPlace, what_is_unknown_is_an_error_with_the_nearest_names) {
  const BadPlace cases[] = {
      {"US-CAL-CSIO",
       "unknown zone or region 'US-CAL-CSIO'; nearest: US-CAL-CISO, US-CAL-BANC, US-CAL-LDWP"},
      {"azure:westus9",
       "unknown zone or region 'azure:westus9'; nearest: azure:westus, azure:westus2, "
       "azure:westus3"},
      {"westus2",
       "unknown zone or region 'westus2'; nearest: azure:westus2, azure:westus, azure:westus3"},
      {"91,0", "'91,0' is no place on Earth; give LAT,LON in degrees, latitude first"},
      {"", "unknown zone or region ''; nearest: AE, AF, AG"},
  };
  for (const BadPlace& bad : cases) {
    const auto place = find_place(bad.asked, kShippedData);
    ASSERT_FALSE(place) << bad.asked;
    EXPECT_EQ(place.error().kind, ErrorKind::malformed);
    EXPECT_EQ(place.error().line(), bad.error);
  }
}

TEST(FindPlace, a_very_long_name_is_refused_quickly) {
  EXPECT_FALSE(find_place(std::string(1'000'000, 'x'), kShippedData));
}

TEST(FindPlace, without_tables_it_is_absent) {
  const auto place = find_place("FR", "/nowhere");
  ASSERT_FALSE(place);
  EXPECT_EQ(place.error().kind, ErrorKind::absent);
}

// A small tzdata of our own, so that the rules are tested and not the machine.
class Tzdata : public testing::Test {
 protected:
  Tzdata() {
    folder_.write("zoneinfo/zone.tab",
                  "# comment\nFR\t+4852+00220\tEurope/Paris\nIN\t+2232+08822\tAsia/Kolkata\n"
                  "US\t+340308-1181434\tAmerica/Los_Angeles\tPacific\n"
                  "BE\t+5050+00420\tEurope/Brussels\nMC\t+4342+00723\tEurope/Monaco\n");
    folder_.write("zoneinfo/tzdata.zi",
                  "# version 2025b\nR d 1916 o - Jun 14 23s 1 S\nL Asia/Kolkata Asia/Calcutta\n"
                  "L America/Los_Angeles US/Pacific\nL Etc/UTC UTC\nL Europe/Brussels CET\n"
                  "L US/Pacific Twice/Linked\nL Loop/B Loop/A\nL Loop/A Loop/B\n");
  }
  [[nodiscard]] std::string zoneinfo() const { return folder_.path() + "/zoneinfo"; }
  [[nodiscard]] Surroundings around(std::string tz, std::string link = {},
                                    std::string text = {}) const {
    return {std::move(tz), std::move(link), std::move(text),
            host::MachineFiles(folder_.path() + "/root"), zoneinfo()};
  }
  TestFolder folder_;
};

TEST_F(Tzdata, a_time_zone_has_one_country_old_names_too_and_utc_none) {
  struct {
    const char* name;
    const char* country;  // "" for none
  } const cases[] = {
      {"Europe/Paris", "FR"},
      {":Europe/Paris", "FR"},
      {"/usr/share/zoneinfo/Europe/Paris", "FR"},
      {"../usr/share/zoneinfo/right/Europe/Paris\n", "FR"},
      {"Asia/Calcutta", "IN"},
      {"US/Pacific", "US"},
      {"Twice/Linked", "US"},
      {"UTC", ""},
      {"Etc/UTC", ""},
      {"CET", ""},        // a rule, though tzdata links it to Brussels
      {"CET-1CEST", ""},  // POSIX
      {"Loop/A", ""},
      {"", ""},
  };
  for (const auto& expected : cases) {
    EXPECT_EQ(country_of_time_zone(expected.name, zoneinfo()).value_or(""), expected.country)
        << expected.name;
  }
}

TEST_F(Tzdata, the_first_time_zone_that_is_set_is_the_one_in_force) {
  const Place env =
      assume_place(around("Asia/Calcutta", "/usr/share/zoneinfo/Europe/Paris"), kShippedData);
  EXPECT_EQ(env.zone, "IN");
  EXPECT_EQ(env.name, "India");
  EXPECT_EQ(env.resolved_by, "time zone Asia/Calcutta");
  EXPECT_TRUE(env.assumed);
  EXPECT_EQ(env.asked, "");
  const Place link =
      assume_place(around("", "/usr/share/zoneinfo/Europe/Paris", "UTC"), kShippedData);
  EXPECT_EQ(link.zone, "FR");
  EXPECT_EQ(link.resolved_by, "time zone Europe/Paris");
  EXPECT_EQ(assume_place(around("", "", "Europe/Paris\n"), kShippedData).zone, "FR");
  EXPECT_EQ(assume_place(around("UTC", "/usr/share/zoneinfo/Europe/Paris"), kShippedData).zone,
            "world");
}

TEST_F(Tzdata, nothing_known_is_the_world_and_still_assumed) {
  const Place place = assume_place(around(""), "/nowhere");
  EXPECT_EQ(place.zone, "world");
  EXPECT_EQ(place.resolved_by, "world");
  EXPECT_TRUE(place.assumed);
  EXPECT_TRUE(place.notes.empty());
}

TEST_F(Tzdata, a_cloud_in_the_dmi_is_a_note_and_no_guess) {
  struct {
    const char* file;
    const char* text;
    const char* cloud;
  } const cases[] = {
      {"sys_vendor", "Amazon EC2\n", "AWS"},
      {"bios_version", "4.11.amazon\n", "AWS"},
      {"product_name", "Google Compute Engine\n", "Google Cloud"},
      {"chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77\n", "Azure"},
      {"chassis_asset_tag", "OracleCloud.com\n", "Oracle Cloud"},
      {"sys_vendor", "Hetzner\n", "Hetzner"},
  };
  for (const auto& expected : cases) {
    const TestFolder root;
    root.write(std::string("sys/class/dmi/id/") + expected.file, expected.text);
    Surroundings machine = around("Europe/Paris");
    machine.machine = host::MachineFiles(root.path());
    EXPECT_EQ(cloud_of(machine.machine), expected.cloud);
    const Place place = assume_place(machine, kShippedData);
    EXPECT_EQ(place.zone, "FR");
    ASSERT_EQ(place.notes.size(), 1U);
    EXPECT_THAT(place.notes[0], HasSubstr(std::string("a machine of ") + expected.cloud));
  }
}

TEST_F(Tzdata, a_plain_hyper_v_machine_is_no_cloud) {
  folder_.write("root/sys/class/dmi/id/sys_vendor", "Microsoft Corporation\n");
  folder_.write("root/sys/class/dmi/id/product_name", "Virtual Machine\n");
  EXPECT_EQ(cloud_of(host::MachineFiles(folder_.path() + "/root")), std::nullopt);
}

TEST(KnownZones, hold_typical_annual_and_region_zones) {
  const auto zones = known_zones(kShippedData);
  ASSERT_TRUE(zones);
  EXPECT_THAT(*zones, testing::IsSupersetOf({"US-CAL-CISO", "FR", "world", "CL-SEN", "DK-BHM"}));
}

}  // namespace
}  // namespace lowtide::grid
