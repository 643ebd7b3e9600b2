#include "record/reader.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <iterator>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

namespace lowtide::record {
namespace {

// A meter that wants to be read more often than this is polled; a counter is read at the ticks.
constexpr Duration kPolled = std::chrono::milliseconds(500);
constexpr std::size_t kMostUntaken = 10'000;  // readings, each of about 60 bytes

}  // namespace

struct Reader::State {
  std::string door;
  Open open;
  std::string saved_before;
  int wake_fd = -1;

  std::mutex mutex;
  std::condition_variable changed;
  bool opening = true;
  bool closed = false;
  bool stop = false;
  bool asked = false;
  std::optional<Ticks> ticks;  // of readings that nobody asks for
  BootTime next_question{};
  bool in_trouble = false;
  std::map<std::size_t, std::optional<std::vector<sense::Holder>>> holders;  // as last handed over
  Delivery delivery;

  std::chrono::steady_clock::time_point next_poll;
  std::minstd_rand random;

  void wake() const {
    const std::uint64_t one = 1;
    static_cast<void>(write(wake_fd, &one, sizeof one));
  }
  void keep_reading(sense::Meter& meter);
  bool deliver(sense::Batch& batch);
  Duration uneven(Duration period);
  bool wait_for_turn(std::unique_lock<std::mutex>& lock, Duration period);
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> next_tick() const;
};

namespace {

template <typename T>
void move_to(std::vector<T>& from, std::vector<T>& to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

// Readings that touch are joined, so that a door polled 50 times a second hands over one a channel.
void join_reading(std::vector<sense::Reading>& into, const sense::Reading& reading) {
  for (auto last = into.rbegin(); last != into.rend(); ++last) {
    if (last->channel != reading.channel) continue;
    // Joined stretches stay short, so that a cut at an edge hardly smears the shape.
    const bool joins = last->span.end == reading.span.begin && last->quality == reading.quality &&
                       reading.span.end - last->span.begin <= std::chrono::milliseconds(200);
    if (!joins) break;
    last->span.end = reading.span.end;
    last->energy += reading.energy;
    last->min = std::min(last->min, reading.min);
    last->max = std::max(last->max, reading.max);
    return;
  }
  into.push_back(reading);
}

void join_busy(std::vector<sense::Busy>& into, sense::Busy more) {
  const auto same_pid = [](const auto& a, const auto& b) { return a.first == b.first; };
  for (auto last = into.rbegin(); last != into.rend(); ++last) {
    if (last->channel != more.channel) continue;
    if (last->span.end != more.span.begin ||
        !std::equal(last->by_pid.begin(), last->by_pid.end(), more.by_pid.begin(),
                    more.by_pid.end(), same_pid)) {
      break;
    }
    last->span.end = more.span.end;
    for (std::size_t i = 0; i < more.by_pid.size(); ++i) {
      last->by_pid[i].second += more.by_pid[i].second;
    }
    return;
  }
  into.push_back(std::move(more));
}

}  // namespace

// Puts a batch with what waits to be taken; true when the collector should hear of it at once.
bool Reader::State::deliver(sense::Batch& batch) {
  for (const sense::Reading& reading : batch.readings) join_reading(delivery.readings, reading);
  delivery.tail = std::move(batch.tail);
  const bool new_trouble = !batch.troubles.empty() && !in_trouble;
  in_trouble = !batch.troubles.empty();
  move_to(batch.troubles, delivery.troubles);
  bool moved = false;
  for (sense::Holders& seen : batch.holders) {
    const auto [last, first] = holders.try_emplace(seen.channel);
    if (!first && last->second == seen.all) continue;
    last->second = seen.all;
    delivery.holders.push_back(std::move(seen));
    moved = true;
  }
  move_to(batch.second, delivery.second);
  for (sense::Busy& more : batch.busy) join_busy(delivery.busy, std::move(more));
  return new_trouble || moved;
}

// A period, or a quarter more or less: polls that were evenly spaced would meet a load whose steps
// are a multiple of the period always at the same point, and see all of it or nothing.
Duration Reader::State::uneven(Duration period) {
  return period * 3 / 4 + Duration(random() % std::max<Duration::rep>(period.count() / 2, 1));
}

// Until somebody asks, or the next read that nobody asks for is due. Locked by `lock`. Returns
// whether it was asked for.
bool Reader::State::wait_for_turn(std::unique_lock<std::mutex>& lock, Duration period) {
  const auto wanted = [this] { return stop || asked; };
  if (period < kPolled) {
    next_poll = std::max(next_poll + uneven(period), std::chrono::steady_clock::now());
    changed.wait_until(lock, next_poll, wanted);
  } else {
    const auto due = next_tick();
    while (!wanted()) {
      if (!due) {
        changed.wait(lock);
      } else if (changed.wait_until(lock, *due) == std::cv_status::timeout) {
        break;
      }
    }
  }
  return std::exchange(asked, false);
}

std::optional<std::chrono::steady_clock::time_point> Reader::State::next_tick() const {
  // A collector that takes nothing for so long is stuck: counters keep the energy without us.
  if (!ticks || delivery.readings.size() > kMostUntaken) return std::nullopt;
  const BootTime now = host::SystemClock().boot();
  BootTime due = ticks->after(now);
  if (due == next_question) due = ticks->after(due);
  return std::chrono::steady_clock::now() + (due - now);
}

void Reader::work(const std::shared_ptr<State>& state) {
  auto opened = state->open();
  std::unique_ptr<sense::Meter> meter;
  {
    const std::lock_guard lock(state->mutex);
    state->opening = false;
    if (opened) {
      meter = std::move(*opened);
      meter->restore(state->saved_before);
      state->delivery.channels = meter->describe();
    } else {
      state->closed = true;
      state->delivery.closed = opened.error();
    }
  }
  state->wake();
  if (meter) state->keep_reading(*meter);
}

void Reader::State::keep_reading(sense::Meter& meter) {
  const Duration period = meter.period();
  next_poll = std::chrono::steady_clock::now();
  while (true) {
    bool was_asked = false;
    {
      std::unique_lock lock(mutex);
      was_asked = wait_for_turn(lock, period);
      if (stop) return;
    }
    auto batch = meter.read();
    bool tell = was_asked;
    // With each read: whoever takes readings gets the raw counters that belong to them, also those
    // of ticks that nobody asked for. Else a meter that dies after the next flush leaves counters
    // older than its readings, and the bridge over the hole counts these twice.
    std::string saved = meter.save();
    {
      const std::lock_guard lock(mutex);
      sense::Batch none;
      if (!batch) none.troubles.push_back({0, batch.error()});
      tell = deliver(batch ? *batch : none) || tell;
      delivery.saved = std::move(saved);
      if (was_asked) {
        // Who asked again while this read was under way wants one that begins after that.
        delivery.answered = !asked;
      }
    }
    if (tell) wake();
  }
}

Reader::Reader(std::string door, Open open, std::string saved, int wake_fd)
    : state_(std::make_shared<State>()) {
  state_->door = std::move(door);
  state_->open = std::move(open);
  state_->saved_before = std::move(saved);
  state_->wake_fd = wake_fd;
  // The thread must not take signals that are meant for the collector.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread([state = state_] { work(state); }).detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Reader::~Reader() {
  if (!state_) return;
  {
    const std::lock_guard lock(state_->mutex);
    state_->stop = true;
  }
  state_->changed.notify_all();
}

Reader::Reader(Reader&&) noexcept = default;

const std::string& Reader::door() const { return state_->door; }

void Reader::request() { ask(std::nullopt, {}); }

void Reader::request(const Ticks& ticks, BootTime next) { ask(ticks, next); }

void Reader::ask(const std::optional<Ticks>& ticks, BootTime next) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ticks = ticks;
    state_->next_question = next;
    state_->asked = true;
    state_->delivery.answered = false;
  }
  state_->changed.notify_all();
}

Delivery Reader::take() {
  const std::lock_guard lock(state_->mutex);
  Delivery taken = std::exchange(state_->delivery, Delivery{});
  state_->delivery.answered = taken.answered;
  return taken;
}

bool Reader::idle() const {
  const std::lock_guard lock(state_->mutex);
  return state_->closed || (!state_->opening && state_->delivery.answered);
}

bool Reader::opening() const {
  const std::lock_guard lock(state_->mutex);
  return state_->opening;
}

}  // namespace lowtide::record
