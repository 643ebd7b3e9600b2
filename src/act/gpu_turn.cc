#include "act/gpu_turn.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cctype>

namespace lowtide::act {
namespace {

// As a part of a file's name.
std::string plain(std::string word) {
  std::replace_if(
      word.begin(), word.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '-');
  return word;
}

}  // namespace

// All of them and one of them exclude each other, two different ones do not.
std::vector<GpuTurn::Wanted> GpuTurn::wanted() const {
  std::vector<Wanted> all{{folder_ + "/gpus.turn", gpus_.empty()}};
  for (const std::string& gpu : gpus_)
    all.push_back({folder_ + "/gpu-" + plain(gpu) + ".turn", true});
  return all;
}

bool GpuTurn::taken_by_other() {
  if (!held_.empty()) return false;
  const auto all = wanted();
  return std::any_of(all.begin(), all.end(), [](const Wanted& one) {
    const host::UniqueFd file(open(one.path.c_str(), O_RDWR | O_CLOEXEC));
    return file && flock(file.get(), (one.alone ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0;
  });
}

bool GpuTurn::hold() {
  held_.clear();
  bool all = true;
  for (const Wanted& one : wanted()) {
    host::UniqueFd file(open(one.path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file) continue;  // it cannot be told whose turn it is
    if (flock(file.get(), (one.alone ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0) {
      held_.push_back(std::move(file));
    } else {
      all = false;
    }
  }
  return all;
}

}  // namespace lowtide::act
