#include "app/grid_import.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "app/import_wish.h"
#include "app/ledger_access.h"
#include "app/paths.h"
#include "app/progress_line.h"
#include "app/provider_access.h"
#include "app/repricing.h"
#include "app/say.h"
#include "app/terminal.h"
#include "app/values.h"
#include "grid/import.h"
#include "grid/kept_provider.h"
#include "host/clock.h"
#include "show/import_view.h"

namespace lowtide::app {
namespace {

struct ImportFlags {
  std::vector<std::string> files;
  ImportTexts said;
  std::string json;
  bool check = false;
};

// How much of a file is read.
class Progress {
 public:
  explicit Progress(const char* done) : done_(done) {}
  void operator()(const std::string& file, double share) {
    if (file != file_) {
      file_ = file;
      begin_ = line_.elapsed();
    }
    line_.show(show::import_progress(file, share, line_.elapsed() - begin_, done_));
  }

 private:
  const char* done_;
  std::string file_;
  std::chrono::nanoseconds begin_{};
  ProgressLine line_;
};

// Under which `grid show` finds the zone.
Result<void> note_zones(grid::KeptSeries& kept, const std::vector<grid::ImportReport>& reports,
                        Utc now) {
  for (const grid::ImportReport& report : reports) {
    const grid::SeriesKey& key = report.key;
    auto noted = kept.note(grid::zone_note(grid::kImport, key.zone, key.signal), key.zone, now);
    if (!noted) return noted;
  }
  return {};
}

// Not more than cache-size.
Result<void> bound_cache(grid::KeptSeries& kept) {
  Settings settings = Settings::load(config_path());
  const auto bound = settings.get<std::int64_t>("cache-size", 1'000'000'000, parse_bytes);
  if (!bound) return {};
  const auto shrunk = kept.shrink(*bound);
  if (!shrunk) return tl::unexpected(shrunk.error());
  if (*shrunk > 0) {
    warn(fmt::format("{}: more than cache-size is kept: what was not read for the longest is gone",
                     kept.path()));
  }
  return {};
}

Result<void> keep(std::vector<grid::ImportReport>& reports, const grid::ImportWish& wish) {
  const std::string path = cache_path();
  if (path.empty()) {
    return fail(ErrorKind::absent, "there is no home folder to keep series in", "grid import",
                "set LOWTIDE_HOME, or give --check");
  }
  const Utc now = host::SystemClock().utc();
  // Open all the while: who closes it last waits for the disk.
  auto kept = grid::KeptSeries::open(path);
  if (!kept) return tl::unexpected(kept.error());
  Progress progress("kept");
  auto done =
      grid::keep_files(reports, wish, path, now,
                       [&](const std::string& file, double share) { progress(file, share); });
  if (!done) return done;
  if (auto noted = note_zones(*kept, reports, now); !noted) return noted;
  return bound_cache(*kept);
}

int import_command(const ImportFlags& flags) {
  auto wish = import_wish(flags.said, "--");
  if (!wish) return refuse(wish.error());
  wish->needs_zone = !flags.check;
  auto reports = [&] {
    Progress progress("checked");
    return grid::check_files(flags.files, *wish,
                             [&](const std::string& file, double share) { progress(file, share); });
  }();
  if (!reports) return refuse(reports.error());
  const auto done = flags.check ? grid::keep_files(*reports, *wish, {}, {}) : keep(*reports, *wish);
  if (!done) return refuse(done.error());
  std::string text = show::import_text(*reports, style_of(STDOUT_FILENO));
  if (!flags.check) {
    Settings settings = Settings::load(config_path());
    text += complete_by_kept(settings);
  }
  int status = 0;
  if (flags.json != "-") status = put(text);
  if (!flags.json.empty() && status == 0) {
    status = put(show::import_json(*reports), flags.json == "-" ? "" : flags.json);
  }
  return status;
}

void add_times(CLI::App& import, const std::shared_ptr<ImportFlags>& flags) {
  import.add_option("--tz", flags->said.tz, "the offset of times that say none: UTC, +01:00")
      ->type_name("OFFSET");
  import
      .add_option("--dates", flags->said.dates, "day-first or month-first, where no row says which")
      ->type_name("ORDER");
  import
      .add_option("--begin", flags->said.begin, "the time of the first row, of files without times")
      ->type_name("TIME");
  import
      .add_option("--step", flags->said.step,
                  "how long a row holds (default: the file's usual step)")
      ->type_name("D");
  import
      .add_option("--shift", flags->said.shift,
                  "moves all times: -1h for stamps that are an hour late")
      ->type_name("D");
}

}  // namespace

void add_grid_import(Cli& cli, CLI::App& grid) {
  const auto flags = std::make_shared<ImportFlags>();
  CLI::App& import = *grid.add_subcommand("import", "Check files of intensity and keep them");
  import.callback([&cli, flags] { cli.action = [flags] { return import_command(*flags); }; });
  import.add_option("files", flags->files, "CSV, plain or packed with gzip or zstd")
      ->required()
      ->type_name("FILE");
  import
      .add_option("--zone", flags->said.zone,
                  "whose it is, as --location has it (default: as the file says)")
      ->type_name("ZONE");
  import
      .add_option("--signal", flags->said.signal, "average or marginal (default: as the file says)")
      ->type_name("SIGNAL");
  import
      .add_option("--scope", flags->said.scope, "lifecycle or direct (default: as the file says)")
      ->type_name("SCOPE");
  import.add_option("--gas", flags->said.gas, "co2 or co2e (default: as unit or file say)")
      ->type_name("GAS");
  import
      .add_option("--unit", flags->said.unit,
                  "gCO2eq/kWh, kg/MWh, lb/MWh, .. (default: as the file says)")
      ->type_name("UNIT");
  import
      .add_option("--column", flags->said.column,
                  "the column of the values, where the form is not known")
      ->type_name("NAME");
  add_times(import, flags);
  import.add_flag("--check", flags->check, "only report; keep nothing");
  import
      .add_option("--json", flags->json, "write the report to FILE (lowtide.import/1); -: stdout")
      ->type_name("FILE");
  import.footer(
      "Forms are known by their header (docs/import.md); what neither header nor flag says is\n"
      "asked for. Values are kept as they are: zeros, negative and constant ones are reported.\n"
      "All files of one import are one series a zone, signal, scope and gas; when one is wrong\n"
      "nothing is kept. Priced with it: --intensity import, or import,typical.\n"
      "Exit status: 2 something is to be said, 3 a file is not what it should be.\n"
      "Examples:\n"
      "  lowtide grid import FR_2022_hourly.csv FR_2023_hourly.csv.gz --zone FR\n"
      "  lowtide grid import moer.csv.zst --zone US-CAL-CISO --signal marginal --unit lb/MWh\n"
      "  lowtide grid import ERCO.csv --zone US-TEX-ERCO --shift -1h --check --json -");
}

}  // namespace lowtide::app
