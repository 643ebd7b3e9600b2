#include "sense/rapl.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "sense/fakes_for_test.h"

namespace lowtide::sense {
namespace {

constexpr std::uint64_t kRange = 262'143'328'850;
const std::string kClass = "/sys/class/powercap/";
const std::string kDevices = "/sys/devices/virtual/powercap/";

// A powercap tree as the kernel makes it: zones nested under devices, each linked flat from class.
class Tree {
 public:
  // "intel-rapl:0:2" lives in intel-rapl/intel-rapl:0/intel-rapl:0:2.
  static std::string folder(const std::string& id) {
    const std::size_t first = id.find(':');
    std::string path = kDevices + id.substr(0, first);
    for (std::size_t colon = first; colon != std::string::npos;) {
      colon = id.find(':', colon + 1);
      path.append("/").append(id, 0, colon);
    }
    return path;
  }
  void zone(const std::string& id, const std::string& name, std::uint64_t energy = 0) {
    root.write(folder(id) + "/name", name + "\n");
    root.write(folder(id) + "/max_energy_range_uj", fmt::format("{}\n", kRange));
    root.write(folder(id) + "/constraint_0_power_limit_uw", "200000000\n");
    energy_uj(id, energy);
    if (!std::filesystem::exists(root.path(kClass + id))) root.link(folder(id), kClass + id);
    const std::string control = id.substr(0, id.find(':'));
    if (!std::filesystem::exists(root.path(kClass + control))) {
      root.link(kDevices + control, kClass + control);
    }
  }
  void energy_uj(const std::string& id, std::uint64_t value) {
    root.write(folder(id) + "/energy_uj", fmt::format("{}\n", value));
  }
  std::unique_ptr<Meter> open() {
    auto meter = open_rapl(root.files(), clock);
    EXPECT_TRUE(meter.has_value());
    return meter ? *std::move(meter) : nullptr;
  }

  TempRoot root;
  FakeClock clock;
};

std::vector<std::string> ids(const Meter& meter) {
  std::vector<std::string> out;
  for (const ChannelInfo& info : meter.describe()) {
    out.push_back(info.id + "=" + info.uuid + (info.in_total ? "" : " not added"));
  }
  return out;
}

TEST(Rapl, each_zone_counts_once_and_core_lies_inside_its_package) {
  Tree tree;
  tree.zone("intel-rapl:0", "package-0");
  tree.zone("intel-rapl:0:0", "core");
  tree.zone("intel-rapl:0:1", "uncore");
  tree.zone("intel-rapl:0:2", "dram");
  tree.zone("intel-rapl:1", "package-1");
  tree.zone("intel-rapl:1:0", "dram");
  tree.zone("intel-rapl:2", "psys");
  tree.zone("intel-rapl-mmio:0", "package-0");  // the same counter behind another door
  const auto meter = tree.open();
  EXPECT_EQ(ids(*meter),
            (std::vector<std::string>{"cpu:0=rapl:package-0", "dram:0=rapl:package-0/dram",
                                      "cpu:1=rapl:package-1", "dram:1=rapl:package-1/dram",
                                      "psys=rapl:psys not added"}));
}

TEST(Rapl, a_tree_of_plain_folders_flat_or_nested_or_both_counts_each_zone_once) {
  for (const char* layout : {"flat", "nested", "both"}) {
    TempRoot root;
    FakeClock clock;
    const auto zone = [&](const std::string& folder, const std::string& name) {
      root.write(kClass + folder + "/name", name + "\n");
      root.write(kClass + folder + "/energy_uj", "1\n");
    };
    if (layout != std::string("nested")) {
      zone("intel-rapl:0", "package-0");
      zone("intel-rapl:0:0", "dram");
    }
    if (layout != std::string("flat")) {
      zone("intel-rapl/intel-rapl:0", "package-0");
      zone("intel-rapl/intel-rapl:0/intel-rapl:0:0", "dram");
    }
    const auto meter = open_rapl(root.files(), clock);
    ASSERT_TRUE(meter.has_value()) << layout;
    EXPECT_EQ(ids(**meter),
              (std::vector<std::string>{"cpu:0=rapl:package-0", "dram:0=rapl:package-0/dram"}))
        << layout;
  }
}

TEST(Rapl, dies_of_a_package_are_channels_in_order_of_their_numbers) {
  Tree tree;
  tree.zone("intel-rapl:0", "package-10-die-0");
  tree.zone("intel-rapl:1", "package-2-die-1");
  tree.zone("intel-rapl:2", "package-2-die-0");
  EXPECT_EQ(ids(*tree.open()),
            (std::vector<std::string>{"cpu:0=rapl:package-2-die-0", "cpu:1=rapl:package-2-die-1",
                                      "cpu:2=rapl:package-10-die-0"}));
}

TEST(Rapl, mmio_alone_is_used) {
  Tree tree;
  tree.zone("intel-rapl-mmio:0", "package-0");
  EXPECT_EQ(ids(*tree.open()), std::vector<std::string>{"cpu:0=rapl:package-0"});
}

TEST(Rapl, amd_has_package_and_core_and_a_wider_gain) {
  Tree tree;
  tree.zone("intel-rapl:0", "package-0");
  const double intel = tree.open()->describe()[0].errors.at(0).high_rel;
  tree.root.write("/proc/cpuinfo", "processor : 0\nvendor_id : AuthenticAMD\n");
  tree.zone("intel-rapl:0:0", "core");
  const auto meter = tree.open();
  EXPECT_EQ(meter->describe().size(), 1u);
  EXPECT_GT(meter->describe()[0].errors.at(0).high_rel, intel);
}

TEST(Rapl, energy_is_stamped_at_each_read) {
  Tree tree;
  tree.zone("intel-rapl:0", "package-0", 1'000'000);
  const auto meter = tree.open();
  EXPECT_TRUE(meter->read()->readings.empty());
  tree.energy_uj("intel-rapl:0", 66'000'000);
  tree.clock.advance(1);
  const BootTime before = tree.clock.now;
  tree.clock.on_look = [&] { tree.clock.now += std::chrono::milliseconds(1); };
  const auto batch = meter->read();
  ASSERT_EQ(batch->readings.size(), 1u);
  const Reading& reading = batch->readings[0];
  EXPECT_DOUBLE_EQ(as_joules(reading.energy), 65);
  // Looks at before + 1 ms and before + 2 ms: the stamp is between them.
  EXPECT_EQ(reading.span.end, before + std::chrono::microseconds(1500));
  EXPECT_EQ(reading.quality, Quality::measured);
}

TEST(Rapl, a_file_is_followed_whether_it_is_rewritten_in_place_or_replaced) {
  Tree tree;
  tree.zone("intel-rapl:0", "package-0", 1'000'000);
  const auto meter = tree.open();
  (void)meter->read();
  std::uint64_t energy = 1'000'000;
  for (const bool replace : {false, true, false, true, true}) {
    tree.clock.advance(1);
    energy += 65'000'000;
    if (replace) {
      tree.energy_uj("intel-rapl:0", energy);
    } else {
      std::ofstream(tree.root.path(Tree::folder("intel-rapl:0") + "/energy_uj")) << energy << "\n";
    }
    const auto batch = meter->read();
    ASSERT_EQ(batch->readings.size(), 1u) << replace;
    EXPECT_NEAR(as_joules(batch->readings[0].energy), 65, 1e-9);
  }
}

TEST(Rapl, a_wrap_keeps_its_energy_and_a_reset_is_told_once) {
  Tree tree;
  tree.zone("intel-rapl:0", "package-0", kRange - 30'000'000);
  const auto meter = tree.open();
  (void)meter->read();
  tree.clock.advance(1);
  tree.energy_uj("intel-rapl:0", 35'000'000);
  const auto wrapped = meter->read();
  ASSERT_EQ(wrapped->readings.size(), 1u);
  EXPECT_NEAR(as_joules(wrapped->readings[0].energy), 65, 1e-6);

  tree.clock.advance(1);
  tree.energy_uj("intel-rapl:0", 5);
  const auto reset = meter->read();
  EXPECT_TRUE(reset->readings.empty());
  EXPECT_EQ(reset->troubles.size(), 1u);

  tree.clock.advance(1);
  tree.energy_uj("intel-rapl:0", 65'000'005);
  const auto after = meter->read();
  EXPECT_TRUE(after->troubles.empty());
  ASSERT_EQ(after->readings.size(), 1u);
  EXPECT_NEAR(as_joules(after->readings[0].energy), 65, 1e-6);
}

TEST(Rapl, a_zone_that_vanishes_is_a_gap_in_its_channel_alone_and_keeps_its_energy) {
  Tree tree;
  tree.zone("intel-rapl:0", "package-0");
  tree.zone("intel-rapl:0:0", "dram");
  const auto meter = tree.open();
  (void)meter->read();
  tree.root.remove(Tree::folder("intel-rapl:0:0") + "/energy_uj");
  int told = 0;
  for (int s = 1; s <= 3; ++s) {
    tree.clock.advance(1);
    tree.energy_uj("intel-rapl:0", static_cast<std::uint64_t>(s) * 65'000'000);
    const auto batch = meter->read();
    ASSERT_EQ(batch->readings.size(), 1u);
    EXPECT_EQ(batch->readings[0].channel, 0u);
    told += static_cast<int>(batch->troubles.size());
  }
  EXPECT_EQ(told, 1);
  tree.clock.advance(1);
  tree.energy_uj("intel-rapl:0", 260'000'000);
  tree.energy_uj("intel-rapl:0:0", 32'000'000);
  const auto batch = meter->read();
  ASSERT_EQ(batch->readings.size(), 2u);
  EXPECT_NEAR(as_joules(batch->readings[1].energy), 32, 1e-9);
  EXPECT_EQ(batch->readings[1].quality, Quality::spread);
}

TEST(Rapl, nonsense_in_a_file_is_a_trouble_not_a_zero) {
  Tree tree;
  tree.zone("intel-rapl:0", "package-0");
  const auto meter = tree.open();
  tree.root.write(Tree::folder("intel-rapl:0") + "/energy_uj", "12x\n");
  const auto batch = meter->read();
  EXPECT_TRUE(batch->readings.empty());
  ASSERT_EQ(batch->troubles.size(), 1u);
  EXPECT_EQ(batch->troubles[0].error.kind, ErrorKind::malformed);
}

TEST(Rapl, a_later_meter_bridges_the_hole_from_what_was_saved) {
  Tree tree;
  tree.zone("intel-rapl:0", "package-0", 10'000'000);
  std::string saved;
  {
    const auto meter = tree.open();
    (void)meter->read();
    saved = meter->save();
  }
  tree.clock.advance(3);
  tree.energy_uj("intel-rapl:0", 205'000'000);
  const auto meter = tree.open();
  meter->restore(saved);
  const auto batch = meter->read();
  ASSERT_EQ(batch->readings.size(), 1u);
  EXPECT_NEAR(as_joules(batch->readings[0].energy), 195, 1e-9);
  EXPECT_EQ(batch->readings[0].quality, Quality::bridged);
}

TEST(Rapl, no_tree_is_absent) {
  Tree tree;
  const auto meter = open_rapl(tree.root.files(), tree.clock);
  ASSERT_FALSE(meter.has_value());
  EXPECT_EQ(meter.error().kind, ErrorKind::absent);
}

// Root may read everything, so the test reads as nobody.
class AsNobody {
 public:
  AsNobody() : was_(geteuid()) {
    if (was_ == 0) {
      EXPECT_EQ(seteuid(65534), 0);
    }
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;
  ~AsNobody() {
    if (was_ == 0) {
      EXPECT_EQ(seteuid(was_), 0);
    }
  }

 private:
  uid_t was_;
};

TEST(Rapl, denied_names_the_command_that_grants_it) {
  Tree tree;
  tree.zone("intel-rapl:0", "package-0");
  std::filesystem::permissions(tree.root.path(Tree::folder("intel-rapl:0") + "/energy_uj"),
                               std::filesystem::perms(0));
  const AsNobody nobody;
  const auto meter = open_rapl(tree.root.files(), tree.clock);
  ASSERT_FALSE(meter.has_value());
  EXPECT_EQ(meter.error().kind, ErrorKind::denied);
  EXPECT_NE(meter.error().hint.find("sudo chmod a+r"), std::string::npos);
}

TEST(Rapl, a_zone_that_alone_is_denied_stays_a_channel_with_its_gap) {
  Tree tree;
  tree.zone("intel-rapl:0", "package-0");
  tree.zone("intel-rapl:1", "package-1");
  std::filesystem::permissions(tree.root.path(Tree::folder("intel-rapl:1") + "/energy_uj"),
                               std::filesystem::perms(0));
  const AsNobody nobody;
  const auto meter = open_rapl(tree.root.files(), tree.clock);
  ASSERT_TRUE(meter.has_value());
  EXPECT_EQ((*meter)->describe().size(), 2u);
  const auto batch = (*meter)->read();
  ASSERT_EQ(batch->troubles.size(), 1u);
  EXPECT_EQ(batch->troubles[0].channel, 1u);
  EXPECT_EQ(batch->troubles[0].error.kind, ErrorKind::denied);
}

}  // namespace
}  // namespace lowtide::sense
