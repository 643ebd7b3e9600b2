#include "show/study_html.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "show/html_parts.h"
#include "show/phrases.h"
#include "show/study_figures.h"
#include "show/study_index.h"
#include "show/study_svg.h"
#include "show/study_tables.h"
#include "show/text.h"

namespace lowtide::show {
namespace {

using study::StudyPolicy;

// Wide tables: heads wrap, rows do not, but for the licences.
constexpr const char* kStudyStyle = R"css(
header,main,footer{max-width:1280px}
.fig{display:block;width:100%;min-width:720px;height:auto}
figcaption{color:var(--soft);font-size:.86rem;margin:4px 0 18px}
table:not(.facts){font-size:.84rem}
table:not(.facts) :is(th,td){padding:4px 10px 4px 0}
table:not(.facts) thead th{vertical-align:bottom;white-space:normal}
table:not(.facts) td{white-space:nowrap}
table:not(.facts) td:first-child{font-weight:600}
section[aria-labelledby=series] td:nth-child(3):not(.num){white-space:normal}
@media screen{details caption{display:none}}
section>.scroll+*,details>*+*{margin-top:10px}
section>:is(.scroll,details,ul)+.scroll{margin-top:28px}
@media print{.fig{min-width:0}table:not(.facts){font-size:7.5pt}}
)css";

template <typename Items, typename TextOf>
std::string listed(const Items& items, const char* between, TextOf text_of) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : between) + text_of(item);
  return out;
}

class StudyPage {
 public:
  explicit StudyPage(const StudyView& view)
      : view_(view), study_(view.study), tables_(tables_of(view)), figures_(figures_of(view)) {}

  std::string page() const {
    std::string body = head() + "<main id=\"main\">\n";
    body += html_section("asked", "What was asked", asked());
    body += html_section("agreement", "Agreement with the paper", open_tables("agreement"));
    body += html_section("emits", "What the jobs emit",
                         shared_figures("figure") + folded("spread") + folded("months") +
                             open_tables("start_hours"));
    body += html_section("saved", less() + " by window", open_tables("window_"));
    body += html_section("regions", less() + " by region",
                         job_figures("regions_") + folded("regions_") + folded("groups"));
    body += html_section("charges", less() + " against what a resume costs",
                         job_figures("resume_charge_") + folded("resume_charge"));
    body +=
        html_section("rules", "Which starts count",
                     open_tables("start_rules", "start_rules_cells") + folded("start_rules_cells"));
    body += html_section(
        "beyond", "Machine states, money and the other signal",
        open_tables("start_by_start", "start_by_start_regions") + folded("start_by_start_regions"));
    body += html_section(
        "fleet", "Many jobs on few machines",
        shared_figures("fleet") + open_tables("fleet", "fleet_regions") + folded("fleet_regions"));
    body += html_section("jobs", "Jobs", open_tables("jobs"));
    body += html_section("series", "Regions, series and licences",
                         open_tables("intensity") + open_tables("series"));
    body += html_section("method", "Method", html_list(method()));
    body += html_section("again", "Again", again());
    return html_page(title() + " · lowtide", body + foot(), kStudyStyle + study_svg_style());
  }

 private:
  [[nodiscard]] std::string title() const {
    return escape(study_.title.empty() ? study_.name : study_.title);
  }

  [[nodiscard]] std::string head() const {
    const std::string about =
        fmt::format("{} jobs in {} regions, {} windows · {}", study_.jobs.size(),
                    study_.regions.size(), study_.windows.size(), span());
    return "<header>\n<p class=\"brand\">lowtide · study</p>\n<h1>" + in_html(title()) +
           "</h1>\n<p class=\"sub\">" + in_html(about) + "</p>\n" + warning() +
           html_cards(cards()) + "</header>\n";
  }

  // What may not be done with a series may not be done with what is made of it.
  [[nodiscard]] std::string warning() const {
    const auto any_of = [](const std::vector<study::StudyRegion>& regions) {
      return std::any_of(regions.begin(), regions.end(),
                         [](const auto& region) { return region.non_commercial; });
    };
    return any_of(study_.regions) || any_of(view_.other)
               ? "<p class=\"warn\">Made with series for non-commercial use alone</p>\n"
               : "";
  }

  [[nodiscard]] std::string span() const {
    std::size_t slots = 0;
    for (const auto& region : study_.regions) slots = std::max(slots, region.intensity.size());
    const Utc end = study_.begin + study_.slot * static_cast<std::int64_t>(slots);
    const auto minute = [](Utc t) { return format_utc(t).substr(0, 16) + "Z"; };
    return minute(study_.begin) + " to " + minute(end);
  }

  // The most that each policy saves of a job in a window, and the agreement.
  [[nodiscard]] std::vector<Card> cards() const {
    std::vector<Card> out;
    for (const StudyPolicy policy : study_.policies) {
      const study::MeanCell* most = nullptr;
      for (const study::MeanCell& mean : view_.means) {
        if (mean.of.policy != policy || !is_first(mean.of)) continue;
        if (most == nullptr || mean.of.mean_of_pct > most->of.mean_of_pct) most = &mean;
      }
      if (most == nullptr) continue;
      out.push_back({less() + " at most: " + policy_text(policy),
                     fixed(most->of.mean_of_pct, 1),
                     "%",
                     "mean of regions",
                     title_of(study_.jobs[most->of.job]) + ", window " +
                         escape(study_.windows[most->of.window].name),
                     {}});
    }
    for (const StudyTable& table : tables_) {
      if (table.name == "agreement") out.push_back(agreement_card(table));
    }
    return out;
  }
  // By the first rule, in mean of percents.
  [[nodiscard]] static Card agreement_card(const StudyTable& table) {
    const auto& first = table.rows.front();
    std::vector<std::string> others;
    for (const auto& row : table.rows) {
      const bool alike = row[1].raw == first[1].raw && row[2].raw == first[2].raw;
      if (alike && &row != &first) others.push_back(row[0].shown + " " + row[5].shown);
    }
    return {"Agreement with the paper",
            first[5].shown,
            {},
            "rank correlation, " + first[0].shown,
            joined(others, ", "),
            {}};
  }

  [[nodiscard]] std::string less() const { return large_less_text(signal_of(study_)); }

  [[nodiscard]] std::string asked() const {
    const std::string rules = listed(study_.rules, "; ", [](const study::StartRule& rule) {
      return escape(rule.name) + ": " + rule_text(rule);
    });
    const std::string charges = listed(study_.resumes, ", ", minutes_text);
    const std::string windows = listed(
        study_.windows, ", ", [](const study::StudyWindow& window) { return escape(window.name); });
    const std::string policies = listed(study_.policies, ", ", policy_text);
    const Cells facts{{"", ""},
                      {{"Time", span() + ", slots of " + length_text(study_.slot)},
                       {"Intensity", kinds(study_.regions)},
                       {"Other signal", view_.other.empty() ? "none" : kinds(view_.other)},
                       {"What it says", signal_caveat(signal_of(study_))},
                       {"Policies", policies},
                       {"Windows", windows + ": how much later than its own length a job may end"},
                       {"A resume costs", charges + " of the job's mean power"},
                       {"Starts that count", rules},
                       {"Average",
                        "mean of percents over the starts; the ratio of sums beside it; "
                        "each region counts once"},
                       {"First of several",
                        "tables and figures show the first start rule and the first resume charge, "
                        "but where they say otherwise"}},
                      {}};
    std::string out = "<table class=\"facts\"><tbody>\n";
    for (const auto& row : facts.rows) {
      out += "<tr><th scope=\"row\">" + in_html(row[0]) + "</th><td>" + in_html(row[1]) +
             "</td></tr>\n";
    }
    return out + "</tbody></table>\n";
  }

  // Signal, scope and gas of the series, each once.
  [[nodiscard]] static std::string kinds(const std::vector<study::StudyRegion>& regions) {
    std::set<std::string> kinds;
    for (const study::StudyRegion& region : regions) {
      const IntensityUsed& used = region.used;
      kinds.insert(std::string(spell(used.signal)) + ", " +
                   (used.scope ? std::string(spell(*used.scope)) : "scope not stated") + ", " +
                   gas_text(used.gas));
    }
    const std::vector<std::string> all(kinds.begin(), kinds.end());
    return joined(all, "; ") + (all.size() > 1 ? " (series that are unlike)" : "");
  }

  // Tables whose name begins so, but for one, one after the other. What all of them say is said
  // after the last.
  [[nodiscard]] std::string open_tables(const std::string& begin,
                                        const std::string& without = "-") const {
    std::string out;
    const std::vector<std::string>* notes = nullptr;
    for (const StudyTable& table : tables_) {
      if (table.name.rfind(begin, 0) != 0 || table.name == without) continue;
      out += html_table(shown_cells(table), table.title);
      notes = &table.notes;
    }
    return notes == nullptr ? out : out + html_list(*notes);
  }
  [[nodiscard]] std::string folded(const std::string& begin) const {
    std::string out;
    for (const StudyTable& table : tables_) {
      if (table.name.rfind(begin, 0) != 0) continue;
      out += "<details><summary>" + in_html(table.title) + "</summary>" +
             html_table(shown_cells(table), table.title) + html_list(table.notes) + "</details>\n";
    }
    return out;
  }

  [[nodiscard]] static std::string figure(const StudyFigure& figure) {
    return "<figure><div class=\"scroll\">" + figure.svg + "</div><figcaption>" +
           in_html(figure.caption) + "</figcaption></figure>\n";
  }
  [[nodiscard]] std::string shared_figures(const std::string& begin) const {
    std::string out;
    for (const StudyFigure& each : figures_) {
      if (!each.job && each.name.rfind(begin, 0) == 0) out += figure(each);
    }
    return out;
  }
  // The first job's are open.
  [[nodiscard]] std::string job_figures(const std::string& begin) const {
    std::string out;
    for (std::size_t job = 0; job < study_.jobs.size(); ++job) {
      std::string of_job;
      for (const StudyFigure& each : figures_) {
        if (each.job == job && each.name.rfind(begin, 0) == 0) of_job += figure(each);
      }
      if (of_job.empty()) continue;
      out += fmt::format("<details{}><summary>{}</summary>\n{}</details>\n",
                         out.empty() ? " open" : "", in_html(title_of(study_.jobs[job])), of_job);
    }
    return out;
  }

  [[nodiscard]] static std::vector<std::string> method() {
    std::vector<std::string> out;
    out.emplace_back(
        "A start counts in a cell where the whole window, work and slack, lies in the series and "
        "touches no gap. What falls out is counted as dropped (cells.csv).");
    out.emplace_back(
        "Each figure is beside starting at once and running through: energy of each slot times the "
        "intensity of the slot in which it runs.");
    out.emplace_back(
        "Flexible start: the start within the window that emits least, running through. Lowest "
        "slots: as many slots as the job has, those of lowest intensity, work in its own order; "
        "the paper's Pause and Resume. Exact: the lowest that any choice of slots reaches, resumes "
        "charged.");
    out.emplace_back(
        "All of a window's intensity is known beforehand: the most that a policy can save. What "
        "forecasts keep of it is another question (lowtide grid score).");
    out.emplace_back(
        "Energy is what the study's jobs say; PUE and embodied carbon are not in it, but where a "
        "table says so.");
    return out;
  }

  [[nodiscard]] std::string again() const {
    return "<p class=\"lead\"><code>" + in_html(escape(view_.command)) +
           "</code></p>\n<p class=\"note\">" +
           in_html(
               "manifest.json has the study's text, the SHA-256 of each series and file, and "
               "versions: lowtide study makes it again from that file and says whether the files "
               "are the same bit for bit.") +
           "</p>\n";
  }

  [[nodiscard]] std::string foot() const {
    return "</main>\n<footer><p>" +
           in_html("Written by lowtide " + escape(view_.version) +
                   " · times are UTC · nothing on this page is loaded from elsewhere") +
           "</p></footer>\n";
  }

  const StudyView& view_;
  const study::Study& study_;
  std::vector<StudyTable> tables_;
  std::vector<StudyFigure> figures_;
};

}  // namespace

std::string study_html(const StudyView& view) { return StudyPage(view).page(); }

}  // namespace lowtide::show
