#include "show/settings.h"

#include <nlohmann/json.hpp>

#include "show/table.h"

namespace lowtide::show {

std::string settings_text(std::span<const SettingLine> settings, const Style& style) {
  Table table({{"setting", false, 0}, {"value", false, 0, true}, {"set by", false, 1, true}});
  for (const SettingLine& setting : settings) {
    table.add({setting.key, escape(setting.value.value_or(setting.otherwise)),
               escape(setting.where.empty() ? setting.origin : setting.where)});
  }
  return table.text(style);
}

std::string settings_json(std::span<const SettingLine> settings, const std::string& file,
                          const std::vector<std::string>& warnings) {
  using Json = nlohmann::ordered_json;
  Json all = Json::array();
  for (const SettingLine& setting : settings) {
    all.push_back({{"key", setting.key},
                   {"value", setting.value ? Json(*setting.value) : Json(nullptr)},
                   {"default", setting.otherwise},
                   {"origin", setting.origin},
                   {"where", setting.where.empty() ? Json(nullptr) : Json(setting.where)},
                   {"takes", setting.takes}});
  }
  const Json whole = {{"schema", "lowtide.config/1"},
                      {"file", file.empty() ? Json(nullptr) : Json(file)},
                      {"settings", std::move(all)},
                      {"warnings", warnings}};
  return whole.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace lowtide::show
