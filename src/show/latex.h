// Reports as LaTeX: a fragment to \input, a table of the figures and a paragraph that states them.
//
// It needs no package (plain tabular, \hline) and compiles with what texlive-latex-base has. Text
// from outside is free of all that TeX acts on; letters that the default fonts lack stand as
// [U+65E5]. docs/formats/report.md.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "account/report.h"
#include "account/sum.h"

namespace lowtide::show {

[[nodiscard]] std::string report_latex(const account::Report& report);
[[nodiscard]] std::string reports_latex(std::span<const account::Report> reports,
                                        const account::Sum& sum);

// A text without control characters as TeX prints it.
[[nodiscard]] std::string in_latex(std::string_view text);

}  // namespace lowtide::show
