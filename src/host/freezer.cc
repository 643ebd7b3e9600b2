#include "host/freezer.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "host/cgroup.h"
#include "host/clock.h"
#include "host/files.h"

namespace lowtide::host {
namespace {

BootTime boot_now() { return SystemClock().boot(); }

bool can_freeze(const JobTree& job) {
  if (job.cgroup.empty() || access((job.cgroup + "/cgroup.freeze").c_str(), W_OK) != 0)
    return false;
  // A group that lowtide itself lives in, or the job has left, is not the job's own.
  const auto folder_holds = [&](pid_t pid) {
    const std::string folder = cgroup_folder_of(pid);
    return !folder.empty() && is_below(folder, job.cgroup);
  };
  return folder_holds(job.root.pid) && !folder_holds(getpid()) &&
         std::none_of(job.own.begin(), job.own.end(), folder_holds);
}

bool events_say(const std::string& group, std::string_view what) {
  const auto text = read_file(group + "/cgroup.events");
  return text && text->find(what) != std::string::npos;
}

Result<void> wait_until_frozen(const std::string& group, const Waker& armed) {
  const UniqueFd events(::open((group + "/cgroup.events").c_str(), O_RDONLY | O_CLOEXEC));
  const BootTime end = boot_now() + kStopWithin;
  while (!events_say(group, "frozen 1")) {
    if (boot_now() > end) return too_slow(group);
    if (!armed.alive()) return waker_has_ended(group);
    // The change may have come between look and wait, which poll() would then sleep over.
    pollfd changed{events.get(), POLLPRI, 0};
    poll(&changed, 1, 20);
    std::array<char, 128> text{};
    static_cast<void>(pread(events.get(), text.data(), text.size(), 0));
  }
  return {};
}

// In the group and those that the job made in it.
int count_members(const std::string& group) {
  const auto count_in = [](const std::string& folder) {
    const std::string pids = read_file(folder + "/cgroup.procs").value_or("");
    return static_cast<int>(std::count(pids.begin(), pids.end(), '\n'));
  };
  int count = count_in(group);
  std::error_code code;
  for (std::filesystem::recursive_directory_iterator at(group, code), end; !code && at != end;
       at.increment(code)) {
    if (at->is_directory(code)) count += count_in(at->path());
  }
  return count;
}

Result<int> freeze_group(const std::string& group, const Waker& armed) {
  const UniqueFd file(::open((group + "/cgroup.freeze").c_str(), O_WRONLY | O_CLOEXEC));
  if (!file || ::write(file.get(), "1", 1) != 1) {
    return fail(ErrorKind::denied, std::generic_category().message(errno), group);
  }
  const auto waited = wait_until_frozen(group, armed);
  return waited ? Result<int>(count_members(group)) : tl::unexpected(waited.error());
}

Error job_has_ended(ProcessKey root) {
  return {ErrorKind::ended, "the job has ended", "process " + std::to_string(root.pid), {}};
}

FreezeState group_state(const std::string& group) {
  if (events_say(group, "frozen 1")) return FreezeState::frozen;
  const std::string asked = read_file(group + "/cgroup.freeze").value_or("");
  return asked.starts_with('1') ? FreezeState::partly : FreezeState::thawed;
}

bool is_group_frozen(const std::string& group) {
  return !group.empty() && group_state(group) != FreezeState::thawed;
}

// A waker that is stopped itself thaws nothing.
bool keeps_watch(ProcessKey process) {
  const auto stat = process_stat(process.pid);
  return stat && is_alive(process) && !stat->is_stopped();
}

bool waker_thaws(const std::string& path) {
  const auto note = read_freeze_note(path);
  return !note || note->waker_thaws;
}

bool is_watched(const FreezeNote& note) {
  return is_alive(note.controller) ||
         std::any_of(note.wakers.begin(), note.wakers.end(), keeps_watch);
}

}  // namespace

Result<FreezeNote> Freezer::open_note() {
  auto note = open_freeze_note(note_path_);
  if (!note) return tl::unexpected(note.error());
  note_ = std::move(*note);
  return read_freeze_note(note_path_);
}

Result<WakerSetup> Freezer::prepare(BootTime latest) {
  if (!is_alive(job_.root)) return tl::unexpected(job_has_ended(job_.root));
  const auto before = read_freeze_note(note_path_);
  if (!before || !before->may_be_frozen()) {
    const auto begun = begin_freeze_note(note_path_, can_freeze(job_) ? job_.cgroup : "");
    if (!begun) return tl::unexpected(begun.error());
  }
  const auto told = open_note();
  if (!told) return tl::unexpected(told.error());
  const auto self = process_stat(getpid());
  if (!self || !note_controller(note_.get(), {getpid(), self->start_ticks})) {
    return fail(ErrorKind::temporary, "cannot note who freezes", note_path_, "nothing was frozen");
  }
  WakerSetup setup{note_path_, latest, getpid()};
  if (told->way() == FreezeWay::signals) setup.groups = groups_tied_by_us(job_, told->wakers);
  return setup;
}

// The note as it was before, and that from now on the job may be frozen.
Result<FreezeNote> Freezer::begin(const Waker& armed) {
  if (!is_alive(job_.root)) return tl::unexpected(job_has_ended(job_.root));
  auto told = open_note();
  if (!told) return told;
  const auto is_armed = [&](ProcessKey waker) { return waker.pid == armed.pid(); };
  const bool by_this_note = std::any_of(told->wakers.begin(), told->wakers.end(), is_armed);
  if (!by_this_note || !armed.alive()) return waker_has_ended(note_path_);
  if (told->may_be_frozen() || note_freezing(note_.get())) return told;
  return fail(ErrorKind::temporary, "cannot note that the job is frozen", note_path_,
              "nothing was frozen");
}

Result<Frozen> Freezer::freeze(const Waker& armed) {
  const BootTime since = boot_now();
  const auto told = begin(armed);
  if (!told) return tl::unexpected(told.error());
  const bool by_group = told->way() == FreezeWay::cgroup;
  const auto count =
      by_group ? freeze_group(told->cgroup, armed) : stop_tree(job_, note_.get(), *told, armed);
  // A waker whose time comes now says so before it thaws: whatever was stopped after that goes on
  // by us, and all that was stopped before by it.
  if (count && armed.alive() && !waker_thaws(note_path_)) {
    return Frozen{told->way(), *count, boot_now() - since};
  }
  thaw_noted(note_.get(), ThawCause::failed);
  return count ? waker_has_ended(note_path_) : tl::unexpected(count.error());
}

Result<void> Freezer::thaw() {
  if (!note_) {
    const auto told = open_note();
    if (!told) return tl::unexpected(told.error());
  }
  thaw_noted(note_.get(), ThawCause::asked);
  return {};
}

FreezeState Freezer::state() const {
  if (!is_alive(job_.root)) return FreezeState::gone;
  const auto note = read_freeze_note(note_path_);
  if (note && note->way() == FreezeWay::cgroup) return group_state(note->cgroup);
  if (!note || !note->may_be_frozen()) return FreezeState::thawed;
  return tree_state(job_, *note);
}

void thaw_the_rest(const std::string& path) {
  const auto told = read_freeze_note(path);
  if (!told || !told->may_be_frozen()) return;
  if (const auto note = open_freeze_note(path)) thaw_noted(note->get(), ThawCause::asked);
}

Result<std::optional<LeftFrozen>> thaw_left_frozen(const std::string& path) {
  const auto told = read_freeze_note(path);
  if (!told && told.error().kind == ErrorKind::absent) return std::nullopt;
  if (!told) return tl::unexpected(told.error());
  if (!told->may_be_frozen() || is_watched(*told)) return std::nullopt;
  const auto note = open_freeze_note(path);
  if (!note) return tl::unexpected(note.error());
  const auto lives = [](ProcessKey process) { return is_alive(process); };
  const bool was = is_group_frozen(told->cgroup);
  const bool ended = !was && std::none_of(told->stopped.begin(), told->stopped.end(), lives);
  thaw_noted(note->get(), ThawCause::found_frozen);
  if (ended && told->stopped.empty()) return std::nullopt;
  return LeftFrozen{*told->since, told->way(), ended};
}

}  // namespace lowtide::host
