#include <fmt/format.h>

#include "show/scale_view.h"
#include "show/study_index.h"

namespace lowtide::show {
namespace {

constexpr int kLength = 8;
constexpr int kNumber = 8;

// "59,846,080".
std::string with_commas(std::uint64_t value) {
  std::string out = std::to_string(value);
  for (std::size_t at = out.size(); at > 3;) out.insert(at -= 3, ",");
  return out;
}

// Lengths down, slacks across.
std::string table_of(const ScaleView& view, std::size_t policy, const Style& style) {
  constexpr std::size_t kPolicies = study::kScalePolicies.size();
  std::string out = paint(policy_text(study::kScalePolicies[policy]), Ink::dim, style);
  out += "\n  " + pad("", kLength);
  for (const study::ScaleTime& slack : view.axes.slacks) out += pad_left(slack.name, kNumber);
  out += "\n";
  std::size_t column = policy;
  for (const study::ScaleTime& length : view.axes.lengths) {
    out += "  " + pad(length.name, kLength);
    for (std::size_t i = 0; i < view.axes.slacks.size(); ++i, column += kPolicies) {
      out += pad_left(fixed(view.mean_pct[column], 1), kNumber);
    }
    out += "\n";
  }
  return out;
}

}  // namespace

std::string scale_text(const ScaleView& view, const std::string& folder, const Style& style) {
  const study::Study& study = view.study;
  std::string out = paint(escape(study.title), Ink::bold, style) + "\n";
  out += fmt::format("  {} zones, {} lengths, {} slacks, 2 policies, {} starts {} apart\n",
                     study.regions.size(), view.axes.lengths.size(), view.axes.slacks.size(),
                     with_commas(view.starts), length_text(study.slot));
  out += fmt::format("  {} intensity; {} cells, {} of them known\n",
                     spell(study.regions.front().used.signal), with_commas(view.cells()),
                     with_commas(view.known));
  out +=
      "  saved against starting at once, %, mean of percents over starts, then over zones;\n"
      "  lengths down, slacks across\n\n";
  for (std::size_t policy = 0; policy < study::kScalePolicies.size(); ++policy) {
    out += table_of(view, policy, style) + "\n";
  }
  constexpr double kMegabyte = 1e6;
  return out + fmt::format("  {}/{}, {:.1f} MB\n", escape(folder), escape(view.file),
                           static_cast<double>(view.bytes) / kMegabyte);
}

}  // namespace lowtide::show
