#include "record/recording.h"

#include <algorithm>
#include <utility>

namespace lowtide::record {

std::string Recording::take_up(std::int64_t key) {
  auto before = store.take_up(key, run.id);
  auto kept = before ? store.keeper() : tl::unexpected(before.error());
  if (!kept) return {};
  run = std::move(*before);
  keeper = std::move(*kept);
  use_before = {keeper.saved_job_cpu, keeper.saved_machine_cpu};
  use_since = host::UtcAnchor{keeper.anchor_utc, keeper.anchor_boot}.at(keeper.saved_at);
  for (std::size_t i = 0; i < run.channels.size(); ++i) {
    buckets.resume_channel(i, store.count_samples(i));
  }
  buckets.resume_slots(std::exchange(run.slots, {}), std::exchange(run.use, {}));
  return keeper.saved;
}

void Recording::add(const Arrivals& arrived) {
  for (const ChannelReading& reading : arrived.readings) buckets.add(reading);
  for (const SecondReading& reading : arrived.second) buckets.add_second(reading);
  for (const auto& [number, info] : arrived.channels) {
    if (run.channels.size() <= number) run.channels.resize(number + 1);
    run.channels[number] = info;
    pending.channels.emplace_back(number, info);
  }
  for (const Event& happened : arrived.events) {
    run.events.push_back(happened);
    pending.events.push_back(happened);
  }
}

void Recording::event(Utc time, std::string kind, std::string detail) {
  run.events.push_back({time, std::move(kind), std::move(detail)});
  pending.events.push_back(run.events.back());
}

void Recording::price(const IntensityOver& intensity, Interval over) {
  if (!intensity || over.empty()) return;
  run.intensity = intensity(over);
  pending.intensity.clear();
  for (std::size_t i = 0; i < run.intensity.size(); ++i) {
    pending.intensity.emplace_back(i, run.intensity[i]);
  }
}

void Recording::note_use(const CpuTimes& times, Utc now) {
  if (now <= use_since) return;
  const Duration job = std::max(times.job - use_before.job, Duration::zero());
  Duration machine = job;  // without /proc/stat nothing else is known to have run
  if (times.machine && use_before.machine) {
    machine = std::max(*times.machine - *use_before.machine, Duration::zero());
  }
  add_use({use_since, now}, job, machine);
  use_since = now;
  use_before = times;
}

// A frozen job uses none: where the time holds a pause, its CPU time goes to the rest of it.
void Recording::add_use(Interval span, Duration job, Duration machine) {
  const std::vector<Stretch> stretches = buckets.states_over(span);
  if (stretches.size() < 2) return buckets.add_use(span, job, machine);
  Duration running{};
  for (const Stretch& stretch : stretches) {
    if (stretch.state == RunState::running) running += stretch.span.length();
  }
  const Duration others = std::max(machine - job, Duration::zero());
  for (const Stretch& stretch : stretches) {
    const double length = as_seconds(stretch.span.length());
    const bool runs = stretch.state == RunState::running && running > Duration::zero();
    const Duration ours =
        runs ? seconds(as_seconds(job) * length / as_seconds(running)) : Duration::zero();
    buckets.add_use(stretch.span, ours,
                    ours + seconds(as_seconds(others) * length / as_seconds(span.length())));
  }
}

// A counter that never moved tells nothing, not even a zero: who looks for the energy hears why.
void Recording::note_silent_counters(Utc now) {
  const std::vector<ChannelSlot> slots = buckets.slots();
  for (std::size_t i = 0; i < run.channels.size(); ++i) {
    const ChannelInfo& channel = run.channels[i];
    const bool counter = channel.source == Source::rapl || channel.source == Source::nvml_counter;
    if (!counter || !channel.in_total) continue;
    const bool read = std::any_of(slots.begin(), slots.end(), [&](const ChannelSlot& slot) {
      return slot.channel == i && slot.covered > Duration::zero();
    });
    const bool told = std::any_of(run.events.begin(), run.events.end(), [&](const Event& event) {
      return event.kind.starts_with("sensor-") && event.detail.starts_with(channel.id + ":");
    });
    if (read || told) continue;
    event(now, "sensor-trouble",
          channel.id +
              ": its energy counter did not move between the first and "
              "the last reading of the run: its energy is not known");
  }
}

void Recording::flush(const std::string& saved, const host::UtcAnchor& anchor, Utc now) {
  Increment more = buckets.take();
  more.channels = std::exchange(pending.channels, {});
  more.events = std::exchange(pending.events, {});
  more.intensity = std::exchange(pending.intensity, {});
  more.state = std::exchange(pending.state, std::nullopt);
  keeper.saved = saved;
  // Not now: what a later lowtide takes as the last moment on record is that of a reading.
  keeper.saved_at = std::max(keeper.saved_at, anchor.boot_at(buckets.newest_end()));
  keeper.saved_job_cpu = use_before.job;
  keeper.saved_machine_cpu = use_before.machine.value_or(Duration::zero());
  store.flush(run, std::move(more), keeper, buckets);
  if (store.refused_for_long()) move_aside(now);
  tell_news(now);
}

void Recording::finish(Utc now) {
  if (!store.finish(run, keeper) && move_aside(now)) store.finish(run, keeper);
}

// With the word of it, so that a meter that dies now leaves that too.
bool Recording::move_aside(Utc now) {
  const bool aside = store.move_aside(so_far(), keeper);
  tell_news(now);
  if (aside) store.flush(run, std::exchange(pending, {}), keeper, buckets);
  return aside;
}

void Recording::tell_news(Utc now) {
  for (auto& [kind, detail] : store.take_news()) event(now, std::move(kind), std::move(detail));
}

RunRecord Recording::so_far() const {
  RunRecord now = run;
  now.slots = buckets.slots();
  now.use = buckets.use();
  return now;
}

}  // namespace lowtide::record
