#include "app/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

#include "grid/table.h"

namespace lowtide::app {
namespace {

constexpr std::string_view kDigits = "0123456789";

Result<Duration> parse_between(const std::string& text, Duration least, Duration most,
                               const char* allowed) {
  auto length = parse_duration(text);
  if (length && *length < least) length = fail(ErrorKind::usage, in_quotes(text) + " is too short");
  if (length && *length > most) length = fail(ErrorKind::usage, in_quotes(text) + " is too long");
  if (!length) length.error().hint = std::string("give ") + allowed;
  return length;
}

bool is_gpu(std::string_view word) {
  if (word.starts_with("GPU-") || word.starts_with("MIG-")) {
    // "MIG-GPU-<uuid>/1/0" is how drivers before R470 name a part.
    const std::string_view id = word.substr(4);
    return !id.empty() && id.find_first_not_of("0123456789abcdefABCDEFGPU-/") == id.npos;
  }
  return !word.empty() && word.size() <= 4 && word.find_first_not_of(kDigits) == word.npos;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// "1000 samples": its two words; "training steps": no number. What from_chars would take for a
// number and is none ("nan samples") counts as one, but not the "inf" of "inferences".
std::pair<std::string, std::string_view> number_and_name(std::string_view text) {
  const std::size_t blank = std::min(text.find(' '), text.size());
  const std::string_view first = text.substr(0, blank);
  const bool number = first.find_first_of("0123456789+-.") == 0 || first == "nan" || first == "inf";
  if (!number) return {"", trimmed(text)};
  return {std::string(first), trimmed(text.substr(blank))};
}

}  // namespace

Result<double> parse_number(const std::string& text) {
  double value = 0;
  const char* const stop = text.data() + text.size();
  const auto [end, code] = std::from_chars(text.data(), stop, value);
  if (code != std::errc() || end != stop || !std::isfinite(value)) {  // it reads "nan" and "inf"
    return fail(ErrorKind::usage, in_quotes(text) + " is not a number");
  }
  return value;
}

Result<bool> parse_bool(const std::string& text) {
  return one_of<bool>(text, {{"true", true}, {"false", false}, {"1", true}, {"0", false}});
}

Result<Signal> parse_signal(const std::string& text) {
  return one_of<Signal>(text, {{"average", Signal::average}, {"marginal", Signal::marginal}});
}

Result<Signals> parse_signals(const std::string& text) {
  return one_of<Signals>(text, {{"average", {Signal::average, false}},
                                {"marginal", {Signal::marginal, false}},
                                {"both", {Signal::average, true}}});
}

Result<Scope> parse_scope(const std::string& text) {
  return one_of<Scope>(text, {{"lifecycle", Scope::lifecycle}, {"direct", Scope::direct}});
}

Result<std::int64_t> parse_bytes(const std::string& text) {
  constexpr std::array<std::pair<std::string_view, double>, 5> kUnits{
      {{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1}}};
  std::string_view number = text;
  double factor = 1;
  for (const auto& [unit, bytes] : kUnits) {
    if (!number.ends_with(unit)) continue;
    number.remove_suffix(unit.size());
    factor = bytes;
    break;
  }
  const auto value = grid::read_number(grid::trim(number));
  if (value && *value >= 0 && *value * factor < 9e18)
    return static_cast<std::int64_t>(*value * factor);
  return fail(ErrorKind::usage, "is no size", in_quotes(text), "write it as 256MB or 2GB");
}

Result<IdleRule> parse_idle(const std::string& text) {
  return one_of<IdleRule>(
      text, {{"reserved", IdleRule::reserved}, {"all", IdleRule::all}, {"none", IdleRule::none}});
}

Result<std::optional<int>> parse_equivalents(const std::string& text) {
  return one_of<std::optional<int>>(text, {{"latest", std::nullopt}, {"2021", 2021}});
}

Result<Duration> parse_interval(const std::string& text) {
  return parse_between(text, std::chrono::milliseconds(10), kSlot, "10ms to 5m: 500ms, 2s");
}

Result<Duration> parse_wait(const std::string& text) {
  return parse_between(text, Duration::zero(), std::chrono::minutes(5), "0s to 5m: 500ms, 2s");
}

// "4x" is a multiple, "4" a plain number: PUE is written as a plain one.
Result<std::optional<double>> parse_pue(const std::string& text) {
  const std::string allowed = "it is a number from 1 to 10: 1.2";
  auto value = parse_number(text);
  if (value && (*value < 1 || *value > 10)) {
    value = fail(ErrorKind::usage, in_quotes(text) + " is no PUE");
  }
  if (value) return std::optional<double>(*value);
  value.error().hint = allowed;
  return tl::unexpected(value.error());
}

Result<std::string> parse_embodied(const std::string& text) {
  if (text == "none" || text == "auto") return text;
  const auto value = parse_number(text);
  if (!value || *value < 0) {
    return fail(ErrorKind::usage, in_quotes(text) + " is not grams, 'none' or 'auto'");
  }
  return text;
}

Result<std::string> parse_per(const std::string& text) {
  const auto off = [&](const std::string& why) {
    return fail(ErrorKind::usage, why, {},
                "give run, hour, instance-hour, gpu-hour, or a count: 'samples', '1000 samples'");
  };
  if (text.empty()) return off("is empty");
  const auto [number, name] = number_and_name(text);
  if (name.empty() || name.find('=') != name.npos) return off(in_quotes(text) + " names no unit");
  if (number.empty()) return text;
  const auto multiple = parse_number(number);
  if (multiple && *multiple > 0) return text;
  return off(in_quotes(text) + " does not begin with a number above 0");
}

Result<std::string> parse_gpus(const std::string& text) {
  if (!names_gpus(text)) return text;
  for (std::string_view rest = text; true;) {
    const std::size_t comma = rest.find(',');
    if (!is_gpu(trimmed(rest.substr(0, comma)))) {
      return fail(ErrorKind::usage, in_quotes(trimmed(rest.substr(0, comma))) + " is no GPU", {},
                  "give all, none, indices (0,1) or UUIDs (GPU-.., MIG-..) as of nvidia-smi -L");
    }
    if (comma == rest.npos) return text;
    rest.remove_prefix(comma + 1);
  }
}

bool names_gpus(const std::string& gpus) {
  const std::string_view word = trimmed(gpus);
  return word != "all" && word != "none";
}

Result<std::pair<std::string, std::string>> parse_pair(const std::string& text,
                                                       const char* option) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return fail(ErrorKind::usage, in_quotes(text) + " is not name=value", option);
  }
  return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

Result<std::pair<std::string, double>> parse_count(const std::string& text) {
  const auto pair = parse_pair(text, "--count");
  if (!pair) return tl::unexpected(pair.error());
  const auto value = parse_number(pair->second);
  if (!value) return fail(ErrorKind::usage, value.error().message, "--count");
  if (*value < 0) return fail(ErrorKind::usage, in_quotes(pair->second) + " is below 0", "--count");
  return std::pair(pair->first, *value);
}

// "13%" is 13 of 100, "8/60" is 8 of 60.
static Result<double> ratio(const std::string& text) {
  const std::size_t mark = text.find_first_of("%/");
  if (mark == text.npos) return parse_number("");
  const bool percent = text[mark] == '%';
  if (percent && mark + 1 != text.size()) return parse_number("");
  const auto part = parse_number(text.substr(0, mark));
  const auto whole = parse_number(percent ? "100" : text.substr(mark + 1));
  if (!part || !whole) return parse_number("");
  return *whole > 0 ? *part / *whole : 0;
}

Result<account::JobShare> parse_job_share(const std::string& text) {
  constexpr double kLeast = 1e-4;  // of less nothing can be said of the whole
  const auto share = ratio(text);
  if (share && *share >= kLeast && *share <= 1) return account::JobShare{text, *share};
  return fail(ErrorKind::usage,
              in_quotes(text) + (share ? " is no part of a job" : " is not a share"), "--complete",
              "give the part that the run was, from 0.01% to 100%: 13% or 8/60");
}

}  // namespace lowtide::app
