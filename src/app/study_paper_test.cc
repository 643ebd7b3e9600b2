#include "app/study_paper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "grid/test_files.h"

namespace lowtide::app {
namespace {

using ::testing::HasSubstr;

double printed(const std::vector<show::PaperFigure>& figures, const std::string& table,
               const std::string& job, const std::string& measure) {
  const auto found = std::find_if(figures.begin(), figures.end(), [&](const auto& figure) {
    return figure.table == table && figure.job == job && figure.measure == measure;
  });
  return found == figures.end() ? -1 : found->value;
}

TEST(StudyPaper, the_shipped_tables_are_the_papers) {
  const auto figures = paper_figures(grid::kShippedData);
  ASSERT_TRUE(figures) << figures.error().line();
  EXPECT_EQ(figures->size(), 24U + 10 * 11 * 3);
  EXPECT_EQ(printed(*figures, "4", "densenet-201", "flexible_start"), 25.9);
  EXPECT_EQ(printed(*figures, "9", "vit-huge", "lowest_slots"), 11.3);
  EXPECT_EQ(printed(*figures, "6", "densenet-121", "resumes_per_hour"), 2.2);
  EXPECT_EQ(printed(*figures, "3", "bert-finetune", "carbon_g"), 2381);
}

TEST(StudyPaper, figures_and_jobs_name_each_other) {
  const auto figures = paper_figures(grid::kShippedData);
  const auto jobs = paper_jobs(grid::kShippedData);
  ASSERT_TRUE(figures && jobs);
  std::set<std::string> of_figures, of_jobs;
  for (const auto& figure : *figures) of_figures.insert(figure.job);
  for (const auto& job : *jobs) of_jobs.insert(job.name);
  EXPECT_EQ(of_figures, of_jobs);
}

TEST(StudyPaper, a_job_is_flat_over_its_slots) {
  const auto jobs = paper_jobs(grid::kShippedData);
  ASSERT_TRUE(jobs) << jobs.error().line();
  ASSERT_EQ(jobs->size(), 11U);
  const study::StudyJob& large = (*jobs)[2];
  EXPECT_EQ(large.name, "transformer-6b");
  EXPECT_EQ(large.title, "6B Transformer");
  EXPECT_EQ(large.gpus, 256);
  EXPECT_EQ(large.work.size(), 2304U);
  EXPECT_TRUE(large.flat());
  EXPECT_NEAR(as_kwh(large.energy()), 13812.4, 1e-6);
  EXPECT_EQ(large.source, "Dodge et al. 2022, Table 2: 13812.4 kWh in 192 h, taken as flat");
}

TEST(StudyPaper, what_is_no_number_names_its_line) {
  const grid::TestFolder folder;
  EXPECT_FALSE(paper_figures(folder.path()));
  folder.write("paper_2022.csv", "table,job,window,measure,value\n4,a,6h,lowest_slots,\n");
  EXPECT_THAT(paper_figures(folder.path()).error().line(), HasSubstr("paper_2022.csv:2"));
  for (const char* slots : {"many", "0", "1e9", "nan"}) {
    folder.write("paper_2022_jobs.csv",
                 std::string("name,title,gpu,gpus,hours,kwh,slots\na,A,V100,4,6,3.1,") + slots);
    const auto jobs = paper_jobs(folder.path());
    ASSERT_FALSE(jobs) << slots;
    EXPECT_THAT(jobs.error().line(), HasSubstr("paper_2022_jobs.csv:2, field slots")) << slots;
  }
}

}  // namespace
}  // namespace lowtide::app
