#include "app/run_request.h"

#include <sched.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "app/machine_share.h"
#include "app/paths.h"
#include "app/tables.h"
#include "app/values.h"
#include "grid/sources.h"
#include "host/clock.h"
#include "host/proc.h"

namespace lowtide::app {
namespace {

bool is_interpreter(const std::string& name) {
  for (const char* known : {"python", "bash", "sh", "perl", "ruby", "Rscript", "julia", "node"}) {
    const std::string word = known;
    if (name == word) return true;
    const bool versioned = name.compare(0, word.size(), word) == 0 &&
                           name.find_first_not_of("0123456789.", word.size()) == std::string::npos;
    if (versioned) return true;
  }
  return false;
}

// `python3 dir/train.py --lr 1` is called train.py.
std::string default_name(const std::vector<std::string>& command) {
  const auto base = [](const std::string& path) {
    return std::filesystem::path(path).filename().string();
  };
  const std::string program = base(command.front());
  const std::string script = command.size() > 1 ? command[1] : "";
  if (is_interpreter(program) && !script.starts_with('-') && !base(script).empty()) {
    return base(script);
  }
  return program;
}

Result<void> read_accounting(Settings& settings, RunRequest& request) {
  AccountingOptions& options = request.record.options;
  const auto pue = settings.get<std::optional<double>>("pue", std::nullopt, parse_pue);
  if (!pue) return tl::unexpected(pue.error());
  options.pue = *pue;
  if (*pue) options.pue_source = settings.origin();
  const auto embodied = settings.get<std::string>("embodied", "auto", parse_embodied);
  if (!embodied) return tl::unexpected(embodied.error());
  options.embodied = *embodied;
  const auto idle = settings.get<IdleRule>("idle", IdleRule::reserved, parse_idle);
  if (!idle) return tl::unexpected(idle.error());
  options.idle = *idle;
  const auto per = settings.get<std::string>("per", "run", parse_per);
  if (!per) return tl::unexpected(per.error());
  options.per = *per;
  const auto signal = settings.get<Signal>("signal", Signal::average, parse_signal);
  if (!signal) return tl::unexpected(signal.error());
  options.headline = *signal;
  return {};
}

Result<void> read_edition(Settings& settings, RunRequest& request) {
  const auto edition = edition_in_force(settings);
  if (!edition) return tl::unexpected(edition.error());
  request.edition = *edition;
  return {};
}

Result<void> read_labels(const RunFlags& flags, RunRecord& record) {
  for (const std::string& tag : flags.tags) {
    const auto pair = parse_pair(tag, "--tag");
    if (!pair) return tl::unexpected(pair.error());
    record.tags[pair->first] = pair->second;
  }
  for (const std::string& text : flags.counts) {
    const auto count = parse_count(text);
    if (!count) return tl::unexpected(count.error());
    record.counts[count->first] += count->second;
  }
  return {};
}

grid::Surroundings surroundings(const host::MachineFiles& files) {
  grid::Surroundings around;
  around.machine = files;
  around.tz_environment = environment("TZ").value_or("");
  std::error_code code;
  around.localtime_target = std::filesystem::read_symlink("/etc/localtime", code).string();
  around.etc_timezone = host::read_file("/etc/timezone").value_or("");
  return around;
}

Result<void> read_place(Settings& settings, RunRequest& request) {
  const std::string data = data_folder();
  const host::MachineFiles files(environment("LOWTIDE_SYSROOT").value_or(""));
  auto place = settings.get<std::optional<grid::Place>>(
      "location", std::nullopt, [&](const std::string& s) -> Result<std::optional<grid::Place>> {
        auto found = grid::find_place(s, data);
        if (!found) return tl::unexpected(found.error());
        return std::optional(std::move(*found));
      });
  if (!place) return tl::unexpected(place.error());
  if (*place) request.record.options.location = (*place)->asked;
  request.place = *place ? std::move(**place) : grid::assume_place(surroundings(files), data);
  AccountingOptions& options = request.record.options;
  if (!options.pue && request.place.pue) {
    options.pue = request.place.pue;
    options.pue_source = request.place.pue_source;
    options.pue_is_average = request.place.pue_is_average;
  }
  return {};
}

Result<void> read_intensity(Settings& settings, RunRequest& request) {
  using Opened = std::shared_ptr<std::unique_ptr<grid::Provider>>;
  const auto open = [&](const std::string& spec) -> Result<Opened> {
    if (spec == "file:") {
      return fail(ErrorKind::usage, "no path is given", {}, "write it as file:PATH");
    }
    auto opened =
        grid::open_source({spec, request.place, request.record.options.headline, data_folder()});
    if (!opened) return tl::unexpected(opened.error());
    request.record.options.intensity = spec;
    return std::make_shared<std::unique_ptr<grid::Provider>>(std::move(*opened));
  };
  auto chosen = settings.get<Opened>("intensity", nullptr, open);
  if (!chosen) return tl::unexpected(chosen.error());
  if (*chosen) {
    request.provider = std::move(**chosen);
    return {};
  }
  auto typical = open("typical");
  if (typical) {
    request.provider = std::move(**typical);
    return {};
  }
  // What the user asked for by flag is refused; a missing table is trouble of the machine.
  if (settings.flag_set("signal")) return tl::unexpected(typical.error());
  settings.warn(typical.error().line() + "; carbon will not be known");
  return {};
}

Result<void> read_sampling(Settings& settings, RunRequest& request) {
  const auto interval = settings.get<Duration>("interval", std::chrono::seconds(1), parse_interval);
  if (!interval) return tl::unexpected(interval.error());
  request.interval = *interval;
  const auto wait =
      settings.get<Duration>("wait-sensors", std::chrono::milliseconds(100), parse_wait);
  if (!wait) return tl::unexpected(wait.error());
  request.wait_sensors = *wait;
  const auto gpus = settings.get<std::string>("gpus", "", parse_gpus);
  if (!gpus) return tl::unexpected(gpus.error());
  if (!gpus->empty()) request.gpus = *gpus;
  const auto quiet = settings.get<bool>("quiet", false, parse_bool);
  if (!quiet) return tl::unexpected(quiet.error());
  request.quiet = *quiet;
  const auto spool = settings.get<bool>("spool", false, parse_bool);
  if (!spool) return tl::unexpected(spool.error());
  request.spool = *spool;
  return {};
}

// What is known of the run before anything is read.
void describe(const RunFlags& flags, const Settings& settings, RunRecord& record) {
  record.id = new_run_id();
  record.name = flags.name;
  if (record.name.empty()) record.name = flags.no_command ? "unnamed" : default_name(flags.command);
  record.project = settings.text("project");
  record.parent = environment("LOWTIDE_RUN_ID").value_or("");
  if (!flags.no_command) record.command = without_secrets(flags.command);
  record.host = host::host_name();
  record.submitted = host::SystemClock().utc();
  record.lowtide_version = LOWTIDE_VERSION;
  record.machine = machine_share();
}

void note_sources(RunRequest& request) {
  RunRecord& record = request.record;
  const auto note = [&](const char* kind, const std::vector<std::string>& notes) {
    for (const std::string& text : notes) record.events.push_back({record.submitted, kind, text});
  };
  note("place-note", request.place.notes);
  if (request.provider) note("intensity-note", request.provider->notes());
}

}  // namespace

std::vector<IntensityUsed> intensity_of(const RunRequest& request, Interval over) {
  if (!request.provider) return {};
  auto used = request.provider->fetch(over);
  if (!used) return {};
  used->asked = request.place.asked;
  used->resolved_by = request.place.resolved_by;
  used->place_assumed = request.place.assumed;
  return {std::move(*used)};
}

std::string new_run_id() {
  constexpr std::string_view kLetters = "0123456789abcdefghjkmnpqrstvwxyz";  // Crockford's 32
  std::array<unsigned char, 8> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    const auto now = host::SystemClock().utc().time_since_epoch().count() ^ getpid();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      bytes.at(i) = static_cast<unsigned char>(now >> (8 * i));
    }
  }
  std::string id;
  for (const unsigned char byte : bytes) id += kLetters[byte % kLetters.size()];
  return id;
}

Result<RunRequest> make_request(const RunFlags& flags, Settings& settings) {
  RunRequest request;
  request.command = flags.command;
  request.json_path = flags.json_path;
  describe(flags, settings, request.record);
  if (auto done = read_labels(flags, request.record); !done) return tl::unexpected(done.error());
  for (const auto read :
       {read_accounting, read_edition, read_sampling, read_place, read_intensity}) {
    if (auto done = read(settings, request); !done) return tl::unexpected(done.error());
  }
  note_sources(request);
  return request;
}

}  // namespace lowtide::app
