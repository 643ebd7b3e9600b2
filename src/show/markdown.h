// Reports as Markdown (CommonMark with the tables of GitHub and the Hugging Face Hub), with the
// block `co2_eq_emissions` for the head of a model card. docs/formats/report.md.
#pragma once

#include <span>
#include <string>

#include "account/report.h"
#include "account/sum.h"

namespace lowtide::show {

[[nodiscard]] std::string report_markdown(const account::Report& report);
[[nodiscard]] std::string reports_markdown(std::span<const account::Report> reports,
                                           const account::Sum& sum);

}  // namespace lowtide::show
