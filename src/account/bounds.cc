#include "account/bounds.h"

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
  collector.add(ErrorTermKind::attribution, {charges.attribution_low, charges.attribution_high},
                "idle power between nothing and the lowest seen; use of the CPUs as recorded");
  collector.add(ErrorTermKind::gap, {Energy{}, highest_charged(charges) * missing},
                "from nothing to the highest power of a slot, over the time without readings");
  return collector.take();
}

}  // namespace lowtide::account
