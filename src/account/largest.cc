#include "account/largest.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

namespace lowtide::account {
namespace {

// Who can follow it: anybody, or only where lowtide was refused a sensor.
enum class Needs { nothing, a_denied_sensor };

struct Remedy {
  std::string_view source;  // how a cause (ErrorPart) begins
  std::string_view kind;    // how it ends
  Needs needs;
  std::string_view words;
};

// The first that fits counts. A cause that none fits: no sensor or option of this machine shrinks
// it (the gain of RAPL and NVML is the maker's; a meter at the wall would tell).
constexpr auto kRemedies = std::to_array<Remedy>({
    {"model", "model", Needs::a_denied_sensor,
     "a sensor that is denied here would shrink it: lowtide doctor --fix"},
    {"rapl", "offset", Needs::nothing, "a longer run shrinks it: it comes once a run"},
    {"nvml", "offset", Needs::nothing,
     "a longer or busier run shrinks it: part comes once a run, part goes by the hour"},
    {"nvml", "alias", Needs::nothing,
     "repeating the run shrinks it: the sensor meets other moments of the load"},
    {"nvml", "attribution", Needs::nothing, "a GPU that the job has to itself shrinks it"},
    {"", "attribution", Needs::nothing,
     "a machine that the job has to itself, or --idle all or none, shrinks it"},
    {"intensity", "gap", Needs::nothing,
     "a series that covers the run shrinks it: --intensity file:PATH"},
    {"", "gap", Needs::nothing, "the run's events say what could not be read"},
    {"intensity", "", Needs::nothing,
     "a series of this place and time with a known error shrinks it: --intensity file:PATH"},
    {"embodied", "model", Needs::nothing, "the maker's figure shrinks it: --embodied GRAMS"},
    {"pue", "gain", Needs::nothing, "the data centre's own value shrinks it: --pue X"},
});

bool can(Needs needs, const Report& report) {
  return needs == Needs::nothing ||
         std::any_of(report.run.events.begin(), report.run.events.end(),
                     [](const Event& event) { return event.kind == "sensor-denied"; });
}

std::string remedy_of(std::string_view cause, const Report& report) {
  for (const Remedy& remedy : kRemedies) {
    if (cause.starts_with(remedy.source) && cause.ends_with(remedy.kind) &&
        can(remedy.needs, report)) {
      return std::string(remedy.words);
    }
  }
  return {};
}

// What the parts of one cause are shares of: a figure of the report, in the unit of the widths.
double figure_of(const std::string& origin, bool carbon, const Report& report) {
  if (origin == "embodied") return as_grams(report.carbon.embodied.value_or(Carbon{}));
  const double whole = carbon ? as_grams(report.carbon.operational.value_or(Carbon{}))
                              : as_joules(report.energy.total.value_or(Energy{}));
  const double it = as_joules(report.energy.it.value_or(Energy{}));
  for (const ChannelCharge& channel : report.energy.channels) {
    if (channel.info.id == origin && it > 0) return whole * as_joules(channel.charged) / it;
  }
  return whole;
}

struct Cause {
  double low = 0;
  double high = 0;
  std::map<std::string, double> origins;  // with their figures
  [[nodiscard]] double square() const { return low * low + high * high; }
};

std::map<std::string, Cause> causes_of(const Report& report, bool carbon) {
  std::map<std::string, Cause> causes;
  for (const ErrorPart& part : report.parts) {
    Cause& cause = causes[part.cause];
    cause.low += carbon ? as_grams(part.low_carbon) : as_joules(part.low);
    cause.high += carbon ? as_grams(part.high_carbon) : as_joules(part.high);
    cause.origins[part.origin] = figure_of(part.origin, carbon, report);
  }
  return causes;
}

// All but the share.
LargestError described(const std::string& name, const Cause& cause, bool carbon) {
  LargestError largest;
  largest.cause = name;
  double figure = 0;
  for (const auto& [origin, of] : cause.origins) {
    figure += of;
    if (!origin.empty()) largest.origins.push_back(origin);
  }
  if (carbon) largest.of_carbon = grams(figure);
  if (!carbon) largest.of_energy = joules(figure);
  if (figure > 0) {
    largest.low_rel = cause.low / figure;
    largest.high_rel = cause.high / figure;
  }
  return largest;
}

}  // namespace

std::optional<LargestError> largest_error(const Report& report) {
  const bool carbon = report.carbon.low && report.carbon.high;
  if (!carbon && !report.energy.total_low) return std::nullopt;
  const auto causes = causes_of(report, carbon);
  double whole = 0;
  for (const auto& [name, cause] : causes) whole += cause.square();
  if (whole <= 0) return std::nullopt;
  const auto most = std::max_element(
      causes.begin(), causes.end(),
      [](const auto& a, const auto& b) { return a.second.square() < b.second.square(); });
  LargestError largest = described(most->first, most->second, carbon);
  largest.share = most->second.square() / whole;
  largest.remedy = remedy_of(most->first, report);
  return largest;
}

}  // namespace lowtide::account
