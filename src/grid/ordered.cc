#include "grid/ordered.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "grid/hash.h"
#include "grid/kept_provider.h"
#include "series/origin.h"

namespace lowtide::grid {
namespace {

void add_word(std::string& text, const std::string& word, const char* between) {
  if (word.empty() || text == word) return;
  if (!text.empty()) text += between;
  text += word;
}

// The wider of two; not known where one is not.
std::optional<double> wider(std::optional<double> a, std::optional<double> b) {
  return a && b ? std::optional(std::max(*a, *b)) : std::nullopt;
}

// What has come together of several answers.
class Joined {
 public:
  explicit Joined(IntensityUsed base) : used_(std::move(base)) {}

  // What of the answer lies where none has come yet.
  // Whether there was any.
  bool add(const IntensityUsed& more, Interval over) {
    bool any = false;
    const auto free = rest_of(over, united(taken_));
    for (const Interval hole : free) {
      const IntensitySeries part = more.series.slice(hole);
      for (IntensityPiece piece : part.pieces()) {
        piece.origin = origin_of_mine(lowtide::origin_of(more, piece));
        pieces_.push_back(piece);
        taken_.push_back(piece.span);
        any = true;
      }
    }
    if (any) describe_with(more);
    return any;
  }

  [[nodiscard]] bool covers(Interval over) const { return rest_of(over, united(taken_)).empty(); }
  [[nodiscard]] bool has_any() const { return !pieces_.empty(); }
  [[nodiscard]] const IntensityUsed& so_far() const { return used_; }

  Result<IntensityUsed> done() && {
    std::sort(pieces_.begin(), pieces_.end(), [](const IntensityPiece& a, const IntensityPiece& b) {
      return a.span.begin < b.span.begin;
    });
    auto series = IntensitySeries::from(std::move(pieces_));
    if (!series) return tl::unexpected(series.error());
    used_.series = std::move(*series);
    used_.sha256 = sha256_hex(series_text(used_.series));
    return std::move(used_);
  }

 private:
  std::uint32_t origin_of_mine(const IntensityOrigin& origin) {
    auto at = std::find(used_.origins.begin(), used_.origins.end(), origin);
    if (at == used_.origins.end()) at = used_.origins.insert(at, origin);
    return static_cast<std::uint32_t>(at - used_.origins.begin());
  }

  void describe_with(const IntensityUsed& more) {
    if (parts_++ == 0) {
      used_.source = more.source;
      used_.model = more.model;
      used_.step = more.step;
      used_.scope = more.scope;
      used_.gas = more.gas;
      used_.error_low_rel = more.error_low_rel;
      used_.error_high_rel = more.error_high_rel;
      used_.error_reference = more.error_reference;
      used_.licence = more.licence;
      return;
    }
    add_word(used_.source, more.source, " + ");
    add_word(used_.model, more.model, " + ");
    add_word(used_.error_reference, more.error_reference, "; ");
    add_word(used_.licence, more.licence, "; ");
    used_.error_low_rel = wider(used_.error_low_rel, more.error_low_rel);
    used_.error_high_rel = wider(used_.error_high_rel, more.error_high_rel);
  }

  IntensityUsed used_;
  std::vector<IntensityPiece> pieces_;
  std::vector<Interval> taken_;
  int parts_ = 0;
};

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
    const bool same_scope = !first.scope || !other.scope || first.scope == other.scope;
    if (first.gas == other.gas && same_scope) return true;
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
