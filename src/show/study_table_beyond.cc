#include <fmt/format.h>

#include "show/study_table_parts.h"
#include "show/text.h"

namespace lowtide::show {
namespace {

std::string asked_text(const StudyIndex& index) {
  const study::BeyondAsk& ask = *index.view().beyond_ask;
  std::string out = fmt::format("Starts: {}. A resume costs {} of the job's mean power",
                                rule_text(index.study().rules[ask.rule]), minutes_text(ask.resume));
  if (ask.restore > Duration{}) {
    out += fmt::format(" and {} of restoring at mean power", minutes_text(ask.restore));
  }
  out += fmt::format(
      ". A held machine draws {:g} % of the mean power while it waits, and {:g} g an hour and GPU "
      "of "
      "embodied carbon.",
      ask.idle_share * 100, as_grams(ask.hold_per_gpu_hour));
  return out;
}

std::string other_text(const StudyView& view) {
  const auto kind = [](const IntensityUsed& used) {
    return fmt::format("{}{}", spell(used.signal),
                       used.scope ? ", " + std::string(spell(*used.scope)) : "");
  };
  return fmt::format(
      "Planned on {}, priced on {} too: {}.", kind(view.study.regions[0].used),
      kind(view.other[0].used),
      "worse is the share of starts whose plan is worse there than starting at once");
}

StudyTable empty_table(const StudyIndex& index) {
  const StudyView& view = index.view();
  StudyTable table;
  table.name = "start_by_start";
  table.title = "Machine states, money and the other signal, start by start";
  table.notes = {asked_text(index), "Ratio of sums over starts and regions."};
  if (!view.other.empty()) table.notes.push_back(other_text(view));
  table.texts = 4;
  for (const char* head :
       {"job", "window", "machine", "policy", "starts", "shifted, %", "saved, %", "resumes a start",
        "money for a tonne", "saved on the other, %", "worse on the other, %"}) {
    table.head.push_back({head, head});
    if (table.head.back().raw == "saved, %") {
      table.head.back().shown = less_text(signal_of(index.study())) + ", %";
    }
    if (table.head.back().raw == "saved on the other, %" && !view.other.empty()) {
      table.head.back().shown = less_text(view.other[0].used.signal) + " on the other, %";
    }
  }
  return table;
}

std::vector<StudyField> row_of(const StudyIndex& index, const study::BeyondRow& row) {
  const study::Study& study = index.study();
  const auto starts = static_cast<double>(row.sums.starts);
  const bool priced = index.view().beyond_ask->price_per_gpu_hour.has_value();
  const double money = priced ? row.money_per_tonne() : std::nan("");
  return {text_field(study.jobs[row.job].name),
          text_field(study.windows[row.window].name),
          text_field(std::string(spell(row.machine))),
          text_field(std::string(spell(row.policy))),
          count_field(starts),
          percent_field(100 * static_cast<double>(row.sums.shifted) / starts),
          percent_field(row.saving_pct()),
          rate_field(row.sums.resumes / starts),
          {fixed(money, 0), raw_number(money)},
          percent_field(row.other_saving_pct()),
          percent_field(row.other_worse_pct())};
}

}  // namespace

std::vector<StudyTable> beyond_tables(const StudyIndex& index) {
  const StudyView& view = index.view();
  if (!view.beyond_ask) return {};
  StudyTable all = empty_table(index);
  for (const study::BeyondRow& row : study::over_regions(view.beyond)) {
    if (row.sums.starts > 0) all.rows.push_back(row_of(index, row));
  }
  StudyTable regions = empty_table(index);
  regions.name = "start_by_start_regions";
  regions.title += ", by region";
  regions.texts = 5;
  regions.head.insert(regions.head.begin(), {"region", "region"});
  for (const study::BeyondRow& row : view.beyond) {
    if (row.sums.starts == 0) continue;
    auto fields = row_of(index, row);
    fields.insert(fields.begin(), text_field(index.study().regions[row.region].name));
    regions.rows.push_back(std::move(fields));
  }
  return {std::move(all), std::move(regions)};
}

}  // namespace lowtide::show
