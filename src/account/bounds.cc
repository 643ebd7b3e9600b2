#include "account/bounds.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string_view>

namespace lowtide::account {
namespace {

struct Widths {
  Energy low;
  Energy high;
};

class Collector {
 public:
  explicit Collector(const ChannelCharge& charge) : charge_(charge) {}

  void add(ErrorTermKind kind, Widths widths, const std::string& reference) {
    if (widths.low <= Energy{} && widths.high <= Energy{}) return;
    const std::string cause =
        std::string(spell(charge_.info.source)) + " " + std::string(spell(kind));
    errors_.parts.push_back({cause, widths.low, widths.high, {}, {}, charge_.info.id});
    ErrorReport report{charge_.info.id, kind, {}, {}, reference};
    if (charge_.charged > Energy{}) {
      report.low_rel = widths.low / charge_.charged;
      report.high_rel = widths.high / charge_.charged;
    }
    errors_.reports.push_back(report);
  }
  ChannelErrors take() { return std::move(errors_); }

 private:
  const ChannelCharge& charge_;
  ChannelErrors errors_;
};

// The windows after which a full swing of the load has averaged out to the stated term.
constexpr double kEnoughWindows = 400;
// What good practice took off the error at most: Yang et al., SC24.
constexpr double kMostSeen = 0.65;

// Whether steps meet the windows at the same point all through the run: a step is within its share
// of one window of drift a whole number of windows, or a window one of steps.
bool in_step(double windows, double steps) {
  const double ratio = windows / steps;  // windows a step
  const double meetings = std::min(windows, steps);
  const double whole = ratio >= 1 ? ratio : 1 / ratio;
  return meetings >= 1 && std::abs(whole - std::round(whole)) * meetings < 1;
}

// The highest power that the run was charged in any piece.
Power highest_charged(const Charges& charges) {
  Power highest;
  for (const ChargePiece& piece : charges.pieces) {
    highest = std::max(highest, piece.charged() / piece.covered);
  }
  return highest;
}

}  // namespace

HalfWidths combine(const std::vector<ErrorPart>& parts) {
  struct Linear {
    double low = 0, high = 0, low_carbon = 0, high_carbon = 0;
  };
  std::map<std::string, Linear> causes;
  for (const ErrorPart& part : parts) {
    Linear& linear = causes[part.cause];
    linear.low += as_joules(part.low);
    linear.high += as_joules(part.high);
    linear.low_carbon += as_grams(part.low_carbon);
    linear.high_carbon += as_grams(part.high_carbon);
  }
  Linear squares;
  for (const auto& [cause, linear] : causes) {
    squares.low += linear.low * linear.low;
    squares.high += linear.high * linear.high;
    squares.low_carbon += linear.low_carbon * linear.low_carbon;
    squares.high_carbon += linear.high_carbon * linear.high_carbon;
  }
  return {joules(std::sqrt(squares.low)), joules(std::sqrt(squares.high)),
          grams(std::sqrt(squares.low_carbon)), grams(std::sqrt(squares.high_carbon))};
}

void widen_alias(std::vector<ErrorTerm>& terms, Duration active, std::optional<double> steps) {
  for (ErrorTerm& term : terms) {
    if (term.window <= Duration::zero() || active <= Duration::zero()) continue;
    double windows = as_seconds(active) / as_seconds(term.window);
    // Steps in step with the sensor show it the windows of one of them again and again.
    const bool locked = steps && *steps >= 2 && in_step(windows, *steps);
    if (locked) windows = std::max(1.0, windows / *steps);
    if (windows >= kEnoughWindows) continue;
    const double growth = std::sqrt(kEnoughWindows / windows);
    term.low_rel = std::min(term.low_rel * growth, kMostSeen);
    term.high_rel = std::min(term.high_rel * growth, kMostSeen);
    term.reference += fmt::format("; wider: {:.0f} windows{}", windows,
                                  locked ? ", the job's steps being in step with them" : "");
  }
}

ChannelErrors channel_errors(const Charges& charges, Duration covered, Duration missing) {
  const ChannelCharge& sum = charges.sum;
  Collector collector(sum);
  // An error of the device reaches the run by the part of the device that the run is charged.
  const Energy device = sum.device.value_or(Energy{});
  const double part = device > Energy{} ? sum.charged / device : 0;
  for (const ErrorTerm& term : sum.info.errors) {
    collector.add(
        term.kind,
        {sum.charged * term.low_rel + (term.low_power * covered + term.low_once) * part,
         sum.charged * term.high_rel + (term.high_power * covered + term.high_once) * part},
        term.reference);
  }
  collector.add(
      ErrorTermKind::attribution, {charges.attribution_low, charges.attribution_high},
      sum.info.kind == ChannelKind::gpu
          ? "others held it too: from the run's part of its dynamic energy to all of it"
          : "idle power between nothing and the lowest seen; use of the CPUs as recorded");
  collector.add(ErrorTermKind::gap, {Energy{}, highest_charged(charges) * missing},
                "from nothing to the highest power of a slot, over the time without readings");
  return collector.take();
}

}  // namespace lowtide::account
