#include "record/ledger.h"

#include <algorithm>
#include <utility>

namespace lowtide::record {

bool Increment::empty() const {
  return channels.empty() && samples.empty() && slots.empty() && use.empty() && events.empty() &&
         intensity.empty() && !state;
}

Result<Ledger> Ledger::open(const std::string& path) {
  auto database = open_ledger_file(path);
  if (!database) return tl::unexpected(database.error());
  return Ledger(std::move(*database));
}

Result<Ledger> Ledger::open_to_read(const std::string& path) {
  auto database = open_ledger_file_to_read(path);
  if (!database) return tl::unexpected(database.error());
  return Ledger(std::move(*database));
}

Result<Ledger> Ledger::in_memory() {
  auto database = Database::open(":memory:", Database::Access::read_write);
  if (!database) return tl::unexpected(database.error());
  if (auto made = make_ledger_tables(*database); !made) return tl::unexpected(made.error());
  return Ledger(std::move(*database));
}

std::vector<Sample> coarser(const std::vector<Sample>& samples, Duration width) {
  std::vector<Sample> joined;
  for (const Sample& sample : samples) {
    const Utc slot = slot_begin(sample.span.begin);
    const auto bucket = (sample.span.begin - slot) / width;
    const bool goes_on = !joined.empty() && joined.back().span.end == sample.span.begin &&
                         slot_begin(joined.back().span.begin) == slot &&
                         (joined.back().span.begin - slot) / width == bucket;
    if (!goes_on) {
      joined.push_back(sample);
      continue;
    }
    Sample& last = joined.back();
    last.span.end = sample.span.end;
    last.energy += sample.energy;
    last.min = std::min(last.min, sample.min);
    last.max = std::max(last.max, sample.max);
    last.quality = std::max(last.quality, sample.quality);
  }
  return joined;
}

}  // namespace lowtide::record
