// Words and numbers for people: escaping, widths, rounding, units, local time.
//
// Everything that came from outside (names, commands, device names, notes) passes escape() once,
// where it enters a line. Widths are terminal columns. Local time exists only here: localtime_r.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "account/report.h"
#include "base/time.h"
#include "base/units.h"

namespace lowtide::show {

// How the terminal wants it; app decides (isatty, NO_COLOR, TIOCGWINSZ).
struct Style {
  bool colour = false;
  int width = 80;  // columns; less than 20 is taken as 20
};
[[nodiscard]] int columns(const Style& style);

// Control characters (C0, DEL, C1, marks that change the direction of text) and bytes that are not
// UTF-8 become \xNN, so that no text from outside can move the cursor or hide what it says.
[[nodiscard]] std::string escape(std::string_view text);

// Columns that a text takes: wide characters take two, combining ones none. Colour codes count.
[[nodiscard]] int width_of(std::string_view text);
// At most `width` columns; what is cut ends in an ellipsis.
[[nodiscard]] std::string clip(std::string_view text, int width);
// Padded to the width: on the right, or on the left for numbers. Clipped where it is longer.
[[nodiscard]] std::string pad(std::string_view text, int width);
[[nodiscard]] std::string pad_left(std::string_view text, int width);
// Wrapped at spaces to `width` columns, further lines by `indent` spaces. Words that are too long
// are broken.
[[nodiscard]] std::vector<std::string> wrap(std::string_view text, int width, int indent);

enum class Ink { plain, bold, dim, good, warn, bad };
[[nodiscard]] std::string paint(std::string_view text, Ink ink, const Style& style);

// A value rounded to what its bounds justify: to two digits of the half-width, and to three digits
// at most, two where the half-width is a quarter of the value or more. Where the bounds are not
// known the part of them that is (`known_share`) counts; without any: three digits. The one rule of
// every format for people (docs/formats/report.md); JSON and CSV round nothing.
template <typename T>
struct Figure {
  T value;
  std::optional<T> low;
  std::optional<T> high;
  double known_share = 0;  // the half-width is at least this share of the value
};
struct FigureText {
  std::string value;                       // "0.61"
  std::string range;                       // "0.30 to 0.91"; empty without bounds
  std::string unit;                        // "Wh"
  int decimals = 0;                        // of the value, in its unit
  double factor = 1;                       // of the unit, in Wh or g
  [[nodiscard]] std::string full() const;  // "0.61 Wh (0.30 to 0.91)"
  [[nodiscard]] std::string brief() const { return value + " " + unit; }
};
[[nodiscard]] FigureText text_of(const Figure<Energy>& energy);
[[nodiscard]] FigureText text_of(const Figure<Carbon>& carbon);
// In grams, without unit and exponent, for what reads grams only: "12400".
[[nodiscard]] std::string grams_text(const Figure<Carbon>& carbon);
// A part of a figure, in the figure's unit and to its decimals: "0.04 Wh".
[[nodiscard]] std::string part_text(const FigureText& whole, Energy part);
[[nodiscard]] std::string part_text(const FigureText& whole, Carbon part);
// The wider side of the bounds as a share of the value: "+-50 %"; empty without bounds.
[[nodiscard]] std::string spread_text(const Figure<Energy>& energy);
[[nodiscard]] std::string power_text(Power power);
[[nodiscard]] std::string intensity_text(Intensity intensity);
// "1.23", three digits, no exponent between 0.001 and a million.
[[nodiscard]] std::string number(double value);
[[nodiscard]] std::string percent(double share);  // "97 %", "99.98 %", never 100 for less

// "2026-01-05 14:03:22" in the local time zone.
[[nodiscard]] std::string local_time(Utc t);
[[nodiscard]] int local_minute(Utc t);  // of the day
// When the local clock shows what UTC's shows at `wall`; of an hour that comes twice the first, of
// one that is left out the moment that it would have been by the time before.
[[nodiscard]] Utc from_local(Utc wall);
// "2026-01-05 14:03:22 +01:00", for what is read elsewhere.
[[nodiscard]] std::string zoned_time(Utc t);

// "CO2e", or "CO2" where the series says so.
[[nodiscard]] std::string gas_text(const std::optional<Gas>& gas);
// "GPU", "CPU", "DRAM", "node".
[[nodiscard]] std::string kind_text(ChannelKind kind);
// "GPU+CPU+DRAM, PUE 1.2" or "CPU, PUE not included".
[[nodiscard]] std::string boundary_text(const account::EnergyReport& energy);
// "digits" or the command's name, escaped.
[[nodiscard]] std::string title(const RunRecord& run);
// A run that runs and of which nothing is on record yet: how long it runs is not known.
[[nodiscard]] bool just_begun(const account::Report& report);
// "finished in 31 s, exit 0", "running, just begun".
[[nodiscard]] std::string outcome(const account::Report& report);

}  // namespace lowtide::show
