#include "app/study_scale.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <mutex>
#include <set>

#include "app/paths.h"
#include "app/progress_line.h"
#include "app/say.h"
#include "app/scale_file.h"
#include "app/scale_recipe.h"
#include "app/study_series.h"
#include "app/terminal.h"
#include "base/quote.h"
#include "grid/zones.h"
#include "host/threads.h"
#include "show/scale_view.h"

namespace lowtide::app {
namespace {

namespace fs = std::filesystem;

// What stands in the place of {zone} in the paths of the files that there are.
Result<std::set<std::string>> zones_of_files(const std::string& folder,
                                             const std::string& pattern) {
  constexpr std::string_view kZone = "{zone}";
  const std::string whole = (fs::path(folder) / pattern).string();
  const std::size_t at = whole.find(kZone);
  if (at == std::string::npos || whole.find_first_of("*?[") != std::string::npos) {
    return fail(ErrorKind::usage, "zones = \"all\" wants a file's name with {zone}, without * ? [",
                in_quotes(pattern), "or name the zones");
  }
  const std::string before = whole.substr(0, at);
  const std::string after = whole.substr(at + kZone.size());
  const auto files = find_files("", {before + "*" + after});
  if (!files) return tl::unexpected(files.error());
  std::set<std::string> out;
  for (const std::string& file : *files) {
    out.insert(file.substr(before.size(), file.size() - before.size() - after.size()));
  }
  return out;
}

Result<std::set<std::string>> typical_zones() {
  const auto zones = grid::list_zones(data_folder());
  if (!zones) return tl::unexpected(zones.error());
  std::set<std::string> out;
  for (const grid::ZoneFacts& each : *zones) {
    if (each.typical && each.typical->of == each.zone) out.insert(each.zone);
  }
  return out;
}

Result<std::vector<std::string>> zones_asked(const ScaleRecipe& scale, const std::string& folder) {
  if (!scale.zones.empty()) return scale.zones;
  std::set<std::string> all;
  if (scale.series.files.empty()) {
    if (scale.series.intensity != "typical") {
      return fail(ErrorKind::usage, "zones = \"all\" is for files and for typical years", "[scale]",
                  "name the zones");
    }
    auto zones = typical_zones();
    if (!zones) return tl::unexpected(zones.error());
    all = std::move(*zones);
  }
  for (const std::string& pattern : scale.series.files) {
    auto zones = zones_of_files(folder, pattern);
    if (!zones) return tl::unexpected(zones.error());
    all.merge(*zones);
  }
  return std::vector<std::string>(all.begin(), all.end());
}

// Known values and their mean; NaN: none is known.
struct ColumnSum {
  std::uint64_t known = 0;
  double mean = std::numeric_limits<double>::quiet_NaN();
};
ColumnSum sum_up(const std::vector<float>& column) {
  ColumnSum out;
  double sum = 0;
  for (const float each : column) {
    if (std::isnan(each)) continue;
    ++out.known;
    sum += each;
  }
  if (out.known > 0) out.mean = sum / static_cast<double>(out.known);
  return out;
}

// All zones, in order, into the file. Zones are made by many threads and given up one by one.
class Scaling {
 public:
  Scaling(const StudyRecipe& recipe, std::string folder, ScaleFile& file)
      : recipe_(recipe), scale_(*recipe.scale), folder_(std::move(folder)), file_(file) {
    const auto starts = static_cast<std::size_t>((recipe.end - recipe.begin) / scale_.step);
    for (std::size_t t = 0; t < starts; ++t) {
      starts_.push_back(recipe.begin + scale_.step * static_cast<std::int64_t>(t));
    }
  }

  Result<void> run(const std::vector<std::string>& zones) {
    host::spread(zones.size(), [&](std::size_t i) {
      if (failed_before(i)) return;
      auto zone = make(zones[i]);
      const std::lock_guard lock(mutex_);
      if (auto taken = take(i, std::move(zone)); !taken && i < failed_) {
        failed_ = i;
        error_ = taken.error();
      }
      line_.show(fmt::format("study: {} of {} zones{}", regions_.size(), zones.size(),
                             line_.about_left(regions_.size(), zones.size())));
    });
    if (error_) return tl::unexpected(*error_);
    return {};
  }

  [[nodiscard]] std::size_t starts() const { return starts_.size(); }
  [[nodiscard]] std::uint64_t known() const { return known_; }
  // Over the zones, each of which counts once.
  [[nodiscard]] std::vector<double> means() const {
    std::vector<double> out;
    out.reserve(sums_.size());
    for (const auto& [sum, zones] : sums_) out.push_back(sum / static_cast<double>(zones));
    return out;
  }
  std::vector<study::StudyRegion> take_regions() { return std::move(regions_); }

 private:
  struct Zone {
    study::StudyRegion region;
    std::vector<ColumnSum> sums;
    ScaleFile::Part part;
  };

  // The error of the first zone is told, whichever thread is first.
  bool failed_before(std::size_t i) {
    const std::lock_guard lock(mutex_);
    return failed_ < i;
  }

  [[nodiscard]] Result<Zone> make(const std::string& name) const {
    const RegionRecipe recipe = scale_region(recipe_, name);
    auto region = read_region(recipe_, recipe, recipe.series, folder_);
    if (!region) return tl::unexpected(region.error());
    const auto slots = static_cast<std::size_t>(scale_.step / kSlot);
    show::ScaleRows rows{name, starts_, {}};
    rows.saving_pct = study::savings_of(study::coarser(region->intensity, slots), scale_.axes);
    region->intensity = {};
    Zone out{std::move(*region), {}, file_.encode(rows)};
    for (const auto& column : rows.saving_pct) out.sums.push_back(sum_up(column));
    return out;
  }

  // Writes it and those behind it that have waited for it.
  Result<void> take(std::size_t i, Result<Zone> zone) {
    if (!zone) return tl::unexpected(zone.error());
    waiting_.emplace(i, std::move(*zone));
    for (auto next = waiting_.find(regions_.size()); next != waiting_.end();
         next = waiting_.find(regions_.size())) {
      if (auto added = file_.add(next->second.part); !added) return added;
      add(next->second.sums);
      regions_.push_back(std::move(next->second.region));
      waiting_.erase(next);
      if (auto alike = check_alike(regions_); !alike) return alike;
    }
    return {};
  }
  void add(const std::vector<ColumnSum>& sums) {
    sums_.resize(sums.size());
    for (std::size_t column = 0; column < sums.size(); ++column) {
      known_ += sums[column].known;
      if (sums[column].known == 0) continue;
      sums_[column].first += sums[column].mean;
      ++sums_[column].second;
    }
  }

  const StudyRecipe& recipe_;
  const ScaleRecipe& scale_;
  std::string folder_;
  ScaleFile& file_;
  std::vector<Utc> starts_;

  std::mutex mutex_;
  std::map<std::size_t, Zone> waiting_;
  std::vector<study::StudyRegion> regions_;           // that are written
  std::vector<std::pair<double, std::size_t>> sums_;  // of means, and of how many zones
  std::uint64_t known_ = 0;
  std::size_t failed_ = std::numeric_limits<std::size_t>::max();
  std::optional<Error> error_;
  ProgressLine line_;
};

// For who has the file alone.
ScaleFile::Facts facts_of(const study::Study& study) {
  const study::StudyRegion& first = study.regions.front();
  std::set<std::string> licences;
  bool free = true;
  for (const study::StudyRegion& region : study.regions) {
    licences.insert(region.used.licence);
    free = free && !region.non_commercial;
  }
  return {{"title", study.title},
          {"values", "percent of what starting at once emits that is saved; null: not known"},
          {"signal", std::string(spell(first.used.signal))},
          {"scope", first.used.scope ? std::string(spell(*first.used.scope)) : "not said"},
          {"gas", std::string(spell(first.used.gas))},
          {"source", first.used.source},
          {"licence", fmt::format("{}", fmt::join(licences, "; "))},
          {"non_commercial", free ? "false" : "true"}};
}

std::string command_of(const ScaleAsked& asked) {
  const bool files = !asked.recipe.scale->series.files.empty();
  return "lowtide study " + asked.name + (files ? " --data DATA" : "") + " --out DIR";
}

Result<ScaleMade> write_scale(const ScaleAsked& asked, const std::vector<std::string>& zones) {
  const ScaleRecipe& scale = *asked.recipe.scale;
  auto file = ScaleFile::open((fs::path(asked.folder) / scale.file).string(), scale.axes);
  if (!file) return tl::unexpected(file.error());
  Scaling scaling(asked.recipe, folder_of(asked.recipe, asked.data), *file);
  if (const auto done = scaling.run(zones); !done) return tl::unexpected(done.error());

  study::Study study;
  study.name = asked.recipe.name;
  study.title = asked.recipe.title;
  study.begin = asked.recipe.begin;
  study.slot = scale.step;
  study.regions = scaling.take_regions();
  const auto written = file->finish(facts_of(study));
  if (!written) return tl::unexpected(written.error());
  const show::ScaleView view{study,           scale.axes,        scaling.starts(),
                             scaling.known(), scaling.means(),   scale.file,
                             written->bytes,  command_of(asked), LOWTIDE_VERSION};
  ScaleMade out;
  out.manifest =
      show::scale_manifest(view, {asked.name, asked.recipe.text}, {{scale.file, written->sha256}});
  const auto done = write_file((fs::path(asked.folder) / "manifest.json").string(), out.manifest);
  if (!done) return tl::unexpected(done.error());
  out.text = show::scale_text(view, asked.folder, style_of(STDOUT_FILENO));
  return out;
}

}  // namespace

Result<ScaleMade> make_scale(const ScaleAsked& asked) {
  const auto zones = zones_asked(*asked.recipe.scale, folder_of(asked.recipe, asked.data));
  if (!zones) return tl::unexpected(zones.error());
  std::error_code trouble;
  const bool ours = fs::create_directories(asked.folder, trouble);
  auto made = write_scale(asked, *zones);
  if (!made && ours) fs::remove(asked.folder, trouble);  // which is empty
  return made;
}

}  // namespace lowtide::app
