// A meter that does what a test tells it, and a clock that is set by hand. Not part of the program.
#pragma once

#include <sys/eventfd.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "host/clock.h"
#include "record/reader.h"
#include "sense/meter.h"

namespace lowtide::record {

// What test and meter share; the meter's thread may outlive the test.
struct Script {
  std::vector<ChannelInfo> channels;
  Duration period = std::chrono::seconds(1);
  std::function<Result<sense::Batch>(int call)> on_read;
  std::atomic<int> reads{0};
  std::atomic<int> reading_now{0};
  std::string restored;  // written before the channels are handed over

  // While the gate is shut, read() hangs.
  void shut() { set(false); }
  void release() { set(true); }
  void pass() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return open_; });
  }

 private:
  void set(bool open) {
    const std::lock_guard lock(mutex_);
    open_ = open;
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
};
using ScriptPtr = std::shared_ptr<Script>;

class ScriptedMeter final : public sense::Meter {
 public:
  explicit ScriptedMeter(ScriptPtr script) : script_(std::move(script)) {}
  [[nodiscard]] const std::vector<ChannelInfo>& describe() const override {
    return script_->channels;
  }
  [[nodiscard]] Result<sense::Batch> read() override {
    const int call = ++script_->reads;
    ++script_->reading_now;
    script_->pass();
    --script_->reading_now;
    return script_->on_read ? script_->on_read(call) : sense::Batch{};
  }
  [[nodiscard]] Duration period() const override { return script_->period; }
  [[nodiscard]] std::string save() const override {
    return "after " + std::to_string(script_->reads);
  }
  void restore(std::string_view saved) override { script_->restored = saved; }

 private:
  ScriptPtr script_;
};

inline ScriptPtr script_of(const std::vector<std::string>& uuids) {
  auto script = std::make_shared<Script>();
  for (const std::string& uuid : uuids) {
    ChannelInfo channel;
    channel.id = "id of " + uuid;
    channel.uuid = uuid;
    script->channels.push_back(channel);
  }
  return script;
}

inline Reader::Open opens(const ScriptPtr& script) {
  return [script]() -> Result<std::unique_ptr<sense::Meter>> {
    return std::make_unique<ScriptedMeter>(script);
  };
}

inline sense::Reading boot_reading(double from, double to, double energy_joules,
                                   std::size_t channel = 0) {
  const BootTime begin(seconds(from));
  const BootTime end(seconds(to));
  const Power mean = joules(energy_joules) / (end - begin);
  return {channel, {begin, end}, joules(energy_joules), mean, mean, Quality::measured};
}

// Never closed: threads of readers write to it as long as the process lives.
inline int wake_fd() {
  static const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return fd;
}

class SetClock final : public host::Clock {
 public:
  [[nodiscard]] BootTime boot() const override { return now; }
  [[nodiscard]] Utc utc() const override { return Utc(now.time_since_epoch()); }
  BootTime now{std::chrono::seconds(1000)};
};

}  // namespace lowtide::record
