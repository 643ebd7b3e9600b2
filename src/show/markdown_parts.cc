#include "show/markdown_parts.h"

namespace lowtide::show {
namespace {

std::string line_of(const std::vector<std::string>& cells) {
  std::string out = "|";
  for (const std::string& cell : cells) out += " " + markdown_text(cell) + " |";
  return out + "\n";
}

}  // namespace

std::string markdown_text(std::string_view text) {
  constexpr std::string_view kSpecial = "\\`*_[]<>|~&$#@!";
  std::string out;
  for (const char c : text) {
    if (kSpecial.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  // Else a bare address becomes a link.
  for (std::size_t at = 0; (at = out.find("://", at)) != std::string::npos; at += 4) {
    out.insert(at, 1, '\\');
  }
  return out;
}

std::string markdown_table(const Cells& cells) {
  if (cells.rows.empty()) return {};
  std::string out = line_of(cells.head) + "|";
  for (const bool right : cells.right) out += right ? "---:|" : "---|";
  out += "\n";
  for (const auto& row : cells.rows) out += line_of(row);
  return out;
}

}  // namespace lowtide::show
