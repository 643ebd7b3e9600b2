// `lowtide doctor`: what can be measured here, as a list of findings. docs/formats/doctor.md has
// the JSON (lowtide.doctor/1).
#pragma once

#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "show/text.h"

namespace lowtide::show {

// How a finding is: there and in use; a fact to know; not there (normal); there and not allowed;
// there and not in order.
enum class Finding { ok, info, absent, denied, trouble };

struct DoctorFinding {
  std::string topic;    // "sensors", "gpu", "place", ..
  std::string subject;  // "cpu:0", "cgroup", ..
  Finding state = Finding::info;
  std::string detail;  // one sentence
  std::string hint;    // what to do about it, in words; may be empty
  // Shell commands that grant what is denied, in order; what --apply runs.
  std::vector<std::string> commands = {};
  // The figures behind the sentence, their unit in the name.
  std::vector<std::pair<std::string, std::variant<double, std::string>>> facts = {};
};

[[nodiscard]] std::string doctor_text(std::span<const DoctorFinding> findings, const Style& style);
[[nodiscard]] std::string doctor_json(std::span<const DoctorFinding> findings);
// The commands alone, one a line, each with what it is for before it: a script.
[[nodiscard]] std::string fixes_text(std::span<const DoctorFinding> findings);

}  // namespace lowtide::show

template <>
struct lowtide::Spelling<lowtide::show::Finding> {
  static constexpr auto table = std::to_array<std::pair<lowtide::show::Finding, std::string_view>>(
      {{lowtide::show::Finding::ok, "ok"},
       {lowtide::show::Finding::info, "info"},
       {lowtide::show::Finding::absent, "absent"},
       {lowtide::show::Finding::denied, "denied"},
       {lowtide::show::Finding::trouble, "trouble"}});
};
