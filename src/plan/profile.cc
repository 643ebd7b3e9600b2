#include "plan/profile.h"

#include <algorithm>
#include <cmath>

namespace lowtide::plan {

Result<Profile> flat_profile(Power power, Duration length) {
  if (length <= Duration::zero()) return fail(ErrorKind::malformed, "a job of no length");
  if (!std::isfinite(as_watts(power)) || power < Power{}) {
    return fail(ErrorKind::malformed, "a power that is negative or no finite number");
  }
  const auto whole = static_cast<std::size_t>(length / kSlot);
  const Duration rest = length % kSlot;
  Profile profile(whole, power * kSlot);
  if (rest > Duration::zero()) profile.push_back(power * rest);
  return profile;
}

Result<Profile> profile_of(std::span<const EnergyPiece> pieces) {
  Profile profile;
  Duration at{};  // of the job's own time
  for (const EnergyPiece& piece : pieces) {
    if (piece.energy < Energy{} || !std::isfinite(as_joules(piece.energy))) {
      return fail(ErrorKind::malformed, "an energy that is negative or no finite number");
    }
    const Duration length = piece.span.length();
    for (Duration done{}; done < length;) {
      const Duration in_slot = (at + done) % kSlot;
      const auto slot = static_cast<std::size_t>((at + done) / kSlot);
      const Duration part = std::min(length - done, kSlot - in_slot);
      if (profile.size() <= slot) profile.resize(slot + 1);
      profile[slot] += piece.energy * (as_seconds(part) / as_seconds(length));
      done += part;
    }
    at += length;
  }
  const bool any =
      std::any_of(profile.begin(), profile.end(), [](Energy energy) { return energy > Energy{}; });
  if (!any) return fail(ErrorKind::malformed, "a job without energy");
  return profile;
}

std::vector<Intensity> by_slot(const IntensitySeries& series, Interval over) {
  std::vector<Intensity> slots;
  const auto pieces = series.pieces();
  auto piece = std::partition_point(pieces.begin(), pieces.end(), [&](const IntensityPiece& p) {
    return p.span.end <= slot_begin(over.begin);
  });
  for (Utc begin = slot_begin(over.begin); begin < over.end; begin += kSlot) {
    const Interval slot{begin, begin + kSlot};
    while (piece != pieces.end() && piece->span.end <= slot.begin) ++piece;
    Intensity sum;
    Duration covered{};
    for (auto p = piece; p != pieces.end() && p->span.begin < slot.end; ++p) {
      const Duration part = p->span.meet(slot).length();
      sum += p->value * (as_seconds(part) / as_seconds(kSlot));
      covered += part;
    }
    // A slot inside of one piece has that piece's value to the last bit.
    const bool one = piece != pieces.end() && piece->span.meet(slot) == slot;
    slots.push_back(covered < kSlot ? kMissing : one ? piece->value : sum);
  }
  return slots;
}

}  // namespace lowtide::plan
