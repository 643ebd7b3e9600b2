#include "script.h"

#include <cmath>
#include <cstdlib>
#include <map>
#include <sstream>

namespace lowtide::rig {
namespace {

using Words = std::vector<std::string>;

bool read_number(const std::string& word, double* out) {
  char* end = nullptr;
  *out = std::strtod(word.c_str(), &end);
  return !word.empty() && *end == '\0' && std::isfinite(*out);
}

bool one_number(const Words& words, double scale, double* out) {
  double value = 0;
  if (words.size() != 2 || !read_number(words[1], &value)) return false;
  *out = value * scale;
  return true;
}

std::string rest_of(const Words& words) {
  std::string text;
  for (size_t i = 1; i < words.size(); ++i) text += (i > 1 ? " " : "") + words[i];
  return text;
}

bool set_text(const Words& words, std::string* out) {
  *out = rest_of(words);
  return words.size() > 1;
}

bool set_switch(const Words& words, bool* out) {
  if (words.size() != 2 || (words[1] != "yes" && words[1] != "no")) return false;
  *out = words[1] == "yes";
  return true;
}

// Keys before the first device.
bool set_origin(const Words& words, Script* script) {
  const auto origin = Origin::parse(Words(words.begin() + 1, words.end()));
  if (origin) script->origin = *origin;
  return origin.has_value();
}

// fail NAME FIRST[-[LAST]] CODE, hang NAME FIRST[-[LAST]]
bool add_rule(const Words& words, Script* script) {
  CallRule rule;
  rule.hang = words[0] == "hang";
  if (words.size() != (rule.hang ? 3U : 4U)) return false;
  rule.function = words[1];
  char* end = nullptr;
  rule.first = std::strtol(words[2].c_str(), &end, 10);
  rule.last = rule.first;
  if (*end == '-') {
    const std::string last = end + 1;
    rule.last = last.empty() ? std::numeric_limits<long>::max() : std::atol(last.c_str());
  }
  if (!rule.hang) rule.code = std::atoi(words[3].c_str());
  script->rules.push_back(rule);
  return rule.first >= 1 && rule.last >= rule.first && (rule.hang || rule.code > 0);
}

bool set_init_error(const Words& words, Script* script) {
  return words.size() == 2 && add_rule({"fail", "nvmlInit_v2", "1-", words[1]}, script);
}

using ScriptSetter = bool (*)(const Words&, Script*);

const std::map<std::string, ScriptSetter>& script_keys() {
  static const std::map<std::string, ScriptSetter> keys = {
      {"t0", set_origin},
      {"fail", add_rule},
      {"hang", add_rule},
      {"init_error", set_init_error},
      {"driver", [](const Words& w, Script* s) { return set_text(w, &s->driver); }},
      {"log", [](const Words& w, Script* s) { return set_text(w, &s->log_path); }},
      {"hang_at", [](const Words& w, Script* s) { return one_number(w, 1, &s->hang_at_s); }},
      {"delay_ms", [](const Words& w, Script* s) { return one_number(w, 1e-3, &s->delay_s); }}};
  return keys;
}

// Keys of a device.
bool set_curve(const Words& words, Device* device) {
  const auto curve = parse_curve(Words(words.begin() + 1, words.end()));
  if (!curve) return false;
  const double idle_w = device->curve.idle_w();
  device->curve = *curve;
  device->curve.set_idle_w(idle_w);
  return true;
}

bool set_idle(const Words& words, Device* device) {
  double watts = 0;
  if (!one_number(words, 1, &watts)) return false;
  device->curve.set_idle_w(watts);
  return true;
}

bool set_counter(const Words& words, Device* device) {
  if (words.size() == 3 && words[1] == "step_ms") {
    return one_number({words[1], words[2]}, 1e-3, &device->sensor.counter_step_s);
  }
  device->sensor.has_counter = words.size() == 2 && words[1] == "live";
  return words.size() == 2 && (words[1] == "live" || words[1] == "none");
}

bool set_power(const Words& words, Device* device) {
  Sensor& sensor = device->sensor;
  if (words.size() == 3 && words[1] == "average_ms") {
    return one_number({words[1], words[2]}, 1e-3, &sensor.window_s);
  }
  sensor.has_power = words.size() == 2 && words[1] == "instant";
  sensor.window_s = 0;
  return words.size() == 2 && (words[1] == "instant" || words[1] == "none");
}

bool set_gain(const Words& words, Device* device) {
  double percent = 0;
  if (!one_number(words, 1, &percent)) return false;
  device->sensor.gain = 1 + percent / 100;
  return true;
}

bool set_power_gain(const Words& words, Device* device) {
  double percent = 0;
  if (!one_number(words, 1, &percent)) return false;
  device->sensor.power_gain = 1 + percent / 100;
  return true;
}

bool set_duty(const Words& words, Device* device) {
  Sensor& sensor = device->sensor;
  if (words.size() != 3) return false;
  return one_number({"", words[1]}, 1e-3, &sensor.duty_on_s) &&
         one_number({"", words[2]}, 1e-3, &sensor.duty_period_s) && sensor.duty_on_s > 0 &&
         sensor.duty_on_s <= sensor.duty_period_s;
}

bool set_contexts(const Words& words, Device* device) {
  static const std::map<std::string, Contexts> kinds = {{"unsupported", Contexts::unsupported},
                                                        {"none", Contexts::none},
                                                        {"pids", Contexts::pids},
                                                        {"file", Contexts::file}};
  if (words.size() < 2 || !kinds.contains(words[1])) return false;
  device->contexts = kinds.at(words[1]);
  if (device->contexts == Contexts::file) {
    device->pid_files.push_back(rest_of(Words(words.begin() + 1, words.end())));
    return !device->pid_files.back().empty();
  }
  if (device->contexts != Contexts::pids) return words.size() == 2;
  for (size_t i = 2; i < words.size(); ++i) {
    device->pids.push_back(static_cast<unsigned>(std::strtoul(words[i].c_str(), nullptr, 10)));
  }
  return true;
}

// process_use unsupported, process_use PERCENT FILE
bool set_process_use(const Words& words, Device* device) {
  if (words.size() == 2 && words[1] == "unsupported") {
    device->tells_loads = false;
    return true;
  }
  double percent = 0;
  if (words.size() != 3 || !read_number(words[1], &percent) || percent < 0) return false;
  device->loads.push_back({static_cast<unsigned>(percent), words[2]});
  return true;
}

// mig_part UUID SLICES FILE
bool add_part(const Words& words, Device* device) {
  double slices = 0;
  if (words.size() != 4 || !read_number(words[2], &slices) || slices < 1) return false;
  device->mig_mode = 1;
  device->parts.push_back({words[1], static_cast<unsigned>(slices), words[3]});
  return true;
}

// fail_between FROM UNTIL CODE
bool set_failing(const Words& words, Device* device) {
  double code = 0;
  if (words.size() != 4 || !read_number(words[1], &device->fail_from_s) ||
      !read_number(words[2], &device->fail_until_s) || !read_number(words[3], &code)) {
    return false;
  }
  device->fail_code = static_cast<int>(code);
  return device->fail_code > 0 && device->fail_from_s < device->fail_until_s;
}

// lost_between FROM UNTIL
bool set_lost(const Words& words, Device* device) {
  return words.size() == 3 && read_number(words[1], &device->lost_at_s) &&
         read_number(words[2], &device->back_at_s) && device->lost_at_s < device->back_at_s;
}

// freeze_between FROM UNTIL catches-up|forgets
bool set_freeze(const Words& words, Device* device) {
  if (words.size() != 4 || (words[3] != "catches-up" && words[3] != "forgets")) return false;
  device->freeze_forgets = words[3] == "forgets";
  return read_number(words[1], &device->freeze_from_s) &&
         read_number(words[2], &device->freeze_until_s) &&
         device->freeze_from_s < device->freeze_until_s;
}

// jump_at SECONDS JOULES
bool set_jump(const Words& words, Device* device) {
  return words.size() == 3 && read_number(words[1], &device->jump_at_s) &&
         read_number(words[2], &device->jump_joules);
}

bool set_mig(const Words& words, Device* device) {
  bool on = false;
  if (!set_switch(words, &on)) return false;
  device->mig_mode = on ? 1 : 0;
  return true;
}

bool set_architecture(const Words& words, Device* device) {
  double value = 0;
  if (!one_number(words, 1, &value)) return false;
  device->architecture = static_cast<unsigned>(value);
  return true;
}

// capability MAJOR.MINOR
bool set_capability(const Words& words, Device* device) {
  double value = 0;
  if (!one_number(words, 10, &value)) return false;
  device->capability = static_cast<int>(std::lround(value));
  return device->capability > 0;
}

bool set_limit(const Words& words, Device* device) {
  double milliwatts = 0;
  if (!one_number(words, 1000, &milliwatts)) return false;
  device->limit_mw = static_cast<unsigned>(milliwatts);
  return true;
}

using DeviceSetter = bool (*)(const Words&, Device*);

const std::map<std::string, DeviceSetter>& device_keys() {
  static const std::map<std::string, DeviceSetter> keys = {
      {"name", [](const Words& w, Device* d) { return set_text(w, &d->name); }},
      {"arch", set_architecture},
      {"capability", set_capability},
      {"limit_w", set_limit},
      {"curve", set_curve},
      {"idle_w", set_idle},
      {"counter", set_counter},
      {"power", set_power},
      {"refresh_ms",
       [](const Words& w, Device* d) { return one_number(w, 1e-3, &d->sensor.refresh_s); }},
      {"instant", [](const Words& w, Device* d) { return set_switch(w, &d->sensor.has_instant); }},
      {"gain_pct", set_gain},
      {"power_gain_pct", set_power_gain},
      {"offset_w", [](const Words& w, Device* d) { return one_number(w, 1, &d->sensor.offset_w); }},
      {"duty_ms", set_duty},
      {"contexts", set_contexts},
      {"fail_between", set_failing},
      {"lost_between", set_lost},
      {"freeze_between", set_freeze},
      {"jump_at", set_jump},
      {"mig", set_mig},
      {"mig_part", add_part},
      {"process_use", set_process_use},
      {"delay_ms", [](const Words& w, Device* d) { return one_number(w, 1e-3, &d->delay_s); }},
      {"lost_at", [](const Words& w, Device* d) { return one_number(w, 1, &d->lost_at_s); }},
      {"reset_at", [](const Words& w, Device* d) { return one_number(w, 1, &d->reset_at_s); }}};
  return keys;
}

bool apply_line(const Words& words, Script* script) {
  if (words[0] == "device") {
    if (words.size() != 2) return false;
    script->devices.emplace_back().uuid = words[1];
    return true;
  }
  if (script->devices.empty()) {
    const auto key = script_keys().find(words[0]);
    return key != script_keys().end() && key->second(words, script);
  }
  const auto key = device_keys().find(words[0]);
  return key != device_keys().end() && key->second(words, &script->devices.back());
}

}  // namespace

std::vector<std::string> split_words(const std::string& line) {
  std::istringstream stream(line.substr(0, line.find('#')));
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::optional<Script> parse_script(std::istream& text, std::string* error) {
  Script script;
  std::string line;
  for (int number = 1; std::getline(text, line); ++number) {
    const Words words = split_words(line);
    if (words.empty() || apply_line(words, &script)) continue;
    *error = "line " + std::to_string(number) + ": cannot read '" + line + "'";
    return std::nullopt;
  }
  return script;
}

}  // namespace lowtide::rig
