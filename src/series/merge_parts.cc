#include "series/merge_parts.h"

#include <algorithm>
#include <utility>

#include "series/origin.h"

namespace lowtide {
namespace {

UseSlot used(const std::vector<UseSlot>& active, Interval stretch) {
  UseSlot out{stretch, active.front().state, {}, {}};
  for (const UseSlot& slot : active) {
    const double part = part_of(stretch, slot.span);
    if (slot.state == RunState::running) out.state = slot.state;
    out.job_cpu += seconds(as_seconds(slot.job_cpu) * part);
    out.machine_cpu = std::max(out.machine_cpu, seconds(as_seconds(slot.machine_cpu) * part));
  }
  return out;
}

// "FR", "FR + DE"; a name that is there already is not said again.
void join(std::string& names, const std::string& more) {
  const std::string mark = " + ";
  const bool there = (mark + names + mark).find(mark + more + mark) != std::string::npos;
  if (!more.empty() && !there) names += (names.empty() ? "" : mark) + more;
}

void widen(std::optional<double>& error, const std::optional<double>& other) {
  error = error && other ? std::optional(std::max(*error, *other)) : std::nullopt;
}

IntensitySeries united(const IntensitySeries& first, const IntensitySeries& more) {
  std::vector<IntensityPiece> pieces(first.pieces().begin(), first.pieces().end());
  std::vector<Interval> known;
  known.reserve(pieces.size());
  for (const IntensityPiece& piece : pieces) known.push_back(piece.span);
  known = united(std::move(known));
  for (const IntensityPiece& piece : more.pieces()) {
    for (const Interval& free : rest_of(piece.span, known)) {
      pieces.push_back({free, piece.value, piece.quality, piece.origin});
    }
  }
  std::sort(pieces.begin(), pieces.end(), [](const IntensityPiece& a, const IntensityPiece& b) {
    return a.span.begin < b.span.begin;
  });
  return IntensitySeries::from(std::move(pieces)).value_or(first);
}

// The series, its pieces' origins as `whole` counts them.
IntensitySeries with_origins_of(const IntensityUsed& used, const IntensitySeries& series,
                                IntensityUsed& whole) {
  if (whole.origins.empty()) whole.origins = {origin_of(whole, {})};
  std::vector<IntensityPiece> pieces(series.pieces().begin(), series.pieces().end());
  for (IntensityPiece& piece : pieces) {
    const IntensityOrigin origin = origin_of(used, piece);
    auto at = std::find(whole.origins.begin(), whole.origins.end(), origin);
    if (at == whole.origins.end()) at = whole.origins.insert(at, origin);
    piece.origin = static_cast<std::uint32_t>(at - whole.origins.begin());
  }
  return IntensitySeries::from(std::move(pieces)).value_or(series);
}

void add(const IntensityUsed& used, const IntensitySeries& series, IntensityUsed& whole) {
  const IntensitySeries more = with_origins_of(used, series, whole);
  for (const auto name : {&IntensityUsed::zone, &IntensityUsed::asked, &IntensityUsed::resolved_by,
                          &IntensityUsed::source, &IntensityUsed::model, &IntensityUsed::sha256,
                          &IntensityUsed::error_reference, &IntensityUsed::licence}) {
    join(whole.*name, used.*name);
  }
  whole.place_assumed = whole.place_assumed || used.place_assumed;
  whole.fallback = whole.fallback || used.fallback;
  whole.provisional = whole.provisional || used.provisional;
  whole.step = std::max(whole.step, used.step);
  widen(whole.error_low_rel, used.error_low_rel);
  widen(whole.error_high_rel, used.error_high_rel);
  whole.series = united(whole.series, more);
}

void scale(ChannelSlot& slot, double share) {
  const auto part = [share](Duration& d) { d = seconds(as_seconds(d) * share); };
  if (slot.use) {
    for (const auto time : kDeviceUseTimes) part(*slot.use.*time);
  }
  if (!slot.check) return;
  slot.check->other *= share;
  slot.check->own *= share;
  part(slot.check->length);
}

}  // namespace

ChannelSlot cut(const ChannelSlot& slot, Interval to, const std::vector<Sample>& samples) {
  ChannelSlot piece = slot;
  piece.span = to;
  Energy whole;
  Energy inside;
  Duration read{};
  auto sample = std::partition_point(samples.begin(), samples.end(), [&](const Sample& candidate) {
    return candidate.span.end <= slot.span.begin;
  });
  for (; sample != samples.end() && sample->span.begin < slot.span.end; ++sample) {
    const Interval common = sample->span.meet(to);
    whole += sample->energy * part_of(sample->span.meet(slot.span), sample->span);
    inside += sample->energy * part_of(common, sample->span);
    read += common.length();
  }
  const bool known = whole > Energy{};
  const double share = part_of(to, slot.span);
  scale(piece, share);
  piece.device = slot.device * (known ? inside / whole : share);
  piece.covered = known ? read : seconds(as_seconds(slot.covered) * share);
  return piece;
}

DeviceUse use_within(Interval span, const std::vector<ChannelSlot>& slots) {
  DeviceUse sum;
  auto slot = std::partition_point(slots.begin(), slots.end(), [&](const ChannelSlot& candidate) {
    return candidate.span.end <= span.begin;
  });
  for (; slot != slots.end() && slot->span.begin < span.end; ++slot) {
    if (!slot->use) continue;
    const double share = part_of(slot->span.meet(span), slot->span);
    for (const auto time : kDeviceUseTimes) {
      sum.*time += seconds(as_seconds(*slot->use.*time) * share);
    }
  }
  return sum;
}

std::vector<UseSlot> merge_use(std::vector<UseSlot> all) {
  std::erase_if(all, [](const UseSlot& slot) { return slot.span.empty(); });
  std::sort(all.begin(), all.end(),
            [](const UseSlot& a, const UseSlot& b) { return a.span.begin < b.span.begin; });
  std::vector<Utc> edges;
  for (const UseSlot& slot : all) edges.insert(edges.end(), {slot.span.begin, slot.span.end});
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  std::vector<UseSlot> out;
  std::vector<UseSlot> active;
  auto next = all.begin();
  for (std::size_t i = 1; i < edges.size(); ++i) {
    const Interval stretch{edges[i - 1], edges[i]};
    std::erase_if(active, [&](const UseSlot& use) { return use.span.end <= stretch.begin; });
    while (next != all.end() && next->span.begin <= stretch.begin) active.push_back(*next++);
    if (!active.empty()) out.push_back(used(active, stretch));
  }
  return out;
}

void merge_intensity(const std::vector<IntensityUsed>& more, Interval over,
                     std::vector<IntensityUsed>& into) {
  for (const IntensityUsed& used : more) {
    IntensitySeries series = used.series.slice(over);
    const auto same = std::find_if(into.begin(), into.end(), [&](const IntensityUsed& known) {
      return known.signal == used.signal && known.scope == used.scope && known.gas == used.gas;
    });
    if (same == into.end()) {
      into.push_back(used);
      into.back().series = std::move(series);
    } else {
      add(used, series, *same);
    }
  }
}

}  // namespace lowtide
