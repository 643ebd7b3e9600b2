#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "show/study_table_parts.h"
#include "show/text.h"

namespace lowtide::show {
namespace {

std::vector<StudyField> heads(std::initializer_list<std::pair<const char*, const char*>> all) {
  std::vector<StudyField> out;
  for (const auto& [shown, raw] : all) out.push_back({shown, raw});
  return out;
}

StudyField job_field(const study::StudyJob& job) {
  return {title_of(job), text_field(job.name).raw};
}

const StudyField kNone{fixed(std::nan(""), 0), {}};

// For people to three digits.
StudyField number_field(double value) { return {number(value), raw_number(value)}; }

StudyField hours_field(double hours) {
  return {hours < 100 ? fmt::format("{:.3g}", hours) : fixed(hours, 0), raw_number(hours)};
}

StudyTable jobs_table(const StudyIndex& index) {
  const study::Study& study = index.study();
  StudyTable out;
  out.name = "jobs";
  out.title = "Jobs (as the paper's Table 2)";
  out.texts = 3;
  out.head = heads({{"job", "job"},
                    {"power", "power"},
                    {"source", "source"},
                    {"GPUs", "gpus"},
                    {"hours", "hours"},
                    {"slots", "slots"},
                    {"kWh", "kwh"},
                    {"mean W a GPU", "mean_w_per_gpu"}});
  for (const study::StudyJob& job : study.jobs) {
    const Duration length = study.slot * static_cast<std::int64_t>(job.work.size());
    out.rows.push_back(
        {job_field(job), text_field(job.flat() ? "flat" : "by slot"), text_field(job.source),
         job.gpus > 0 ? count_field(job.gpus) : kNone, hours_field(as_hours(length)),
         count_field(static_cast<double>(job.work.size())), number_field(as_kwh(job.energy())),
         job.gpus > 0 ? number_field(as_watts(job.energy() / length) / job.gpus) : kNone});
  }
  out.notes = {"A slot is " + length_text(study.slot) + "."};
  return out;
}

StudyField intensity_field(const std::optional<Intensity>& value) {
  return value ? number_field(as_grams_per_kwh(*value)) : kNone;
}

std::string scope_text(const IntensityUsed& used) {
  return used.scope ? std::string(spell(*used.scope)) : "not stated";
}

StudyTable intensity_table(const StudyIndex& index) {
  StudyTable out;
  out.name = "intensity";
  out.title = "Regions and their intensity, g/kWh";
  out.texts = 7;
  out.head = heads({{"region", "region"},
                    {"zone", "zone"},
                    {"group", "group"},
                    {"from", "from"},
                    {"signal", "signal"},
                    {"scope", "scope"},
                    {"gas", "gas"},
                    {"mean", "mean_g_per_kwh"},
                    {"lowest", "min_g_per_kwh"},
                    {"highest", "max_g_per_kwh"},
                    {"known, %", "known_pct"}});
  const study::Study& study = index.study();
  for (std::size_t i = 0; i < study.regions.size(); ++i) {
    const study::StudyRegion& region = study.regions[i];
    const IntensityUsed& used = region.used;
    const study::RegionMean mean = study::mean_of(region);
    const double known = 100 * static_cast<double>(mean.known) /
                         static_cast<double>(std::max<std::size_t>(1, region.intensity.size()));
    out.rows.push_back({text_field(region.name),
                        text_field(used.zone),
                        text_field(region.group),
                        text_field(format_utc(study.at(i, 0)).substr(0, 10)),
                        text_field(std::string(spell(used.signal))),
                        text_field(scope_text(used)),
                        {gas_text(used.gas), std::string(spell(used.gas))},
                        intensity_field(mean.mean),
                        intensity_field(mean.min),
                        intensity_field(mean.max),
                        percent_field(known)});
  }
  out.notes = {"What is not known is a gap: a start whose window touches one does not count."};
  return out;
}

StudyTable series_table(const StudyIndex& index) {
  StudyTable out;
  out.name = "series";
  out.title = "Series, with the attribution that must go with the figures";
  out.texts = 5;
  out.head = heads({{"region", "region"},
                    {"source", "source"},
                    {"licence and attribution", "licence"},
                    {"use", "use"},
                    {"SHA-256", "sha256"}});
  const auto add = [&](const study::StudyRegion& region, const std::string& name) {
    const IntensityUsed& used = region.used;
    out.rows.push_back({text_field(name),
                        text_field(used.source + (used.model.empty() ? "" : ", " + used.model)),
                        used.licence.empty() ? kNone : text_field(used.licence),
                        text_field(region.non_commercial ? "non-commercial alone" : ""),
                        {escape(used.sha256.substr(0, 12)), text_field(used.sha256).raw}});
  };
  for (const study::StudyRegion& region : index.study().regions) add(region, region.name);
  for (const study::StudyRegion& region : index.view().other) {
    add(region, region.name + ", " + std::string(spell(region.used.signal)));
  }
  for (const std::string& note : series_notes(index.view())) out.notes.push_back(escape(note));
  return out;
}

StudyTable spread_table(const StudyIndex& index) {
  const study::Study& study = index.study();
  StudyTable out;
  out.name = "spread";
  out.title =
      "What a job emits when it starts at once, over all regions and starts (as the paper's Figure "
      "2)";
  out.head = heads({{"job", "job"},
                    {"starts", "starts"},
                    {"lowest", "min_g"},
                    {"quarter", "q1_g"},
                    {"median", "median_g"},
                    {"mean", "mean_g"},
                    {"three quarters", "q3_g"},
                    {"highest", "max_g"}});
  for (const study::JobSpread& spread : index.view().spreads) {
    if (spread.starts == 0) continue;
    out.rows.push_back(
        {job_field(study.jobs[spread.job]), count_field(static_cast<double>(spread.starts)),
         carbon_field(spread.min), carbon_field(spread.q1), carbon_field(spread.median),
         carbon_field(spread.mean), carbon_field(spread.q3), carbon_field(spread.max)});
  }
  out.notes = {"Starts: " + escape(study.rules.front().name) + " (" +
               rule_text(study.rules.front()) + "); each region's count as many as they are."};
  return out;
}

Carbon highest_of(const std::vector<study::MonthLine>& lines) {
  Carbon highest;
  for (const study::MonthLine& line : lines) {
    for (const auto& [month, mean] : line.months) {
      highest = std::max(highest, mean.value_or(highest));
    }
  }
  return highest;
}

StudyTable months_table(const StudyIndex& index) {
  const auto& lines = index.view().months;
  StudyTable out;
  if (lines.empty()) return out;
  const study::Study& study = index.study();
  const FigureText unit = text_of(Figure<Carbon>{highest_of(lines), {}, {}});
  out.name = "months";
  out.title = "What " + title_of(study.jobs[lines.front().job]) +
              " emits by the month of its start, " + unit.unit + " (as the paper's Figure 1)";
  out.head = {text_field("region")};
  // Begin is the study's for all; a shorter series ends earlier.
  const auto longest = std::max_element(
      lines.begin(), lines.end(),
      [](const auto& a, const auto& b) { return a.months.size() < b.months.size(); });
  const bool one_year = of_one_year(lines);
  for (const auto& [month, mean] : longest->months) {
    const std::string text = month_text(month).substr(one_year ? 0 : 5);
    out.head.push_back({text, text + "_g"});
  }
  for (const study::MonthLine& line : lines) {
    auto& row = out.rows.emplace_back();
    row.push_back(text_field(study.regions[line.region].name));
    for (const auto& [month, mean] : line.months) {
      const double value = mean ? as_grams(*mean) : std::nan("");
      row.push_back({mean ? number(value / unit.factor) : fixed(value, 0), raw_number(value)});
    }
    row.resize(out.head.size(), kNone);
  }
  out.notes = {"Months of UTC; mean of the starts of the first rule."};
  return out;
}

// A row of grams by hour, and how far the highest is above the lowest.
std::vector<StudyField> hours_row(const std::string& day,
                                  const std::vector<std::optional<double>>& grams) {
  std::vector<StudyField> row = {text_field(day)};
  double low = HUGE_VAL;
  double high = -HUGE_VAL;
  for (const std::optional<double>& value : grams) {
    const double known = value.value_or(std::nan(""));
    row.push_back({value ? number(known) : fixed(known, 0), raw_number(known)});
    low = std::fmin(low, known);
    high = std::fmax(high, known);
  }
  row.push_back(percent_field(high >= low && low > 0 ? 100 * (high / low - 1) : std::nan("")));
  return row;
}

std::string hour_text(Duration of_day) {
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(of_day).count();
  return fmt::format("{}:{:02}", minutes / 60, minutes % 60);
}

void add_printed(const StudyIndex& index, const study::StartTable& starts, StudyTable& out) {
  for (std::size_t day = 1; day <= starts.days.size(); ++day) {
    std::vector<std::optional<double>> grams;
    Duration of_day{};
    for (std::size_t i = 0; i < starts.days.front().size(); ++i, of_day += starts.every) {
      const std::string window = fmt::format("day {} {}", day, hour_text(of_day));
      const auto& paper = index.view().paper;
      const auto found = std::find_if(paper.begin(), paper.end(), [&](const PaperFigure& figure) {
        return figure.measure == "carbon_g" && figure.window == window &&
               figure.job == index.study().jobs[starts.job].name;
      });
      grams.push_back(found == paper.end() ? std::nullopt : std::optional(found->value));
    }
    const bool any = std::any_of(grams.begin(), grams.end(), [](const auto& g) { return !!g; });
    if (any) out.rows.push_back(hours_row(fmt::format("paper, day {}", day), grams));
  }
}

StudyTable hours_table(const StudyIndex& index, const study::StartTable& starts,
                       std::size_t number_of_it) {
  const study::Study& study = index.study();
  StudyTable out;
  if (starts.days.empty()) return out;
  out.name = number_of_it == 0 ? "start_hours" : fmt::format("start_hours_{}", number_of_it + 1);
  out.title = "What " + title_of(study.jobs[starts.job]) + " emits in " +
              escape(study.regions[starts.region].name) +
              " by the hour of its start, g (as the paper's Table 3)";
  out.head = {text_field("day")};
  Duration of_day{};
  for (std::size_t i = 0; i < starts.days.front().size(); ++i, of_day += starts.every) {
    out.head.push_back({hour_text(of_day), hour_text(of_day) + "_g"});
  }
  out.head.push_back({"highest above lowest, %", "highest_above_lowest_pct"});
  const Duration offset = study.rules.front().offset;
  for (std::size_t day = 0; day < starts.days.size(); ++day) {
    const Utc begin = starts.first + offset + std::chrono::days(day);
    std::vector<std::optional<double>> grams;
    for (const auto& value : starts.days[day]) {
      grams.push_back(value ? std::optional(as_grams(*value)) : std::nullopt);
    }
    out.rows.push_back(hours_row(format_utc(begin).substr(0, 10), grams));
  }
  add_printed(index, starts, out);
  out.notes = {"Days and hours are those of the first start rule's zone of time: " +
               rule_text(study.rules.front()) +
               ". The paper's days are other days: its rows show how far hours are apart there."};
  return out;
}

}  // namespace

std::vector<StudyTable> fact_tables(const StudyIndex& index) {
  std::vector<StudyTable> out = {spread_table(index), months_table(index)};
  for (const study::StartTable& starts : index.view().start_tables) {
    out.push_back(hours_table(index, starts, out.size() - 2));
  }
  out.push_back(jobs_table(index));
  out.push_back(intensity_table(index));
  out.push_back(series_table(index));
  return out;
}

}  // namespace lowtide::show
