#include "sense/counter.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace lowtide::sense {
namespace {

// How old a counter's value may be: NVML's steps every 20 to 100 ms (docs/sources/nvml.md), RAPL's
// every millisecond. A step may hold this much more time than lies between the two reads.
constexpr Duration kStale = std::chrono::milliseconds(250);
// A counter of a powered device that has not moved for this long is not counting.
constexpr Duration kStill = std::chrono::seconds(5);

constexpr double kSpreadPeriods = 2.5;

}  // namespace

// The counts since the mark, or why they cannot be known.
Result<std::uint64_t> CounterTrack::difference(std::uint64_t raw, Duration elapsed) const {
  const double most = (rules_.ceiling * (elapsed + kStale)) / rules_.per_count;
  const double seconds = as_seconds(elapsed);
  std::uint64_t counts = raw - mark_->raw;
  if (raw < mark_->raw) {
    if (!rules_.range || mark_->raw > *rules_.range) {
      return fail(ErrorKind::temporary, "the energy counter was reset");
    }
    counts = *rules_.range - mark_->raw + raw;
    if (static_cast<double>(counts) > most) {
      return fail(ErrorKind::temporary,
                  fmt::format("the energy counter fell and a wrap would mean {:.0f} W: a reset",
                              as_watts(static_cast<double>(counts) * rules_.per_count / elapsed)));
    }
  }
  if (static_cast<double>(counts) > most) {
    return fail(ErrorKind::temporary,
                fmt::format("the energy counter jumped by {:.0f} J in {:.3f} s",
                            as_joules(static_cast<double>(counts) * rules_.per_count), seconds));
  }
  if (rules_.range && static_cast<double>(counts) + static_cast<double>(*rules_.range) <= most) {
    return fail(
        ErrorKind::temporary,
        fmt::format("the energy counter may have wrapped more than once in {:.0f} s", seconds));
  }
  return counts;
}

Result<std::optional<CounterStep>> CounterTrack::stands_still(Duration elapsed, BootTime at) {
  // So soon after the last read the device need not have updated it yet.
  // One that has not moved at all since we watch tells nothing, not even a zero.
  if (elapsed <= kStale && (moved_ || restored_)) {
    const CounterStep step{
        {mark_->at, at}, Energy(), restored_ ? Quality::bridged : Quality::measured};
    mark_->at = at;
    restored_ = false;
    return step;
  }
  if (elapsed < kStill) return std::nullopt;
  if (std::exchange(still_at_, at)) return std::nullopt;
  return fail(ErrorKind::temporary,
              fmt::format("the energy counter has not moved for {:.0f} s", as_seconds(elapsed)));
}

// Of the two powers the nearer one, as a ratio: at_once / last < last / whole. In the last step the
// counter may have stood already, so the one before counts as well.
BootInterval CounterTrack::span_of(Energy moved, BootTime at) const {
  if (!still_at_ || !last_) return {mark_->at, at};
  const Power last = std::max(*last_, before_.value_or(Power()));
  const double at_once = moved / (at - *still_at_) / last;
  const double whole = moved / (at - mark_->at) / last;
  return {at_once * whole < 1 ? *still_at_ : mark_->at, at};
}

Result<std::optional<CounterStep>> CounterTrack::step(std::uint64_t raw, BootTime at) {
  if (!mark_) {
    mark_ = CounterMark{raw, at};
    return std::nullopt;
  }
  const Duration elapsed = at - mark_->at;
  if (elapsed <= Duration::zero()) return std::nullopt;
  if (raw == mark_->raw) return stands_still(elapsed, at);

  const auto counts = difference(raw, elapsed);
  const Energy moved = static_cast<double>(counts.value_or(0)) * rules_.per_count;
  const BootInterval span = span_of(moved, at);
  const bool restored = restored_;
  mark_ = CounterMark{raw, at};
  restored_ = false;
  still_at_.reset();
  moved_ = true;
  if (!counts) return tl::unexpected(counts.error());

  before_ = std::exchange(last_, moved / span.length());
  CounterStep step{span, moved, Quality::measured};
  if (as_seconds(span.length()) > kSpreadPeriods * as_seconds(rules_.period)) {
    step.quality = Quality::spread;
  }
  if (restored) step.quality = Quality::bridged;
  return step;
}

void CounterTrack::restore(CounterMark mark) {
  mark_ = mark;
  restored_ = true;
}

std::string write_mark(std::string_view key, const CounterMark& mark) {
  return fmt::format("{} {} {}\n", key, mark.raw, mark.at.time_since_epoch().count());
}

namespace {

template <typename Integer>
bool read_number(std::string_view text, Integer& value) {
  const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc() && stop == text.data() + text.size() && !text.empty();
}

}  // namespace

std::map<std::string, CounterMark, std::less<>> read_marks(std::string_view text) {
  std::map<std::string, CounterMark, std::less<>> marks;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::size_t last = line.rfind(' ');
    if (last == std::string_view::npos || last == 0) continue;
    const std::size_t middle = line.rfind(' ', last - 1);
    if (middle == std::string_view::npos || middle == 0) continue;
    CounterMark mark;
    Duration::rep boot = 0;
    if (!read_number(line.substr(middle + 1, last - middle - 1), mark.raw)) continue;
    if (!read_number(line.substr(last + 1), boot)) continue;
    mark.at = BootTime(Duration(boot));
    marks.insert_or_assign(std::string(line.substr(0, middle)), mark);
  }
  return marks;
}

}  // namespace lowtide::sense
