#include "app/study_recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "app/beyond_recipe.h"
#include "app/scale_recipe.h"
#include "app/study_recipe_keys.h"
#include "app/toml_reader.h"
#include "base/quote.h"
#include "grid/import_times.h"

namespace lowtide::app {
namespace {

using study::StartRule;
using study::StudyPolicy;
using study::StudyWindow;

Result<RegionRecipe> read_region(const toml::table& table, const std::string& path) {
  TomlReader reader(table, path, "[[region]]");
  RegionRecipe out;
  out.where = reader.where();
  out.series = read_series_keys(reader);
  auto other = read_series_table(reader, "other", path);
  if (!other) return tl::unexpected(other.error());
  out.other = std::move(*other);
  out.zone = reader.text("zone").value_or("");
  out.name = reader.text("name").value_or(out.zone);
  out.group = reader.text("group").value_or("");
  out.begin = reader.time("begin");
  if (out.begin && out.begin->time_since_epoch() % kSlot != Duration{}) {
    reader.refuse("begin", "begin is an edge of 5 minutes");
  }
  if (out.zone.empty() && reader.done()) reader.refuse("zone", "a region has a zone");
  if (const auto done = reader.done(); !done) return tl::unexpected(done.error());
  return out;
}

// A job is said in one way.
void check_job(TomlReader& reader, const JobRecipe& job) {
  const bool flat = job.energy && job.length;
  const int said = (flat ? 1 : 0) + (job.profile.empty() ? 0 : 1) + (job.run.empty() ? 0 : 1);
  if (said != 1 || job.energy.has_value() != job.length.has_value()) {
    reader.refuse("name", "a job is said by kwh and length, by a profile, or by a run: by one");
  }
  if (job.energy && !(*job.energy > Energy{})) reader.refuse("kwh", "kwh is above zero");
}

Result<JobRecipe> read_job(const toml::table& table, const std::string& path) {
  TomlReader reader(table, path, "[[job]]");
  JobRecipe out;
  out.where = reader.where();
  out.name = reader.text("name").value_or("");
  out.title = reader.text("title").value_or(out.name);
  out.gpus = static_cast<int>(reader.number("gpus").value_or(0));
  if (const auto energy = reader.number("kwh")) out.energy = kwh(*energy);
  if (const auto length = reader.text("length")) {
    out.length = take(reader, "length", parse_duration(*length));
  }
  out.profile = reader.text("profile").value_or("");
  out.run = reader.text("run").value_or("");
  if (out.name.empty() && reader.done()) reader.refuse("name", "a job has a name");
  check_job(reader, out);
  if (const auto done = reader.done(); !done) return tl::unexpected(done.error());
  return out;
}

Result<StudyPolicy> policy_of(const std::string& text) {
  const auto policy = read_word<StudyPolicy>(text);
  if (policy) return *policy;
  return fail(ErrorKind::malformed, in_quotes(text) + " is no policy of a study", {},
              "flexible_start, lowest_slots, exact");
}

Result<StartRule> read_rule(const toml::table& table, const std::string& path) {
  TomlReader reader(table, path, "[[starts]]");
  StartRule out;
  const auto every = reader.text("every");
  if (every) out.every = take(reader, "every", parse_duration(*every)).value_or(Duration{});
  out.days_of_month =
      read_list<int>(reader, "days", [](const std::string& day) { return whole_in(day, 1, 31); });
  out.hours = read_list<int>(reader, "hours",
                             [](const std::string& hour) { return whole_in(hour, 0, 23); });
  if (const auto tz = reader.text("tz")) {
    out.offset = take(reader, "tz", grid::parse_offset(*tz)).value_or(Duration{});
  }
  out.name = reader.text("name").value_or(every.value_or("days and hours"));
  const bool even = out.every > Duration{} && std::chrono::days(1) % out.every == Duration{};
  if (every && !even) reader.refuse("every", "every is a part of a day: 5min, 3h");
  if (every.has_value() == !out.hours.empty()) {
    reader.refuse("every", "starts are given by every, or by hours (and days)");
  }
  if (const auto done = reader.done(); !done) return tl::unexpected(done.error());
  return out;
}

// Each of [[key]] by `read`.
template <typename T, typename Read>
Result<void> read_tables(TomlReader& reader, std::string_view key, const std::string& path,
                         std::vector<T>& into, Read read) {
  for (const toml::table* table : reader.tables(key)) {
    auto one = read(*table, path);
    if (!one) return tl::unexpected(one.error());
    into.push_back(std::move(*one));
  }
  return {};
}

void read_figures(TomlReader& reader, const std::string& path, StudyRecipe& out) {
  const toml::table* table = reader.table("figures");
  if (table == nullptr) return;
  TomlReader figures(*table, path, "[figures]");
  out.months_of = figures.text("months_of").value_or("");
  out.table_of = figures.text("starts_of").value_or("");
  out.table_in = figures.text("starts_in").value_or("");
  out.table_from = figures.time("starts_from");
  if (const auto done = figures.done(); !done) reader.refuse("figures", done.error());
}

void read_span(TomlReader& reader, StudyRecipe& out) {
  const auto begin = reader.time("begin");
  const auto end = reader.time("end");
  out.begin = begin.value_or(Utc{});
  out.end = end.value_or(Utc{});
  if (!begin) reader.refuse("begin", "begin and end say the time that is studied");
  if (!end || *end <= out.begin) reader.refuse("end", "end is a time after begin");
  if (begin && begin->time_since_epoch() % kSlot != Duration{}) {
    reader.refuse("begin", "begin is an edge of 5 minutes");
  }
  if (const auto coverage = reader.number("coverage")) {
    out.coverage = *coverage / 100;
    if (*coverage <= 0 || *coverage > 100) reader.refuse("coverage", "coverage is 1 to 100 (%)");
  }
}

void read_lists(TomlReader& reader, StudyRecipe& out) {
  out.windows = read_list<StudyWindow>(reader, "windows", window_of);
  if (out.windows.empty()) reader.refuse("windows", "windows is a list such as [\"6h\", \"25%\"]");
  if (reader.has("policies")) {
    out.policies = read_list<StudyPolicy>(reader, "policies", policy_of);
  } else {
    out.policies = {StudyPolicy::flexible_start, StudyPolicy::lowest_slots};
  }
  out.resumes = {Duration{}};
  if (reader.has("resume")) out.resumes = read_list<Duration>(reader, "resume", parse_duration);
  const auto jobs = reader.text("jobs");
  out.papers_jobs = jobs.has_value();
  if (jobs && *jobs != "paper-2022") reader.refuse("jobs", "jobs is \"paper-2022\", or [[job]]");
  const auto compare = reader.text("compare");
  out.compare_paper = compare.has_value();
  if (compare && *compare != "paper-2022") reader.refuse("compare", "compare is \"paper-2022\"");
}

template <typename T, typename Of>
Result<void> each_once(const std::vector<T>& all, const std::string& where, const char* what,
                       Of of) {
  std::vector<std::string> names;
  for (const T& one : all) {
    const std::string& name = of(one);
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      return fail(ErrorKind::malformed, fmt::format("two {} are called {}", what, in_quotes(name)),
                  where);
    }
    names.push_back(name);
  }
  return {};
}

Result<void> check(const StudyRecipe& out) {
  if (out.regions.empty()) {
    return fail(ErrorKind::malformed, "no [[region]] is given", out.where);
  }
  if (out.jobs.empty() && !out.papers_jobs) {
    return fail(ErrorKind::malformed, "no [[job]] is given", out.where,
                "or say jobs = \"paper-2022\"");
  }
  auto once = each_once(out.regions, out.where, "regions",
                        [](const RegionRecipe& region) -> auto& { return region.name; });
  if (once) {
    once = each_once(out.jobs, out.where, "jobs",
                     [](const JobRecipe& job) -> auto& { return job.name; });
  }
  if (once) {
    once = each_once(out.windows, out.where, "windows",
                     [](const StudyWindow& window) -> auto& { return window.name; });
  }
  if (once) {
    once = each_once(out.rules, out.where, "start rules",
                     [](const StartRule& rule) -> auto& { return rule.name; });
  }
  return once;
}

// All tables of a study of jobs; what a region does not say itself is [series]'s, or [other]'s.
Result<void> read_parts(TomlReader& reader, const std::string& path, StudyRecipe& out) {
  const auto usual = read_series_table(reader, "series", path);
  if (!usual) return tl::unexpected(usual.error());
  const auto other = read_series_table(reader, "other", path);
  if (!other) return tl::unexpected(other.error());
  auto read = read_beyond(reader, path, out);
  if (read) read = read_tables(reader, "region", path, out.regions, read_region);
  if (read) read = read_tables(reader, "job", path, out.jobs, read_job);
  if (read) read = read_tables(reader, "starts", path, out.rules, read_rule);
  if (read) read = reader.done();
  for (RegionRecipe& region : out.regions) {
    fill(region.series, *usual, region.zone);
    fill(region.other, *other, region.zone);
    region.series.said.zone = region.other.said.zone = region.zone;
  }
  return read ? check(out) : read;
}

}  // namespace

Result<StudyRecipe> parse_study(const std::string& text, const std::string& path) {
  const auto table = parse_toml(text, path);
  if (!table) return tl::unexpected(table.error());
  TomlReader reader(*table, path, {});
  StudyRecipe out;
  out.path = path;
  out.text = text;
  out.where = path;
  out.name = reader.text("name").value_or("");
  if (out.name.empty()) reader.refuse("name", "a study has a name");
  out.title = reader.text("title").value_or(out.name);
  out.data = reader.text("data").value_or("");
  read_span(reader, out);
  if (reader.has("scale")) return read_scale(reader, std::move(out));
  read_lists(reader, out);
  read_figures(reader, path, out);
  if (auto read = read_parts(reader, path, out); !read) return tl::unexpected(read.error());
  if (out.rules.empty()) out.rules.push_back({"all", kSlot, {}, {}, {}});
  return out;
}

}  // namespace lowtide::app
