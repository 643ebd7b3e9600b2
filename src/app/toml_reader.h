// A table of a TOML file read key by key. What is wrong names file, line and key; a key that nobody
// asked for is an error that lists those that there are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/toml.h"
#include "base/result.h"
#include "base/time.h"

namespace lowtide::app {

class TomlReader {
 public:
  // `path` names the file, `section` the table within it ("[[region]]"); empty: the file's own.
  TomlReader(const toml::table& table, std::string path, std::string section);

  // Each remembers the first error, which done() gives; absent: the key is not there, or is wrong.
  [[nodiscard]] std::optional<std::string> text(std::string_view key);
  [[nodiscard]] std::optional<double> number(std::string_view key);
  [[nodiscard]] std::optional<bool> flag(std::string_view key);
  // A date, a time, or a text of one; without an offset it is UTC.
  [[nodiscard]] std::optional<Utc> time(std::string_view key);
  // The same in words, which say no offset where the file says none.
  [[nodiscard]] std::optional<std::string> time_words(std::string_view key);
  // A text, or a list of texts or numbers, each as text.
  [[nodiscard]] std::vector<std::string> list(std::string_view key);
  [[nodiscard]] const toml::table* table(std::string_view key);
  // [[key]]: none, or tables.
  [[nodiscard]] std::vector<const toml::table*> tables(std::string_view key);

  // A value of `key` that cannot be; `trouble` says why.
  void refuse(std::string_view key, const Error& trouble);
  void refuse(std::string_view key, const std::string& why);
  [[nodiscard]] bool has(std::string_view key) const { return table_.contains(key); }
  [[nodiscard]] std::string where(std::string_view key = {}) const;  // "FILE:LINE, key KEY"

  // All keys were asked for, and nothing was wrong.
  [[nodiscard]] Result<void> done() const;

 private:
  const toml::node* find(std::string_view key);
  void wrong(std::string_view key, std::string_view what);

  const toml::table& table_;
  std::string path_;
  std::string section_;
  std::vector<std::string> asked_;
  std::optional<Error> error_;
};

// The file's text as a table. Errors malformed: file and line.
[[nodiscard]] Result<toml::table> parse_toml(std::string_view text, const std::string& path);

}  // namespace lowtide::app
