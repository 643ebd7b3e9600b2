#include "app/setting_options.h"

namespace lowtide::app {

void add_metering_settings(CLI::App& command, SettingFlags& into) {
  add_setting(command, into, "location", "PLACE",
              "zone (US-CAL-CISO), cloud region (aws:us-east-1) or LAT,LON; default: assumed");
  add_setting(command, into, "intensity", "SOURCE",
              "typical (default), file:PATH, or a number: 475g/kWh");
  add_setting(command, into, "signal", "SIGNAL", "average (default) or marginal");
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
