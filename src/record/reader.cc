#include "record/reader.h"

#include <pthread.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <iterator>
#include <mutex>
#include <thread>
#include <utility>

namespace lowtide::record {

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
  Delivery delivery;

  void wake() const {
    const std::uint64_t one = 1;
    static_cast<void>(write(wake_fd, &one, sizeof one));
  }
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

void deliver(sense::Batch& batch, Delivery& delivery) {
  for (const sense::Reading& reading : batch.readings) join_reading(delivery.readings, reading);
  delivery.tail = std::move(batch.tail);
  move_to(batch.troubles, delivery.troubles);
  move_to(batch.holders, delivery.holders);
}

}  // namespace

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
  if (!meter) return;
  const Duration period = meter->period();
  const bool polled = period < std::chrono::milliseconds(500);
  auto next = std::chrono::steady_clock::now();
  while (true) {
    bool asked = false;
    {
      std::unique_lock lock(state->mutex);
      const auto wanted = [&] { return state->stop || state->asked; };
      if (polled) {
        next = std::max(next + period, std::chrono::steady_clock::now());
        state->changed.wait_until(lock, next, wanted);
      } else {
        state->changed.wait(lock, wanted);
      }
      if (state->stop) return;
      asked = std::exchange(state->asked, false);
    }
    auto batch = meter->read();
    // A restored meter's first read already carries the bridge over the hole.
    std::string saved = asked ? meter->save() : std::string();
    {
      const std::lock_guard lock(state->mutex);
      if (batch) {
        deliver(*batch, state->delivery);
      } else {
        state->delivery.troubles.push_back({0, batch.error()});
      }
      if (asked) {
        state->delivery.saved = std::move(saved);
        // Who asked again while this read was under way wants one that begins after that.
        state->delivery.answered = !state->asked;
      }
    }
    if (asked) state->wake();
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

void Reader::request() {
  {
    const std::lock_guard lock(state_->mutex);
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
