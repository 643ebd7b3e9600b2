#include "show/latex.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>
#include <vector>

#include "show/cells.h"
#include "show/statement.h"
#include "show/text.h"
#include "show/utf8.h"

namespace lowtide::show {
namespace {

using account::Report;
using account::Sum;

constexpr std::size_t kRunsListed = 30;  // more do not fit a page
// A line, and room above the letters of the row below it.
constexpr const char* kLine = "\\hline\n\\rule{0pt}{2.6ex}";

struct Mark {
  std::uint32_t code_point;
  std::string_view latex;
};

// What TeX acts on, what its fonts turn into something else, and the signs of our own words. `[`
// and
// `*` would belong to the line break before them.
constexpr std::array kMarks = std::to_array<Mark>({{'\\', "\\textbackslash{}"},
                                                   {'{', "\\{"},
                                                   {'}', "\\}"},
                                                   {'$', "\\$"},
                                                   {'&', "\\&"},
                                                   {'#', "\\#"},
                                                   {'%', "\\%"},
                                                   {'_', "\\_"},
                                                   {'^', "\\textasciicircum{}"},
                                                   {'~', "\\textasciitilde{}"},
                                                   {'<', "\\textless{}"},
                                                   {'>', "\\textgreater{}"},
                                                   {'|', "\\textbar{}"},
                                                   {'"', "{\\ttfamily\\char34}"},
                                                   {'`', "\\char96{}"},
                                                   {'[', "{[}"},
                                                   {'*', "{*}"},
                                                   {0xb1, "$\\pm$"},
                                                   {0xb7, "$\\cdot$"},
                                                   {0xd7, "$\\times$"},
                                                   {0x2013, "--"},
                                                   {0x2026, "\\dots{}"},
                                                   {0x2212, "$-$"}});

// Latin letters that the default encoding (OT1) cannot print though they lie between others.
constexpr auto kMissing =
    std::to_array<std::uint32_t>({0xd0,  0xde,  0xf0,  0xf7,  0xfe,  0x104, 0x105, 0x110, 0x111,
                                  0x118, 0x119, 0x126, 0x127, 0x12e, 0x12f, 0x132, 0x133, 0x138,
                                  0x13f, 0x140, 0x149, 0x14a, 0x14b, 0x166, 0x167, 0x172, 0x173});

bool printable(std::uint32_t c) {
  if (c < 0x80) return true;
  if (c < 0xc0 || c > 0x17e) return false;
  return std::find(kMissing.begin(), kMissing.end(), c) == kMissing.end();
}

std::string one_mark(const CodePoint& c, std::string_view bytes) {
  for (const Mark& mark : kMarks) {
    if (mark.code_point == c.value) return std::string(mark.latex);
  }
  if (printable(c.value)) return std::string(bytes);
  return fmt::format("{{[}}U+{:04X}]", c.value);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// The words of a label: letters, digits and hyphens.
std::string label_of(std::string_view id) {
  std::string out;
  for (const char c : id) out += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '-';
  return out;
}

std::string head(const std::string& what, const Report& report) {
  return "% " + in_latex(what) + ", by lowtide " + in_latex(escape(report.run.lowtide_version)) +
         "\n% A fragment: \\input it into a document. It needs no package; the file is UTF-8, the\n"
         "% default of LaTeX since 2018 (before: \\usepackage[utf8]{inputenc}).\n";
}

std::string table(const std::string& columns, const std::string& body, const std::string& caption,
                  const std::string& label, const std::string& size = "small") {
  return "\\begin{table}[htbp]\n\\centering\\" + size + "\n\\caption{" + caption +
         "}\n\\label{tab:lowtide-" + label + "}\n\\par\\smallskip\n\\begin{tabular}{" + columns +
         "}\n" + kLine + body + "\\hline\n\\end{tabular}\n\\end{table}\n";
}

std::string figures(const Report& report) {
  std::string body;
  for (const Row& row : figure_rows(report)) {
    body += (row.part ? "\\quad " : "") + in_latex(row.label) + " & \\raggedright " +
            in_latex(row.value) + "\\tabularnewline\n";
  }
  return table("@{}lp{0.68\\linewidth}@{}", body,
               "Energy and carbon of " + in_latex(title(report.run)) + ", metered by lowtide.",
               label_of(report.run.id));
}

// These columns of a table, by the names of their heads.
std::string columns_of(const Cells& cells, const std::vector<std::string>& wanted) {
  std::vector<std::size_t> chosen;
  for (const std::string& name : wanted) {
    const auto found = std::find(cells.head.begin(), cells.head.end(), name);
    chosen.push_back(static_cast<std::size_t>(found - cells.head.begin()));
  }
  const auto line = [&](const std::vector<std::string>& row) {
    std::string out;
    for (const std::size_t column : chosen) {
      out += (out.empty() ? "\\raggedright " : " & ") + in_latex(row[column]);
    }
    return out + "\\tabularnewline\n";
  };
  std::string out = line(cells.head) + kLine;
  for (const auto& row : cells.rows) out += line(row);
  return out;
}

std::string paragraph(const std::string& text) {
  return "\n\\paragraph{Energy and carbon.}\n" + in_latex(text) + "\n";
}

}  // namespace

std::string in_latex(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = decode(text.substr(at));
    const std::string_view bytes = text.substr(at, c.bytes);
    at += c.bytes;
    out += one_mark(c, bytes);
    // Two hyphens would become a dash, and ?` and !` Spanish marks.
    if (c.value == '-' && at < text.size() && text[at] == '-') out += "{}";
  }
  return replaced(std::move(out), "CO2", "CO$_2$");
}

std::string report_latex(const Report& report) {
  return head("Energy and carbon of run " + escape(report.run.id), report) + figures(report) +
         paragraph(statement(report));
}

std::string reports_latex(std::span<const Report> reports, const Sum& sum) {
  std::string out = head(fmt::format("Energy and carbon of {} runs", sum.runs), reports.front());
  out += table("@{}lrrll@{}",
               columns_of(sum_cells(sum), {"Phase", "Runs", "Duration", "Energy", "Carbon"}),
               fmt::format("Energy and carbon of {} runs, metered by lowtide; {}.", sum.runs,
                           in_latex(sum_notes(sum).front())),
               "sum-" + label_of(reports.front().run.id));
  if (reports.size() <= kRunsListed) {
    out +=
        table("@{}p{0.155\\linewidth}p{0.15\\linewidth}ll@{}",
              columns_of(run_cells(reports), {"Run", "Outcome", "Energy", "Carbon"}),
              "The runs one by one.", "runs-" + label_of(reports.front().run.id), "footnotesize");
  } else {
    out += "% More than 30 runs: their table is in the CSV, Markdown and HTML reports.\n";
  }
  std::string text = statement(reports, sum);
  for (std::size_t i = 1; i < sum_notes(sum).size(); ++i)
    text += " Note: " + sum_notes(sum)[i] + ".";
  return out + paragraph(text);
}

}  // namespace lowtide::show
