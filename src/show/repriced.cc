#include "show/repriced.h"

#include <fmt/format.h>

#include <optional>

namespace lowtide::show {
namespace {

using account::Report;

const account::IntensityReport* headline_of(const Report& report) {
  for (const account::IntensityReport& intensity : report.intensity) {
    if (intensity.headline) return &intensity;
  }
  return nullptr;
}

std::string carbon(const std::optional<Carbon>& value) {
  return value ? text_of(Figure<Carbon>{*value, {}, {}}).brief() : "not known";
}

std::string mean(const Report& report) {
  const auto* headline = headline_of(report);
  return headline != nullptr && headline->energy_weighted
             ? intensity_text(*headline->energy_weighted)
             : "not known";
}

std::string series(const Report& report) {
  const auto* headline = headline_of(report);
  if (headline == nullptr) return "none";
  const IntensityUsed& used = headline->used;
  const bool says_it = used.model.starts_with(used.source);  // "typical year 2023"
  return (says_it ? "" : escape(used.source)) + (used.model.empty() || says_it ? "" : " ") +
         escape(used.model) + (used.provisional ? ", provisional" : "");
}

// "+4.2 %"; empty where one of them is not known.
std::string change(const std::optional<Carbon>& before, const std::optional<Carbon>& now) {
  if (!before || !now || *before <= Carbon{}) return {};
  return fmt::format("{:+.3g} %", (*now / *before - 1) * 100);
}

std::string line(const char* what, const std::string& before, const std::string& now,
                 const std::string& difference) {
  std::string text =
      fmt::format(" {:<10}{} {} {}", what, pad(before, 26), pad(now, 26), difference);
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

Json side(const Report& report) {
  const auto* headline = headline_of(report);
  return {{"operational_g", in_grams(report.carbon.operational)},
          {"other_signal_g", in_grams(report.carbon.other_signal)},
          {"total_g", in_grams(report.carbon.total)},
          {"sci", in_grams(report.sci.value)},
          {"series_sha256", headline == nullptr || headline->used.sha256.empty()
                                ? Json(nullptr)
                                : Json(headline->used.sha256)},
          {"provisional", headline != nullptr && headline->used.provisional}};
}

}  // namespace

std::string repriced_text(const Report& before, const Report& now, const Style& style) {
  std::string text =
      paint("Priced again with what is known today; nothing was stored.\n", Ink::bold, style);
  text += line("", "before", "now", "");
  text += line("carbon", carbon(before.carbon.operational), carbon(now.carbon.operational),
               change(before.carbon.operational, now.carbon.operational));
  if (before.carbon.other_signal || now.carbon.other_signal) {
    text += line("other", carbon(before.carbon.other_signal), carbon(now.carbon.other_signal),
                 change(before.carbon.other_signal, now.carbon.other_signal));
  }
  text += line("intensity", mean(before), mean(now), "");
  text += line("SCI", carbon(before.sci.value), carbon(now.sci.value),
               change(before.sci.value, now.sci.value));
  text += line("series", series(before), series(now), "");
  return text + "\n";
}

Json repriced_json(const Report& before, const Report& now) {
  Json out = {{"before", side(before)}, {"now", side(now)}};
  const bool known = before.carbon.operational && now.carbon.operational;
  out["difference_g"] =
      known ? as_number(as_grams(*now.carbon.operational - *before.carbon.operational))
            : Json(nullptr);
  return out;
}

}  // namespace lowtide::show
