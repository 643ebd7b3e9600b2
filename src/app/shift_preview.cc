#include "app/shift_preview.h"

#include <unistd.h>

#include "app/ledger_access.h"
#include "app/plan_advice.h"
#include "app/terminal.h"
#include "show/plan_json.h"
#include "show/plan_text.h"

namespace lowtide::app {
namespace {

// Without what makes it a dry run.
std::string as_typed(const RunFlags& flags) {
  std::string line = "lowtide";
  bool is_path = false;
  for (const std::string& word : flags.shift.words) {
    const bool json = word == "--json";
    if (word != "--dry-run" && !json && !is_path && !word.starts_with("--json=")) {
      line += " " + shell_word(word);
    }
    is_path = json;
  }
  line += " --";
  for (const std::string& word : flags.command) line += " " + shell_word(word);
  return line;
}

}  // namespace

int preview(FirstPlan first, const RunFlags& flags) {
  show::PlanView& view = first.view;
  view.command = view.command_today = as_typed(flags);
  if (first.why.empty() && view.verdict == show::Verdict::unsure) {
    view.verdict = show::Verdict::shift;
    view.notes.emplace_back("it is not sure that this pays: --trust-typical asks for it");
  }
  if (flags.json_path == "-") return put(show::plan_json(view));
  if (!flags.json_path.empty()) {
    if (const int status = put(show::plan_json(view), flags.json_path); status != 0) return status;
  }
  return put(show::plan_text(view, style_of(STDOUT_FILENO)));
}

}  // namespace lowtide::app
