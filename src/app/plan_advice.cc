#include "app/plan_advice.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/plan_values.h"
#include "base/time.h"
#include "show/plan_verdict.h"

namespace lowtide::app {
namespace {

using plan::Policy;

show::Verdict verdict_of(const show::PlanView& view) {
  using show::Verdict;
  if (view.agree_asked && !view.agreed) return Verdict::run_now;
  // Where the job cannot run now there is nothing to save against: the best plan is the answer.
  if (!view.decision.of(Policy::now).may_run()) return Verdict::shift;
  const show::ChosenPlan& chosen = view.chosen;
  if (chosen.saving.value_or(0) <= show::kNothing) return Verdict::run_now;
  if (chosen.money_per_tonne.value_or(0) > show::kDearestTonne) return Verdict::too_dear;
  if (chosen.bounds) return chosen.bounds->gate > 0 ? Verdict::shift : Verdict::unsure;
  // A series of the user's own, or a provider's, is taken at its word.
  const bool at_its_word =
      view.known_by == show::KnownBy::values || view.known_by == show::KnownBy::forecast;
  return at_its_word ? Verdict::shift : Verdict::unsure;
}

// `lowtide run OPTIONS -- COMMAND`, with what was said of place and source.
std::string run_line(const PlanRequest& request, const std::string& options) {
  std::string line = "lowtide run" + options;
  for (const auto& [key, value] : request.given) line += " --" + key + " " + shell_word(value);
  if (!request.source.job.name.empty()) line += " --name " + shell_word(request.source.job.name);
  line += " --";
  if (request.source.command.empty()) line += " COMMAND";
  for (const std::string& word : request.source.command) line += " " + shell_word(word);
  return line;
}

// How long the job may take from now on, as --finish-within has it.
std::string finish_option(const PlanRequest& request) {
  return " --finish-within " + spell_duration(request.source.job.length + request.slack);
}

std::string options_of(const PlanRequest& request, int resumes) {
  std::string options;
  // A run knows how long it takes from the last one of its name.
  if (request.source.job.run.empty()) {
    options = " --expect " + spell_duration(request.source.job.length);
  }
  if (resumes == 0) {
    return options + " --start-within " + spell_duration(request.slack) + request.plan_options;
  }
  const bool released = request.charges.machine == plan::Machine::released;
  return options + finish_option(request) + (released ? " --pause checkpoint" : " --pause freeze") +
         request.plan_options + request.pause_options;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; }

// Inside of $'..', where all of a word can be seen.
std::string ansi_quoted(char c) {
  if (is_control(c)) return fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  return c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
}

}  // namespace

std::string shell_word(const std::string& word) {
  constexpr const char* kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == word.npos) return word;
  const bool controls = std::any_of(word.begin(), word.end(), is_control);
  std::string quoted = controls ? "$'" : "'";  // what is not seen cannot be pasted
  for (const char c : word) {
    if (controls) {
      quoted += ansi_quoted(c);
    } else {
      quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
  }
  return quoted + "'";
}

void advise(const PlanRequest& request, Utc now, show::PlanView& view) {
  view.verdict = verdict_of(view);
  if (view.verdict != show::Verdict::shift) {
    view.command = view.command_today = run_line(request, "");
    return;
  }
  const auto resumes = static_cast<int>(view.chosen.runs.size()) - 1;
  view.command = run_line(request, options_of(request, resumes));
  // Windows count from when it is typed: a plan as of another time is not the one that is carried
  // out.
  if (now - request.at < kSlot && request.at <= now) view.command_today = view.command;
}

}  // namespace lowtide::app
