// A comparison in sentences: what was laid over what, the best, and what the figures leave out.
// For compare_text.cc.
#pragma once

#include <string>
#include <vector>

#include "account/report.h"
#include "show/text.h"
#include "study/compare.h"

namespace lowtide::show {

// One unit for all figures: the largest in which the reference's mean is 1 or more.
class Scale {
 public:
  explicit Scale(const study::Comparison& comparison);
  [[nodiscard]] std::string number_of(Carbon carbon) const {
    return number(as_grams(carbon) / factor_);
  }
  // In a sentence; what is far above the reference stands in a unit of its own.
  [[nodiscard]] std::string of(Carbon carbon) const {
    const bool far = as_grams(carbon) >= 1e4 * factor_;
    return far ? text_of(Figure<Carbon>{carbon, {}, {}}).brief() : number_of(carbon) + " " + unit_;
  }
  [[nodiscard]] const std::string& unit() const { return unit_; }

 private:
  double factor_ = 1;
  std::string unit_;
};

// "105,120 starts from .. to .., one every 5 minutes · average, life-cycle · typical year".
[[nodiscard]] std::string starts_phrase(const study::Comparison& comparison);
// "kg CO2e".
[[nodiscard]] std::string unit_phrase(const study::Comparison& comparison, const Scale& scale);
// What stands behind a name: ~ an annual mean or a constant, * another kind of series.
[[nodiscard]] std::string mark_of(const study::Site& site);
[[nodiscard]] std::vector<std::string> verdict(const study::Comparison& comparison,
                                               const Scale& scale);
// Caveats, each a sentence or two.
[[nodiscard]] std::vector<std::string> notes(const account::Report& report,
                                             const study::Comparison& comparison);

}  // namespace lowtide::show
