#include "grid/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "grid/hash.h"
#include "grid/import_check.h"
#include "grid/import_merge.h"
#include "grid/import_rows.h"
#include "grid/kept_filling.h"

namespace lowtide::grid {
namespace {

constexpr std::int64_t kTellEach = 1 << 14;  // rows
constexpr std::size_t kPointsAtOnce = 4096;  // of a series, on their way to the disk
constexpr std::size_t kModelDigits = 12;

void tell(const ImportProgress& progress, const host::Lines& lines) {
  if (!progress) return;
  progress(lines.path(), static_cast<double>(lines.taken()) /
                             static_cast<double>(std::max<std::int64_t>(1, lines.size())));
}

// One file in its first reading.
class FirstReading {
 public:
  FirstReading(const ImportWish& wish, const ImportProgress& progress)
      : wish_(wish), progress_(progress) {}

  Result<std::vector<ImportReport>> read(const std::string& file) {
    Sha256 hash;
    auto rows = ImportRows::open(file, wish_, [&](std::string_view bytes) { hash.add(bytes); });
    if (!rows) return tl::unexpected(rows.error());
    const std::size_t columns = rows->header().columns.size();
    ImportRow row;
    while (true) {
      const auto more = rows->next(row);
      if (!more) return tl::unexpected(more.error());
      if (!*more) break;
      if (count_++ == 0) first_ = row.time;
      last_ = row.time;
      steps_.add(row.time, row.line);
      for (std::size_t i = 0; i < columns; ++i) {
        checks_[i].add(row.values[i], row.line, row.estimated);
      }
      if (count_ % kTellEach == 0) tell(progress_, rows->lines());
    }
    const auto step = step_of(*rows);
    if (!step) return tl::unexpected(step.error());
    std::vector<ImportReport> reports;
    for (std::size_t i = 0; i < columns; ++i) {
      reports.push_back(report_of(*rows, i, *step));
      reports.back().sha256 = hash.hex();
    }
    return reports;
  }

 private:
  Result<Duration> step_of(const ImportRows& rows) const {
    if (wish_.times.step) return *wish_.times.step;
    const auto usual = steps_.usual();
    if (usual && steps_.has_step()) return *usual;
    return fail(ErrorKind::usage,
                usual ? "the times follow no step" : "one row does not say for how long it holds",
                rows.lines().path(), "say it with --step 1h");
  }

  ImportReport report_of(const ImportRows& rows, std::size_t index, Duration step) const {
    const ImportHeader& header = rows.header();
    const ImportColumn& column = header.columns[index];
    ImportReport report;
    report.file = rows.lines().path();
    report.form = header.form;
    report.column = column.name;
    report.index = index;
    report.key = column.key;
    report.unit = column.unit;
    report.time_zone = rows.times().zone_text();
    report.shift = wish_.times.shift;
    report.step = step;
    report.first = first_;
    report.last = last_;
    report.rows = count_ + rows.duplicates();
    report.duplicates = rows.duplicates();
    report.gaps = steps_.wider_than(step);
    report.steps_lost = steps_.lost(step);
    report.step_changes = steps_.changes();
    report.ignored = header.ignored;
    report.warnings = header.notes;
    report.changed = rows.lines().changed();
    warn_of_zone(report, rows);
    warn_of_times(report, rows);
    checks_[index].finish(report);
    return report;
  }

  void warn_of_zone(ImportReport& report, const ImportRows& rows) const {
    if (rows.zone().empty()) return;
    if (report.key.zone.empty()) report.key.zone = rows.zone();
    if (report.key.zone == rows.zone()) return;
    report.warnings.push_back(
        fmt::format("the file says zone {}; kept as {}", rows.zone(), report.key.zone));
  }

  void warn_of_times(ImportReport& report, const ImportRows& rows) const {
    if (rows.header().rule == TimeRule::utc && rows.times().without_offset() > 0 &&
        report.form == "lowtide" && !wish_.times.offset) {
      report.warnings.push_back(fmt::format("{} of {} times say no offset and are read as UTC",
                                            rows.times().without_offset(), report.rows));
    }
    if (report.duplicates > 0) {
      report.warnings.push_back(fmt::format("{} equal rows dropped", report.duplicates));
    }
    if (report.gaps > 0) {
      report.warnings.push_back(
          fmt::format("{} gaps with room for {} rows", report.gaps, report.steps_lost));
    }
    for (const StepChange& change : report.step_changes) {
      report.warnings.push_back(fmt::format(
          "the step changes from {} to {} in line {}; a row holds for {} (--step to say another)",
          format_duration(change.from), format_duration(change.to), change.line,
          format_duration(report.step)));
    }
  }

  const ImportWish& wish_;
  const ImportProgress& progress_;
  StepWatch steps_;
  std::array<ImportCheck, ImportHeader::kMostColumns> checks_;
  std::int64_t count_ = 0;
  Utc first_;
  Utc last_;
};

// The flags that change times or values; empty where there are none.
std::string flags_text(const ImportWish& wish) {
  std::string out;
  const auto add = [&](const char* name, const auto& value) {
    fmt::format_to(std::back_inserter(out), "{} {}\n", name, value);
  };
  if (!wish.column.empty()) add("column", wish.column);
  if (wish.times.offset) add("tz", offset_text(*wish.times.offset));
  if (!wish.times.begin.empty()) add("begin", wish.times.begin);
  if (wish.times.step) add("step", as_seconds(*wish.times.step));
  if (wish.times.shift != Duration::zero()) add("shift", as_seconds(wish.times.shift));
  return out;
}

std::string model_of(const std::vector<ImportReport*>& reports, const ImportWish& wish) {
  std::string text = flags_text(wish);
  if (wish.unit) fmt::format_to(std::back_inserter(text), "unit {}\n", wish.unit->g_per_kwh);
  if (reports.size() == 1 && text.empty()) return reports.front()->sha256.substr(0, kModelDigits);
  std::vector<std::string> hashes;
  hashes.reserve(reports.size());
  for (const ImportReport* report : reports) hashes.push_back(report->sha256);
  std::sort(hashes.begin(), hashes.end());  // not in the order of the command line
  for (const std::string& hash : hashes) {
    text += hash;
    text += '\n';
  }
  return sha256_hex(text).substr(0, kModelDigits);
}

// A series on its way into the cache: each row with the span that it holds for.
class Keeper {
 public:
  Keeper(const SeriesKey& key, KeptFilling* filling) : filling_(filling) { batch_.key = key; }

  Result<void> keep(MergedRows& rows) {
    auto done =
        each_held_row(rows, [this](const MergedRow& row, Utc end) { return add(row, end); });
    return done ? flush() : done;
  }

 private:
  Result<void> add(const MergedRow& row, Utc end) {
    if (filling_ == nullptr) return {};
    if (row.of != of_ || batch_.points.size() >= kPointsAtOnce) {
      if (auto done = flush(); !done) return done;
      of_ = row.of;
    }
    if (row.value) {
      batch_.points.push_back({{row.time, end},
                               row.value,
                               row.estimated ? IntensityKind::estimated : IntensityKind::history});
    }
    return {};
  }

  Result<void> flush() {
    if (filling_ == nullptr || of_ == nullptr) return {};
    if (!of_->put) of_->put = PutResult{};
    if (batch_.points.empty()) return {};
    const auto put = filling_->put(batch_);
    if (!put) return tl::unexpected(put.error());
    of_->put->added += put->added;
    of_->put->revised += put->revised;
    of_->put->equal += put->equal;
    batch_.points.clear();
    return {};
  }

  KeptFilling* filling_;
  Batch batch_;
  ImportReport* of_ = nullptr;
};

bool overlap(const std::vector<ImportReport*>& reports) {
  std::vector<Interval> spans;
  spans.reserve(reports.size());
  for (const ImportReport* report : reports) spans.push_back({report->first, report->last});
  std::sort(spans.begin(), spans.end());
  return std::adjacent_find(spans.begin(), spans.end(), [](const Interval& a, const Interval& b) {
           return b.begin <= a.end;
         }) != spans.end();
}

void warn_of_repeated(const std::vector<ImportReport*>& reports) {
  for (ImportReport* report : reports) {
    if (report->repeated == 0) continue;
    report->warnings.push_back(fmt::format(
        "{} rows stand in another file of this import too: kept once", report->repeated));
  }
}

// One series of all its files; without `filling` only what they repeat is counted.
Result<void> keep_series(SeriesKey key, const std::vector<ImportReport*>& reports,
                         const ImportWish& wish, std::optional<KeptFilling>& filling,
                         const ImportProgress& progress) {
  key.model = model_of(reports, wish);
  for (ImportReport* report : reports) report->key.model = key.model;
  // Files of no stated zone need not be of one.
  if (!filling && (key.zone.empty() || !overlap(reports))) return {};
  MergedRows rows(reports, wish, progress);
  auto done = Keeper(key, filling ? &*filling : nullptr).keep(rows);
  if (done) warn_of_repeated(reports);
  return done;
}

std::map<SeriesKey, std::vector<ImportReport*>> by_series(std::vector<ImportReport>& reports) {
  std::map<SeriesKey, std::vector<ImportReport*>> out;
  for (ImportReport& report : reports) out[report.key].push_back(&report);
  return out;
}

}  // namespace

Result<std::vector<ImportReport>> check_files(std::span<const std::string> files,
                                              const ImportWish& wish,
                                              const ImportProgress& progress) {
  std::vector<ImportReport> reports;
  for (const std::string& file : files) {
    auto of_file = FirstReading(wish, progress).read(file);
    if (!of_file) return of_file;
    std::move(of_file->begin(), of_file->end(), std::back_inserter(reports));
  }
  return reports;
}

Result<void> keep_files(std::vector<ImportReport>& reports, const ImportWish& wish,
                        const std::string& kept, Utc known, const ImportProgress& progress) {
  std::optional<KeptFilling> filling;
  if (!kept.empty()) {
    auto begun = KeptFilling::begin(kept, known);
    if (!begun) return tl::unexpected(begun.error());
    filling.emplace(std::move(*begun));
  }
  for (auto& [key, of_series] : by_series(reports)) {
    auto done = keep_series(key, of_series, wish, filling, progress);
    if (!done) return done;
  }
  return filling ? filling->commit() : Result<void>{};
}

}  // namespace lowtide::grid
