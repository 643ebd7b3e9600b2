#include "app/setting_options.h"

namespace lowtide::app {
namespace {

void add_switch(CLI::App& command, SettingFlags& into, const std::string& key,
                const std::string& help) {
  command.add_flag_callback("--" + key, [&into, key] { into.emplace_back(key, "true"); }, help);
}

}  // namespace

void add_metering_settings(CLI::App& command, SettingFlags& into) {
  add_setting(command, into, "location", "PLACE",
              "zone (US-CAL-CISO), cloud region (aws:us-east-1) or LAT,LON; default: assumed");
  add_setting(command, into, "intensity", "SOURCE",
              "typical (default), file:PATH, 475g/kWh, a provider (watttime, uk, ..) or a list:\n"
              "the first that covers an interval wins");
  add_setting(command, into, "signal", "SIGNAL",
              "average (default), marginal, or both: average heads, the other stands beside it");
  add_switch(command, into, "allow-fallback",
             "where no provider of the list has a value, take the shipped typical year");
  add_switch(command, into, "mix-models", "two versions of a provider's model may price one run");
  add_setting(command, into, "interval", "DURATION", "between readings of counters; default 1s");
  add_setting(command, into, "pue", "X", "power usage effectiveness; default: of the cloud region");
  add_setting(command, into, "embodied", "G",
              "embodied carbon: grams, none or auto (default: an assumed share)");
  add_setting(command, into, "project", "NAME", "the project that the run belongs to");
  add_setting(command, into, "per", "R",
              "functional unit of the SCI: run, hour, gpu-hour, instance-hour, '1000 samples'");
  add_setting(command, into, "gpus", "LIST", "all, none, or indices or UUIDs: the GPUs that count");
  add_setting(command, into, "idle", "RULE",
              "charge of idle energy: reserved (default), all or none");
  add_setting(command, into, "wait-sensors", "DURATION",
              "how long the start may wait for the GPU driver; default 100ms");
}

}  // namespace lowtide::app
