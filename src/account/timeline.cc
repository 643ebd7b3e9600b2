#include "account/timeline.h"

#include <algorithm>

#include "account/charge.h"
#include "account/slots.h"

namespace lowtide::account {
namespace {

struct Cells {
  Utc begin;
  Duration width;
  std::size_t count;

  [[nodiscard]] Interval span(std::size_t i) const {
    const auto index = static_cast<Duration::rep>(i);
    return {begin + width * index, begin + width * (index + 1)};
  }
  [[nodiscard]] std::size_t of(Utc t) const {
    if (t <= begin) return 0;
    return std::min(count - 1, static_cast<std::size_t>((t - begin) / width));
  }
};

// Energy of one channel in the cells, and how much of each cell it covers.
struct Row {
  std::vector<Energy> energy;
  std::vector<Energy> modelled;  // of it
  std::vector<Energy> filled;    // of it
  std::vector<Duration> covered;
};

const ChargePiece* piece_at(const std::vector<ChargePiece>& pieces, Utc t) {
  const auto found = std::partition_point(
      pieces.begin(), pieces.end(), [&](const ChargePiece& piece) { return piece.span.end <= t; });
  return found == pieces.end() || !found->span.holds(t) ? nullptr : &*found;
}

const SlotReport* slot_at(const std::vector<SlotReport>& slots, Utc t) {
  const auto found = std::partition_point(
      slots.begin(), slots.end(), [&](const SlotReport& slot) { return slot.span.end <= t; });
  return found == slots.end() || !found->span.holds(t) ? nullptr : &*found;
}

class Grid {
 public:
  Grid(Cells cells, const Report& report)
      : cells_(cells), report_(report), carbon_(cells.count), priced_(cells.count, false) {}

  // Spreads a charged energy evenly over its span, of which readings cover a part.
  void add(Interval span, Energy charged, double covered, Quality quality, Row& row) {
    if (span.empty()) return;
    std::vector<Energy>* of_it = quality == Quality::modelled ? &row.modelled : nullptr;
    if (quality == Quality::filled) of_it = &row.filled;
    const Power power = charged / span.length();
    for (std::size_t i = cells_.of(span.begin); i < cells_.count; ++i) {
      const Interval part = cells_.span(i).meet(span);
      if (part.empty()) break;
      row.energy[i] += power * part.length();
      if (of_it != nullptr) (*of_it)[i] += power * part.length();
      row.covered[i] += seconds(as_seconds(part.length()) * covered);
      add_carbon(i, part, power);
    }
  }
  [[nodiscard]] Row row() const {
    const std::vector<Energy> none(cells_.count);
    return {none, none, none, std::vector<Duration>(cells_.count)};
  }
  [[nodiscard]] const std::vector<Carbon>& carbon() const { return carbon_; }
  [[nodiscard]] bool priced(std::size_t i) const { return priced_[i]; }

 private:
  // A part may span several slots of different intensity: each takes its time's share.
  void add_carbon(std::size_t cell, Interval part, Power power) {
    for (Utc at = part.begin; at < part.end;) {
      const SlotReport* slot = slot_at(report_.slots, at);
      if (slot == nullptr) return;
      const Utc until = std::min(part.end, slot->span.end);
      if (slot->intensity) {
        carbon_[cell] += power * (until - at) * report_.energy.pue.value_or(1.0) * *slot->intensity;
        priced_[cell] = true;
      }
      at = until;
    }
  }

  Cells cells_;
  const Report& report_;
  std::vector<Carbon> carbon_;
  std::vector<bool> priced_;
};

// The charged part of a sample is that of the slot piece it lies in.
void add_samples(const RunRecord& record, const std::vector<Charges>& charges, Grid& grid,
                 std::vector<Row>& rows) {
  for (const Sample& sample : record.samples) {
    if (sample.channel >= charges.size() || !charges[sample.channel].sum.info.in_total) continue;
    const ChargePiece* piece = piece_at(charges[sample.channel].pieces, sample.span.begin);
    if (piece == nullptr) continue;
    const double part = piece->device > Energy{} ? piece->charged() / piece->device : 0;
    grid.add(sample.span, sample.energy * part, 1, sample.quality, rows[sample.channel]);
  }
}

void add_slots(const std::vector<Charges>& charges, Grid& grid, std::vector<Row>& rows) {
  for (std::size_t i = 0; i < charges.size(); ++i) {
    if (!charges[i].sum.info.in_total) continue;
    for (const ChargePiece& piece : charges[i].pieces) {
      const double covered = as_seconds(piece.covered) / as_seconds(piece.span.length());
      grid.add(piece.span, piece.charged(), covered, piece.quality, rows[i]);
    }
  }
}

RunState state_of(Interval span, const std::vector<SlotReport>& slots) {
  auto slot = std::partition_point(slots.begin(), slots.end(), [&](const SlotReport& one) {
    return one.span.end <= span.begin;
  });
  Duration paused{};
  Duration waiting{};
  for (; slot != slots.end() && slot->span.begin < span.end; ++slot) {
    const Duration part = slot->span.meet(span).length();
    if (slot->state == RunState::paused) paused += part;
    if (slot->state == RunState::waiting) waiting += part;
  }
  if ((paused + waiting) * 2 <= span.length()) return RunState::running;
  return paused >= waiting ? RunState::paused : RunState::waiting;
}

void add_power(std::size_t cell, const std::vector<Charges>& charges, const std::vector<Row>& rows,
               TimelineStep& step) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!charges[i].sum.info.in_total) continue;
    const Row& row = rows[i];
    const Duration covered = row.covered[cell];
    if (covered <= Duration::zero()) {
      step.partial = true;
      continue;
    }
    step.power = step.power.value_or(Power{}) + row.energy[cell] / covered;
    step.modelled += row.modelled[cell] / covered;
    step.filled += row.filled[cell] / covered;
  }
}

}  // namespace

std::vector<TimelineStep> timeline(const RunRecord& record, const Report& report,
                                   std::size_t steps) {
  if (report.slots.empty() || steps == 0) return {};
  const Interval whole{report.slots.front().span.begin, report.slots.back().span.end};
  const auto count = static_cast<Duration::rep>(steps);
  // Rounded up, so that the last cell holds the end.
  const Duration width = (whole.length() + Duration(count - 1)) / count;
  const Cells cells{whole.begin, width, steps};
  Grid grid(cells, report);
  const std::vector<Charges> charges = charge(record);
  std::vector<Row> rows(charges.size(), grid.row());
  if (record.samples.empty()) {
    add_slots(charges, grid, rows);
  } else {
    add_samples(record, charges, grid, rows);
  }
  const IntensityUsed* headline = find_signal(record, record.options.headline);
  std::vector<TimelineStep> out;
  std::optional<Carbon> so_far;
  for (std::size_t i = 0; i < steps; ++i) {
    TimelineStep step;
    step.span = cells.span(i);
    add_power(i, charges, rows, step);
    if (headline != nullptr) step.intensity = headline->series.mean(step.span).value;
    if (grid.priced(i)) so_far = so_far.value_or(Carbon{}) + grid.carbon()[i];
    step.cumulative = so_far;
    step.state = state_of(step.span, report.slots);
    out.push_back(step);
  }
  return out;
}

}  // namespace lowtide::account
