#include "app/run_request.h"

#include <fmt/format.h>
#include <sched.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "app/background_fetch.h"
#include "app/lives.h"
#include "app/machine_share.h"
#include "app/named_places.h"
#include "app/paths.h"
#include "app/provider_access.h"
#include "app/tables.h"
#include "app/values.h"
#include "grid/import_header.h"
#include "grid/sources.h"
#include "host/clock.h"
#include "host/proc.h"
#include "series/origin.h"

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
  const auto signals = settings.get<Signals>("signal", {}, parse_signals);
  if (!signals) return tl::unexpected(signals.error());
  options.headline = signals->headline;
  request.both_signals = signals->both;
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

// The label that the downward API put into the environment or into a volume.
std::string kube_region() {
  if (!environment("KUBERNETES_SERVICE_HOST")) return {};
  if (const auto region = environment("LOWTIDE_KUBE_REGION")) return *region;
  const auto labels = host::read_file("/etc/podinfo/labels");
  if (!labels) return {};
  constexpr std::string_view kLabel = "topology.kubernetes.io/region=\"";
  const std::size_t at = labels->find(kLabel);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + kLabel.size();
  return labels->substr(begin, labels->find('"', begin) - begin);
}

grid::Surroundings surroundings(Settings& settings, const host::MachineFiles& files) {
  grid::Surroundings around;
  around.machine = files;
  around.tz_environment = environment("TZ").value_or("");
  std::error_code code;
  around.localtime_target = std::filesystem::read_symlink("/etc/localtime", code).string();
  around.etc_timezone = host::read_file("/etc/timezone").value_or("");
  around.cluster = environment("SLURM_CLUSTER_NAME").value_or("");
  if (!around.cluster.empty()) around.cluster_place = settings.text("clusters." + around.cluster);
  if (grid::cloud_of(files)) around.cloud_region = kept_cloud_region();
  around.kube_region = kube_region();
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
  request.place = *place ? **place : grid::assume_place(surroundings(settings, files), data);
  request.cloud = grid::cloud_of(files).has_value();
  AccountingOptions& options = request.record.options;
  if (!request.place.assumed)
    options.location = *place ? request.place.asked : key_of(request.place);
  if (!options.pue && request.place.pue) {
    options.pue = request.place.pue;
    options.pue_source = request.place.pue_source;
    options.pue_is_average = request.place.pue_is_average;
  }
  return {};
}

using Opened = Result<std::unique_ptr<grid::Provider>>;

// What the user asked for by flag is refused; trouble with anything else stops no run.
bool asked_by_flag(const Settings& settings) {
  return settings.flag_set("signal") || settings.flag_set("intensity");
}

// The other signal, beside the headline: as asked for, else where a provider has it.
Result<void> read_other(Settings& settings, RunRequest& request) {
  const Signal signal = other_than(request.record.options.headline);
  const auto spec = sources_of(settings, request.place.zone, signal);
  if (!spec) return tl::unexpected(spec.error());
  std::string wanted = fmt::format("{}", fmt::join(grid::providers_in(*spec), ","));
  if (wanted.empty() && signal == Signal::average && request.both_signals) wanted = "typical";
  Opened opened = fail(
      ErrorKind::absent,
      fmt::format("no {} source is configured or known for {}", spell(signal), request.place.zone),
      "--signal both",
      fmt::format("lowtide config set sources.{}.{} PROVIDER", spell(signal), request.place.zone));
  if (!wanted.empty())
    opened = grid::open_source(source_request(settings, wanted, request.place, signal));
  if (opened) {
    request.other = std::move(*opened);
  } else if (request.both_signals) {
    if (settings.flag_set("signal")) return tl::unexpected(opened.error());
    settings.warn(opened.error().line());
  }
  return {};
}

Result<void> read_intensity(Settings& settings, RunRequest& request) {
  AccountingOptions& options = request.record.options;
  const auto spec = sources_of(settings, request.place.zone, options.headline);
  if (!spec) return tl::unexpected(spec.error());
  options.intensity = *spec;
  auto opened = grid::open_source(source_request(settings, *spec, request.place, options.headline));
  if (!opened && asked_by_flag(settings)) return tl::unexpected(opened.error());
  if (!opened) {
    settings.warn(opened.error().line() + "; carbon will not be known");
  } else {
    request.provider = std::move(*opened);
  }
  return read_other(settings, request);
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
  const auto cgroup = settings.get<bool>("cgroup", true, parse_bool);
  if (!cgroup) return tl::unexpected(cgroup.error());
  request.own_cgroup = *cgroup;
  return {};
}

// What is known of the run before anything is read.
void describe(const RunFlags& flags, const Settings& settings, RunRecord& record) {
  record.id = new_run_id();
  record.name = flags.name;
  if (record.name.empty()) record.name = flags.no_command ? "unnamed" : default_name(flags.command);
  record.project = settings.text("project");
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
  std::vector<IntensityUsed> all;
  for (const auto* provider : {&request.provider, &request.other}) {
    if (!*provider) continue;
    auto used = (*provider)->fetch(over);
    if (!used) continue;
    used->asked = request.place.asked;
    used->resolved_by = request.place.resolved_by;
    used->place_assumed = request.place.assumed;
    all.push_back(std::move(*used));
  }
  return all;
}

std::vector<std::string> provider_notes(const RunRequest& request) {
  std::vector<std::string> all;
  for (const auto* provider : {&request.provider, &request.other}) {
    if (!*provider) continue;
    const std::string& source = (*provider)->describe().source;
    if (source != grid::kImport && grid::providers_in(source).empty()) continue;
    for (std::string& note : (*provider)->notes()) all.push_back(std::move(note));
  }
  return all;
}

void settle_place(RunRequest& request) {
  if (!request.place.assumed || !request.cloud) return;
  const std::string region = kept_cloud_region();
  if (region.empty()) return;
  Settings settings = Settings::load(config_path());
  grid::Surroundings around;
  around.cloud_region = region;
  grid::Place place = grid::assume_place(around, data_folder());
  if (place.assumed) return;
  settings.set_flag("intensity", request.record.options.intensity);
  request.place = std::move(place);
  static_cast<void>(read_intensity(settings, request));
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

Result<RunRequest> make_source_request(Settings& settings) {
  RunRequest request;
  for (const auto read : {read_accounting, read_place, read_intensity}) {
    if (auto done = read(settings, request); !done) return tl::unexpected(done.error());
  }
  return request;
}

Result<RunRequest> make_request(const RunFlags& flags, Settings& settings) {
  RunRequest request;
  request.command = flags.command;
  request.json_path = flags.json_path;
  describe(flags, settings, request.record);
  find_kin(settings, request.record);
  if (flags.command.empty()) request.record.life_of.clear();  // a watch has windows, not lives
  if (auto done = read_labels(flags, request.record); !done) return tl::unexpected(done.error());
  for (const auto read :
       {read_accounting, read_edition, read_sampling, read_place, read_intensity}) {
    if (auto done = read(settings, request); !done) return tl::unexpected(done.error());
  }
  note_sources(request);
  return request;
}

}  // namespace lowtide::app
