#include "show/study_index.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "show/text.h"

namespace lowtide::show {
namespace {

constexpr const char* kMinus = "\u2212";
constexpr const char* kUnknown = "\u2013";

// Neither "-0.0" nor a sign that a spreadsheet would not read.
std::string plain_fixed(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  const bool nothing = text.find_first_not_of("-0.") == std::string::npos;
  return nothing && text[0] == '-' ? text.substr(1) : text;
}

std::string zone_of_time(Duration offset) {
  if (offset == Duration{}) return "UTC";
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(offset).count();
  const auto apart = minutes < 0 ? -minutes : minutes;
  return fmt::format("UTC{}{:02}:{:02}", minutes < 0 ? kMinus : "+", apart / 60, apart % 60);
}

std::string stem_of(const std::string& name) {
  constexpr std::string_view kKept =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  std::string out;
  for (const char c : name) {
    const bool kept = kKept.find(c) != std::string_view::npos;
    out += kept ? std::string(1, c) : c == '%' ? "pct" : "_";
  }
  return out.empty() ? "_" : out;
}

}  // namespace

StudyIndex::Key StudyIndex::key_of(const CellPlace& place) {
  const bool charged = place.policy != study::StudyPolicy::flexible_start;
  return {place.job, place.window, place.policy, charged ? place.resume : 0, place.rule};
}

StudyIndex::StudyIndex(const StudyView& view) : view_(view) {
  const auto place = [](const study::Cell& cell) {
    return CellPlace{cell.job, cell.window, cell.policy, cell.resume, cell.rule};
  };
  for (const study::Cell& cell : view.cells) cells_[{cell.region, key_of(place(cell))}] = &cell;
  for (const study::MeanCell& mean : view.means) means_[key_of(place(mean.of))] = &mean;
}

const study::Cell* StudyIndex::cell(std::size_t region, const CellPlace& place) const {
  const auto found = cells_.find({region, key_of(place)});
  return found == cells_.end() ? nullptr : found->second;
}

const study::MeanCell* StudyIndex::mean(const CellPlace& place) const {
  const auto found = means_.find(key_of(place));
  return found == means_.end() ? nullptr : found->second;
}

std::optional<double> StudyIndex::printed(const CellPlace& place, std::string_view measure) const {
  const std::string& job = study().jobs[place.job].name;
  const std::string& window = study().windows[place.window].name;
  for (const PaperFigure& figure : view_.paper) {
    if (figure.job == job && figure.window == window && figure.measure == measure) {
      return figure.value;
    }
  }
  return std::nullopt;
}

std::vector<std::string> StudyIndex::printed_in(std::size_t window) const {
  std::vector<std::string> out;
  for (const PaperFigure& figure : view_.paper) {
    if (figure.window != study().windows[window].name) continue;
    if (std::find(out.begin(), out.end(), figure.table) == out.end()) out.push_back(figure.table);
  }
  return out;
}

std::string less_text(Signal signal) {
  return signal == Signal::marginal ? "saved" : "attributed less";
}
std::string large_less_text(Signal signal) {
  return signal == Signal::marginal ? "Saved" : "Attributed less";
}
std::string signal_caveat(Signal signal) {
  return signal == Signal::marginal
             ? "On a marginal signal: one more job does not move the grid's margin, many do "
               "(price-taker)."
             : "On an average signal: what is attributed less to the job, not what the grid emits "
               "less.";
}

std::vector<std::string> series_notes(const StudyView& view) {
  std::vector<std::string> out;
  const auto add = [&](const std::vector<study::StudyRegion>& regions) {
    for (const study::StudyRegion& region : regions) {
      for (const std::string& note : region.notes) {
        std::string line = region.name + ": " + note;
        if (std::find(out.begin(), out.end(), line) == out.end()) out.push_back(std::move(line));
      }
    }
  };
  add(view.study.regions);
  add(view.other);
  const auto typical = [](const study::StudyRegion& region) {
    return region.used.source == "typical";
  };
  const auto& regions = view.study.regions;
  const auto count = std::count_if(regions.begin(), regions.end(), typical);
  if (count > 0 && count < static_cast<std::ptrdiff_t>(regions.size())) {
    out.push_back(
        fmt::format("{} of {} regions are typical years, which have no unusual week: "
                    "they save less than series of what was",
                    count, regions.size()));
  }
  return out;
}

std::string zone_text(const study::Study& study, std::size_t region) {
  const ZoneId& zone = study.regions[region].used.zone;
  const auto same = [&](const study::StudyRegion& other) { return other.used.zone == zone; };
  const auto times = std::count_if(study.regions.begin(), study.regions.end(), same);
  return times > 1 ? study.regions[region].name : zone;
}

std::string title_of(const study::StudyJob& job) {
  return escape(job.title.empty() ? job.name : job.title);
}

std::string policy_text(study::StudyPolicy policy) {
  std::string out(spell(policy));
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

std::string minutes_text(Duration resume) { return raw_number(as_seconds(resume) / 60) + " min"; }

std::string length_text(Duration length) {
  if (length % std::chrono::hours(1) == Duration{}) return raw_number(as_hours(length)) + " h";
  if (length % std::chrono::minutes(1) == Duration{}) return minutes_text(length);
  return format_duration(length);
}

std::string rule_text(const study::StartRule& rule) {
  std::string out;
  if (!rule.days_of_month.empty()) {
    out = fmt::format("days {} of each month, ", fmt::join(rule.days_of_month, ", "));
  }
  if (rule.every > Duration{}) {
    out += "every " + length_text(rule.every) + " from midnight";
  } else {
    out += fmt::format("at {} h", fmt::join(rule.hours, ", "));
  }
  return out + ", " + zone_of_time(rule.offset);
}

std::string month_text(std::chrono::year_month month) {
  return fmt::format("{}-{:02}", static_cast<int>(month.year()),
                     static_cast<unsigned>(month.month()));
}

bool of_one_year(const std::vector<study::MonthLine>& lines) {
  const auto begin = [](const study::MonthLine& line) { return line.months.front().first; };
  return std::all_of(lines.begin(), lines.end(), [&](const study::MonthLine& line) {
    return line.months.empty() || lines.front().months.empty() ||
           begin(line) == begin(lines.front());
  });
}

std::string fixed(double value, int decimals) {
  if (!std::isfinite(value)) return kUnknown;
  const std::string text = plain_fixed(value, decimals);
  return text[0] == '-' ? kMinus + text.substr(1) : text;
}

std::string difference(double value, int decimals) {
  const std::string text = fixed(value, decimals);
  const bool more = std::isfinite(value) && value > 0;
  return more && text.find_first_not_of("0.") != std::string::npos ? "+" + text : text;
}

std::string raw_percent(double value) {
  return std::isfinite(value) ? plain_fixed(value, 4) : std::string();
}

std::string raw_number(double value) {
  if (!std::isfinite(value)) return {};
  constexpr int kDigits = 7;
  const int before = value == 0 ? 1 : static_cast<int>(std::floor(std::log10(std::abs(value)))) + 1;
  std::string text = plain_fixed(value, std::clamp(kDigits - before, 0, 15));
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::vector<std::string> stems_of(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  std::set<std::string> taken;
  for (const std::string& name : names) {
    const std::string stem = stem_of(name);
    std::string once = stem;
    for (int again = 2; !taken.insert(once).second; ++again) {
      once = fmt::format("{}_{}", stem, again);
    }
    out.push_back(once);
  }
  return out;
}

}  // namespace lowtide::show
