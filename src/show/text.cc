#include "show/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <limits>
#include <span>

#include "show/utf8.h"

namespace lowtide::show {
namespace {

// The bytes of the longest prefix that fits.
std::size_t prefix(std::string_view text, int width) {
  std::size_t at = 0;
  while (at < text.size()) {
    const CodePoint c = decode(text.substr(at));
    width -= columns_of(c.value);
    if (width < 0) break;
    at += c.bytes;
  }
  return at;
}

struct Scale {
  double from;    // the least value that is shown in this unit
  double factor;  // of the base unit
  const char* unit;
};

constexpr std::array<Scale, 4> kEnergyScales = {
    {{0, 1e-3, "mWh"}, {0.1, 1, "Wh"}, {1e3, 1e3, "kWh"}, {1e6, 1e6, "MWh"}}};
constexpr std::array<Scale, 4> kCarbonScales = {
    {{0, 1e-3, "mg"}, {0.01, 1, "g"}, {1e3, 1e3, "kg"}, {1e6, 1e6, "t"}}};

Scale scale_for(double value, std::span<const Scale> scales) {
  if (value == 0) return scales[1];  // nothing is 0 Wh, not 0 mWh
  Scale best = scales.front();
  for (const Scale& scale : scales) {
    if (std::abs(value) >= scale.from) best = scale;
  }
  return best;
}

std::string decimal(double value, int decimals) {
  if (decimals >= 0) return fmt::format("{:.{}f}", value, std::min(decimals, 9));
  const double step = std::pow(10, -decimals);
  return fmt::format("{:.0f}", std::round(value / step) * step);
}

// Decimals that leave `digits` digits of a number.
int decimals_for(double value, int digits) {
  if (value == 0 || !std::isfinite(value)) return 0;
  return digits - 1 - static_cast<int>(std::floor(std::log10(std::abs(value))));
}

// docs/formats/report.md, "Rounding".
int justified_decimals(double value, double half) {
  constexpr double kCoarse = 0.25;
  const int digits = half >= kCoarse * std::abs(value) ? 2 : 3;
  return std::min(decimals_for(half, 2), decimals_for(value, digits));
}

struct Bounds {
  std::optional<double> low;
  std::optional<double> high;
  double known_share = 0;
};

FigureText figure(double value, const Bounds& bounds, std::span<const Scale> scales) {
  const Scale scale = scale_for(value, scales);
  const double scaled = value / scale.factor;
  const int three = decimals_for(scaled, 3);
  FigureText text{number(scaled), {}, scale.unit, three, scale.factor};
  const bool whole = bounds.low && bounds.high;
  const double half = whole ? std::max(*bounds.high - value, value - *bounds.low) / scale.factor
                            : bounds.known_share * std::abs(scaled);
  if (half <= 0) return text;
  text.decimals = justified_decimals(scaled, half);
  text.value = decimal(scaled, text.decimals);
  if (whole) {
    text.range = decimal(*bounds.low / scale.factor, text.decimals) + " to " +
                 decimal(*bounds.high / scale.factor, text.decimals);
  }
  return text;
}

// What is too little for the whole's decimals keeps one digit: something is not nothing.
std::string part_of(const FigureText& whole, double part) {
  const double value = part / whole.factor;
  const bool vanishes = std::abs(value) < 0.5 * std::pow(10, -whole.decimals);
  const int decimals = vanishes ? std::max(whole.decimals, decimals_for(value, 1)) : whole.decimals;
  return decimal(value, decimals) + " " + whole.unit;
}

}  // namespace

int columns(const Style& style) { return std::max(20, style.width); }

std::string escape(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = decode(text.substr(at));
    if (c.valid && !is_control(c.value)) {
      out += text.substr(at, c.bytes);
    } else {
      for (std::size_t i = 0; i < c.bytes; ++i) {
        out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at + i]));
      }
    }
    at += c.bytes;
  }
  return out;
}

int width_of(std::string_view text) {
  int width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = decode(text.substr(at));
    width += columns_of(c.value);
    at += c.bytes;
  }
  return width;
}

std::string clip(std::string_view text, int width) {
  if (width_of(text) <= width) return std::string(text);
  if (width <= 0) return {};
  return std::string(text.substr(0, prefix(text, width - 1))) + "…";
}

std::string pad(std::string_view text, int width) {
  std::string out = clip(text, width);
  out.append(static_cast<std::size_t>(std::max(0, width - width_of(out))), ' ');
  return out;
}

std::string pad_left(std::string_view text, int width) {
  const std::string out = clip(text, width);
  return std::string(static_cast<std::size_t>(std::max(0, width - width_of(out))), ' ') + out;
}

std::vector<std::string> wrap(std::string_view text, int width, int indent) {
  std::vector<std::string> lines;
  const std::string hang(static_cast<std::size_t>(std::clamp(indent, 0, width - 1)), ' ');
  std::string line;
  std::size_t start = 0;  // where the words of the line begin
  const auto flush = [&] {
    if (line.size() > start) lines.push_back(line);
    line = hang;
    start = hang.size();
  };
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    std::string_view word = text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
    if (line.size() > start && width_of(line) + 1 + width_of(word) > width) flush();
    if (line.size() > start) line += ' ';
    while (width_of(line) + width_of(word) > width) {
      const std::size_t fit = std::max<std::size_t>(1, prefix(word, width - width_of(line)));
      line += word.substr(0, fit);
      word.remove_prefix(fit);
      flush();
    }
    line += word;
  }
  flush();
  return lines;
}

std::string paint(std::string_view text, Ink ink, const Style& style) {
  if (!style.colour || ink == Ink::plain) return std::string(text);
  const char* code = "1";
  if (ink == Ink::dim) code = "2";
  if (ink == Ink::good) code = "32";
  if (ink == Ink::warn) code = "33";
  if (ink == Ink::bad) code = "31";
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::string FigureText::full() const {
  return range.empty() ? brief() : fmt::format("{} ({})", brief(), range);
}

std::string number(double value) {
  const double size = std::abs(value);
  if (size != 0 && (size < 0.001 || size >= 1e6)) return fmt::format("{:.3g}", value);
  return decimal(value, std::clamp(decimals_for(value, 3), 0, 6));
}

std::string percent(double share) {
  const double value = share * 100;
  const bool near_full = value >= 99 && value < 100;
  if (near_full) return fmt::format("{:.2f} %", std::floor(value * 100) / 100);
  return value < 1 && value > 0 ? fmt::format("{:.2g} %", value) : fmt::format("{:.0f} %", value);
}

FigureText text_of(const Figure<Energy>& energy) {
  const auto wh = [](const std::optional<Energy>& e) {
    return e ? std::optional(as_wh(*e)) : std::nullopt;
  };
  return figure(as_wh(energy.value), {wh(energy.low), wh(energy.high), energy.known_share},
                kEnergyScales);
}

FigureText text_of(const Figure<Carbon>& carbon) {
  const auto g = [](const std::optional<Carbon>& c) {
    return c ? std::optional(as_grams(*c)) : std::nullopt;
  };
  return figure(as_grams(carbon.value), {g(carbon.low), g(carbon.high), carbon.known_share},
                kCarbonScales);
}

std::string grams_text(const Figure<Carbon>& carbon) {
  const double value = as_grams(carbon.value);
  const double half =
      carbon.low && carbon.high
          ? as_grams(std::max(*carbon.high - carbon.value, carbon.value - *carbon.low))
          : carbon.known_share * std::abs(value);
  return decimal(value, half > 0 ? justified_decimals(value, half) : decimals_for(value, 3));
}

std::string part_text(const FigureText& whole, Energy part) { return part_of(whole, as_wh(part)); }

std::string part_text(const FigureText& whole, Carbon part) {
  return part_of(whole, as_grams(part));
}

std::string spread_text(const Figure<Energy>& energy) {
  if (!energy.low || !energy.high || energy.value <= Energy{}) return {};
  const Energy half = std::max(*energy.high - energy.value, energy.value - *energy.low);
  return half > Energy{} ? "+-" + percent(half / energy.value) : std::string();
}

std::string power_text(Power power) {
  const double value = as_watts(power);
  return value >= 1e4 ? number(value / 1e3) + " kW" : number(value) + " W";
}

std::string intensity_text(Intensity intensity) {
  return number(as_grams_per_kwh(intensity)) + " g/kWh";
}

std::string local_time(Utc t) { return zoned_time(t).substr(0, 19); }

Utc from_local(Utc wall) {
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(wall.time_since_epoch()).count();
  std::tm shown{};
  if (gmtime_r(&seconds, &shown) == nullptr) return wall;
  std::time_t earliest = std::numeric_limits<std::time_t>::max();
  for (const int summer : {1, 0}) {
    std::tm local = shown;
    local.tm_isdst = summer;
    const std::time_t then = mktime(&local);
    // By the other of the two times it would be another hour.
    if (then == std::time_t{-1} || local.tm_hour != shown.tm_hour || local.tm_min != shown.tm_min)
      continue;
    earliest = std::min(earliest, then);
  }
  if (earliest == std::numeric_limits<std::time_t>::max()) {
    shown.tm_isdst = 0;
    earliest = mktime(&shown);
  }
  return Utc(std::chrono::seconds(earliest)) +
         (wall - std::chrono::floor<std::chrono::seconds>(wall));
}

int local_minute(Utc t) {
  const std::string time = local_time(t);
  const auto digits = [&](std::size_t i) { return (time[i] - '0') * 10 + (time[i + 1] - '0'); };
  return digits(11) * 60 + digits(14);
}

std::string zoned_time(Utc t) {
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(t.time_since_epoch()).count();
  std::tm local{};
  if (localtime_r(&seconds, &local) == nullptr) return format_utc(t);
  const long minutes = std::abs(local.tm_gmtoff) / 60;
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} {}{:02}:{:02}", local.tm_year + 1900,
                     local.tm_mon + 1, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec,
                     local.tm_gmtoff < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

std::string gas_text(const std::optional<Gas>& gas) { return gas == Gas::co2 ? "CO2" : "CO2e"; }

std::string kind_text(ChannelKind kind) {
  if (kind == ChannelKind::gpu) return "GPU";
  if (kind == ChannelKind::cpu) return "CPU";
  if (kind == ChannelKind::dram) return "DRAM";
  return std::string(spell(kind));
}

std::string boundary_text(const account::EnergyReport& energy) {
  std::string text;
  for (const account::KindCharge& kind : energy.kinds) {
    text += (text.empty() ? "" : "+") + kind_text(kind.kind);
  }
  if (text.empty()) return "nothing";
  return text + (energy.pue ? fmt::format(", PUE {:.4g}", *energy.pue) : ", PUE not included");
}

std::string title(const RunRecord& run) {
  if (!run.name.empty()) return escape(run.name);
  if (run.command.empty()) return escape(run.id);
  const std::string& program = run.command.front();
  return escape(program.substr(program.find_last_of('/') + 1));
}

bool just_begun(const account::Report& report) {
  const RunState state = report.run.state;
  return !report.duration && (state == RunState::running || state == RunState::waiting);
}

namespace {

// "exit 3"; for a run that is over without one, why it is not known.
std::string exit_text(const RunRecord& run) {
  if (run.exit_status) return fmt::format(", exit {}", *run.exit_status);
  const bool told = run.end.has_value() && !run.exit_note.empty();
  return told ? ", exit not known: " + escape(run.exit_note) : "";
}

// Of a run that is not running and may never have.
std::string standing_text(const account::Report& report) {
  const RunRecord& run = report.run;
  const auto length = [](const std::optional<Duration>& time) {
    return format_duration(time.value_or(Duration::zero()));
  };
  if (run.state == RunState::waiting) return "waiting for " + length(report.waiting);
  if (!run.begin && run.end) {
    return std::string(spell(run.state)) + " before it began, after waiting for " +
           length(report.waiting);
  }
  if (run.state != RunState::paused || !report.duration) return {};
  return "paused; active for " + length(report.active) + ", paused for " + length(report.paused);
}

}  // namespace

std::string outcome(const account::Report& report) {
  const RunRecord& run = report.run;
  if (std::string text = standing_text(report); !text.empty()) return text;
  if (just_begun(report)) return std::string(spell(run.state)) + ", just begun";
  const std::string length = report.duration ? format_duration(*report.duration) : "";
  const std::string state(spell(run.state));
  if (run.options.subject.empty()) {
    const std::string how_long = run.end ? " in " : " for ";
    return state + (length.empty() ? "" : how_long + length) + exit_text(run);
  }
  // What was watched has no exit of its own.
  const std::string word = run.state == RunState::finished ? "watched" : state;
  return word + (length.empty() ? "" : " for " + length);
}

}  // namespace lowtide::show
