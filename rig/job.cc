// rig_job: a job that stamps its own first and last moment, in both clocks, to compare with what
// lowtide recorded. Static and tiny, so that exec to main() is well under a millisecond.
//
//   rig_job SECONDS [--stamp FILE] [--t0 FILE] [--pid FILE] [--exit N] [--busy]
//
// --stamp  appends `pid N`, `first BOOT UTC` at once and `last BOOT UTC` at the end (seconds)
// --t0     writes the boot time of the first moment: the script's curve time 0
// --pid    writes the pid, as a process that opens a GPU context would show up
// --busy   burns one core instead of sleeping
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "clock.h"

namespace {

using lowtide::rig::clock_seconds;

struct Options {
  double seconds = 0;
  const char* stamp = nullptr;
  const char* t0 = nullptr;
  const char* pid = nullptr;
  int exit_status = 0;
  bool busy = false;
};

bool parse(int argc, char** argv, Options* options) {
  if (argc < 2) return false;
  options->seconds = std::atof(argv[1]);
  for (int i = 2; i < argc; ++i) {
    const bool has_value = i + 1 < argc;
    if (std::strcmp(argv[i], "--busy") == 0) {
      options->busy = true;
    } else if (std::strcmp(argv[i], "--stamp") == 0 && has_value) {
      options->stamp = argv[++i];
    } else if (std::strcmp(argv[i], "--t0") == 0 && has_value) {
      options->t0 = argv[++i];
    } else if (std::strcmp(argv[i], "--pid") == 0 && has_value) {
      options->pid = argv[++i];
    } else if (std::strcmp(argv[i], "--exit") == 0 && has_value) {
      options->exit_status = std::atoi(argv[++i]);
    } else {
      return false;
    }
  }
  return true;
}

void append(const char* path, const char* text, int length) {
  const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return;
  (void)!write(fd, text, static_cast<size_t>(length));
  close(fd);
}

// Complete or not there at all: the fake library may look at any moment.
void publish(const char* path, const char* text, int length) {
  char draft[4096];
  std::snprintf(draft, sizeof draft, "%s.%d", path, static_cast<int>(getpid()));
  append(draft, text, length);
  rename(draft, path);
}

void stamp(const char* path, const char* word, double boot, double utc) {
  char text[128];
  append(path, text, std::snprintf(text, sizeof text, "%s %.9f %.9f\n", word, boot, utc));
}

void announce(const Options& options, double boot) {
  char text[64];
  if (options.t0 != nullptr) {
    publish(options.t0, text, std::snprintf(text, sizeof text, "%.9f\n", boot));
  }
  const int pid = static_cast<int>(getpid());
  if (options.pid != nullptr) {
    publish(options.pid, text, std::snprintf(text, sizeof text, "%d\n", pid));
  }
  if (options.stamp != nullptr) {
    append(options.stamp, text, std::snprintf(text, sizeof text, "pid %d\n", pid));
  }
}

void spend(double until, bool busy) {
  timespec end{};
  end.tv_sec = static_cast<time_t>(until);
  end.tv_nsec = static_cast<long>((until - static_cast<double>(end.tv_sec)) * 1e9);
  if (!busy) {
    while (clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &end, nullptr) == EINTR) {
    }
    return;
  }
  while (clock_seconds(CLOCK_BOOTTIME) < until) {
  }
}

}  // namespace

int main(int argc, char** argv) {
  const double boot = clock_seconds(CLOCK_BOOTTIME);
  const double utc = clock_seconds(CLOCK_REALTIME);
  Options options;
  if (!parse(argc, argv, &options)) {
    std::fputs("usage: rig_job SECONDS [--stamp|--t0|--pid FILE] [--exit N] [--busy]\n", stderr);
    return 2;
  }
  announce(options, boot);
  if (options.stamp != nullptr) stamp(options.stamp, "first", boot, utc);
  spend(boot + options.seconds, options.busy);
  if (options.stamp != nullptr) {
    stamp(options.stamp, "last", clock_seconds(CLOCK_BOOTTIME), clock_seconds(CLOCK_REALTIME));
  }
  return options.exit_status;
}
