#include "show/doctor.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace lowtide::show {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::vector<DoctorFinding> kFindings{
    {"CPU", "RAPL", Finding::denied, "3 zones\x1b[2J", "grant it:", {"sudo chgrp a b", "c"}, {}},
    {"CPU", "CPU model", Finding::info, "in use", "", {}, {{"full_w", 8.5}, {"row", "EPYC"}}},
};

TEST(Doctor, json_has_every_key_and_facts_by_name) {
  const auto json = nlohmann::json::parse(doctor_json(kFindings));
  EXPECT_EQ(json["schema"], "lowtide.doctor/1");
  EXPECT_EQ(json["findings"][0]["commands"].size(), 2U);
  EXPECT_TRUE(json["findings"][1]["hint"].is_null());
  EXPECT_EQ(json["findings"][1]["facts"]["full_w"], 8.5);
  EXPECT_EQ(json["findings"][1]["facts"]["row"], "EPYC");
}

TEST(Doctor, text_fits_and_escapes_and_leaves_commands_whole) {
  for (const int width : {20, 80}) {
    const std::string text = doctor_text(kFindings, {false, width});
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(text, HasSubstr("$ sudo chgrp a b\n"));
    EXPECT_THAT(text, HasSubstr("CPU\n"));
  }
  EXPECT_THAT(doctor_text(kFindings, {true, 80}), HasSubstr("\x1b[31mdenied\x1b[0m"));
}

TEST(Doctor, fixes_are_a_script) {
  EXPECT_EQ(fixes_text(kFindings), "# RAPL: 3 zones\\x1b[2J\nsudo chgrp a b\nc\n");
  EXPECT_EQ(fixes_text({}), "");
}

}  // namespace
}  // namespace lowtide::show
