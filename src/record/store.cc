#include "record/store.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "base/time.h"
#include "record/spool.h"

namespace lowtide::record {
namespace {

// Between tries to open a ledger that could not be opened.
constexpr Duration kOpenAgain = std::chrono::seconds(60);
// Samples of one channel that may wait in memory for a disk that takes nothing.
constexpr std::size_t kMostWaiting = 2 * Buckets::kMostSamples;

template <typename T>
void append(std::vector<T>& to, std::vector<T>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

// Replaces what has the same key in `to`.
template <typename T, typename Same>
void replace(std::vector<T>& to, std::vector<T>& from, Same same) {
  for (T& entry : from) {
    const auto old =
        std::find_if(to.rbegin(), to.rend(), [&](const T& other) { return same(entry, other); });
    if (old == to.rend()) {
      to.push_back(std::move(entry));
    } else {
      *old = std::move(entry);
    }
  }
}

bool same_sample(const Sample& a, const Sample& b) {
  return a.channel == b.channel && a.span.begin == b.span.begin;
}
bool same_slot(const ChannelSlot& a, const ChannelSlot& b) {
  return a.channel == b.channel && a.span.begin == b.span.begin;
}
bool same_use(const UseSlot& a, const UseSlot& b) { return a.span.begin == b.span.begin; }

// As few as may wait; `dropped` is told of the oldest where joining is not enough.
template <typename Dropped>
std::vector<Sample> bounded(const std::vector<Sample>& samples, Dropped dropped) {
  std::map<std::size_t, std::vector<Sample>> by_channel;
  for (const Sample& sample : samples) by_channel[sample.channel].push_back(sample);
  std::vector<Sample> kept;
  for (auto& [channel, mine] : by_channel) {
    // The newest may still grow and come again under its own begin: it is not joined yet.
    const Sample newest = mine.back();
    mine.pop_back();
    for (Duration width = std::chrono::seconds(2); mine.size() >= kMostWaiting && width <= kSlot;
         width *= 2) {
      mine = coarser(mine, width);
    }
    if (mine.size() >= kMostWaiting) {
      const auto cut = mine.begin() + kMostWaiting / 2;
      dropped(channel, Interval{mine.front().span.begin, std::prev(cut)->span.end});
      mine.erase(mine.begin(), cut);
    }
    append(kept, mine);
    kept.push_back(newest);
  }
  return kept;
}

}  // namespace

Result<RunRecord> Store::take_up(std::int64_t key, const std::string& id) {
  if (auto run = take_up_side(id)) return run;
  key_ = key;  // also when the ledger cannot be had now: the row is there
  if (key == 0) return fail(ErrorKind::absent, "is not in the ledger", id);
  if (auto opened = open(); !opened) {
    trouble_ = opened.error();
    return tl::unexpected(opened.error());
  }
  auto run = ledger_->load(key, false);
  if (run && !id.empty() && run->id != id) {
    key_ = 0;
    return fail(ErrorKind::absent, "is not in the ledger under its key", id);
  }
  return run;
}

Result<RunRecord> Store::take_up_side(const std::string& id) {
  for (const std::string& file : existing(sides_)) {
    auto side = Ledger::open(file);
    const auto line = side ? side->find(id) : tl::unexpected(side.error());
    if (!line || line->id != id) continue;
    ledger_ = std::move(*side);
    key_ = line->key;
    side_ = file;
    return ledger_->load(key_, false);
  }
  return fail(ErrorKind::absent, "has no side file", id);
}

Result<Keeper> Store::keeper() {
  if (!ledger_) return fail(ErrorKind::absent, "the ledger is not open", path_);
  return ledger_->keeper(key_);
}

std::size_t Store::count_samples(std::size_t channel) {
  const auto count = ledger_ ? ledger_->count_samples(key_, channel) : std::int64_t{0};
  return count ? static_cast<std::size_t>(*count) : 0;
}

void Store::wait_for_locks(Duration at_most) {
  if (ledger_) ledger_->wait_for_locks(at_most);
}

Result<void> Store::open() {
  if (ledger_) return {};
  if (path_.empty())
    return fail(ErrorKind::absent, "none of LOWTIDE_HOME, XDG_DATA_HOME and HOME is set", "ledger",
                "name a folder with LOWTIDE_HOME");
  if (trouble_ && clock_.boot() < next_open_) return tl::unexpected(*trouble_);
  next_open_ = clock_.boot() + kOpenAgain;
  auto opened = Ledger::open(path_);
  if (!opened) return tl::unexpected(opened.error());
  ledger_.emplace(std::move(*opened));
  // The collector must not stand still for long behind somebody else's lock.
  ledger_->wait_for_locks(std::chrono::milliseconds(500));
  return {};
}

void Store::add_to_backlog(Increment more) {
  replace(backlog_.samples, more.samples, same_sample);
  replace(backlog_.slots, more.slots, same_slot);
  replace(backlog_.use, more.use, same_use);
  append(backlog_.channels, more.channels);
  append(backlog_.events, more.events);
  if (more.state) backlog_.state = more.state;
  for (auto& entry : more.intensity) {
    std::erase_if(backlog_.intensity, [&](const auto& old) { return old.first == entry.first; });
    backlog_.intensity.push_back(std::move(entry));
  }
  if (backlog_.samples.size() <= kMostWaiting) return;
  backlog_.samples = bounded(backlog_.samples, [this](std::size_t channel, Interval gone) {
    news_.emplace_back("samples-dropped",
                       "channel " + std::to_string(channel) + ": its samples from " +
                           format_utc(gone.begin) + " to " + format_utc(gone.end) +
                           " were dropped: no disk took them; its energy is in the slots");
  });
}

Result<void> Store::write(const RunRecord& run, const Keeper& keeper) {
  if (auto opened = open(); !opened) return opened;
  if (ledger_->moved()) {
    return fail(ErrorKind::temporary, "was moved or deleted in mid-run", ledger_->path());
  }
  if (key_ == 0) {
    RunRecord row = run;
    row.channels.clear();  // they wait in the backlog, with everything else
    row.slots.clear();
    row.use.clear();
    row.samples.clear();
    row.intensity.clear();
    row.events.clear();
    const auto key = ledger_->add(row, keeper);
    if (!key) return tl::unexpected(key.error());
    key_ = *key;
  }
  // In the order of the table's key, so that a flush fills one page after the other.
  std::sort(backlog_.samples.begin(), backlog_.samples.end(), [](const Sample& a, const Sample& b) {
    return std::tie(a.span.begin, a.channel) < std::tie(b.span.begin, b.channel);
  });
  if (auto done = ledger_->append(key_, backlog_, keeper); !done) return done;
  backlog_ = {};
  return {};
}

void Store::flush(const RunRecord& run, Increment more, const Keeper& keeper, Buckets& buckets) {
  add_to_backlog(std::move(more));
  const auto written = write(run, keeper);
  if (!written) return refused(written.error());
  refused_since_.reset();
  refusal_said_ = false;
  if (side_.empty()) trouble_.reset();
  coarsen(buckets);
}

// One refusal alone may be somebody else's lock and is not told.
void Store::refused(const Error& error) {
  if (side_.empty()) trouble_ = error;
  if (!refused_since_) {
    refused_since_ = clock_.boot();
  } else if (!std::exchange(refusal_said_, true)) {
    news_.emplace_back("ledger-refused", error.line() + "; what comes is kept in memory");
  }
}

bool Store::refused_for_long() const {
  return refused_since_ && clock_.boot() - *refused_since_ >= kMemoryOnly;
}

bool Store::move_aside(const RunRecord& so_far, const Keeper& keeper) {
  RunRecord whole = so_far;
  if (ledger_ && key_ != 0) {
    // What no longer takes rows may still be read.
    if (auto written = ledger_->load(key_, true)) whole.samples = std::move(written->samples);
  }
  for (const std::string& file : sides_) {
    if (file == path_ || !begin_side(file, whole, keeper)) continue;
    news_.emplace_back("kept-aside", "the ledger takes no rows (" +
                                         (trouble_ ? trouble_->line() : std::string()) +
                                         "); this run is kept in " + file + " until one does");
    return true;
  }
  return false;
}

Result<void> Store::begin_side(const std::string& file, const RunRecord& whole,
                               const Keeper& keeper) {
  if (auto made = make_room_for_side(file); !made) return made;
  auto side = Ledger::open(file);
  const auto key = side ? side->add(whole, keeper) : tl::unexpected(side.error());
  if (!key) {
    if (side) side = tl::unexpected(key.error());  // closed before its file goes
    remove_ledger(file);
    return tl::unexpected(key.error());
  }
  ledger_ = std::move(*side);
  key_ = *key;
  side_ = file;
  refused_since_.reset();
  // These are in `whole` already; samples, slots and use replace what they meet.
  backlog_.channels.clear();
  backlog_.events.clear();
  backlog_.intensity.clear();
  return {};
}

// The ledger may have come to itself meanwhile.
Result<void> Store::merge_side() {
  ledger_.reset();
  auto ledger = Ledger::open(path_);
  return ledger ? merge(*ledger, side_) : tl::unexpected(ledger.error());
}

void Store::coarsen(Buckets& buckets) {
  for (const auto& [channel, width] : buckets.overfull()) {
    if (!ledger_->coarsen(key_, channel, width)) continue;
    const auto left = ledger_->count_samples(key_, channel);
    buckets.coarsened(channel, width, left ? static_cast<std::size_t>(*left) : 0);
  }
}

bool Store::finish(const RunRecord& run, const Keeper& keeper) {
  next_open_ = {};
  auto done = write(run, keeper);
  if (done) done = ledger_->update(key_, run);
  if (!done) {
    refused(done.error());
    return false;
  }
  if (!side_.empty()) {
    if (const auto merged = merge_side(); !merged) {
      trouble_ = merged.error();
      return true;
    }
    side_.clear();
  }
  trouble_.reset();
  return true;
}

}  // namespace lowtide::record
