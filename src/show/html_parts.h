// The pieces that the HTML reports are made of. For show alone.
//
// A text enters a page through in_html(); it has passed escape() before. Lengths in drawings are
// CSS pixels or percent of a bar.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "show/cells.h"

namespace lowtide::show {

// A text without control characters as HTML prints it, in an attribute too.
[[nodiscard]] std::string in_html(std::string_view text);

// The whole document around a body. `title` is plain text, `more_style` further rules of CSS.
[[nodiscard]] std::string html_page(const std::string& title, const std::string& body,
                                    const std::string& more_style = {});

// <section> with its heading; empty where the body is.
[[nodiscard]] std::string html_section(const std::string& id, const std::string& heading,
                                       const std::string& body);
[[nodiscard]] std::string html_table(const Cells& cells, const std::string& caption);
// Lines of plain text as a list; empty where there are none.
[[nodiscard]] std::string html_list(const std::vector<std::string>& lines);

// How a joule is known, told apart by texture as well as by colour.
enum class Texture { solid, hatched, dotted };
// A part of a bar, in percent of it.
struct BarPart {
  double percent = 0;
  Texture texture = Texture::solid;
  std::string label;  // what a screen reader says, and a pointer sees
};
// Parts side by side, with a whisker over [low, high] percent where it is known.
[[nodiscard]] std::string html_bar(const std::vector<BarPart>& parts,
                                   std::optional<std::pair<double, double>> whisker = {});

// A figure of the first row: "Carbon", "1.02 kg", "CO2e", "0.90 to 1.17", more in small print.
struct Card {
  std::string label;
  std::string value;
  std::string unit;
  std::string range;
  std::string note;
  std::string bar;  // HTML
};
[[nodiscard]] std::string html_cards(const std::vector<Card>& cards);

// The patterns that `texture_fill` names; once a page.
[[nodiscard]] std::string html_patterns();
[[nodiscard]] std::string_view texture_fill(Texture texture);

}  // namespace lowtide::show
