// `lowtide run`: from flags, environment and config to a request whose every value is checked.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/settings.h"
#include "app/shift_flags.h"
#include "base/result.h"
#include "grid/place.h"
#include "grid/provider.h"
#include "series/run.h"

namespace lowtide::app {

// As the command line gave it; the settings that have three origins are in `settings`.
struct RunFlags {
  std::vector<std::string> command;
  std::string name;
  std::vector<std::string> tags;
  std::vector<std::string> counts;
  std::string json_path;
  std::string continues;  // RUN; empty: begins a record of its own
  bool no_command = false;
  ShiftFlags shift;
  SettingFlags setting_flags;  // as given
};

struct RunRequest {
  std::vector<std::string> command;
  RunRecord record;  // id, name, .. as they go into the ledger
  grid::Place place;
  std::unique_ptr<grid::Provider> provider;  // null: no intensity can be had, carbon is unknown
  std::unique_ptr<grid::Provider> other;     // of the other signal; null: none is known
  bool both_signals = false;                 // the other one was asked for
  bool cloud = false;                        // the machine is a cloud's, by its DMI strings
  Duration interval{};
  Duration wait_sensors{};
  std::optional<std::string> gpus;
  bool quiet = false;
  bool own_cgroup = true;  // the job gets one where that is allowed
  bool spool = false;      // as on a network file system, whatever it is
  std::string json_path;
  std::optional<int> edition;  // of the equivalents; absent: the newest of each
};

// Error: what lowtide refuses (exit 125).
[[nodiscard]] Result<RunRequest> make_request(const RunFlags& flags, Settings& settings);

// Place, signal, PUE and source of intensity alone, by the same settings: for who plans. Warnings
// are in `settings`.
[[nodiscard]] Result<RunRequest> make_source_request(Settings& settings);

// The intensity of the request's sources and place over the interval, the headline's first; none
// where it has no source or the source fails.
[[nodiscard]] std::vector<IntensityUsed> intensity_of(const RunRequest& request, Interval over);

// What the last answer of the request's network providers came with: why one has said nothing, ..
[[nodiscard]] std::vector<std::string> provider_notes(const RunRequest& request);

// Where the place was assumed and the cloud's metadata service has told it by now: the place, and
// the sources of it.
void settle_place(RunRequest& request);

// The command as it is kept: values that look like secrets are `***`.
[[nodiscard]] std::vector<std::string> without_secrets(const std::vector<std::string>& command);

// A new run id: 8 random characters that cannot be misread.
[[nodiscard]] std::string new_run_id();

}  // namespace lowtide::app
