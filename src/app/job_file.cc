#include "app/job_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "act/state_text.h"
#include "app/paths.h"
#include "app/say.h"
#include "app/settle.h"
#include "host/clock.h"
#include "host/detached.h"
#include "host/files.h"
#include "host/proc.h"

extern char** environ;  // NOLINT: POSIX

namespace lowtide::app {
namespace {

using nlohmann::json;

constexpr int kRefused = 125;
constexpr Duration kTakesOver = std::chrono::seconds(5);

std::string bytes_of(const json& value) {
  const auto& bytes = value.get_ref<const json::binary_t&>();
  return {bytes.begin(), bytes.end()};
}

// Words are bytes, not always UTF-8.
json as_bytes(const std::vector<std::string>& words) {
  json all = json::array();
  for (const std::string& word : words) {
    all.push_back(json::binary(std::vector<std::uint8_t>(word.begin(), word.end())));
  }
  return all;
}

std::vector<std::string> words_of(const json& all) {
  std::vector<std::string> words;
  words.reserve(all.size());
  for (const json& word : all) words.push_back(bytes_of(word));
  return words;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> all;
  all.reserve(words.size() + 1);
  for (std::string& word : words) all.push_back(word.data());
  all.push_back(nullptr);
  return all;
}

void open_output(const act::RunFiles& files) {
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int out = open(files.path("out").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (null >= 0) dup2(null, STDIN_FILENO);
  if (out < 0) return;
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
}

std::string own_program() {
  std::error_code code;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", code);
  return code ? "/proc/self/exe" : path.string();
}

// A unit of the user's systemd ends with the last session, unless the user lingers.
bool has_lasting_systemd() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  const char* user = std::getenv("USER");
  if (runtime == nullptr || user == nullptr) return false;
  return access((std::string(runtime) + "/systemd/private").c_str(), W_OK) == 0 &&
         access((std::string("/var/lib/systemd/linger/") + user).c_str(), F_OK) == 0;
}

bool start_unit(const std::string& run) {
  const std::string command = fmt::format(
      "systemd-run --user --quiet --collect --unit=lowtide-{} -p KillMode=mixed "
      "\"$LOWTIDE_SELF\" carry \"$LOWTIDE_CARRY\" {} >/dev/null 2>&1",
      run, run);
  setenv("LOWTIDE_SELF", own_program().c_str(), 1);
  setenv("LOWTIDE_CARRY", home_folder().c_str(), 1);
  const int status = std::system(command.c_str());  // NOLINT: no words of others are in it
  unsetenv("LOWTIDE_SELF");
  unsetenv("LOWTIDE_CARRY");
  return status == 0;
}

}  // namespace

act::RunFiles run_files(const std::string& run) { return {home_folder() + "/act", run}; }

Result<void> write_job_file(const act::RunFiles& files, const std::vector<std::string>& words,
                            const std::vector<std::string>& command) {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) variables.emplace_back(*entry);
  std::error_code code;
  const std::string folder = std::filesystem::current_path(code).string();
  const json whole{{"words", as_bytes(words)},
                   {"command", as_bytes(command)},
                   {"folder", as_bytes({folder})},
                   {"environment", as_bytes(variables)}};
  const auto bytes = json::to_cbor(whole);
  return replace_file(files.path("job"), {bytes.begin(), bytes.end()});
}

Result<JobFile> read_job_file(const act::RunFiles& files) {
  const std::string path = files.path("job");
  const auto text = host::read_file(path);
  if (!text) return fail(ErrorKind::absent, "its command is not kept any more", path);
  const json whole = json::from_cbor(text->begin(), text->end(), true, false);
  if (!whole.is_object()) return fail(ErrorKind::malformed, "cannot be read", path);
  return JobFile{words_of(whole.at("words")), words_of(whole.at("command")),
                 words_of(whole.at("folder")).front(), words_of(whole.at("environment"))};
}

int carry_command(const std::string& home, const std::string& run) {
  const act::RunFiles files{home + "/act", run};
  auto job = read_job_file(files);
  if (!job) {
    complain(job.error());
    return kRefused;
  }
  open_output(files);
  if (chdir(job->folder.c_str()) != 0) {
    complain({ErrorKind::absent, std::generic_category().message(errno), job->folder,
              "the folder in which the run was asked for must be there"});
    return kRefused;
  }
  std::vector<std::string> argv{"lowtide"};
  argv.insert(argv.end(), job->words.begin(), job->words.end());
  argv.insert(argv.begin() + 2, {"--carry", run});
  argv.emplace_back("--");
  argv.insert(argv.end(), job->command.begin(), job->command.end());
  std::erase_if(job->environment,
                [](const std::string& entry) { return entry.starts_with("LOWTIDE_HOME="); });
  job->environment.push_back("LOWTIDE_HOME=" + home);
  execve("/proc/self/exe", pointers(argv).data(), pointers(job->environment).data());
  return kRefused;
}

Result<std::string> start_carrying(const std::string& run) {
  const act::RunFiles files = run_files(run);
  if (const auto job = read_job_file(files); job && access(job->folder.c_str(), X_OK) != 0) {
    return fail(ErrorKind::absent, "its working folder: " + std::generic_category().message(errno),
                job->folder, "make it again and resume, or lowtide cancel " + run);
  }
  std::string how = "detached process";
  if (has_lasting_systemd() && start_unit(run)) {
    how = "systemd user unit lowtide-" + run;
  } else if (!host::start_detached({{"/proc/self/exe", "carry", home_folder(), run}})) {
    return fail(ErrorKind::temporary, "no process could be started", run, "try again");
  }
  const host::SystemClock clock;
  const BootTime by = clock.boot() + kTakesOver;
  while (clock.boot() < by) {
    if (const int pid = act::RunLock::holder(files); pid > 0)
      return fmt::format("{}, pid {}", how, pid);
    if (access(files.path("job").c_str(), F_OK) != 0) return how;  // it was over
    usleep(20'000);
  }
  return fail(ErrorKind::temporary, "nobody has taken it up", run,
              "see what it said: " + files.path("out"));
}

Result<record::Act> withdraw(record::Act act, const std::string& why) {
  const act::RunFiles files = run_files(act.run);
  const auto lock = act::RunLock::take(files);
  if (!lock) return tl::unexpected(lock.error());
  auto done = settle(
      std::move(act),
      [](act::ActState& state) {
        state.phase = act::Phase::cancelled;
        state.status.reset();  // of a life that left for a pause
      },
      record::Standing::cancelled, why);
  if (done) files.remove();
  return done;
}

}  // namespace lowtide::app
