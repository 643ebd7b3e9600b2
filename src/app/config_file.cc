#include "app/config_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "app/toml_reader.h"

namespace lowtide::app {
namespace {

std::optional<std::string> as_text(const toml::node& node) {
  if (node.is_string()) return node.value<std::string>();
  if (node.is_boolean()) return node.value_or(false) ? "true" : "false";
  if (node.is_integer()) return std::to_string(node.value_or<std::int64_t>(0));
  if (node.is_floating_point()) return fmt::format("{}", node.value_or(0.0));
  return std::nullopt;
}

void add_entries(const toml::table& table, const std::string& above,
                 std::vector<ConfigEntry>& entries) {
  for (const auto& [key, node] : table) {
    const std::string path = above + std::string(key.str());
    const toml::table* inner = node.as_table();
    if (inner != nullptr && !inner->empty()) {
      add_entries(*inner, path + ".", entries);
    } else {
      entries.push_back({path, as_text(node), static_cast<int>(node.source().begin.line)});
    }
  }
}

std::vector<ConfigEntry> entries_of(const toml::table& table) {
  std::vector<ConfigEntry> entries;
  add_entries(table, "", entries);
  const auto earlier = [](const ConfigEntry& a, const ConfigEntry& b) { return a.line < b.line; };
  std::sort(entries.begin(), entries.end(), earlier);
  return entries;
}

// Where a line begins in the text; its end for a line behind the last.
std::size_t line_begin(std::string_view text, std::size_t line) {
  std::size_t at = 0;
  for (; line > 1 && at < text.size(); --line)
    at = std::min(text.find('\n', at), text.size() - 1) + 1;
  return at;
}

// toml++ counts columns in characters of UTF-8.
std::size_t offset_of(std::string_view text, toml::source_position place) {
  std::size_t at = line_begin(text, place.line);
  const auto inside = [&] { return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U; };
  for (auto column = place.column; column > 1 && at < text.size(); --column) {
    ++at;
    while (at < text.size() && inside()) ++at;
  }
  return at;
}

// As a number or true/false where TOML reads the same text back, else in quotes.
std::string literal(const std::string& value) {
  if (const auto bare = parse_toml("x = " + value, "")) {
    const toml::node* node = bare->get("x");
    if (bare->size() == 1 && node != nullptr && !node->is_string() && as_text(*node) == value)
      return value;
  }
  const toml::value<std::string> text(value);
  std::ostringstream out;
  out << toml::toml_formatter(text, toml::format_flags::none);
  return out.str();
}

bool has_header(const toml::node& node, std::string_view text) {
  const std::size_t at = line_begin(text, node.source().begin.line);
  return text[std::min(text.find_first_not_of(" \t", at), text.size() - 1)] == '[';
}

// The line behind the last key of the table itself; 0: it has none.
std::size_t behind_keys(const toml::table& table, std::string_view text) {
  std::size_t after = 0;
  for (const auto& [key, node] : table) {
    const toml::table* inner = node.as_table();
    if (node.is_array_of_tables() || (inner != nullptr && has_header(node, text))) continue;
    const bool dotted = inner != nullptr && !inner->is_inline();
    after = std::max<std::size_t>(after,
                                  dotted ? behind_keys(*inner, text) : node.source().end.line + 1);
  }
  return after;
}

// Behind the last key outside of a table; else before all tables; else at the end.
std::size_t place_for_new(const toml::table& table, std::string_view text) {
  const std::size_t after = behind_keys(table, text);
  if (after > 0) return line_begin(text, after);
  return table.empty() ? text.size() : 0;
}

const toml::node* find_node(const toml::table& table, std::string_view path) {
  if (const toml::node* node = table.get(path)) return node;
  const std::size_t dot = path.find('.');
  if (dot == std::string_view::npos) return nullptr;
  const toml::node* node = table.get(path.substr(0, dot));
  const toml::table* inner = node == nullptr ? nullptr : node->as_table();
  return inner == nullptr ? nullptr : find_node(*inner, path.substr(dot + 1));
}

// Where a new key goes, and what it is called there: into its table where that has a header.
std::pair<std::size_t, std::string> place_of(const toml::table& table, std::string_view text,
                                             const std::string& key) {
  for (std::size_t dot = key.rfind('.'); dot != key.npos;
       dot = dot > 0 ? key.rfind('.', dot - 1) : key.npos) {
    const toml::node* node = find_node(table, std::string_view(key).substr(0, dot));
    if (node == nullptr || !node->is_table() || !has_header(*node, text)) continue;
    const std::size_t after = behind_keys(*node->as_table(), text);
    return {line_begin(text, after > 0 ? after : node->source().begin.line + 1),
            key.substr(dot + 1)};
  }
  return {place_for_new(table, text), key};
}

std::string edited(const toml::table& table, std::string text, const std::string& key,
                   const std::optional<std::string>& value) {
  const toml::node* node = find_node(table, key);
  if (node != nullptr) {
    const std::size_t begin =
        value ? offset_of(text, node->source().begin) : line_begin(text, node->source().begin.line);
    const std::size_t end =
        value ? offset_of(text, node->source().end) : line_begin(text, node->source().end.line + 1);
    return text.replace(begin, end - begin, value ? literal(*value) : "");
  }
  if (!value) return text;
  const std::string end_of_line = text.find("\r\n") == std::string::npos ? "\n" : "\r\n";
  auto [at, name] = place_of(table, text, key);
  if (at == text.size() && !text.empty() && text.back() != '\n') {
    text += end_of_line;
    at = text.size();
  }
  return text.insert(at, name + " = " + literal(*value) + end_of_line);
}

// The entries without the one, and without their lines, which an edit moves.
std::vector<ConfigEntry> others(std::vector<ConfigEntry> entries, const std::string& key) {
  // An empty table is an entry only until it has a key.
  std::erase_if(entries, [&](const ConfigEntry& entry) {
    return entry.key == key || (!entry.value && key.starts_with(entry.key + "."));
  });
  for (ConfigEntry& entry : entries) entry.line = 0;
  return entries;
}

}  // namespace

Result<std::vector<ConfigEntry>> read_config(std::string_view text, const std::string& path) {
  const auto table = parse_toml(text, path);
  if (!table) return tl::unexpected(table.error());
  return entries_of(*table);
}

Result<std::string> edit_config(const std::string& text, const std::string& path,
                                const std::string& key, const std::optional<std::string>& value) {
  const auto table = parse_toml(text, path);
  if (!table) return tl::unexpected(table.error());
  std::string out = edited(*table, text, key, value);
  const auto before = entries_of(*table);
  const auto after = read_config(out, path);
  const auto is_key = [&](const ConfigEntry& entry) { return entry.key == key; };
  const bool kept = after && others(before, key) == others(*after, key);
  const auto found =
      kept ? std::find_if(after->begin(), after->end(), is_key) : decltype(after->end()){};
  const bool there = kept && found != after->end();
  if (kept && there == value.has_value() && (!there || found->value == value)) return out;
  const auto old = std::find_if(before.begin(), before.end(), is_key);
  if (old == before.end())
    return fail(ErrorKind::usage, "the value cannot be written as TOML", key);
  return fail(ErrorKind::usage, "cannot be changed without changing other lines",
              fmt::format("{}:{}: {}", path, old->line, key), "edit the file by hand");
}

}  // namespace lowtide::app
