// What a report says to people, in sentences: the same for Markdown, LaTeX and HTML, each of which
// only dresses it. Texts from outside are shown by escape(); each format escapes its
// own specials on top. Figures are rounded by text_of(). Times are local with their offset.
#pragma once

#include <span>
#include <string>

#include "account/report.h"
#include "account/sum.h"

namespace lowtide::show {

// "2 x NVIDIA H100 80GB HBM3, 16 of 64 CPUs (..), 128 of 512 GB memory".
[[nodiscard]] std::string hardware_text(const account::Report& report);
// "US-CAL-CISO", "FR (place assumed from ..)"; empty where it is not known.
[[nodiscard]] std::string region_text(const account::Report& report);
// "IT equipment (GPU+CPU, PUE not included)".
[[nodiscard]] std::string boundary_words(const account::Report& report);
// The method alone: boundary and what is left out stand beside it.
[[nodiscard]] std::string method_text(const account::Report& report);
// What the figures are not of.
[[nodiscard]] std::string left_out_text(const account::Report& report);

// A paragraph for a paper's section on its footprint: whole sentences.
[[nodiscard]] std::string statement(const account::Report& report);
[[nodiscard]] std::string statement(std::span<const account::Report> reports,
                                    const account::Sum& sum);

}  // namespace lowtide::show
