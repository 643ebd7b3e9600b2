#include "app/toml_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/quote.h"

namespace lowtide::app {
namespace {

std::optional<std::string> scalar_text(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return text;
  if (const auto whole = node.value_exact<std::int64_t>()) return std::to_string(*whole);
  if (const auto real = node.value_exact<double>()) return fmt::format("{}", *real);
  return std::nullopt;
}

// As parse_utc() reads it.
std::optional<std::string> time_text(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return text;
  if (const auto* date = node.as_date()) {
    return fmt::format("{:04}-{:02}-{:02}", date->get().year, date->get().month, date->get().day);
  }
  const auto* moment = node.as_date_time();
  if (moment == nullptr) return std::nullopt;
  const toml::date_time& at = moment->get();
  std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", at.date.year, at.date.month,
                                at.date.day, at.time.hour, at.time.minute, at.time.second);
  if (!at.offset) return out;
  const int offset = at.offset->minutes;
  return out + fmt::format("{}{:02}:{:02}", offset < 0 ? '-' : '+', std::abs(offset) / 60,
                           std::abs(offset) % 60);
}

}  // namespace

TomlReader::TomlReader(const toml::table& table, std::string path, std::string section)
    : table_(table), path_(std::move(path)), section_(std::move(section)) {}

const toml::node* TomlReader::find(std::string_view key) {
  asked_.emplace_back(key);
  return table_.get(key);
}

std::string TomlReader::where(std::string_view key) const {
  const toml::node* node = key.empty() ? nullptr : table_.get(key);
  const auto line = (node != nullptr ? node->source() : table_.source()).begin.line;
  std::string out = line > 0 ? fmt::format("{}:{}", path_, line) : path_;
  if (!section_.empty()) out += ", " + section_;
  if (!key.empty()) out += fmt::format(", key {}", key);
  return out;
}

void TomlReader::refuse(std::string_view key, const Error& trouble) {
  if (error_) return;
  error_ = trouble;
  error_->kind = ErrorKind::malformed;
  error_->where = where(key);
}
void TomlReader::refuse(std::string_view key, const std::string& why) {
  refuse(key, Error{ErrorKind::malformed, why, {}, {}});
}
void TomlReader::wrong(std::string_view key, std::string_view what) {
  refuse(key, fmt::format("{} wants {}", key, what));
}

std::optional<std::string> TomlReader::text(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  auto out = node->value_exact<std::string>();
  if (!out) wrong(key, "a text in quotes");
  return out;
}

std::optional<double> TomlReader::number(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  auto out = node->is_number() ? node->value<double>() : std::nullopt;
  if (!out) wrong(key, "a number");
  return out;
}

std::optional<bool> TomlReader::flag(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  auto out = node->value_exact<bool>();
  if (!out) wrong(key, "true or false");
  return out;
}

std::optional<std::string> TomlReader::time_words(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  auto text = time_text(*node);
  if (!text) {
    wrong(key, "a date such as 2022-01-01, or a time");
    return std::nullopt;
  }
  const auto at = parse_utc(*text);
  if (at) return text;
  refuse(key, at.error());
  return std::nullopt;
}

std::optional<Utc> TomlReader::time(std::string_view key) {
  const auto text = time_words(key);
  return text ? std::optional(*parse_utc(*text)) : std::nullopt;
}

std::vector<std::string> TomlReader::list(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return {};
  std::vector<std::string> out;
  bool whole = true;
  const auto take = [&](const toml::node& one) {
    const auto text = scalar_text(one);
    whole = whole && text.has_value();
    if (text) out.push_back(*text);
  };
  if (const toml::array* array = node->as_array()) {
    for (const toml::node& one : *array) take(one);
  } else {
    take(*node);
  }
  if (!whole || out.empty()) wrong(key, "a text or a list of them");
  return out;
}

const toml::table* TomlReader::table(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return nullptr;
  if (!node->is_table()) wrong(key, fmt::format("a table [{}]", key));
  return node->as_table();
}

std::vector<const toml::table*> TomlReader::tables(std::string_view key) {
  const toml::node* node = find(key);
  std::vector<const toml::table*> out;
  if (node == nullptr) return out;
  const toml::array* array = node->as_array();
  const bool all_tables =
      array != nullptr &&
      std::all_of(array->begin(), array->end(), [](const auto& each) { return each.is_table(); });
  if (!all_tables) {
    wrong(key, fmt::format("tables [[{}]]", key));
    return out;
  }
  for (const toml::node& each : *array) out.push_back(each.as_table());
  return out;
}

Result<void> TomlReader::done() const {
  for (const auto& [key, node] : table_) {
    const std::string name(key.str());
    if (std::find(asked_.begin(), asked_.end(), name) != asked_.end()) continue;
    std::string known;
    for (const std::string& each : asked_) known += (known.empty() ? "" : ", ") + each;
    return fail(ErrorKind::malformed, "no key " + in_quotes(name) + " is known here", where(name),
                "known: " + known);
  }
  if (error_) return tl::unexpected(*error_);
  return {};
}

Result<toml::table> parse_toml(std::string_view text, const std::string& path) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    return fail(ErrorKind::malformed, std::string(error.description()),
                fmt::format("{}:{}", path, error.source().begin.line));
  }
}

}  // namespace lowtide::app
