#include "app/run_request.h"

#include <sched.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <utility>

#include "app/machine_share.h"
#include "app/paths.h"
#include "grid/sources.h"
#include "host/clock.h"
#include "host/proc.h"

namespace lowtide::app {
namespace {

Result<double> parse_number(const std::string& text) {
  double value = 0;
  const char* const stop = text.data() + text.size();
  const auto [end, code] = std::from_chars(text.data(), stop, value);
  if (code != std::errc() || end != stop || !std::isfinite(value)) {  // it reads "nan" and "inf"
    return fail(ErrorKind::usage, "'" + text + "' is not a number");
  }
  return value;
}

Result<Duration> parse_positive(const std::string& text) {
  auto length = parse_duration(text);
  if (length && *length < std::chrono::milliseconds(10)) {
    return fail(ErrorKind::usage, "'" + text + "' is too short", {}, "10ms is the least");
  }
  return length;
}

// "4x" is a multiple, "4" a plain number: PUE is written as a plain one.
Result<std::optional<double>> parse_pue(const std::string& text) {
  const auto value = parse_number(text);
  if (!value) return tl::unexpected(value.error());
  if (*value < 1 || *value > 10) {
    return fail(ErrorKind::usage, "'" + text + "' is no PUE", {}, "it is 1 or more: 1.2");
  }
  return std::optional<double>(*value);
}

Result<std::string> parse_embodied(const std::string& text) {
  if (text == "none" || text == "auto") return text;
  const auto value = parse_number(text);
  if (!value || *value < 0) {
    return fail(ErrorKind::usage, "'" + text + "' is not grams, 'none' or 'auto'");
  }
  return text;
}

template <typename T>
Result<T> one_of(const std::string& text,
                 std::initializer_list<std::pair<const char*, T>> choices) {
  std::string all;
  for (const auto& [word, value] : choices) {
    if (text == word) return value;
    all += all.empty() ? word : std::string(", ") + word;
  }
  return fail(ErrorKind::usage, "'" + text + "' is none of " + all);
}

Result<std::pair<std::string, std::string>> parse_pair(const std::string& text,
                                                       const char* option) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return fail(ErrorKind::usage, "'" + text + "' is not name=value", option);
  }
  return std::pair(text.substr(0, equals), text.substr(equals + 1));
}

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

Result<void> read_accounting(Settings& settings, RunRecord& record) {
  AccountingOptions& options = record.options;
  const auto pue = settings.get<std::optional<double>>("pue", std::nullopt, parse_pue);
  if (!pue) return tl::unexpected(pue.error());
  options.pue = *pue;
  if (*pue) options.pue_source = settings.origin();
  const auto embodied = settings.get<std::string>("embodied", "auto", parse_embodied);
  if (!embodied) return tl::unexpected(embodied.error());
  options.embodied = *embodied;
  const auto idle = settings.get<IdleRule>("idle", IdleRule::reserved, [](const std::string& s) {
    return one_of<IdleRule>(
        s, {{"reserved", IdleRule::reserved}, {"all", IdleRule::all}, {"none", IdleRule::none}});
  });
  if (!idle) return tl::unexpected(idle.error());
  options.idle = *idle;
  const auto per = settings.get<std::string>("per", "run", [](const std::string& s) {
    return s.empty() ? Result<std::string>(fail(ErrorKind::usage, "is empty")) : s;
  });
  if (!per) return tl::unexpected(per.error());
  options.per = *per;
  const auto signal = settings.get<Signal>("signal", Signal::average, [](const std::string& s) {
    return one_of<Signal>(s, {{"average", Signal::average}, {"marginal", Signal::marginal}});
  });
  if (!signal) return tl::unexpected(signal.error());
  options.headline = *signal;
  return {};
}

Result<void> read_labels(const RunFlags& flags, RunRecord& record) {
  for (const std::string& tag : flags.tags) {
    const auto pair = parse_pair(tag, "--tag");
    if (!pair) return tl::unexpected(pair.error());
    record.tags[pair->first] = pair->second;
  }
  for (const std::string& count : flags.counts) {
    const auto pair = parse_pair(count, "--count");
    if (!pair) return tl::unexpected(pair.error());
    const auto value = parse_number(pair->second);
    if (!value) {
      Error error = value.error();
      error.where = "--count";
      return tl::unexpected(error);
    }
    record.counts[pair->first] += *value;
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
  const auto interval = settings.get<Duration>("interval", std::chrono::seconds(1), parse_positive);
  if (!interval) return tl::unexpected(interval.error());
  request.interval = std::min(*interval, kSlot);
  const auto wait =
      settings.get<Duration>("wait-sensors", std::chrono::milliseconds(100),
                             [](const std::string& text) { return parse_duration(text); });
  if (!wait) return tl::unexpected(wait.error());
  request.wait_sensors = *wait;
  const std::string gpus = settings.text("gpus");
  if (!gpus.empty()) request.gpus = gpus;
  request.quiet = settings.text("quiet") == "true";
  return {};
}

}  // namespace

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
  RunRecord& record = request.record;
  record.id = new_run_id();
  record.name = !flags.name.empty() ? flags.name
                : flags.no_command  ? "unnamed"
                                    : default_name(flags.command);
  record.project = settings.text("project");
  record.parent = environment("LOWTIDE_RUN_ID").value_or("");
  if (!flags.no_command) record.command = without_secrets(flags.command);
  record.host = host::host_name();
  record.submitted = host::SystemClock().utc();
  record.lowtide_version = LOWTIDE_VERSION;
  record.machine = machine_share();
  if (auto done = read_labels(flags, record); !done) return tl::unexpected(done.error());
  if (auto done = read_accounting(settings, record); !done) return tl::unexpected(done.error());
  if (auto done = read_sampling(settings, request); !done) return tl::unexpected(done.error());
  if (auto done = read_place(settings, request); !done) return tl::unexpected(done.error());
  if (auto done = read_intensity(settings, request); !done) return tl::unexpected(done.error());
  for (const std::string& note : request.place.notes) {
    record.events.push_back({record.submitted, "place-note", note});
  }
  if (request.provider) {
    for (const std::string& note : request.provider->notes()) {
      record.events.push_back({record.submitted, "intensity-note", note});
    }
  }
  return request;
}

}  // namespace lowtide::app
