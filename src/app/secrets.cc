// What of a command line must not be kept.
#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

#include "app/run_request.h"

namespace lowtide::app {
namespace {

bool names_a_secret(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::array<std::string_view, 4> kWords{"key", "token", "secret", "passw"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

bool in_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
}

constexpr std::string_view kMask = "***";

// The end of the value that begins at `from`: up to the closing quote, or to the next blank or what
// else ends a word in a shell.
std::size_t end_of_value(std::string_view word, std::size_t from) {
  const char quote = from < word.size() ? word[from] : ' ';
  if (quote != '"' && quote != '\'')
    return std::min(word.find_first_of(" \t\n;&|\"'", from), word.size());
  const std::size_t closing = word.find(quote, from + 1);
  return closing == std::string_view::npos ? word.size() : closing + 1;
}

// The name that stands before the `=` or `:` at `at`, without the closing quote that it has in
// {"api_key": "abc"}.
std::string_view name_before(std::string_view word, std::size_t at) {
  std::size_t end = at;
  if (end > 0 && (word[end - 1] == '"' || word[end - 1] == '\'')) --end;
  std::size_t begin = end;
  while (begin > 0 && in_name(word[begin - 1])) --begin;
  return word.substr(begin, end - begin);
}

// name=value and name: value anywhere in a word, as in `sh -c "API_TOKEN=abc ./x"`.
std::string without_values(std::string_view word) {
  std::string out;
  std::size_t done = 0;  // up to here `out` has it
  while (true) {
    const std::size_t sign = word.find_first_of("=:", done);
    if (sign == std::string_view::npos) return out.append(word.substr(done));
    std::size_t value = sign + 1;
    if (word[sign] == ':') value = std::min(word.find_first_not_of(' ', value), word.size());
    out += word.substr(done, value - done);
    done = value;
    if (!names_a_secret(name_before(word, sign))) continue;
    done = end_of_value(word, value);
    if (done > value) out += kMask;
  }
}

// ://user:password@host, however often.
std::string without_passwords(std::string word) {
  constexpr std::string_view kScheme = "://";
  for (std::size_t at = word.find(kScheme); at != word.npos; at = word.find(kScheme, at)) {
    at += kScheme.size();
    const std::size_t stop = std::min(word.find_first_of("/?# \t\n\"'", at), word.size());
    const std::size_t host = word.substr(0, stop).rfind('@');
    const std::size_t colon = word.find(':', at);
    if (host == word.npos || host < at || colon >= host) continue;  // npos is above all
    word.replace(colon + 1, host - colon - 1, kMask);
  }
  return word;
}

std::string masked(const std::string& word) { return without_values(without_passwords(word)); }

}  // namespace

std::vector<std::string> without_secrets(const std::vector<std::string>& command) {
  std::vector<std::string> kept;
  bool value_follows = false;  // after `--token`
  for (const std::string& word : command) {
    const bool option = word.size() > 1 && word.front() == '-';
    if (value_follows && !option) {
      kept.emplace_back("***");
      value_follows = false;
      continue;
    }
    value_follows = option && word.find('=') == std::string::npos && names_a_secret(word);
    kept.push_back(masked(word));
  }
  return kept;
}

}  // namespace lowtide::app
