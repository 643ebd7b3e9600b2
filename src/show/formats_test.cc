// Every format for people and spreadsheets: what it says, and that no name can break out of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "account/sum.h"
#include "show/cells.h"
#include "show/csv.h"
#include "show/latex.h"
#include "show/markdown.h"
#include "show/sample_report.h"
#include "show/statement.h"

namespace lowtide::show {
namespace {

using account::derive;
using account::Report;
using ::testing::HasSubstr;
using ::testing::Not;

const account::Tables kTables = [] {
  account::Tables tables = account::test_tables();
  tables.equivalents = {
      {"phone charges", grams(12.4), "2024, EPA GHG (eGRID): 1.24e-5 t", Gas::co2}};
  return tables;
}();

Report measured() { return derive(measured_run(), kTables); }
Report modelled() { return derive(modelled_run(), kTables); }

// Three runs of one project, one of each phase.
std::vector<Report> project() {
  std::vector<Report> reports = {modelled(), modelled(), modelled()};
  for (std::size_t i = 0; i < reports.size(); ++i) {
    reports[i].run.id = "run" + std::to_string(i);
    reports[i].run.host = "host" + std::to_string(i);
  }
  reports[1].run.state = RunState::failed;
  reports[2].run.tags["phase"] = "final";
  return reports;
}

Report named(const std::string& name) {
  RunRecord record = modelled_run();
  record.name = name;
  record.project = name;
  record.intensity[0].model = name;
  record.channels[0].name = name;
  record.tags["training_type"] = name;
  record.events.push_back({*record.begin, "note", name});
  return derive(record, kTables);
}

std::vector<std::string> fields(const std::string& line) {
  std::vector<std::string> out;
  std::stringstream stream(line);
  for (std::string field; std::getline(stream, field, ',');) out.push_back(field);
  return out;
}

TEST(Csv, head_names_units_and_rows_end_as_rfc_4180_wants) {
  const std::string csv = reports_csv(std::vector{measured()}, nullptr);
  const std::size_t end = csv.find("\r\n");
  const std::string head = csv.substr(0, end);
  for (const char* column : {"row,id,name", "total_kwh", "duration_s", "operational_g",
                             "energy_weighted_g_per_kwh", "sci_value", "series_sha256"}) {
    EXPECT_THAT(head, HasSubstr(column));
  }
  EXPECT_EQ(csv.find("\r\n", end + 2) + 2, csv.size());
  EXPECT_THAT(csv.substr(end + 2), HasSubstr(",bert,"));
}

TEST(Csv, numbers_are_raw_and_unknown_is_an_empty_cell) {
  Report report = modelled();
  report.carbon.other_signal.reset();
  report.carbon.operational = grams(1.0 / 3);
  const std::string csv = reports_csv(std::vector{report}, nullptr);
  const auto head = fields(csv.substr(0, csv.find("\r\n")));
  const auto row = fields(csv.substr(csv.find("\r\n") + 2));
  const auto at = [&](const std::string& name) {
    return row.at(
        static_cast<std::size_t>(std::find(head.begin(), head.end(), name) - head.begin()));
  };
  EXPECT_EQ(at("operational_g"), "0.3333333333333333");
  EXPECT_EQ(at("other_signal_g"), "");
  EXPECT_EQ(at("pue"), "");
  EXPECT_EQ(at("row"), "run");
}

TEST(Csv, no_name_is_a_formula_or_breaks_a_cell) {
  struct Case {
    std::string name, cell;
  };
  for (const Case& test :
       {Case{"=1+1", ",'=1+1,"}, Case{"+1", ",'+1,"}, Case{"-1", ",'-1,"},
        Case{"@SUM(A1)", ",'@SUM(A1),"}, Case{"  =1", ",'  =1,"}, Case{"\uff1d1", ",'\uff1d1,"},
        Case{"a-b", ",a-b,"}, Case{"a,b", ",\"a,b\","}, Case{"a\"b", ",\"a\"\"b\","},
        Case{"a\r\nb\t", ",a\\x0d\\x0ab\\x09,"}}) {
    EXPECT_THAT(reports_csv(std::vector{named(test.name)}, nullptr), HasSubstr(test.cell));
  }
}

TEST(Csv, several_runs_end_with_a_row_a_phase_and_the_sum) {
  const std::vector<Report> reports = project();
  const auto sum = account::sum(reports);
  const std::string csv = reports_csv(reports, &*sum);
  for (const char* row : {"\r\nexploration,", "\r\nfailures,", "\r\nfinal,", "\r\nsum,"}) {
    EXPECT_THAT(csv, HasSubstr(row));
  }
}

TEST(Statement, says_all_that_a_paper_must) {
  const std::string text = statement(measured());
  for (const char* part :
       {"2 x NVIDIA H100 80GB HBM3", "3 h 00 min", "kWh", "PUE of 1.185 (Azure 2024, westus2)",
        "measured by NVML and RAPL", "US-CAL-CISO", "(average, life-cycle signal;",
        "weighted by energy", "from operation", "embodied in the hardware (assumed)",
        "95 % intervals", "The boundary is the facility (GPU+CPU, PUE 1.185)", "left out: DRAM",
        "ISO/IEC 21031:2024", "lowtide 0.1.0"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(statement(modelled()), HasSubstr("100 % of it modelled"));
}

TEST(Statement, what_is_not_known_is_said) {
  RunRecord record = modelled_run();
  record.intensity.clear();
  record.slots.clear();
  record.channels.clear();
  const std::string text = statement(derive(record, account::test_tables()));
  EXPECT_THAT(text, HasSubstr("The energy used is not known"));
  EXPECT_THAT(text, HasSubstr("carbon is not known"));
  EXPECT_THAT(text, Not(HasSubstr("0 g")));
}

TEST(Markdown, has_figures_and_a_model_card) {
  RunRecord record = measured_run();
  record.tags["training_type"] = "pre-training";
  const std::string text = report_markdown(derive(record, kTables));
  EXPECT_THAT(text, HasSubstr("# Carbon report: bert\n"));
  EXPECT_THAT(text, HasSubstr("| Energy | 3.63 kWh (3.40 to 3.86) |"));
  EXPECT_THAT(text, HasSubstr("```yaml\nco2_eq_emissions:\n  emissions: "));
  EXPECT_THAT(text, HasSubstr("\n  training_type: \"pre-training\"\n"));
  EXPECT_THAT(text, HasSubstr("\n  geographical_location: \"US-CAL-CISO\"\n"));
  EXPECT_THAT(text, HasSubstr("\n  hardware_used: \"2 x NVIDIA H100 80GB HBM3, "));
  EXPECT_THAT(report_markdown(modelled()), Not(HasSubstr("training_type")));
}

TEST(Markdown, unknown_carbon_is_null_in_the_card) {
  RunRecord record = modelled_run();
  record.intensity.clear();
  EXPECT_THAT(report_markdown(derive(record, account::test_tables())),
              HasSubstr("\n  emissions: null  #"));
}

TEST(Markdown, no_name_breaks_out_of_its_place) {
  const std::string text =
      report_markdown(named("a|b <b>*_[x](y)`\"\\\n```\n# http://x.y @z\x1b[31m"));
  EXPECT_THAT(text, HasSubstr("a\\|b \\<b\\>\\*\\_\\[x\\](y)\\`\"\\\\\\\\x0a\\`\\`\\`"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\n# http")));
  EXPECT_THAT(text, HasSubstr("training_type: \"a|b <b>*_[x](y)`\\\"\\\\\\\\x0a```\\\\x0a# http"));
}

TEST(Markdown, several_runs_have_sums_by_phase) {
  const std::vector<Report> reports = project();
  const std::string text = reports_markdown(reports, *account::sum(reports));
  for (const char* part : {"| exploration | 1 |", "| failures | 1 |", "| final | 1 |",
                           "| total | 3 |", "all 3 runs, failures included"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(Latex, nothing_that_tex_acts_on_gets_through) {
  struct Case {
    std::string in, out;
  };
  for (const Case& test :
       {Case{"a_b%$&#{}", "a\\_b\\%\\$\\&\\#\\{\\}"}, Case{"\\x", "\\textbackslash{}x"},
        Case{"^~", "\\textasciicircum{}\\textasciitilde{}"},
        Case{"<|>", "\\textless{}\\textbar{}\\textgreater{}"}, Case{"--x", "-{}-x"},
        Case{"[*]", "{[}{*}]"}, Case{"\"`", "{\\ttfamily\\char34}\\char96{}"},
        Case{"5 CO2e ±1 %", "5 CO$_2$e $\\pm$1 \\%"}, Case{"café", "café"},
        Case{"日Đ", "{[}U+65E5]{[}U+0110]"}}) {
    EXPECT_EQ(in_latex(test.in), test.out);
  }
}

TEST(Latex, is_a_table_and_a_paragraph_without_packages) {
  const std::string text = report_latex(measured());
  EXPECT_THAT(text, HasSubstr("% A fragment: \\input it"));
  EXPECT_THAT(text, HasSubstr("\\label{tab:lowtide-7f3a}"));
  EXPECT_THAT(text,
              HasSubstr("\nEnergy & \\raggedright 3.63 kWh (3.40 to 3.86)\\tabularnewline\n"));
  EXPECT_THAT(text, HasSubstr("\\quad GPU & "));
  EXPECT_THAT(text, HasSubstr("\\paragraph{Energy and carbon.}\nThe run bert took"));
  EXPECT_THAT(text, Not(HasSubstr("toprule")));
}

TEST(Latex, table_of_many_runs_is_left_to_other_forms) {
  std::vector<Report> reports;
  for (int i = 0; i < 31; ++i) {
    reports.push_back(modelled());
    reports.back().run.id = "run" + std::to_string(i);
  }
  const std::string text = reports_latex(reports, *account::sum(reports));
  EXPECT_THAT(text, HasSubstr("total & 31 &"));
  EXPECT_THAT(text, Not(HasSubstr("The runs one by one")));
}

}  // namespace
}  // namespace lowtide::show
