#include "host/waker.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <optional>
#include <system_error>

#include "host/freeze_note.h"

namespace lowtide::host {
namespace {

constexpr int kAnswerWithinMs = 2000;

// What is said over the socket, one a packet.
struct Word {
  enum class Kind : std::int32_t { armed, extend, extended, let_go };
  Kind kind = Kind::armed;
  ProcessKey waker{};        // armed
  std::int64_t boot_ns = 0;  // extend
};

struct Post {
  UniqueFd socket;
  UniqueFd controller;
  UniqueFd timer;
  UniqueFd note;
};

// All signals, from before a fork on: the child keeps them blocked for good.
class Blocked {
 public:
  Blocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  Blocked(const Blocked&) = delete;
  Blocked& operator=(const Blocked&) = delete;
  ~Blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

bool set_timer(const UniqueFd& timer, std::int64_t boot_ns) {
  boot_ns = std::max<std::int64_t>(boot_ns, 1);  // 0 would switch it off
  itimerspec when{};
  when.it_value.tv_sec = boot_ns / 1'000'000'000;
  when.it_value.tv_nsec = boot_ns % 1'000'000'000;
  return timerfd_settime(timer.get(), TFD_TIMER_ABSTIME, &when, nullptr) == 0;
}

bool say(const UniqueFd& socket, const Word& word) {
  return send(socket.get(), &word, sizeof word, MSG_NOSIGNAL) == ssize_t{sizeof word};
}

bool readable(int fd, int within_ms) {
  pollfd one{fd, POLLIN, 0};
  int ready = 0;
  do {
    ready = poll(&one, 1, within_ms);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

// Empty: the other end is closed, or says nothing for too long.
std::optional<Word> hear(const UniqueFd& socket, int within_ms) {
  Word word;
  if (!readable(socket.get(), within_ms)) return std::nullopt;
  const bool whole = recv(socket.get(), &word, sizeof word, 0) == ssize_t{sizeof word};
  return whole ? std::optional(word) : std::nullopt;
}

// From here on in the waker: only calls that are safe after the fork of a program with threads.

void close_all_but(const Post& post) {
  std::array<int, 4> kept{post.socket.get(), post.controller.get(), post.timer.get(),
                          post.note.get()};
  std::sort(kept.begin(), kept.end());
  unsigned from = 0;
  for (const int fd : kept) {
    const auto number = static_cast<unsigned>(fd);
    if (number > from) close_range(from, number - 1, 0);
    from = number + 1;
  }
  close_range(from, ~0U, 0);
}

// Ties a group to the session for as long as the waker lives: a member whose parent, the waker, is
// of the same session and another group.
void tie(pid_t group, const Post& post) {
  const pid_t waker = getpid();
  const pid_t member = fork();
  if (member > 0) setpgid(member, group);
  if (member != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != waker) _exit(0);
  for (const int fd :
       {post.socket.get(), post.controller.get(), post.timer.get(), post.note.get()}) {
    close(fd);
  }
  while (true) pause();  // all signals are blocked
}

void take_post(const WakerSetup& setup, const Post& post) {
  close_all_but(post);
  if (chdir("/") != 0) return;  // there always is one
  prctl(PR_SET_NAME, "lowtide-waker");
  if (setup.groups.empty()) {
    setsid();
    return;
  }
  setpgid(0, 0);
  for (const pid_t group : setup.groups) tie(group, post);
}

// What it was told. True: it is let go.
bool obey(const Post& post, const Word& word) {
  if (word.kind == Word::Kind::let_go) return true;
  if (word.kind == Word::Kind::extend && set_timer(post.timer, word.boot_ns)) {
    static_cast<void>(say(post.socket, {Word::Kind::extended, {}, word.boot_ns}));
  }
  return false;
}

// Until there is a reason to thaw; empty: it was let go.
std::optional<ThawCause> wait_at(const Post& post) {
  while (true) {
    std::array<pollfd, 3> wanted{{{post.socket.get(), POLLIN, 0},
                                  {post.controller.get(), POLLIN, 0},
                                  {post.timer.get(), POLLIN, 0}}};
    if (poll(wanted.data(), wanted.size(), -1) < 0) continue;
    // The word first: who thawed, let go and ended wants no second thaw.
    if (wanted[0].revents != 0) {
      const auto word = hear(post.socket, 0);
      if (!word) return ThawCause::controller_ended;
      if (obey(post, *word)) return std::nullopt;
      continue;
    }
    if (wanted[1].revents != 0) return ThawCause::controller_ended;
    if (wanted[2].revents != 0) return ThawCause::time_reached;
  }
}

[[noreturn]] void be_waker(const WakerSetup& setup, const Post& post) {
  take_post(setup, post);
  const auto self = process_stat(getpid());
  if (!self) _exit(1);
  const ProcessKey key{getpid(), self->start_ticks};
  if (!note_waker(post.note.get(), key)) _exit(1);
  if (!say(post.socket, {Word::Kind::armed, key, 0})) _exit(1);
  const auto cause = wait_at(post);
  if (cause) thaw_noted(post.note.get(), *cause);
  _exit(0);
}

// In the controller again.

tl::unexpected<Error> not_armed(const char* what, int code) {
  return fail(ErrorKind::temporary, std::generic_category().message(code), what,
              "the job is not frozen without a waker");
}

Result<Post> make_post(const WakerSetup& setup) {
  auto note = open_freeze_note(setup.note);
  if (!note) return tl::unexpected(note.error());
  Post post;
  post.note = std::move(*note);
  const pid_t controller = setup.controller != 0 ? setup.controller : getpid();
  post.controller.reset(static_cast<int>(syscall(SYS_pidfd_open, controller, 0)));
  if (!post.controller) return not_armed("pidfd_open", errno);
  post.timer.reset(timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC));
  if (!post.timer || !set_timer(post.timer, setup.latest.time_since_epoch().count())) {
    return not_armed("timerfd", errno);
  }
  return post;
}

// Two forks, so that it is nobody's child that its end could surprise. False: none could be had.
bool fork_waker(const WakerSetup& setup, const Post& post) {
  const Blocked blocked;
  const pid_t between = fork();
  if (between < 0) return false;
  if (between == 0) {
    const pid_t last = fork();
    if (last == 0) be_waker(setup, post);
    _exit(last < 0 ? 1 : 0);
  }
  int status = 0;
  while (waitpid(between, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

Result<Waker> arm(const WakerSetup& setup) {
  auto post = make_post(setup);
  if (!post) return tl::unexpected(post.error());
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return not_armed("socketpair", errno);
  }
  Waker waker;
  waker.socket_.reset(ends[0]);
  post->socket.reset(ends[1]);
  if (!fork_waker(setup, *post)) return not_armed("fork", EAGAIN);
  post->socket.reset();
  const auto word = hear(waker.socket_, kAnswerWithinMs);
  if (!word) return not_armed("the waker", ETIMEDOUT);
  waker.process_ = word->waker;
  waker.ended_.reset(static_cast<int>(syscall(SYS_pidfd_open, waker.pid(), 0)));
  if (!waker.ended_ || !is_alive(waker.pid(), waker.process_.start_ticks)) {
    return not_armed("the waker", ESRCH);
  }
  return waker;
}

bool Waker::alive() const { return ended_ && !readable(ended_.get(), 0); }

Result<void> Waker::extend(BootTime latest) {
  const std::int64_t boot_ns = latest.time_since_epoch().count();
  if (alive() && say(socket_, {Word::Kind::extend, {}, boot_ns})) {
    const auto word = hear(socket_, kAnswerWithinMs);
    if (word && word->kind == Word::Kind::extended && word->boot_ns == boot_ns) return {};
  }
  return fail(ErrorKind::ended, "the waker does not answer", std::to_string(pid()),
              "arm another or thaw the job");
}

void Waker::let_go() {
  if (!ended_) return;
  static_cast<void>(say(socket_, {Word::Kind::let_go, {}, 0}));
  static_cast<void>(readable(ended_.get(), kAnswerWithinMs));
  waitpid(pid(), nullptr, WNOHANG);  // it came to us if we are a subreaper
  socket_.reset();
  ended_.reset();
}

}  // namespace lowtide::host
