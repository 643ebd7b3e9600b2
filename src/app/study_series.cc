#include "app/study_series.h"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "app/paths.h"
#include "app/plan_job.h"
#include "app/provider_access.h"
#include "app/settings.h"
#include "app/study_paper.h"
#include "base/quote.h"
#include "grid/hash.h"
#include "grid/import_series.h"
#include "grid/place.h"
#include "host/files.h"

namespace lowtide::app {
namespace {

// Says where in the study's file, before what is wrong.
Error at(const std::string& where, Error error) {
  error.message = error.where.empty() ? error.message : error.where + ": " + error.message;
  error.where = where;
  return error;
}

struct SeriesRead {
  IntensityUsed used;  // with its series
  std::vector<study::SourceFile> files;
  std::vector<std::string> notes;
};

// What the check of the files found odd in their values.
std::vector<std::string> notes_of(const std::vector<grid::ImportReport>& reports) {
  std::int64_t absurd = 0, low = 0, zeros = 0;
  Intensity highest;
  for (const grid::ImportReport& report : reports) {
    absurd += report.absurd;
    low += report.low;
    zeros += report.zeros;
    highest = std::max(highest, report.highest.value_or(Intensity{}));
  }
  std::vector<std::string> out;
  if (absurd > 0) {
    out.push_back(fmt::format("{} values above {:g} g/kWh, up to {:g}: is the unit right?", absurd,
                              as_grams_per_kwh(grid::kAbsurd), as_grams_per_kwh(highest)));
  }
  if (low > 0) out.push_back(fmt::format("{} values far below all that are near them", low));
  if (zeros > 0) out.push_back(fmt::format("{} zeros", zeros));
  return out;
}

Result<SeriesRead> read_files(const SeriesRecipe& recipe, const std::string& folder) {
  const auto wish = import_wish(recipe.said, "");
  if (!wish) return tl::unexpected(wish.error());
  const auto files = find_files(folder, recipe.files);
  if (!files) return tl::unexpected(files.error());
  auto series = grid::read_series(*files, *wish);
  if (!series) return tl::unexpected(series.error());
  SeriesRead out{std::move(series->used), {}, notes_of(series->reports)};
  for (const grid::ImportReport& report : series->reports) {
    out.files.push_back(
        {std::filesystem::path(report.file).lexically_relative(folder).string(), report.sha256});
  }
  return out;
}

Result<SeriesRead> read_source(const SeriesRecipe& recipe, Interval over) {
  auto place = grid::find_place(recipe.said.zone, data_folder());
  if (!place) return tl::unexpected(place.error());
  const auto wish = import_wish(recipe.said, "");
  if (!wish) return tl::unexpected(wish.error());
  Settings settings = Settings::load(config_path());
  auto provider = grid::open_source(
      source_request(settings, recipe.intensity, *place, wish->signal.value_or(Signal::average)));
  if (!provider) return tl::unexpected(provider.error());
  auto used = (*provider)->fetch(over);
  if (!used) return tl::unexpected(used.error());
  return SeriesRead{std::move(*used), {}, (*provider)->notes()};
}

// Where a series writes zero for what it does not know.
void leave_zeros_out(study::StudyRegion& region) {
  std::size_t known = 0;
  for (Intensity& each : region.intensity) {
    if (each == Intensity{}) each = plan::kMissing;
    known += plan::is_known(each) ? 1 : 0;
  }
  region.coverage = static_cast<double>(known) / static_cast<double>(region.intensity.size());
}

std::string kind_of(const IntensityUsed& used) {
  return fmt::format("{}, {}, {}", spell(used.signal), used.scope ? spell(*used.scope) : "no scope",
                     spell(used.gas));
}

// Below the folder of the files, else beside the study's own file, else with those that come with
// lowtide.
std::string profile_path(const std::string& name, const std::string& folder,
                         const std::string& beside) {
  namespace fs = std::filesystem;
  std::error_code trouble;
  const std::string first = (fs::path(folder) / name).string();
  for (const std::string& path : {first, (fs::path(beside).parent_path() / name).string(),
                                  data_folder() + "/studies/" + name}) {
    if (fs::is_regular_file(path, trouble)) return path;
  }
  return first;
}

// `beside`: the study's own file.
Result<study::StudyJob> read_job(const JobRecipe& recipe, const std::string& folder,
                                 const std::string& beside) {
  study::StudyJob out;
  out.name = recipe.name;
  out.title = recipe.title;
  out.gpus = recipe.gpus;
  if (recipe.energy) {
    const auto work = plan::flat_profile(*recipe.energy / *recipe.length, *recipe.length);
    if (!work) return tl::unexpected(at(recipe.where, work.error()));
    out.work = *work;
    out.source = "constant power, as stated";
    return out;
  }
  if (!recipe.run.empty()) {
    JobWanted wanted;
    wanted.like = recipe.run;
    auto job = planned_job(wanted);
    if (!job) return tl::unexpected(at(recipe.where, job.error()));
    out.work = std::move(job->job.work);
    out.source = job->job.from;
    return out;
  }
  const std::string path = profile_path(recipe.profile, folder, beside);
  const auto text = host::read_file(path);
  if (!text) return tl::unexpected(at(recipe.where, text.error()));
  auto job = parse_profile(*text, path);
  if (!job) return tl::unexpected(at(recipe.where, job.error()));
  out.work = std::move(job->work);
  out.source = fmt::format("{}, sha256 {}", recipe.profile, grid::sha256_hex(*text));
  return out;
}

Result<std::vector<study::StudyJob>> read_jobs(const StudyRecipe& recipe,
                                               const std::string& folder) {
  std::vector<study::StudyJob> out;
  if (recipe.papers_jobs) {
    auto papers = paper_jobs(data_folder());
    if (!papers) return papers;
    out = std::move(*papers);
  }
  for (const JobRecipe& each : recipe.jobs) {
    auto job = read_job(each, folder, recipe.path);
    if (!job) return tl::unexpected(job.error());
    out.push_back(std::move(*job));
  }
  const auto slots = static_cast<std::size_t>((recipe.end - recipe.begin) / recipe.slot);
  for (const study::StudyJob& job : out) {
    if (job.work.size() < slots) continue;
    return fail(ErrorKind::usage,
                fmt::format("job {} takes {} slots, and the study has {}", in_quotes(job.name),
                            job.work.size(), slots),
                recipe.where, "set begin and end farther apart, or leave it out");
  }
  return out;
}

}  // namespace

std::string folder_of(const StudyRecipe& recipe, const std::string& data) {
  if (!data.empty()) return data;
  const std::filesystem::path own = std::filesystem::path(recipe.path).parent_path();
  return (own / recipe.data).lexically_normal().string();
}

Result<std::vector<std::string>> find_files(const std::string& folder,
                                            const std::vector<std::string>& patterns) {
  std::vector<std::string> out;
  for (const std::string& pattern : patterns) {
    const std::string path = (std::filesystem::path(folder) / pattern).string();
    glob_t found{};
    const int trouble = ::glob(path.c_str(), 0, nullptr, &found);
    for (std::size_t i = 0; trouble == 0 && i < found.gl_pathc; ++i) {
      out.emplace_back(found.gl_pathv[i]);
    }
    ::globfree(&found);
    if (trouble != 0) {
      return fail(ErrorKind::absent, "there is no such file", path,
                  "say where the series lie with --data DIR");
    }
  }
  return out;
}

// The planner's costs are of intensities that are not below zero.
Result<void> none_below_zero(const IntensitySeries& series, const RegionRecipe& region) {
  const auto pieces = series.pieces();
  const auto below = std::find_if(pieces.begin(), pieces.end(), [](const IntensityPiece& piece) {
    return piece.value < Intensity{};
  });
  if (below == pieces.end()) return {};
  return fail(ErrorKind::malformed,
              fmt::format("{} is below zero at {}: {:g} g/kWh", in_quotes(region.name),
                          format_utc(below->span.begin), as_grams_per_kwh(below->value)),
              region.where, "plans are made on intensities of zero and more; leave it out");
}

Result<study::StudyRegion> read_region(const StudyRecipe& recipe, const RegionRecipe& region,
                                       const SeriesRecipe& series, const std::string& folder) {
  const Utc begin = region.begin.value_or(recipe.begin);
  const Interval over{begin, begin + (recipe.end - recipe.begin)};
  if (series.files.empty() && series.intensity.empty()) {
    return fail(ErrorKind::malformed, in_quotes(region.name) + " has no series", region.where,
                "say file or intensity, here or in [series]");
  }
  auto read = series.files.empty() ? read_source(series, over) : read_files(series, folder);
  if (!read) return tl::unexpected(at(region.where, read.error()));
  if (const auto right = none_below_zero(read->used.series.slice(over), region); !right) {
    return tl::unexpected(right.error());
  }
  study::StudyRegion out;
  out.notes = std::move(read->notes);
  out.name = region.name;
  out.group = region.group;
  out.begin = region.begin;
  out.files = std::move(read->files);
  out.non_commercial = series.non_commercial.value_or(false);
  out.coverage = as_seconds(read->used.series.covered(over)) / as_seconds(over.length());
  out.intensity = plan::by_slot(read->used.series, over);
  if (series.zeros_are_missing.value_or(false)) leave_zeros_out(out);
  out.used = std::move(read->used);
  out.used.series = {};
  // A source that says its own is asked for that.
  if (out.used.licence.empty()) out.used.licence = series.licence;
  if (out.coverage >= recipe.coverage) return out;
  return fail(ErrorKind::usage,
              fmt::format("{} covers {:.1f} % of {} to {}, and {:g} % are asked for",
                          in_quotes(region.name), 100 * out.coverage, format_utc(over.begin),
                          format_utc(over.end), 100 * recipe.coverage),
              region.where, "set begin and end, or coverage, or leave it out");
}

Result<void> check_alike(const std::vector<study::StudyRegion>& regions) {
  for (const study::StudyRegion& region : regions) {
    const std::string first = kind_of(regions.front().used);
    if (kind_of(region.used) == first) continue;
    return fail(ErrorKind::usage,
                fmt::format("{} is {}, and {} is {}", in_quotes(regions.front().name), first,
                            in_quotes(region.name), kind_of(region.used)),
                "study", "figures of unlike series are not compared: study each kind by itself");
  }
  return {};
}

Result<std::vector<study::StudyRegion>> read_other(const StudyRecipe& recipe,
                                                   const std::string& data) {
  std::vector<study::StudyRegion> out;
  for (const RegionRecipe& each : recipe.regions) {
    if (each.other.files.empty() && each.other.intensity.empty()) continue;
    auto region = read_region(recipe, each, each.other, folder_of(recipe, data));
    if (!region) return tl::unexpected(region.error());
    out.push_back(std::move(*region));
  }
  for (const study::StudyRegion& region : out) {
    if (region.used.signal == out.front().used.signal) continue;
    return fail(ErrorKind::usage, "the other series are of both signals", recipe.where,
                "say signal in [other]");
  }
  if (out.empty() || out.size() == recipe.regions.size()) return out;
  return fail(ErrorKind::usage, "some regions have another signal and some have none", recipe.where,
              "say [other] for all, or other = { file = .. } in each");
}

Result<study::Study> read_study(const StudyRecipe& recipe, const std::string& data,
                                const StudyReading& reading) {
  const std::string folder = folder_of(recipe, data);
  study::Study out;
  out.name = recipe.name;
  out.title = recipe.title;
  out.begin = recipe.begin;
  out.slot = recipe.slot;
  out.windows = recipe.windows;
  out.policies = recipe.policies;
  out.resumes = recipe.resumes;
  out.rules = recipe.rules;
  auto jobs = read_jobs(recipe, folder);
  if (!jobs) return tl::unexpected(jobs.error());
  out.jobs = std::move(*jobs);
  for (const RegionRecipe& each : recipe.regions) {
    auto region = read_region(recipe, each, each.series, folder);
    if (!region) return tl::unexpected(region.error());
    out.regions.push_back(std::move(*region));
    if (reading) reading(out.regions.size(), recipe.regions.size());
  }
  if (const auto alike = check_alike(out.regions); !alike) return tl::unexpected(alike.error());
  return out;
}

}  // namespace lowtide::app
