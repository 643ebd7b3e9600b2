#include <fmt/format.h>
#include <fmt/ranges.h>

#include "show/study_table_parts.h"
#include "show/text.h"

namespace lowtide::show {
namespace {

std::string arrivals_text(const study::FleetAsk& ask) {
  if (ask.every > Duration{}) return "A job arrives every " + format_duration(ask.every);
  return fmt::format("{} jobs a day arrive at random (seed {})", raw_number(ask.a_day), ask.seed);
}

std::string asked_text(const StudyIndex& index) {
  const study::FleetAsk& ask = *index.view().fleet_ask;
  std::vector<std::string> names;
  names.reserve(ask.jobs.size());
  for (const std::size_t job : ask.jobs) names.push_back(title_of(index.study().jobs[job]));
  return fmt::format(
      "{}, by turns: {}. Each may end {} after its own length, and works on one of the machines in "
      "a slot; a resume costs {} of its mean power.",
      arrivals_text(ask), fmt::join(names, ", "), escape(ask.window.name),
      minutes_text(ask.resume));
}

StudyTable empty_table(const StudyIndex& index) {
  const Signal signal = signal_of(index.study());
  const std::string less = less_text(signal) + ", %";
  StudyTable table;
  table.name = "fleet";
  table.title = "Many jobs on few machines";
  table.notes = {asked_text(index),
                 "Admitted: jobs whose deadline can be met beside those before them. " +
                     large_less_text(signal) +
                     ": against the same "
                     "jobs in a queue, each begun when a machine is free. Independent: each as "
                     "though it had a "
                     "machine for itself, with the slots in which more would work than there are "
                     "machines. Bound: "
                     "no plan of these jobs on these machines emits less; the gap between both is "
                     "in percent of "
                     "the "
                     "plan.",
                 signal_caveat(signal)};
  table.texts = 0;
  table.head = {{"machines", "machines"},
                {"arrived", "arrived"},
                {"no result", "dropped"},
                {"admitted", "admitted"},
                {"in use, %", "in_use_pct"},
                {"queue", "now_g"},
                {"independent", "independent_g"},
                {less, "independent_saved_pct"},
                {"slots over", "overloaded_slots"},
                {"most at once", "most_at_once"},
                {"plan", "plan_g"},
                {less, "plan_saved_pct"},
                {"bound", "bound_g"},
                {less, "bound_saved_pct"},
                {"gap, %", "gap_pct"},
                {"resumes a job", "resumes_per_job"}};
  return table;
}

StudyField whole_field(std::size_t value) { return count_field(static_cast<double>(value)); }

std::vector<StudyField> row_of(const study::FleetRow& row) {
  const auto carbon = [&](Carbon value) {
    return row.admitted > 0 ? carbon_field(value) : StudyField{fixed(std::nan(""), 0), {}};
  };
  const double resumes = static_cast<double>(row.resumes) / static_cast<double>(row.admitted);
  return {whole_field(row.machines),
          whole_field(row.arrived),
          whole_field(row.dropped),
          whole_field(row.admitted),
          percent_field(100 * row.in_use),
          carbon(row.now),
          carbon(row.independent),
          percent_field(row.independent_pct()),
          whole_field(row.overload.slots),
          whole_field(row.overload.most),
          carbon(row.plan),
          percent_field(row.plan_pct()),
          carbon(row.bound),
          percent_field(row.bound_pct()),
          {fixed(row.gap_pct(), 2), raw_percent(row.gap_pct())},
          rate_field(resumes)};
}

}  // namespace

std::vector<StudyTable> fleet_tables(const StudyIndex& index) {
  const StudyView& view = index.view();
  if (!view.fleet_ask) return {};
  StudyTable all = empty_table(index);
  for (const study::FleetRow& row : study::fleet_over_regions(view.fleet)) {
    all.rows.push_back(row_of(row));
  }
  all.notes.push_back("Sums over regions, each with so many machines; in use: their mean.");
  StudyTable regions = empty_table(index);
  regions.name = "fleet_regions";
  regions.title += ", by region";
  regions.texts = 1;
  regions.head.insert(regions.head.begin(), {"region", "region"});
  for (const study::FleetRow& row : view.fleet) {
    auto fields = row_of(row);
    fields.insert(fields.begin(), text_field(index.study().regions[row.region].name));
    regions.rows.push_back(std::move(fields));
  }
  return {std::move(all), std::move(regions)};
}

}  // namespace lowtide::show
