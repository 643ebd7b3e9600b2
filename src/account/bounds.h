// Bounds: from error terms to 95 % half-widths. docs/methods.md, "Bounds".
//
// A gain error does not shrink with time and is the same for like sensors: shares of one cause
// (kind of source and kind of error) add linearly. Different causes are independent: root sum
// square.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "account/charge.h"
#include "account/report.h"

namespace lowtide::account {

// Half-widths: of energy, and of carbon.
struct HalfWidths {
  Energy low;
  Energy high;
  Carbon low_carbon;
  Carbon high_carbon;
};
[[nodiscard]] HalfWidths combine(const std::vector<ErrorPart>& parts);

// The parts of one channel's charged energy (IT), with what errors[] says about each.
struct ChannelErrors {
  std::vector<ErrorPart> parts;
  std::vector<ErrorReport> reports;
};
// `missing` is the time of the run that no reading of this channel covers.
[[nodiscard]] ChannelErrors channel_errors(const Charges& charges, Duration covered,
                                           Duration missing);

// The terms of a sensor that sees a part of each window, widened where the windows cannot average
// out over the run: too few of them, or a load whose steps (as counted by the job) are in step with
// them. docs/accuracy.md, "Part-time sampling".
void widen_alias(std::vector<ErrorTerm>& terms, Duration active, std::optional<double> steps);

// Half-width of a provider's average PUE (contract section 3).
inline constexpr double kPueHalfWidth = 0.05;

}  // namespace lowtide::account
