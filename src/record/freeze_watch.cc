#include "record/freeze_watch.h"

#include <tuple>

namespace lowtide::record {
namespace {

// A note that was begun anew has another inode, one that was appended to another size.
auto identity(const struct stat& about) {
  return std::tuple(about.st_dev, about.st_ino, about.st_size, about.st_mtim.tv_sec,
                    about.st_mtim.tv_nsec);
}

}  // namespace

bool FreezeWatch::has_changed() {
  struct stat about{};
  if (note_.empty() || stat(note_.c_str(), &about) != 0) return false;
  if (looked_at_ && identity(*looked_at_) == identity(about)) return false;
  looked_at_ = about;
  return true;
}

std::vector<host::FreezeNote::Change> FreezeWatch::look() {
  std::vector<host::FreezeNote::Change> fresh;
  if (!has_changed()) return fresh;
  const auto note = host::read_freeze_note(note_);
  if (!note) return fresh;
  way_ = note->way();
  for (const host::FreezeNote::Change& change : note->changes) {
    if (told_ && change.at <= *told_) continue;
    fresh.push_back(change);
  }
  if (!fresh.empty()) told_ = fresh.back().at;
  return fresh;
}

}  // namespace lowtide::record
