#include "act/planner.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "act/state_text.h"

namespace lowtide::act {
namespace {

constexpr char kPlan = '+';
constexpr char kNone = '-';

void write_all(int fd, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t wrote = write(fd, text.data() + done, text.size() - done);
    if (wrote <= 0) return;
    done += static_cast<std::size_t>(wrote);
  }
}

// A plan travels as the state that has it.
std::string spoken(ActState state, const Result<Plan>& plan) {
  if (!plan) return kNone + plan.error().line();
  state.plan = *plan;
  return kPlan + text_of(state);
}

Result<Plan> heard(const std::string& text) {
  if (text.empty()) return fail(ErrorKind::internal, "the planner ended without a word", "plan");
  if (text.front() == kNone) return fail(ErrorKind::absent, text.substr(1), "");
  const auto state = read_state(std::string_view(text).substr(1));
  if (!state) return tl::unexpected(state.error());
  if (!state->plan) return fail(ErrorKind::internal, "the planner's answer has no plan", "plan");
  return *state->plan;
}

}  // namespace

Planner::~Planner() { stop(); }

bool Planner::start(const ActState& state, const Make& make, const std::function<void()>& let_go) {
  stop();
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return false;
  host::UniqueFd ours(ends[0]);
  host::UniqueFd theirs(ends[1]);
  const pid_t controller = getpid();
  const pid_t pid = fork();
  if (pid < 0) return false;
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != controller) _exit(1);
    let_go();
    write_all(theirs.get(), spoken(state, make(state)));
    _exit(0);
  }
  fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  pipe_ = std::move(ours);
  child_ = pid;
  text_.clear();
  return true;
}

std::optional<Result<Plan>> Planner::take() {
  if (!at_work()) return std::nullopt;
  std::array<char, 4096> buffer{};
  ssize_t got = 0;
  while ((got = read(pipe_.get(), buffer.data(), buffer.size())) > 0) {
    text_.append(buffer.data(), static_cast<std::size_t>(got));
  }
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  stop();
  return heard(text_);
}

void Planner::stop() {
  if (child_ > 0) {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }
  child_ = 0;
  pipe_.reset();
}

}  // namespace lowtide::act
