#include "record/buckets.h"

#include <algorithm>

namespace lowtide::record {
namespace {

ChannelReading part_of(const ChannelReading& reading, Interval part) {
  ChannelReading cut = reading;
  cut.span = part;
  cut.energy = reading.energy * (as_seconds(part.length()) / as_seconds(reading.span.length()));
  return cut;
}

void add_part(const DeviceUse& more, double part, DeviceUse& into) {
  for (const auto length : kDeviceUseTimes) {
    into.*length += seconds(as_seconds(more.*length) * part);
  }
}

// The end of the bucket of `width` that holds t.
Utc bucket_end(Utc t, Duration width) {
  const Utc slot = slot_begin(t);
  return std::min(slot + ((t - slot) / width + 1) * width, slot + kSlot);
}

}  // namespace

void Buckets::begin(Utc begin) {
  begin_ = begin;
  states_[begin] = RunState::running;
}

void Buckets::change_state(RunState state, Utc at) {
  states_[at] = state;
  const auto held = std::find_if(pieces_.begin(), pieces_.end(), [&](const auto& entry) {
    return entry.second.span.holds(at) && entry.second.span.begin != at;
  });
  if (held != pieces_.end()) move_later(held->second, at);
  cut_pieces(at);
  // A piece that begins here was made by a meter before this one, or has just been moved to.
  const auto next = pieces_.find(at);
  if (next != pieces_.end() && next->second.state != state) {
    next->second.state = state;
    next->second.changed = true;
  }
}

void Buckets::move_later(Piece& piece, Utc at) {
  const RunState state = state_at(at);
  const auto share = [&](Utc until) {
    const Utc end = std::min(until, piece.span.end);
    return end <= at ? 0.0 : as_seconds(end - at) / as_seconds(end - piece.span.begin);
  };
  for (auto& [index, slot] : piece.channels) {
    const double part = share(channel(index).newest.span.end);
    if (part <= 0 || slot.covered == Duration::zero()) continue;
    Piece& later = piece_at(at);
    ChannelSlot moved = slot;
    moved.use.reset();
    moved.check.reset();
    moved.device *= part;
    moved.covered = seconds(as_seconds(slot.covered) * part);
    slot.device -= moved.device;
    slot.covered -= moved.covered;
    later.channels[index] = moved;
  }
  const double part = share(use_end_);
  if (!piece.use || part <= 0) return;
  const Duration ours = state == RunState::running ? piece.use->job_cpu : Duration::zero();
  const Duration others = std::max(piece.use->machine_cpu - piece.use->job_cpu, Duration::zero());
  Piece& later = piece_at(at);
  later.use = UseSlot{};
  later.use->job_cpu = ours;
  later.use->machine_cpu = ours + seconds(as_seconds(others) * part);
  piece.use->job_cpu -= ours;
  piece.use->machine_cpu -= later.use->machine_cpu;
}

std::vector<Stretch> Buckets::states_over(Interval span) const {
  std::vector<Stretch> all;
  for (Utc at = span.begin; at < span.end;) {
    const auto next = states_.upper_bound(at);
    const Utc end = next == states_.end() ? span.end : std::min(span.end, next->first);
    const RunState state = state_at(at);
    if (!all.empty() && all.back().state == state) {
      all.back().span.end = end;
    } else {
      all.push_back({{at, end}, state});
    }
    at = end;
  }
  return all;
}

void Buckets::end(Utc end) {
  end_ = end;
  cut_pieces(end);
}

void Buckets::cut_pieces(Utc at) {
  for (auto& [begin, piece] : pieces_) {
    if (!piece.span.holds(at) || piece.span.begin == at) continue;
    piece.span.end = at;
    piece.changed = true;
  }
}

Buckets::Channel& Buckets::channel(std::size_t index) {
  auto [place, added] = channels_.try_emplace(index);
  if (added) place->second.width = first_width_;
  return place->second;
}

RunState Buckets::state_at(Utc t) const {
  auto after = states_.upper_bound(t);
  return after == states_.begin() ? RunState::running : std::prev(after)->second;
}

Interval Buckets::piece_span(Utc t) const {
  Interval span{slot_begin(t), slot_end(t)};
  if (begin_) span.begin = std::max(span.begin, *begin_);
  if (end_) span.end = std::min(span.end, *end_);
  const auto after = states_.upper_bound(t);
  if (after != states_.end()) span.end = std::min(span.end, after->first);
  if (after != states_.begin()) span.begin = std::max(span.begin, std::prev(after)->first);
  return span;
}

Buckets::Piece& Buckets::piece_at(Utc t) {
  const Interval span = piece_span(t);
  Piece& piece = pieces_[span.begin];
  piece.span = span;
  piece.state = state_at(t);
  piece.changed = true;
  return piece;
}

void Buckets::add(const ChannelReading& reading) {
  if (!begin_) return;  // the first marks, before there is a run
  const Interval kept = inside(reading.span);
  if (kept.empty()) return;
  Channel& into = channel(reading.channel);
  // A hole that a counter bridged is one even stretch: a sample a slot says as much as a thousand.
  const bool even = reading.quality != Quality::measured && kept.length() > 2 * into.width;
  for (Utc at = kept.begin; at < kept.end;) {
    const Utc stop = even ? slot_end(at) : bucket_end(at, into.width);
    const Interval part{at, std::min({stop, kept.end, piece_span(at).end})};
    const ChannelReading cut = part_of(reading, part);
    add_sample(cut);
    add_to_slot(cut);
    at = part.end;
  }
  into.newest.total += part_of(reading, kept).energy;
  into.newest.span = kept;
  into.newest.power = reading.energy / reading.span.length();
}

void Buckets::add_sample(const ChannelReading& part) {
  Channel& into = channel(part.channel);
  if (into.last_open && !into.fresh.empty()) {
    Sample& last = into.fresh.back();
    const bool same_bucket = last.span.end == part.span.begin &&
                             bucket_end(last.span.begin, into.width) >= part.span.end &&
                             slot_begin(last.span.begin) == slot_begin(part.span.begin);
    if (same_bucket) {
      last.span.end = part.span.end;
      last.energy += part.energy;
      last.min = std::min(last.min, part.min);
      last.max = std::max(last.max, part.max);
      last.quality = std::max(last.quality, part.quality);
      into.last_was_taken = false;
      return;
    }
    if (into.last_was_taken) into.fresh.pop_back();
  }
  into.fresh.push_back({part.channel, part.span, part.energy, part.min, part.max, part.quality});
  into.last_open = true;
  into.last_was_taken = false;
  ++into.samples;
}

void Buckets::add_to_slot(const ChannelReading& part) {
  Piece& piece = piece_at(part.span.begin);
  const Power mean = part.energy / part.span.length();
  ChannelSlot& slot = piece.channels[part.channel];
  if (slot.covered == Duration::zero()) {
    slot.channel = part.channel;
    slot.quality = part.quality;
    slot.lowest = mean;
  }
  slot.device += part.energy;
  slot.covered += part.span.length();
  slot.quality = std::max(slot.quality, part.quality);
  slot.lowest = std::min(slot.lowest, mean);
}

void Buckets::add_use(Interval span, Duration job_cpu, Duration machine_cpu) {
  const Interval kept = inside(span);
  // CPU time of the job is all inside the run, so it is not scaled by the cut at the run's ends.
  for (Utc at = kept.begin; at < kept.end;) {
    Piece& piece = piece_at(at);
    const Utc stop = std::min(kept.end, piece.span.end);
    const double share = as_seconds(stop - at) / as_seconds(kept.length());
    if (!piece.use) piece.use = UseSlot{};
    piece.use->job_cpu += seconds(as_seconds(job_cpu) * share);
    piece.use->machine_cpu += seconds(as_seconds(machine_cpu) * share);
    at = stop;
  }
  use_end_ = std::max(use_end_, kept.end);
}

void Buckets::add_device_use(std::size_t channel, Interval span, const DeviceUse& use) {
  if (!begin_) return;
  const Interval kept = inside(span);
  for (Utc at = kept.begin; at < kept.end;) {
    Piece& piece = piece_at(at);
    const Utc stop = std::min(kept.end, piece.span.end);
    ChannelSlot& slot = piece.channels[channel];
    slot.channel = channel;
    if (!slot.use) slot.use = DeviceUse{};
    add_part(use, as_seconds(stop - at) / as_seconds(span.length()), *slot.use);
    at = stop;
  }
}

void Buckets::add_second(const SecondReading& reading) {
  if (!begin_ || inside(reading.span) != reading.span) return;
  ChannelSlot& slot = piece_at(reading.span.begin).channels[reading.channel];
  slot.channel = reading.channel;
  if (!slot.check) slot.check = SecondPath{};
  slot.check->other += reading.path.other;
  slot.check->own += reading.path.own;
  slot.check->length += reading.path.length;
  slot.check->readings += reading.path.readings;
  slot.check->swing = std::max(slot.check->swing, reading.path.swing);
}

// The part of a stretch that is inside the run.
Interval Buckets::inside(Interval span) const {
  if (begin_) span.begin = std::max(span.begin, *begin_);
  if (end_) span.end = std::min(span.end, *end_);
  return span;
}

void Buckets::resume_channel(std::size_t index, std::size_t samples) {
  channel(index).samples = samples;
}

void Buckets::resume_slots(const std::vector<ChannelSlot>& slots, const std::vector<UseSlot>& use) {
  for (const ChannelSlot& slot : slots) {
    Piece& piece = pieces_[slot.span.begin];
    piece.span = slot.span;
    piece.state = slot.state;
    piece.written = slot.span;
    piece.channels[slot.channel] = slot;
    Newest& newest = channel(slot.channel).newest;
    newest.total += slot.device;
    newest.span.end = std::max(newest.span.end, slot.span.end);
  }
  for (const UseSlot& slot : use) {
    Piece& piece = pieces_[slot.span.begin];
    piece.span = slot.span;
    piece.state = slot.state;
    piece.written = slot.span;
    piece.use = slot;
    use_end_ = std::max(use_end_, slot.span.end);
  }
}

void Buckets::take_samples(std::vector<Sample>& into) {
  for (auto& [index, from] : channels_) {
    if (from.fresh.empty()) continue;
    into.insert(into.end(), from.fresh.begin(), from.fresh.end() - 1);
    if (!from.last_was_taken) into.push_back(from.fresh.back());
    from.fresh.erase(from.fresh.begin(), from.fresh.end() - 1);
    from.last_was_taken = true;
  }
}

Increment Buckets::take() {
  Increment fresh;
  take_samples(fresh.samples);
  for (auto& [begin, piece] : pieces_) {
    const Interval span = span_so_far(piece);
    if (span.empty() || (!piece.changed && span == piece.written)) continue;
    piece.changed = false;
    piece.written = span;
    for (auto& [index, slot] : piece.channels) {
      slot.span = span;
      slot.state = piece.state;
      fresh.slots.push_back(slot);
    }
    if (piece.use) {
      piece.use->span = span;
      piece.use->state = piece.state;
      fresh.use.push_back(*piece.use);
    }
  }
  return fresh;
}

std::vector<Buckets::Coarsen> Buckets::overfull() const {
  std::vector<Coarsen> wanted;
  for (const auto& [index, held] : channels_) {
    if (held.samples > kMostSamples && held.width < kSlot) {
      wanted.push_back({index, std::min(2 * held.width, kSlot)});
    }
  }
  return wanted;
}

void Buckets::coarsened(std::size_t index, Duration width, std::size_t samples_left) {
  Channel& held = channel(index);
  held.width = width;
  held.samples = samples_left;
  // The newest sample may have been joined to its neighbour: it must not be written again.
  held.fresh.clear();
  held.last_open = false;
}

const Buckets::Newest* Buckets::newest(std::size_t index) const {
  const auto found = channels_.find(index);
  return found == channels_.end() ? nullptr : &found->second.newest;
}

Interval Buckets::span_so_far(const Piece& piece) const {
  if (end_) return piece.span;
  const Utc until = piece.channels.empty() ? use_end_ : newest_end();
  return {piece.span.begin, std::max(piece.span.begin, std::min(piece.span.end, until))};
}

Utc Buckets::newest_end() const {
  Utc end = begin_.value_or(Utc{});
  for (const auto& [index, held] : channels_) end = std::max(end, held.newest.span.end);
  return end;
}

std::vector<ChannelSlot> Buckets::slots() const {
  std::vector<ChannelSlot> all;
  for (const auto& [begin, piece] : pieces_) {
    for (const auto& [index, slot] : piece.channels) {
      all.push_back(slot);
      all.back().span = span_so_far(piece);
      all.back().state = piece.state;
    }
  }
  return all;
}

std::vector<UseSlot> Buckets::use() const {
  std::vector<UseSlot> all;
  for (const auto& [begin, piece] : pieces_) {
    if (!piece.use) continue;
    all.push_back(*piece.use);
    all.back().span = span_so_far(piece);
    all.back().state = piece.state;
  }
  return all;
}

}  // namespace lowtide::record
