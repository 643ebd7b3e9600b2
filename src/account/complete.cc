#include "account/complete.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lowtide::account {
namespace {

// 95 % half-width of a slot's rate about the mean, as a share of it: how far the rest may run from
// the part. Absent where fewer than two slots ran: nothing shows it.
template <typename Get>
std::optional<double> spread(const std::vector<SlotReport>& slots, Get get) {
  std::size_t ran = 0;
  double time = 0;
  double amount = 0;
  double squares = 0;  // rate x amount
  for (const SlotReport& slot : slots) {
    const std::optional<double> part = get(slot);
    if (slot.state != RunState::running || !part) continue;
    const double length = as_seconds(slot.span.length());
    ++ran;
    time += length;
    amount += *part;
    squares += *part * *part / length;
  }
  if (ran < 2 || amount <= 0) return std::nullopt;
  return 1.96 * std::sqrt(std::max(0.0, squares * time / (amount * amount) - 1));
}

// The part's half-width grows with the figure; what the rest may differ is another cause. Where
// that is not known, no bound is.
template <typename Quantity>
void extrapolate(std::optional<Quantity>& low, std::optional<Quantity>& high, Quantity value,
                 double factor, std::optional<double> rest_rel) {
  if (!rest_rel && factor > 1) {
    low = high = std::nullopt;
    return;
  }
  const auto width = [&](Quantity part) {
    if (value <= Quantity{}) return part * factor;
    return value * std::hypot(part / value * factor, (factor - 1) * rest_rel.value_or(0));
  };
  if (low) low = std::max(*low, value * factor - width(value - *low));
  if (high) high = value * factor + width(*high - value);
}

template <typename Quantity>
void scale(std::optional<Quantity>& value, double factor) {
  if (value) *value *= factor;
}

std::optional<Duration> scaled(const std::optional<Duration>& part, double factor) {
  constexpr auto kMost = static_cast<double>(std::numeric_limits<Duration::rep>::max()) / 1e9;
  if (!part || as_seconds(*part) * factor >= kMost) return std::nullopt;
  return seconds(as_seconds(*part) * factor);
}

void complete_carbon(const Report& report, std::optional<double> rest_rel, Completion& whole) {
  CarbonReport& carbon = whole.carbon;
  const double factor = whole.factor;
  if (carbon.operational) {
    extrapolate(carbon.operational_low, carbon.operational_high, *carbon.operational, factor,
                rest_rel);
  }
  if (carbon.total && *carbon.total > Carbon{}) {
    // M goes by time alone.
    const double share = *carbon.operational / *carbon.total;
    const auto of_total = rest_rel ? std::optional(*rest_rel * share) : std::nullopt;
    extrapolate(carbon.low, carbon.high, *carbon.total, factor, of_total);
  }
  for (auto* value : {&carbon.operational, &carbon.embodied, &carbon.total, &carbon.other_signal}) {
    scale(*value, factor);
  }
  carbon.assumed.push_back(
      fmt::format("whole job: the rest runs like this part, which is {} of it: same power, same "
                  "mix of intensities, same hardware held; all figures x {:.4g}",
                  whole.asked, factor));
  if (!report.run.end) carbon.assumed.emplace_back("whole job: the part is what is on record now");
  if (report.energy.coverage < 1 || carbon.coverage < 1) {
    carbon.assumed.emplace_back(
        "whole job: what was not read or priced of the part is missing "
        "from the whole in the same proportion");
  }
}

void complete_sci(const Report& report, Completion& whole) {
  SciReport& sci = whole.sci;
  scale(sci.e, whole.factor);
  scale(sci.m, whole.factor);
  // One job is one run, whole or not.
  if (sci.r_count && sci.r != "run") *sci.r_count *= whole.factor;
  sci.note += (sci.note.empty() ? "" : "; ") +
              fmt::format("extrapolated from {} of the job, x {:.4g}", whole.asked, whole.factor);
  if (!sci.value) return;
  const Carbon used = sci.i ? *sci.e * *sci.i : *report.carbon.operational * whole.factor;
  sci.value = (used + sci.m.value_or(Carbon{})) / *sci.r_count;
  sci.low = sci.high = std::nullopt;
  if (whole.carbon.low) sci.low = *whole.carbon.low / *sci.r_count;
  if (whole.carbon.high) sci.high = *whole.carbon.high / *sci.r_count;
}

}  // namespace

void complete(Report& report, const JobShare& share) {
  Completion whole;
  whole.asked = share.asked;
  whole.share = share.share;
  whole.factor = 1 / share.share;
  whole.duration = scaled(report.duration, whole.factor);
  whole.active = scaled(report.active, whole.factor);
  const auto energy_rel = spread(report.slots, [](const SlotReport& slot) {
    return slot.energy ? std::optional(as_joules(*slot.energy)) : std::nullopt;
  });
  const auto carbon_rel = spread(report.slots, [](const SlotReport& slot) {
    return slot.carbon ? std::optional(as_grams(*slot.carbon)) : std::nullopt;
  });
  const EnergyReport& energy = report.energy;
  whole.it = energy.it;
  whole.total = energy.total;
  whole.total_low = energy.total_low;
  whole.total_high = energy.total_high;
  if (energy.total) {
    extrapolate(whole.total_low, whole.total_high, *energy.total, whole.factor, energy_rel);
  }
  scale(whole.it, whole.factor);
  scale(whole.total, whole.factor);
  if (energy.modelled_share) {
    whole.modelled_share = 1 - (1 - *energy.modelled_share) / whole.factor;
  }
  whole.carbon = report.carbon;
  whole.sci = report.sci;
  complete_carbon(report, carbon_rel, whole);
  complete_sci(report, whole);
  const auto add_error = [&](const char* origin, std::optional<double> rel) {
    if (rel) *rel *= 1 - share.share;
    whole.errors.push_back(
        {origin, ErrorTermKind::model, rel, rel,
         rel ? "how the rest may differ: 1.96 standard deviations of the part's slots"
             : "so the whole has no bounds: fewer than two slots of the part ran"});
  };
  add_error("rest of the energy", energy_rel);
  add_error("rest of the carbon", carbon_rel);
  for (EquivalentReport row : report.equivalents) {
    row.amount *= whole.factor;
    whole.equivalents.push_back(std::move(row));
  }
  report.complete = std::move(whole);
}

}  // namespace lowtide::account
