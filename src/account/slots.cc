#include "account/slots.h"

#include <algorithm>

namespace lowtide::account {
namespace {

// All that the record says about states, by time.
std::vector<Stretch> told(const RunRecord& record) {
  std::vector<Stretch> all;
  all.reserve(record.slots.size() + record.use.size());
  for (const ChannelSlot& slot : record.slots) all.push_back({slot.span, slot.state});
  for (const UseSlot& slot : record.use) all.push_back({slot.span, slot.state});
  std::erase_if(all, [](const Stretch& stretch) { return stretch.span.empty(); });
  std::sort(all.begin(), all.end(),
            [](const Stretch& a, const Stretch& b) { return a.span.begin < b.span.begin; });
  return all;
}

void append(std::vector<Stretch>& out, Utc until, RunState state) {
  if (!out.empty() && out.back().state == state) {
    out.back().span.end = std::max(out.back().span.end, until);
  } else if (!out.empty() && until > out.back().span.end) {
    out.push_back({{out.back().span.end, until}, state});
  }
}

// Edges inside `span` at which the headline series begins or ends to be known.
void add_gap_edges(const IntensitySeries& series, Interval span, std::vector<Utc>& edges) {
  const IntensitySeries cut = series.slice(span);
  Utc known_until = span.begin;
  for (const IntensityPiece& piece : cut.pieces()) {
    if (piece.span.begin != known_until) {
      edges.push_back(known_until);
      edges.push_back(piece.span.begin);
    }
    known_until = piece.span.end;
  }
  if (known_until > span.begin) edges.push_back(known_until);
}

std::vector<SlotReport> empty_slots(const std::vector<Stretch>& states,
                                    const IntensityUsed* headline) {
  std::vector<SlotReport> slots;
  for (const Stretch& stretch : states) {
    std::vector<Utc> edges;
    for (Utc t = slot_end(stretch.span.begin); t < stretch.span.end; t += kSlot) {
      edges.push_back(t);
    }
    if (headline != nullptr) add_gap_edges(headline->series, stretch.span, edges);
    edges.push_back(stretch.span.end);
    std::sort(edges.begin(), edges.end());
    Utc begin = stretch.span.begin;
    for (const Utc end : edges) {
      if (end <= begin) continue;
      slots.push_back({{begin, end}, stretch.state, {}, {}, {}, Quality::gap, {}});
      begin = end;
    }
  }
  return slots;
}

void share_out(const Charges& charges, std::vector<SlotReport>& slots) {
  std::size_t next = 0;  // first slot that may meet what is to come
  for (const ChargePiece& piece : charges.pieces) {
    while (next < slots.size() && slots[next].span.end <= piece.span.begin) ++next;
    for (std::size_t i = next; i < slots.size() && slots[i].span.begin < piece.span.end; ++i) {
      SlotReport& slot = slots[i];
      const double part =
          as_seconds(slot.span.meet(piece.span).length()) / as_seconds(piece.span.length());
      slot.quality = slot.energy ? std::max(slot.quality, piece.quality) : piece.quality;
      slot.energy = slot.energy.value_or(Energy{}) + piece.charged() * part;
    }
  }
}

// No state is one of the run between its lives.
std::vector<Stretch> without(const std::vector<Interval>& off, const std::vector<Stretch>& all) {
  std::vector<Stretch> out;
  for (const Stretch& stretch : all) {
    for (const Interval& part : rest_of(stretch.span, off)) out.push_back({part, stretch.state});
  }
  return out;
}

}  // namespace

std::vector<Stretch> stretches(const RunRecord& record) {
  const std::vector<Stretch> all = told(record);
  std::vector<Stretch> out;
  const std::optional<Utc> first =
      all.empty() ? record.begin
                  : std::optional(record.begin ? std::min(*record.begin, all.front().span.begin)
                                               : all.front().span.begin);
  if (!first) return out;
  // A time of which nothing was told takes the state before it: a run runs until it is paused.
  out.push_back({{*first, *first}, all.empty() ? RunState::running : all.front().state});
  for (const Stretch& stretch : all) {
    if (stretch.span.begin > out.back().span.end) {
      out.back().span.end = stretch.span.begin;
    }
    append(out, stretch.span.end, stretch.state);
  }
  const auto until = record.end ? record.end : record.as_of;
  if (until && *until > out.back().span.end) out.back().span.end = *until;
  return without(record.off, out);
}

const IntensityUsed* find_signal(const RunRecord& record, Signal signal) {
  const auto found = std::find_if(record.intensity.begin(), record.intensity.end(),
                                  [&](const IntensityUsed& used) { return used.signal == signal; });
  return found == record.intensity.end() ? nullptr : &*found;
}

double pue_factor(const RunRecord& record) { return record.options.pue.value_or(1.0); }

namespace {

// Of the pieces within the span.
std::size_t least_certain(const IntensityUsed& used, Interval span) {
  if (used.origins.empty()) return 0;
  std::optional<std::size_t> worst;
  const IntensitySeries part = used.series.slice(span);
  for (const IntensityPiece& piece : part.pieces()) {
    const std::size_t origin = std::min<std::size_t>(piece.origin, used.origins.size() - 1);
    if (!worst || used.origins[origin].kind > used.origins[*worst].kind) worst = origin;
  }
  return worst.value_or(0);
}

}  // namespace

std::vector<SlotReport> cut_slots(const RunRecord& record, const std::vector<Charges>& charges,
                                  const IntensityUsed* headline) {
  std::vector<SlotReport> slots = empty_slots(stretches(record), headline);
  for (const Charges& channel : charges) {
    if (channel.sum.info.in_total) share_out(channel, slots);
  }
  if (headline == nullptr) return slots;
  for (SlotReport& slot : slots) {
    slot.intensity = headline->series.mean(slot.span).value;
    if (!slot.intensity) continue;
    slot.origin = least_certain(*headline, slot.span);
    slot.source =
        headline->origins.empty() ? headline->source : headline->origins[*slot.origin].source;
    if (slot.energy) slot.carbon = *slot.energy * pue_factor(record) * *slot.intensity;
  }
  return slots;
}

Priced price(const std::vector<SlotReport>& slots, const IntensitySeries& series, double pue) {
  Priced priced;
  for (const SlotReport& slot : slots) {
    if (!slot.energy) continue;
    const IntensitySeries::Mean mean = series.mean(slot.span);
    // Another series may end inside a piece that was cut for the headline.
    const double known = as_seconds(mean.covered) / as_seconds(slot.span.length());
    priced.energy += *slot.energy * known;
    priced.unpriced += *slot.energy * (1 - known);
    if (!mean.value) continue;
    priced.carbon = priced.carbon.value_or(Carbon{}) + *slot.energy * (known * pue) * *mean.value;
  }
  if (priced.carbon && priced.energy > Energy{}) {
    priced.energy_weighted = *priced.carbon / (priced.energy * pue);
  }
  return priced;
}

}  // namespace lowtide::account
