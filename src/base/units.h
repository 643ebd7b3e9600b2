// The quantities that lowtide computes with, as types.
//
// Energy, power, carbon and intensity are one template over the exponents of joule, second and
// gram; time is std::chrono. power x duration is energy, energy x intensity is carbon, and what
// has no meaning does not compile (tests/compile_fail). A number enters and leaves a quantity by a
// named function only, so its unit stands where it is written: joules(3.0), as_grams(c).
//
// Internally everything is joules, seconds and grams in double precision; only intensity is held in
// grams per kilowatt-hour, so that a figure comes back exactly as it was given. The factor between
// a joule and a kilowatt-hour is written once, below.
#pragma once

#include <chrono>
#include <compare>

namespace lowtide {

using Duration = std::chrono::nanoseconds;

template <int JouleExp, int SecondExp, int GramExp>
class Quantity {
 public:
  constexpr Quantity() = default;

  // The value in the units named above. For this header and for bulk
  // storage that names the unit beside it; everyone else uses the named functions.
  static constexpr Quantity from_base(double value) { return Quantity(value); }
  [[nodiscard]] constexpr double in_base() const { return value_; }

  constexpr auto operator<=>(const Quantity&) const = default;
  constexpr Quantity operator-() const { return Quantity(-value_); }
  constexpr Quantity& operator+=(Quantity other) { return value_ += other.value_, *this; }
  constexpr Quantity& operator-=(Quantity other) { return value_ -= other.value_, *this; }
  constexpr Quantity& operator*=(double factor) { return value_ *= factor, *this; }

  friend constexpr Quantity operator+(Quantity a, Quantity b) { return a += b; }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return a -= b; }
  friend constexpr Quantity operator*(Quantity a, double factor) { return a *= factor; }
  friend constexpr Quantity operator*(double factor, Quantity a) { return a *= factor; }
  friend constexpr Quantity operator/(Quantity a, double divisor) {
    return Quantity(a.value_ / divisor);
  }
  friend constexpr double operator/(Quantity a, Quantity b) { return a.value_ / b.value_; }

 private:
  explicit constexpr Quantity(double value) : value_(value) {}
  double value_ = 0.0;
};

using Energy = Quantity<1, 0, 0>;
using Power = Quantity<1, -1, 0>;
using Carbon = Quantity<0, 0, 1>;
using Intensity = Quantity<-1, 0, 1>;  // carbon per energy

inline constexpr double kJoulesPerKwh = 3.6e6;
inline constexpr double kSecondsPerHour = 3600.0;

constexpr double as_seconds(Duration d) { return std::chrono::duration<double>(d).count(); }
constexpr double as_hours(Duration d) { return as_seconds(d) / kSecondsPerHour; }
constexpr Duration seconds(double s) { return Duration(static_cast<Duration::rep>(s * 1e9)); }

constexpr Energy joules(double x) { return Energy::from_base(x); }
constexpr Energy kwh(double x) { return Energy::from_base(x * kJoulesPerKwh); }
constexpr double as_joules(Energy e) { return e.in_base(); }
constexpr double as_wh(Energy e) { return e.in_base() / (kJoulesPerKwh / 1000.0); }
constexpr double as_kwh(Energy e) { return e.in_base() / kJoulesPerKwh; }

constexpr Power watts(double x) { return Power::from_base(x); }
constexpr double as_watts(Power p) { return p.in_base(); }

constexpr Carbon grams(double x) { return Carbon::from_base(x); }
constexpr double as_grams(Carbon c) { return c.in_base(); }

constexpr Intensity grams_per_kwh(double x) { return Intensity::from_base(x); }
constexpr double as_grams_per_kwh(Intensity i) { return i.in_base(); }

constexpr Energy operator*(Power p, Duration d) { return joules(as_watts(p) * as_seconds(d)); }
constexpr Energy operator*(Duration d, Power p) { return p * d; }
constexpr Power operator/(Energy e, Duration d) { return watts(as_joules(e) / as_seconds(d)); }
constexpr Carbon operator*(Energy e, Intensity i) { return grams(as_kwh(e) * as_grams_per_kwh(i)); }
constexpr Carbon operator*(Intensity i, Energy e) { return e * i; }
constexpr Intensity operator/(Carbon c, Energy e) {
  return grams_per_kwh(as_grams(c) / as_kwh(e));
}

}  // namespace lowtide
