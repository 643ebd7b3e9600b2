#include "sense/nvml_select.h"

#include <gtest/gtest.h>

namespace lowtide::sense {
namespace {

std::vector<GpuIdentity> machine() {
  return {{"GPU-aaaa1111", "NVIDIA A100", {"MIG-00aa", "MIG-00bb"}},
          {"GPU-aabb2222", "NVIDIA A100", {}},
          {"GPU-cccc3333", "NVIDIA A100", {}}};
}

using Chosen = std::vector<std::size_t>;

TEST(ChooseGpus, cuda_visible_devices_is_read_as_cuda_does) {
  struct Case {
    const char* value;
    Chosen chosen;
  };
  const std::vector<Case> cases = {
      {"0", {0}},
      {"0,2", {0, 2}},
      {"2,0", {0, 2}},
      {" 1 , 2 ", {1, 2}},
      {"0,0", {0}},
      {"", {}},
      {"-1", {}},
      {"NoDevFiles", {}},
      {"none", {}},
      {"0,-1,1", {0}},  // what follows an entry that names nothing is not seen
      {"0,7,1", {0}},
      {"GPU-cccc3333", {2}},
      {"GPU-c", {2}},
      {"GPU-aa", {}},  // not unique
      {"GPU-aaaa1111,2", {0, 2}},
      {"MIG-00bb", {0}},
      {"MIG-GPU-aabb2222/3/0", {1}},
      {"MIG-ff", {}},
  };
  for (const Case& c : cases) {
    const auto choice = choose_gpus(machine(), {std::nullopt, c.value, ""});
    ASSERT_TRUE(choice.has_value()) << c.value;
    EXPECT_EQ(choice->chosen, c.chosen) << c.value;
  }
}

TEST(ChooseGpus, nothing_said_records_all) {
  const auto choice = choose_gpus(machine(), {});
  EXPECT_EQ(choice->chosen, (Chosen{0, 1, 2}));
}

TEST(ChooseGpus, the_flag_goes_before_the_environment) {
  EXPECT_EQ(choose_gpus(machine(), {"1", "0", ""})->chosen, Chosen{1});
  const auto all = choose_gpus(machine(), {"all", "0", ""});
  EXPECT_EQ(choose_gpus(machine(), {"all", "0", ""})->chosen, (Chosen{0, 1, 2}));
  EXPECT_EQ(choose_gpus(machine(), {"none", std::nullopt, ""})->chosen, Chosen{});
  EXPECT_EQ(choose_gpus(machine(), {"GPU-cccc,0", std::nullopt, ""})->chosen, (Chosen{0, 2}));
}

TEST(ChooseGpus, a_flag_that_names_no_device_is_refused_with_what_there_is) {
  for (const char* flag : {"3", "GPU-dead", "GPU-aa", "", "0,,1", "3,9", "first"}) {
    const auto choice = choose_gpus(machine(), {flag, std::nullopt, ""});
    ASSERT_FALSE(choice.has_value()) << flag;
    EXPECT_EQ(choice.error().kind, ErrorKind::usage);
    EXPECT_NE(choice.error().hint.find("below 3"), std::string::npos);
  }
}

TEST(ChooseGpus, what_a_flag_names_beside_others_and_is_not_here_is_missing) {
  const auto choice = choose_gpus(machine(), {"2,7,0,GPU-dead", std::nullopt, ""});
  EXPECT_EQ(choice->chosen, (Chosen{0, 2}));
  EXPECT_EQ(choice->missing->message, "'7', 'GPU-dead' names no single GPU here");
  EXPECT_FALSE(choose_gpus(machine(), {"2,0", std::nullopt, ""})->missing);
}

TEST(ChooseGpus, a_mig_part_records_its_whole_device_and_says_so) {
  EXPECT_NE(choose_gpus(machine(), {std::nullopt, "MIG-00aa", ""})->note.find("as a whole"),
            std::string::npos);
  EXPECT_NE(choose_gpus(machine(), {"MIG-00aa", std::nullopt, ""})->note.find("as a whole"),
            std::string::npos);
  EXPECT_EQ(choose_gpus(machine(), {std::nullopt, "GPU-aaaa", ""})->note, "");
}

TEST(ChooseGpus, indices_among_unlike_gpus_are_taken_in_pci_order_and_said_so) {
  auto devices = machine();
  devices[1].name = "NVIDIA T4";
  EXPECT_NE(choose_gpus(devices, {std::nullopt, "0", ""})->note, "");
  EXPECT_EQ(choose_gpus(devices, {std::nullopt, "0", "PCI_BUS_ID"})->note, "");
  EXPECT_EQ(choose_gpus(devices, {std::nullopt, "GPU-aabb", ""})->note, "");
}

}  // namespace
}  // namespace lowtide::sense
