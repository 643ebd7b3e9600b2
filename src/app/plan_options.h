// Options that `lowtide plan` and `lowtide run` share: what pausing and waiting cost.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "app/plan_request.h"
#include "base/words.h"

namespace lowtide::app {

// All that an option of this kind may say.
template <typename Enum>
std::vector<std::string> words_of() {
  std::vector<std::string> all;
  all.reserve(Spelling<Enum>::table.size());
  for (const auto& [value, word] : Spelling<Enum>::table) all.emplace_back(word);
  return all;
}

// One option whose value is text, to be read later.
CLI::Option* add_text(CLI::App& command, const char* name, PlanFlags::Text& into, const char* type,
                      const char* help);
// `pausable`: the option without which they make no sense.
void add_charge_options(CLI::App& command, PlanFlags& flags, CLI::Option* pausable);
void add_machine_options(CLI::App& command, PlanFlags& flags, const char* help);
void add_forbidden_hours(CLI::App& command, PlanFlags& flags);

}  // namespace lowtide::app
