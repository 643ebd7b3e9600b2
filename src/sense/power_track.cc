#include "sense/power_track.h"

#include <fmt/format.h>

#include <algorithm>

namespace lowtide::sense {

Result<std::optional<PowerPiece>> PowerTrack::step(Power power, BootTime at, Duration hole) {
  if (!last_ || at - last_->at > hole) {
    const bool first = !last_;
    const Duration missed = first ? Duration::zero() : at - last_->at;
    start_ = at;
    last_ = Poll{power, at};
    if (first) return std::nullopt;
    return fail(ErrorKind::temporary,
                fmt::format("no power reading for {:.3f} s", as_seconds(missed)));
  }
  const Poll before = *last_;
  if (at <= before.at) return std::nullopt;
  last_ = Poll{power, at};

  const BootInterval whole{before.at - shift_, at - shift_};
  const BootInterval span{std::max(whole.begin, start_), whole.end};
  if (span.empty()) return std::nullopt;
  const double cut = as_seconds(span.begin - whole.begin) / as_seconds(whole.length());
  const Power at_begin = before.power + cut * (power - before.power);
  return PowerPiece{span, (at_begin + power) / 2.0 * span.length(), std::min(at_begin, power),
                    std::max(at_begin, power)};
}

std::optional<PowerPiece> PowerTrack::tail() const {
  if (!last_) return std::nullopt;
  const BootInterval span{std::max(last_->at - shift_, start_), last_->at};
  if (span.empty()) return std::nullopt;
  return PowerPiece{span, last_->power * span.length(), last_->power, last_->power};
}

}  // namespace lowtide::sense
