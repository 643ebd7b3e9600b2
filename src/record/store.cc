#include "record/store.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

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

std::vector<Sample> bounded(const std::vector<Sample>& samples) {
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
    append(kept, mine);
    kept.push_back(newest);
  }
  return kept;
}

}  // namespace

Result<RunRecord> Store::take_up(std::int64_t key) {
  key_ = key;  // also when the ledger cannot be had now: the row is there
  if (auto opened = open(); !opened) {
    trouble_ = opened.error();
    return tl::unexpected(opened.error());
  }
  return ledger_->load(key, false);
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
  for (auto& entry : more.intensity) {
    std::erase_if(backlog_.intensity, [&](const auto& old) { return old.first == entry.first; });
    backlog_.intensity.push_back(std::move(entry));
  }
  if (backlog_.samples.size() > kMostWaiting) backlog_.samples = bounded(backlog_.samples);
}

Result<void> Store::write(const RunRecord& run, const Keeper& keeper) {
  if (auto opened = open(); !opened) return opened;
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
  std::stable_sort(backlog_.samples.begin(), backlog_.samples.end(),
                   [](const Sample& a, const Sample& b) { return a.span.begin < b.span.begin; });
  if (auto done = ledger_->append(key_, backlog_, keeper); !done) return done;
  backlog_ = {};
  return {};
}

void Store::flush(const RunRecord& run, Increment more, const Keeper& keeper, Buckets& buckets) {
  add_to_backlog(std::move(more));
  const auto written = write(run, keeper);
  if (written) {
    trouble_.reset();
    coarsen(buckets);
  } else {
    trouble_ = written.error();
  }
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
  if (done) {
    trouble_.reset();
    return true;
  }
  trouble_ = done.error();
  return false;
}

}  // namespace lowtide::record
