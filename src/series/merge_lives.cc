#include "series/merge_lives.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "series/merge_parts.h"

namespace lowtide {
namespace {

bool is_open(RunState state) {
  return state == RunState::waiting || state == RunState::running || state == RunState::paused;
}

// From its begin to its end, or to its last reading while it goes on.
Interval span_of(const RunRecord& life) {
  Interval span{life.begin.value_or(life.submitted), life.begin.value_or(life.submitted)};
  if (life.end) {
    span.end = std::max(span.end, *life.end);
  } else {
    for (const ChannelSlot& slot : life.slots) span.end = std::max(span.end, slot.span.end);
    for (const UseSlot& slot : life.use) span.end = std::max(span.end, slot.span.end);
  }
  return span;
}

struct Life {
  RunRecord run;
  Interval span;
  std::size_t machine = 0;
};

std::vector<Interval> spans_of(const std::vector<const Life*>& lives) {
  std::vector<Interval> spans;
  for (const Life* life : lives) {
    if (life->run.begin) spans.push_back(life->span);
  }
  return united(std::move(spans));
}

// The same device has the same key: an NVIDIA UUID says which in all the world, any other name only
// which of its machine.
using DeviceKey = std::tuple<std::size_t, ChannelKind, std::string>;
DeviceKey key_of(const Life& life, const ChannelInfo& info) {
  const bool everywhere = info.uuid.starts_with("GPU-");
  return {everywhere ? 0 : life.machine, info.kind, info.uuid.empty() ? info.id : info.uuid};
}

// A device as one life recorded it.
struct Part {
  const Life* life = nullptr;
  std::size_t channel = 0;
  Duration covered{};
  std::vector<ChannelSlot> slots;  // where something was read, in order
  std::vector<Sample> samples;     // in order
  [[nodiscard]] const ChannelInfo& info() const { return life->run.channels[channel]; }
};

class Merge {
 public:
  explicit Merge(std::vector<Life> lives) : lives_(std::move(lives)) {}

  RunRecord merged() {
    head();
    times();
    machines();
    devices();
    for (std::size_t i = 0; i <= whole_.others.size(); ++i) add_use(i);
    for (const Life& life : lives_)
      merge_intensity(life.run.intensity, life.span, whole_.intensity);
    events();
    return std::move(whole_);
  }

 private:
  void head() {
    const RunRecord& first = lives_.front().run;
    whole_.id = record_id(first);
    whole_.name = first.name;
    whole_.project = first.project;
    whole_.parent = first.parent;
    whole_.command = first.command;
    whole_.host = first.host;
    whole_.tags = first.tags;
    whole_.submitted = first.submitted;
    whole_.lowtide_version = first.lowtide_version;
    whole_.options = first.options;
    whole_.moved = first.moved;
    for (const Life& life : lives_) {
      whole_.submitted = std::min(whole_.submitted, life.run.submitted);
      for (const auto& [name, count] : life.run.counts) whole_.counts[name] += count;
    }
  }

  // Lives that overlap, through others if need be, are ranks of one life.
  void times() {
    std::vector<const Life*> begun;
    for (const Life& life : lives_) {
      if (life.run.begin) begun.push_back(&life);
    }
    std::sort(begun.begin(), begun.end(), [](const Life* a, const Life* b) {
      return std::pair(a->span.begin, a) < std::pair(b->span.begin, b);
    });
    if (begun.empty()) {
      for (const Life& life : lives_) ranks_.push_back(&life);
      return outcome();
    }
    hull_ = begun.front()->span;
    for (const Life* life : begun) {
      if (!ranks_.empty() && life->span.begin >= hull_.end) {
        ++whole_.lives;
        note_life(*life);
        ranks_.clear();
      }
      hull_.end = std::max(hull_.end, life->span.end);
      ranks_.push_back(life);
      most_ranks_ = std::max(most_ranks_, ranks_.size());
    }
    whole_.begin = hull_.begin;
    whole_.off = rest_of(hull_, spans_of(begun));
    outcome();
  }

  // The record goes on while any life does. Else its outcome is that of its last life: of the rank
  // that failed first where one did, else of the one that ended last.
  void outcome() {
    for (const Life& life : lives_) {
      if (is_open(life.run.state)) {
        whole_.state = life.run.state;
        return;
      }
    }
    std::sort(ranks_.begin(), ranks_.end(), [](const Life* a, const Life* b) {
      return std::pair(a->span.end, a) < std::pair(b->span.end, b);
    });
    const auto failed = std::find_if(ranks_.begin(), ranks_.end(), [](const Life* life) {
      return life->run.state != RunState::finished;
    });
    const RunRecord& decides = (failed == ranks_.end() ? ranks_.back() : *failed)->run;
    whole_.state = decides.state;
    whole_.exit_status = decides.exit_status;
    whole_.exit_note = decides.exit_note;
    if (whole_.begin) whole_.end = hull_.end;
  }

  void note_life(const Life& life) {
    whole_.events.push_back({life.span.begin, "life",
                             "life " + std::to_string(whole_.lives) + " began on " + life.run.host +
                                 ", " + format_duration(life.span.begin - hull_.end) +
                                 " after the one before it; that time is " +
                                 (whole_.moved ? "paused time" : "not counted")});
  }

  // One for each host: what the life that held most of it held. Ranks mostly share what they may
  // use, and a record does not say which of the CPUs it is.
  void machines() {
    std::map<std::string, std::size_t> numbers;
    std::vector<std::vector<const Life*>> holders;
    for (Life& life : lives_) {
      life.machine = numbers.try_emplace(life.run.host, numbers.size()).first->second;
      if (life.machine == holders.size()) {
        holders.emplace_back();
        if (life.machine > 0) whole_.others.emplace_back();
        share_of(life.machine) = life.run.machine;
      }
      holders[life.machine].push_back(&life);
      MachineShare& share = share_of(life.machine);
      if (life.run.machine.cpus_reserved > share.cpus_reserved) share = life.run.machine;
      if (life.machine > 0) share.host = life.run.host;
    }
    for (std::size_t i = 0; i < holders.size(); ++i) {
      share_of(i).away = rest_of(hull_, spans_of(holders[i]));
    }
  }
  MachineShare& share_of(std::size_t i) { return i == 0 ? whole_.machine : whole_.others[i - 1]; }

  void devices() {
    std::map<DeviceKey, std::size_t> numbers;
    std::vector<std::vector<Part>> devices;  // in the order in which they were first seen
    for (const Life& life : lives_) {
      for (std::size_t i = 0; i < life.run.channels.size(); ++i) {
        const auto key = key_of(life, life.run.channels[i]);
        const std::size_t number = numbers.try_emplace(key, devices.size()).first->second;
        if (number == devices.size()) devices.emplace_back();
        devices[number].push_back(part(life, i));
      }
    }
    for (std::vector<Part>& parts : devices) add_device(parts);
    const auto earlier = [](const auto& a, const auto& b) {
      return std::pair(a.span.begin, a.channel) < std::pair(b.span.begin, b.channel);
    };
    std::sort(whole_.slots.begin(), whole_.slots.end(), earlier);
    std::sort(whole_.samples.begin(), whole_.samples.end(), earlier);
  }

  static Part part(const Life& life, std::size_t channel) {
    Part out{&life, channel, {}, {}, {}};
    for (const ChannelSlot& slot : life.run.slots) {
      const bool read = slot.channel == channel && slot.covered > Duration::zero();
      if (!read || slot.span.empty()) continue;
      out.covered += slot.covered;
      out.slots.push_back(slot);
    }
    for (const Sample& sample : life.run.samples) {
      if (sample.channel == channel && !sample.span.empty()) out.samples.push_back(sample);
    }
    const auto earlier = [](const auto& a, const auto& b) { return a.span.begin < b.span.begin; };
    std::sort(out.slots.begin(), out.slots.end(), earlier);
    std::sort(out.samples.begin(), out.samples.end(), earlier);
    return out;
  }

  // A life that did not use the device only watched it: where another did, that is not charged.
  void add_device(std::vector<Part>& parts) {
    const auto counts = [](const Part& part) { return part.info().in_total; };
    if (std::any_of(parts.begin(), parts.end(), counts)) {
      std::erase_if(parts, [&](const Part& part) { return !counts(part); });
    }
    std::sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) {
      return std::pair(-a.covered, a.life) < std::pair(-b.covered, b.life);
    });
    describe(parts);
    std::vector<Interval> taken;
    const std::size_t first = whole_.slots.size();
    for (const Part& part : parts) taken = add_part(part, taken);
    for (std::size_t i = first; i < whole_.slots.size(); ++i) add_users(parts, whole_.slots[i]);
  }

  // Each rank took the others' processes for strangers': together they are the record's.
  static void add_users(const std::vector<Part>& parts, ChannelSlot& slot) {
    if (!slot.use || parts.size() < 2) return;
    Duration held{};
    Duration busy{};
    Duration slices{};
    for (const Part& part : parts) {
      const DeviceUse use = use_within(slot.span, part.slots);
      held += use.held_ours;
      busy += use.busy_ours;
      slices += use.part_ours;
    }
    if (held > slot.use->held_all * 99 / 100) slot.use->shared = {};
    slot.use->held_ours = std::min(held, slot.use->held_all);
    slot.use->busy_ours = std::min(busy, slot.use->busy_all);
    slot.use->part_ours = slices;
  }

  // As the worst of its sources described it; what is off once a run is off once a life.
  void describe(const std::vector<Part>& parts) {
    const auto worst = std::max_element(
        parts.begin(), parts.end(),
        [](const Part& a, const Part& b) { return a.info().source < b.info().source; });
    ChannelInfo info = worst->info();
    info.machine = worst->life->machine;
    const std::string id = info.id;
    if (!ids_.insert(info.id).second) info.id = id + "@" + worst->life->run.host;
    for (int i = 2; info.id != id && !ids_.insert(info.id).second; ++i) {
      info.id = id + "@" + worst->life->run.host + "#" + std::to_string(i);
    }
    std::vector<const Life*> holders;
    holders.reserve(parts.size());
    for (const Part& part : parts) holders.push_back(part.life);
    const std::vector<Interval> held = spans_of(holders);
    info.away = rest_of(hull_, held);
    const auto lives = static_cast<double>(std::max<std::size_t>(1, held.size()));
    for (ErrorTerm& term : info.errors) {
      term.low_once *= lives;
      term.high_once *= lives;
    }
    whole_.channels.push_back(std::move(info));
  }

  // What `taken` leaves of the part; returns what is taken then.
  std::vector<Interval> add_part(const Part& part, const std::vector<Interval>& taken) {
    const std::size_t number = whole_.channels.size() - 1;
    std::vector<Interval> now = taken;
    for (ChannelSlot slot : part.slots) {
      slot.channel = number;
      for (const Interval& free : rest_of(slot.span, taken)) {
        whole_.slots.push_back(free == slot.span ? slot : cut(slot, free, part.samples));
      }
      now.push_back(slot.span);
    }
    for (Sample sample : part.samples) {
      sample.channel = number;
      for (const Interval& free : rest_of(sample.span, taken)) {
        Sample piece = sample;
        piece.span = free;
        piece.energy *= part_of(free, sample.span);
        whole_.samples.push_back(piece);
      }
    }
    return united(std::move(now));
  }

  void add_use(std::size_t machine) {
    std::vector<UseSlot> all;
    for (const Life& life : lives_) {
      const bool here = life.machine == machine;
      if (here) all.insert(all.end(), life.run.use.begin(), life.run.use.end());
    }
    for (UseSlot& slot : merge_use(std::move(all))) {
      slot.machine = machine;
      whole_.use.push_back(slot);
    }
  }

  void events() {
    const auto rules = [](AccountingOptions options) {
      options.location = options.intensity = options.pue_source = "";
      return options;
    };
    const bool alike = std::all_of(lives_.begin(), lives_.end(), [&](const Life& life) {
      return rules(life.run.options) == rules(whole_.options);
    });
    if (!alike) {
      whole_.events.push_back({lives_.back().run.submitted, "life-options",
                               "a later life asked for other rules of accounting; those of the "
                               "first are the record's"});
    }
    if (most_ranks_ > 1) {
      whole_.events.push_back({hull_.begin, "ranks",
                               "up to " + std::to_string(most_ranks_) +
                                   " lowtides metered one life; each device counts once"});
    }
    for (const Life& life : lives_) {
      whole_.events.insert(whole_.events.end(), life.run.events.begin(), life.run.events.end());
    }
    std::sort(whole_.events.begin(), whole_.events.end(), [](const Event& a, const Event& b) {
      return std::tie(a.time, a.kind, a.detail) < std::tie(b.time, b.kind, b.detail);
    });
  }

  std::vector<Life> lives_;
  RunRecord whole_;
  Interval hull_;
  std::vector<const Life*> ranks_;  // of the last life
  std::size_t most_ranks_ = 0;
  std::set<std::string> ids_;
};

}  // namespace

RunRecord merge_lives(std::vector<RunRecord> lives) {
  std::sort(lives.begin(), lives.end(), [](const RunRecord& a, const RunRecord& b) {
    return std::tuple(!a.life_of.empty(), a.submitted, a.id) <
           std::tuple(!b.life_of.empty(), b.submitted, b.id);
  });
  std::vector<Life> all;
  all.reserve(lives.size());
  for (RunRecord& run : lives) {
    const Interval span = span_of(run);
    all.push_back({std::move(run), span, 0});
  }
  return Merge(std::move(all)).merged();
}

const MachineShare& machine_of(const RunRecord& record, std::size_t number) {
  return number == 0 ? record.machine : record.others[number - 1];
}

const std::string& host_of(const RunRecord& record, std::size_t number) {
  return number == 0 ? record.host : record.others[number - 1].host;
}

Duration time_away(const RunRecord& record, const std::vector<Interval>& away) {
  Duration sum{};
  for (const Interval& part : away) sum += part.length();
  for (const Interval& part : record.off) sum -= part.length();
  return sum;
}

Duration not_counted(const RunRecord& record) {
  Duration sum{};
  if (record.moved) return sum;
  for (const Interval& part : record.off) sum += part.length();
  return sum;
}

}  // namespace lowtide
