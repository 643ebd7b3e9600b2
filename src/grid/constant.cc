#include "grid/constant.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/names.h"
#include "base/quote.h"
#include "grid/hash.h"
#include "grid/table.h"

namespace lowtide::grid {
namespace {

// One value for all time.
class Flat final : public Provider {
 public:
  Flat(Intensity value, Quality quality, IntensityUsed used)
      : value_(value), quality_(quality), used_(std::move(used)) {}

  const IntensityUsed& describe() const override { return used_; }

  Result<IntensityUsed> fetch(Interval over) override {
    IntensityUsed used = used_;
    if (over.empty()) return used;
    auto series = IntensitySeries::from({{over, value_, quality_}});
    if (!series) return tl::unexpected(series.error());
    used.series = std::move(*series);
    return used;
  }

 private:
  Intensity value_;
  Quality quality_;
  IntensityUsed used_;
};

}  // namespace

std::unique_ptr<Provider> make_flat(Intensity value, Quality quality, IntensityUsed used) {
  return std::make_unique<Flat>(value, quality, std::move(used));
}

bool looks_like_constant(std::string_view text) {
  text = trim(text);
  return !text.empty() &&
         (text[0] == '-' || text[0] == '+' || text[0] == '.' || (text[0] >= '0' && text[0] <= '9'));
}

Result<StatedIntensity> parse_constant(std::string_view text) {
  const std::string_view rest = trim(text);
  const auto bad = [&](std::string_view why) {
    return fail(ErrorKind::malformed, fmt::format("{} {}", in_quotes(text), why), {},
                "write an intensity as 475g/kWh");
  };
  double value = 0;
  const auto [stop, code] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (code != std::errc() || !std::isfinite(value)) return bad("is not a number with a unit");
  std::string unit = lower(rest.substr(static_cast<std::size_t>(stop - rest.data())));
  unit.erase(std::remove(unit.begin(), unit.end(), ' '), unit.end());
  if (unit.empty()) return bad("has no unit");
  StatedIntensity stated{grams_per_kwh(value), Gas::co2e};
  if (unit == "gco2/kwh") {
    stated.gas = Gas::co2;
  } else if (unit != "g/kwh" && unit != "gco2e/kwh" && unit != "gco2eq/kwh") {
    return bad("is not in g/kWh");
  }
  if (value < 0) return bad("is negative");
  return stated;
}

std::unique_ptr<Provider> make_constant(StatedIntensity stated, IntensityUsed base) {
  base.gas = stated.gas;
  base.source = "constant";
  base.model = fmt::format("{:.10g} g/kWh, as given", as_grams_per_kwh(stated.value));
  base.error_reference = "the error of a number given by the user is not known";
  base.sha256 = sha256_hex(fmt::format("{:.10g}g/kWh", as_grams_per_kwh(stated.value)));
  return make_flat(stated.value, Quality::measured, std::move(base));
}

}  // namespace lowtide::grid
