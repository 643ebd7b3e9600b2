#include "act/gpu_turn.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cctype>
#include <sstream>
#include <string_view>

namespace lowtide::act {
namespace {

// Without what may be written otherwise: blanks around it, zeros before a number.
std::string bare(std::string_view word) {
  while (!word.empty() && std::isspace(static_cast<unsigned char>(word.front())) != 0)
    word.remove_prefix(1);
  while (!word.empty() && std::isspace(static_cast<unsigned char>(word.back())) != 0)
    word.remove_suffix(1);
  const bool number = !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::isdigit(c) != 0;
  });
  while (number && word.size() > 1 && word.front() == '0') word.remove_prefix(1);
  return std::string(word);
}

// As a part of a file's name.
std::string plain(std::string word) {
  std::replace_if(
      word.begin(), word.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '-');
  return word;
}

}  // namespace

GpuTurn::GpuTurn(std::string folder, const std::optional<std::string>& named)
    : folder_(std::move(folder)) {
  const std::string list = named ? bare(*named) : "all";
  if (list == "all") return;
  std::istringstream words(list == "none" ? "" : list);
  for (std::string word; std::getline(words, word, ',');) {
    word = bare(word);
    if (word.starts_with('-') || word == "NoDevFiles") break;  // CUDA reads no further
    gpus_.push_back(std::move(word));
  }
  any_ = !gpus_.empty();
}

// All of them and one of them exclude each other, two different ones do not.
std::vector<GpuTurn::Wanted> GpuTurn::wanted() const {
  if (!any_) return {};
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
