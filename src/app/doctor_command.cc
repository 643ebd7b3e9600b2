// `lowtide doctor`: what can be measured here, what is denied and what grants it.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "app/cli.h"
#include "app/doctor.h"
#include "app/ledger_access.h"
#include "app/paths.h"
#include "app/say.h"
#include "app/terminal.h"
#include "base/quote.h"

namespace lowtide::app {
namespace {

struct DoctorFlags {
  std::string user;
  bool fix = false;
  bool apply = false;
  bool json = false;
};

Findings examine(const Patient& patient) {
  Settings settings = Settings::load(config_path());
  Findings found;
  examine_cpu(patient, found);
  examine_gpus(patient, settings, found);
  examine_settings(settings, found);
  examine_system(patient, found);
  return found;
}

// Each command as a shell runs it, said before it runs; the first that fails ends it.
int apply(const Findings& found) {
  int done = 0;
  for (const show::DoctorFinding& finding : found) {
    for (const std::string& command : finding.commands) {
      say("$ " + show::escape(command) + "\n");
      const int status = std::system(command.c_str());  // NOLINT: what --fix has shown
      if (status != 0) {
        return refuse({ErrorKind::denied, "did not succeed", in_quotes(command),
                       geteuid() == 0 ? "see above" : "it needs root: run it with sudo"});
      }
      ++done;
    }
  }
  say(done == 0 ? "lowtide: nothing is denied: there is nothing to do\n"
                : "lowtide: done; lowtide doctor says what can be read now\n");
  return 0;
}

Result<host::User> wanted_user(const std::string& name) {
  if (name.empty()) return host::calling_user();
  const auto user = host::find_user(name);
  if (!user) return fail(ErrorKind::usage, in_quotes(name) + " is no user here", "--user");
  if (geteuid() == 0 || user->uid == geteuid()) return *user;
  return fail(ErrorKind::denied, "only root can look as another user", "--user",
              "sudo lowtide doctor --user " + name);
}

int doctor_command(const DoctorFlags& flags) {
  if (flags.apply && !flags.fix) {
    return refuse({ErrorKind::usage, "goes with --fix", "--apply", "lowtide doctor --fix --apply"});
  }
  const auto user = wanted_user(flags.user);
  if (!user) return refuse(user.error());
  const Findings found =
      examine({host::MachineFiles(environment("LOWTIDE_SYSROOT").value_or("")), *user});
  if (flags.apply) return apply(found);
  if (flags.json) return put(show::doctor_json(found));
  if (!flags.fix) return put(show::doctor_text(found, style_of(STDOUT_FILENO)));
  const std::string fixes = show::fixes_text(found);
  return put(fixes.empty() ? "# nothing is denied: there is nothing to fix\n" : fixes);
}

}  // namespace

void add_doctor(Cli& cli) {
  const auto flags = std::make_shared<DoctorFlags>();
  CLI::App& doctor = add_command(cli, "doctor", "Say what can be measured here, and what is denied",
                                 flags, doctor_command);
  doctor.add_flag("--fix", flags->fix, "print the commands that grant what is denied");
  doctor.add_flag("--apply", flags->apply, "with --fix: run them");
  doctor.add_option("--user", flags->user, "as root: look as this user; default: who called sudo")
      ->type_name("NAME");
  doctor.add_flag("--json", flags->json, "as JSON (lowtide.doctor/1)");
  doctor.footer(
      "Examples:\n"
      "  lowtide doctor\n"
      "  lowtide doctor --fix                   # what would grant what is denied\n"
      "  sudo lowtide doctor --fix --apply      # grant it to you");
}

}  // namespace lowtide::app
