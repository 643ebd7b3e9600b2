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

// name=value and name: value anywhere in a word, as in `sh -c "API_TOKEN=abc ./x"`: the value up to
// the next blank, or up to the closing quote when it is quoted.
std::string masked(const std::string& word) {
  std::string out;
  std::size_t name_at = 0;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    out += c;
    if (in_name(c)) continue;
    // The closing quote of a name, as in {"api_key": "abc"}.
    const char next = i + 1 < word.size() ? word[i + 1] : ' ';
    if ((c == '"' || c == '\'') && i > name_at && (next == ':' || next == '=')) continue;
    const bool assigns = (c == '=' || c == ':') && i > name_at &&
                         names_a_secret(std::string_view(word).substr(name_at, i - name_at));
    name_at = i + 1;
    if (!assigns) continue;
    while (i + 1 < word.size() && word[i + 1] == ' ' && c == ':') out += word[++i];
    const char quote = i + 1 < word.size() ? word[i + 1] : ' ';
    const bool quoted = quote == '"' || quote == '\'';
    std::size_t stop = quoted ? word.find(quote, i + 2) : word.find_first_of(" \t\n;&|\"'", i + 1);
    stop = std::min(stop == std::string::npos ? word.size() : stop + (quoted ? 1 : 0), word.size());
    if (stop > i + 1) out += "***";
    i = stop - 1;
    name_at = stop;
  }
  return out;
}

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
