#include "explorer.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace lowtide::act {
namespace {

// Hashes of the states that were met, 64 bits each: of 10^7 states two agree by chance with a
// probability of 3 in a million.
class Met {
 public:
  Met() : slots_(std::size_t{1} << 16) {}
  bool add(std::uint64_t hash) {
    if (2 * count_ >= slots_.size()) grow();
    if (hash == 0) hash = 1;
    if (!put(slots_, hash)) return false;
    ++count_;
    return true;
  }

 private:
  static bool put(std::vector<std::uint64_t>& slots, std::uint64_t hash) {
    std::size_t at = hash & (slots.size() - 1);
    while (slots[at] != 0) {
      if (slots[at] == hash) return false;
      at = (at + 1) & (slots.size() - 1);
    }
    slots[at] = hash;
    return true;
  }
  void grow() {
    std::vector<std::uint64_t> wider(slots_.size() * 2);
    for (const std::uint64_t hash : slots_) {
      if (hash != 0) put(wider, hash);
    }
    slots_ = std::move(wider);
  }
  std::vector<std::uint64_t> slots_;
  std::size_t count_ = 0;
};

// How each state was reached.
struct Link {
  std::uint32_t from;
  Deed by;
};
struct Waiting {
  World world;
  std::uint32_t link;
};

class Search {
 public:
  Search(const std::vector<WorldTerms>& begins, const Brain& brain) : begins_(begins) {
    for (const WorldTerms& terms : begins) meet(World(terms, brain), 0, Deed::next);
  }

  Exploration run(int depth, std::size_t most) {
    for (int d = 0; d <= depth && !now_.empty(); ++d) {
      while (!now_.empty() && wrong_.empty() && links_.size() < most) {
        const Waiting waiting = std::move(now_.back());
        now_.pop_back();
        expand(waiting, d < depth);
      }
      if (!wrong_.empty() || links_.size() >= most) break;
      depth_ = d;
      most_waiting_ = std::max(most_waiting_, next_.size());
      std::swap(now_, next_);
    }
    return {links_.size(), depth_, wrong_, trace(), begins_[begin_of(wrong_at_)], most_waiting_};
  }

 private:
  void expand(const Waiting& waiting, bool deeper) {
    for (int i = 0; i < kDeeds && wrong_.empty(); ++i) {
      const Deed deed = static_cast<Deed>(i);
      if ((!is_free(deed) && !deeper) || !waiting.world.may(deed)) continue;
      World world = waiting.world;
      world.act(deed);
      meet(std::move(world), waiting.link, deed);
    }
  }

  void meet(World world, std::uint32_t from, Deed by) {
    if (!met_.add(world.hash())) return;
    const auto link = static_cast<std::uint32_t>(links_.size());
    const bool begins = link < begins_.size();
    links_.push_back({begins ? link : from, by});
    if (const std::string_view wrong = world.wrong(); !wrong.empty()) {
      wrong_ = wrong;
      wrong_at_ = link;
      return;
    }
    (begins || is_free(by) ? now_ : next_).push_back({std::move(world), link});
  }

  [[nodiscard]] std::vector<Deed> trace() const {
    std::vector<Deed> deeds;
    if (wrong_.empty()) return deeds;
    for (std::uint32_t at = wrong_at_; links_[at].from != at; at = links_[at].from) {
      deeds.push_back(links_[at].by);
    }
    std::reverse(deeds.begin(), deeds.end());
    return deeds;
  }
  [[nodiscard]] std::size_t begin_of(std::uint32_t at) const {
    while (links_[at].from != at) at = links_[at].from;
    return at;
  }

  const std::vector<WorldTerms>& begins_;
  Met met_;
  std::vector<Link> links_;
  std::vector<Waiting> now_;
  std::vector<Waiting> next_;
  std::string wrong_;
  std::uint32_t wrong_at_ = 0;
  int depth_ = 0;
  std::size_t most_waiting_ = 0;
};

}  // namespace

std::vector<WorldTerms> all_begins(bool wide) {
  return {{Manner::freeze, 2, 2, wide},
          {Manner::freeze, 2, 4, wide},
          {Manner::checkpoint, 2, 2, wide},
          {Manner::checkpoint, 2, 4, wide}};
}

Exploration explore(const std::vector<WorldTerms>& begins, const Brain& brain, int depth,
                    std::size_t most) {
  return Search(begins, brain).run(depth, most);
}

std::string shown(const Exploration& found, const Brain& brain) {
  World world(found.began, brain);
  std::string out = std::string(spell(found.began.manner)) + ", said " +
                    std::to_string(found.began.said_length) + " h, takes " +
                    std::to_string(found.began.true_length) + " h\n    " + world.shown() + "\n";
  for (const Deed deed : found.trace) {
    world.act(deed);
    out +=
        std::string(kDeedNames[static_cast<std::size_t>(deed)]) + "\n    " + world.shown() + "\n";
  }
  return out + found.wrong + "\n";
}

}  // namespace lowtide::act
