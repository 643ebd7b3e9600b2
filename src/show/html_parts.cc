#include "show/html_parts.h"

#include <fmt/core.h>

#include <algorithm>

#include "show/html_style.h"

namespace lowtide::show {
namespace {

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string cell(const char* tag, const std::string& text, bool right) {
  return fmt::format("<{0}{1}>{2}</{0}>", tag, right ? " class=\"num\"" : "", in_html(text));
}

}  // namespace

std::string in_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else {
      out += c;
    }
  }
  return replaced(std::move(out), " CO2e", " CO\u2082e");
}

std::string html_page(const std::string& title, const std::string& body,
                      const std::string& more_style) {
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta name=\"color-scheme\" content=\"light dark\">\n"
         "<meta name=\"referrer\" content=\"no-referrer\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
         "style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; "
         "form-action 'none'\">\n<title>" +
         in_html(title) + "</title>\n<style>" + kHtmlStyle + more_style +
         "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the figures</a>\n" +
         html_patterns() + body + "<script>" + kHtmlScript + "</script>\n</body>\n</html>\n";
}

std::string html_section(const std::string& id, const std::string& heading,
                         const std::string& body) {
  if (body.empty()) return {};
  return fmt::format("<section aria-labelledby=\"{0}\">\n<h2 id=\"{0}\">{1}</h2>\n{2}</section>\n",
                     id, in_html(heading), body);
}

std::string html_table(const Cells& cells, const std::string& caption) {
  if (cells.rows.empty()) return {};
  std::string out =
      "<div class=\"scroll\"><table>\n<caption>" + in_html(caption) + "</caption>\n<thead><tr>";
  for (std::size_t i = 0; i < cells.head.size(); ++i) {
    out += fmt::format("<th scope=\"col\"{}>{}</th>", cells.right[i] ? " class=\"num\"" : "",
                       in_html(cells.head[i]));
  }
  out += "</tr></thead>\n<tbody>\n";
  for (const auto& row : cells.rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) out += cell("td", row[i], cells.right[i]);
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string html_list(const std::vector<std::string>& lines) {
  if (lines.empty()) return {};
  std::string out = "<ul>\n";
  for (const std::string& line : lines) out += "<li>" + in_html(line) + "</li>\n";
  return out + "</ul>\n";
}

std::string_view texture_fill(Texture texture) {
  if (texture == Texture::hatched) return "url(#hatched)";
  return texture == Texture::dotted ? "url(#dotted)" : "var(--power)";
}

std::string html_patterns() {
  return R"svg(<svg class="defs" width="0" height="0" aria-hidden="true" focusable="false"><defs>
<pattern id="hatched" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<rect width="7" height="7" fill="var(--power-soft)"/><rect width="2.4" height="7" fill="var(--power)"/></pattern>
<pattern id="dotted" width="6" height="6" patternUnits="userSpaceOnUse">
<rect width="6" height="6" fill="var(--power-soft)"/><circle cx="3" cy="3" r="1.5" fill="var(--power)"/></pattern>
<pattern id="missing" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
<rect width="1" height="8" fill="var(--faint)"/></pattern>
</defs></svg>
)svg";
}

std::string html_bar(const std::vector<BarPart>& parts,
                     std::optional<std::pair<double, double>> whisker) {
  std::string shapes;
  std::string said;
  double at = 0;
  for (const BarPart& part : parts) {
    if (!part.label.empty()) said += (said.empty() ? "" : ", ") + part.label;
    if (part.percent <= 0) continue;
    const double width = std::min(part.percent, 100 - at);
    shapes += fmt::format(
        "<rect x=\"{:.2f}%\" y=\"4\" width=\"{:.2f}%\" height=\"12\" "
        "fill=\"{}\"><title>{}</title></rect>",
        at, width, texture_fill(part.texture), in_html(part.label));
    at += width;
    if (&part != &parts.back() && at < 100) {
      shapes += fmt::format(
          "<line class=\"cut\" x1=\"{0:.2f}%\" x2=\"{0:.2f}%\" y1=\"4\" y2=\"16\"/>", at);
    }
  }
  if (whisker) {
    const double low = std::clamp(whisker->first, 0.0, 100.0);
    const double high = std::clamp(whisker->second, 0.0, 100.0);
    shapes += fmt::format(
        "<g class=\"whisker\"><line class=\"halo\" x1=\"{0:.2f}%\" x2=\"{1:.2f}%\" y1=\"10\" "
        "y2=\"10\"/>"
        "<line x1=\"{0:.2f}%\" x2=\"{1:.2f}%\" y1=\"10\" y2=\"10\"/>"
        "<line x1=\"{0:.2f}%\" x2=\"{0:.2f}%\" y1=\"5\" y2=\"15\"/>"
        "<line x1=\"{1:.2f}%\" x2=\"{1:.2f}%\" y1=\"5\" y2=\"15\"/></g>",
        low, high);
  }
  return fmt::format(
      "<svg class=\"bar\" role=\"img\" aria-label=\"{}\" height=\"20\">"
      "<rect class=\"track\" y=\"4\" width=\"100%\" height=\"12\"/>{}</svg>",
      in_html(said), shapes);
}

std::string html_cards(const std::vector<Card>& cards) {
  std::string out = "<div class=\"cards\">\n";
  for (const Card& card : cards) {
    out += "<div class=\"card\"><h3>" + in_html(card.label) + "</h3><p class=\"big\">" +
           in_html(card.value) +
           (card.unit.empty() ? "" : " <span>" + in_html(" " + card.unit) + "</span>") + "</p>";
    if (!card.range.empty()) out += "<p class=\"range\">" + in_html(card.range) + "</p>";
    out += card.bar;
    if (!card.note.empty()) out += "<p class=\"note\">" + in_html(card.note) + "</p>";
    out += "</div>\n";
  }
  return out + "</div>\n";
}

}  // namespace lowtide::show
