#include "sense/cpu_table.h"

#include <gtest/gtest.h>

#include "host/files.h"

namespace lowtide::sense {
namespace {

constexpr const char* kTable =
    "name,vendor,family,cores,tdp_w,year,source\n"
    "AMD EPYC 7763,AMD,EPYC 7003 Series,64,280,2021,x\n"
    "AMD EPYC 7313,AMD,EPYC 7003 Series,16,155,2021,x\n"
    "AMD EPYC 7443,AMD,EPYC 7003 Series,24,200,2021,x\n"
    "AMD EPYC 9654,AMD,EPYC 9004 Series,96,360,2022,x\n"
    "Intel Xeon Platinum 8280,Intel,Xeon Platinum,28,205,2019,x\n"
    "Intel Xeon Platinum 8259CL,Intel,Xeon Platinum,,210,,x\n"
    "Intel Xeon E5-2690 v4,Intel,Xeon E5,,135,,x\n"
    "\"NVIDIA Grace CPU Superchip (2x72 cores, incl. memory)\",NVIDIA,Grace,144,500,,x\n"
    "family:Intel Xeon E5,Intel,Xeon E5,,105,,x\n"
    "No TDP,AMD,EPYC 7003 Series,8,,,x\n";

std::vector<CpuRow> table() { return parse_cpu_table(kTable, "t.csv").value(); }

MachineFacts guest(const std::string& model) {
  MachineFacts facts;
  facts.cpu_model = model;
  facts.virtual_machine = true;
  return facts;
}

TEST(CpuName, is_normalised) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz", "intel xeon platinum 8259cl"},
      {"AMD EPYC 7763 64-Core Processor", "amd epyc 7763"},
      {"AMD EPYC 7763                  ", "amd epyc 7763"},
      {"Intel(R) Xeon(R) CPU E5-2690 0 @ 2.90GHz", "intel xeon e5-2690"},
      {"Intel(R) Core(TM) i9-10900K CPU @ 3.70GHz", "intel core i9-10900k"},
      {"12th Gen Intel(R) Core(TM) i7-12700K", "intel core i7-12700k"},
      {"AMD Ryzen 7 1700 Eight-Core Processor", "amd ryzen 7 1700"},
      {"AMD Ryzen 5 5600G with Radeon Graphics", "amd ryzen 5 5600g"},
      {"AMD Ryzen Threadripper PRO 5995WX 64-Cores", "amd ryzen threadripper pro 5995wx"},
      {"AMD Ryzen 9 6900HS\u200b", "amd ryzen 9 6900hs"},
      {"Intel Core i9-10900X X-series", "intel core i9-10900x"},
      {"", ""},
  };
  for (const auto& [given, wanted] : cases) EXPECT_EQ(normalise_cpu_name(given), wanted);
}

TEST(CpuTable, is_read_by_header_and_rows_without_a_tdp_are_left_out) {
  EXPECT_EQ(table().size(), 9u);
  EXPECT_EQ(table()[7].name, "NVIDIA Grace CPU Superchip (2x72 cores, incl. memory)");
  const auto other = parse_cpu_table("tdp,cores,name\r\n65,8,A\r\n", "t.csv");
  ASSERT_TRUE(other.has_value());
  EXPECT_EQ(other->at(0).tdp, watts(65));
  const auto bad = parse_cpu_table("a,b\n1,2\n", "t.csv");
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().where, "t.csv:1");
}

TEST(ThreadPower, a_known_model_is_its_tdp_over_its_threads) {
  const ThreadPower power = thread_power(table(), guest("AMD EPYC 7763 64-Core Processor"));
  EXPECT_DOUBLE_EQ(as_watts(power.full), 280.0 / 128);
  EXPECT_NE(power.how.find("280 W / 128 threads"), std::string::npos);
  EXPECT_GE(power.low_rel, 0.5);
}

TEST(ThreadPower, bare_metal_tells_its_own_threads) {
  MachineFacts facts;
  facts.cpu_model = "AMD EPYC 7763 64-Core Processor";
  facts.threads_per_socket = 64;  // SMT is off
  facts.cores_per_socket = 64;
  EXPECT_DOUBLE_EQ(as_watts(thread_power(table(), facts).full), 280.0 / 64);
  facts.cpu_model = "Intel(R) Xeon(R) CPU E5-2690 v4 @ 2.60GHz";  // no cores in the table
  facts.threads_per_socket = 28;
  EXPECT_DOUBLE_EQ(as_watts(thread_power(table(), facts).full), 135.0 / 28);
  facts.cpu_model = "Intel(R) Xeon(R) CPU E5-2666 v9";  // the family's median
  EXPECT_DOUBLE_EQ(as_watts(thread_power(table(), facts).full), 105.0 / 28);
}

TEST(ThreadPower, an_unknown_model_takes_the_median_of_its_family) {
  // 200 / 48 lies between 280 / 128 and 155 / 32.
  for (const char* name : {"AMD EPYC 7R13", "AMD EPYC 7B13 48-Core Processor"}) {
    const ThreadPower power = thread_power(table(), guest(name));
    EXPECT_DOUBLE_EQ(as_watts(power.full), 200.0 / 48) << name;
    EXPECT_NE(power.how.find("EPYC 7003 Series"), std::string::npos);
  }
  // In the table, but without cores, on a machine that does not tell them.
  EXPECT_DOUBLE_EQ(
      as_watts(thread_power(table(), guest("Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.5GHz")).full),
      205.0 / 56);
}

TEST(ThreadPower, a_masked_epyc_is_known_by_its_cpuid) {
  MachineFacts facts = guest("AMD EPYC");
  facts.cpu_family = 25;
  facts.cpu_number = 1;
  EXPECT_DOUBLE_EQ(as_watts(thread_power(table(), facts).full), 200.0 / 48);
  facts.cpu_number = 17;
  EXPECT_DOUBLE_EQ(as_watts(thread_power(table(), facts).full), 360.0 / 192);
}

TEST(ThreadPower, with_nothing_known_it_is_an_average_that_says_so) {
  for (const char* name : {"AMD EPYC", "Intel(R) Xeon(R) Processor @ 2.20GHz", ""}) {
    const ThreadPower power = thread_power(table(), guest(name));
    EXPECT_DOUBLE_EQ(as_watts(power.full), 3.5) << name;
    EXPECT_NE(power.how.find("Cloud Carbon Footprint"), std::string::npos);
    EXPECT_GE(power.high_rel, 1.0);
  }
}

TEST(CpuTable, rows_left_out_for_one_cpu_would_not_have_changed_its_power) {
  const std::string path = std::string(LOWTIDE_SOURCE_DIR) + "/data/cpu_tdp.csv";
  const auto text = host::read_file(path);
  ASSERT_TRUE(text.has_value());
  const auto all = parse_cpu_table(*text, path);
  ASSERT_TRUE(all.has_value());
  std::vector<std::string> names = {"AMD EPYC 7R13", "Intel(R) Xeon(R) Processor @ 2.20GHz",
                                    "AMD EPYC", "Core", ""};
  for (std::size_t i = 0; i < all->size(); i += 12) names.push_back(all->at(i).name);
  for (const std::string& name : names) {
    const auto some = parse_cpu_table(*text, path, name);
    ASSERT_TRUE(some.has_value());
    EXPECT_LE(some->size(), name.empty() ? all->size() : all->size() - 600) << name;
    EXPECT_EQ(thread_power(*some, guest(name)).how, thread_power(*all, guest(name)).how) << name;
  }
}

TEST(ThreadPower, a_figure_from_memory_is_marked_as_assumed) {
  constexpr std::string_view kMark = "assumed: a figure from memory, not confirmed";
  const std::string path = std::string(LOWTIDE_SOURCE_DIR) + "/data/cpu_tdp.csv";
  const auto shipped = parse_cpu_table(host::read_file(path).value(), path);
  ASSERT_TRUE(shipped.has_value());
  int from_memory = 0;
  int seen = 0;
  for (const CpuRow& row : *shipped) {
    if (row.unconfirmed) ++from_memory;
    if (row.name.starts_with("family:") || !row.cores) continue;
    const std::string how = thread_power(*shipped, guest(row.name)).how;
    if (how.find("threads of " + row.name) == std::string::npos) continue;  // by another row
    EXPECT_EQ(how.find(kMark) != std::string::npos, row.unconfirmed) << how;
    if (row.unconfirmed) ++seen;
  }
  EXPECT_EQ(from_memory, 7);
  EXPECT_GT(seen, 3);
  const auto own = parse_cpu_table(
      "name,vendor,family,cores,tdp_w,status\nAcme One 1,Acme,One,4,100,verified\n"
      "Acme One 2,Acme,One,4,120,memory\n",
      "own.csv");
  const ThreadPower family = thread_power(*own, guest("Acme One 3"));
  EXPECT_NE(family.how.find("median TDP per thread of 2 models"), std::string::npos) << family.how;
  EXPECT_NE(family.how.find(kMark), std::string::npos) << family.how;
}

TEST(ThreadPower, the_shipped_table_knows_common_servers) {
  const std::string path = std::string(LOWTIDE_SOURCE_DIR) + "/data/cpu_tdp.csv";
  const auto text = host::read_file(path);
  ASSERT_TRUE(text.has_value());
  const auto shipped = parse_cpu_table(*text, path);
  ASSERT_TRUE(shipped.has_value());
  EXPECT_GT(shipped->size(), 1000u);
  for (const char* name :
       {"AMD EPYC 7763 64-Core Processor", "AMD EPYC 7R13", "AMD EPYC 9R14",
        "Intel(R) Xeon(R) Platinum 8375C CPU @ 2.90GHz", "Intel(R) Xeon(R) Gold 6248R CPU",
        "Intel(R) Core(TM) i9-10900X CPU @ 3.70GHz", "AMD Ryzen 9 5950X 16-Core Processor"}) {
    const ThreadPower power = thread_power(*shipped, guest(name));
    EXPECT_NE(power.how.find("cpu_tdp.csv"), std::string::npos) << name << ": " << power.how;
    EXPECT_GT(as_watts(power.full), 1) << name;
    EXPECT_LT(as_watts(power.full), 12) << name;
  }
}

}  // namespace
}  // namespace lowtide::sense
