#include "app/study_paper.h"

#include "grid/table.h"

namespace lowtide::app {

Result<std::vector<show::PaperFigure>> paper_figures(const std::string& data_folder) {
  const auto rows = grid::Table::read(data_folder + "/paper_2022.csv",
                                      {"table", "job", "window", "measure", "value"});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<show::PaperFigure> out;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const auto value = rows->number(i, 4);
    if (!value) return tl::unexpected(value.error());
    out.push_back({rows->cell(i, 0), rows->cell(i, 1), rows->cell(i, 2), rows->cell(i, 3), *value});
  }
  return out;
}

namespace {

Result<study::StudyJob> job_of(const grid::Table& rows, std::size_t i) {
  const auto gpus = rows.number(i, 3);
  const auto energy = rows.number(i, 5);
  const auto slots = rows.number(i, 6);
  for (const auto* number : {&gpus, &energy, &slots}) {
    if (!*number) return tl::unexpected(number->error());
  }
  constexpr double kMostSlots = 105'408;  // a leap year
  if (*slots < 1 || *slots > kMostSlots) {
    return fail(ErrorKind::malformed, "no number of slots that a job can have", rows.where(i, 6));
  }
  study::StudyJob job;
  job.name = rows.cell(i, 0);
  job.title = rows.cell(i, 1);
  job.gpus = static_cast<int>(*gpus);
  job.work.assign(static_cast<std::size_t>(*slots), kwh(*energy) / *slots);
  job.source = "Dodge et al. 2022, Table 2: " + rows.cell(i, 5) + " kWh in " + rows.cell(i, 4) +
               " h, taken as flat";
  return job;
}

}  // namespace

Result<std::vector<study::StudyJob>> paper_jobs(const std::string& data_folder) {
  const auto rows = grid::Table::read(data_folder + "/paper_2022_jobs.csv",
                                      {"name", "title", "gpu", "gpus", "hours", "kwh", "slots"});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<study::StudyJob> out;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    auto job = job_of(*rows, i);
    if (!job) return tl::unexpected(job.error());
    out.push_back(*std::move(job));
  }
  return out;
}

}  // namespace lowtide::app
