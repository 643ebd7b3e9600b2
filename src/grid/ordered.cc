#include "grid/ordered.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "grid/joined.h"

namespace lowtide::grid {
namespace {

class Ordered final : public Provider {
 public:
  explicit Ordered(std::vector<std::unique_ptr<Provider>> sources)
      : sources_(std::move(sources)), used_(sources_.front()->describe()) {}

  const IntensityUsed& describe() const override { return used_; }

  Result<IntensityUsed> fetch(Interval over) override {
    notes_.clear();
    Joined joined(used_);
    bool provisional = false;
    bool fallback = false;
    for (const auto& source : sources_) {
      if (joined.covers(over)) break;  // what is behind in the list has no say
      const auto answer = ask(*source, over);
      if (!answer || (joined.has_any() && !alike(joined.so_far(), *answer))) continue;
      const bool any = joined.add(*answer, over);
      fallback |= any && (source != sources_.front() || answer->fallback);
      provisional |= answer->provisional;
    }
    auto used = std::move(joined).done();
    if (!used) return used;
    used->fallback = fallback;
    used->provisional = provisional;
    return used;
  }

  std::vector<std::string> notes() const override { return notes_; }

 private:
  std::optional<IntensityUsed> ask(Provider& source, Interval over) {
    auto answer = source.fetch(over);
    if (!answer) {
      notes_.push_back(answer.error().line());
      return std::nullopt;
    }
    for (const std::string& note : source.notes()) notes_.push_back(note);
    return std::move(*answer);
  }

  bool alike(const IntensityUsed& first, const IntensityUsed& other) {
    if (grid::alike(first, other)) return true;
    notes_.push_back(fmt::format("{} is {} and {} is {}: not joined", first.source, kind_of(first),
                                 other.source, kind_of(other)));
    return false;
  }

  static std::string kind_of(const IntensityUsed& used) {
    return fmt::format("{} {}", used.scope ? spell(*used.scope) : "of no stated scope",
                       spell(used.gas));
  }

  std::vector<std::unique_ptr<Provider>> sources_;
  IntensityUsed used_;
  std::vector<std::string> notes_;
};

}  // namespace

std::unique_ptr<Provider> make_ordered(std::vector<std::unique_ptr<Provider>> sources) {
  return std::make_unique<Ordered>(std::move(sources));
}

}  // namespace lowtide::grid
