#include "act/state_text.h"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <type_traits>

#include "base/quote.h"

namespace lowtide::act {
namespace {

constexpr std::string_view kAbsent = "-";

template <typename T>
  requires std::is_arithmetic_v<T>
std::string write(T value) {
  return fmt::format("{}", value);
}
template <typename T>
  requires std::is_enum_v<T>
std::string write(T value) {
  return std::string(spell(value));
}
std::string write(Duration value) { return write(value.count()); }
template <typename Clock>
std::string write(std::chrono::time_point<Clock, Duration> value) {
  return write(value.time_since_epoch());
}
std::string write(const Plan& plan) {
  std::string out = fmt::format("{} {} {} ", write(plan.made), write(plan.saving), write(plan.why));
  for (std::size_t i = 0; i < plan.runs.size(); ++i) {
    out += fmt::format("{}{}:{}", i == 0 ? "" : ",", write(plan.runs[i].begin),
                       write(plan.runs[i].end));
  }
  return out;
}
template <typename T>
std::string write(const std::optional<T>& value) {
  return value ? write(*value) : std::string(kAbsent);
}

// Up to `end`, which is taken too; all of it where there is none.
std::string_view take(std::string_view& text, char end) {
  const std::size_t at = std::min(text.find(end), text.size());
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return part;
}

bool read(std::string_view text, bool& out) {
  out = text == "true";
  return out || text == "false";
}
template <typename T>
  requires std::is_arithmetic_v<T>
bool read(std::string_view text, T& out) {
  const char* begin = text.data();
  const char* end = begin + text.size();
  const auto [stop, error] = std::from_chars(begin, end, out);
  return error == std::errc() && stop == end;
}
template <typename T>
  requires std::is_enum_v<T>
bool read(std::string_view text, T& out) {
  const auto word = read_word<T>(text);
  if (word) out = *word;
  return word.has_value();
}
bool read(std::string_view text, Duration& out) {
  Duration::rep count = 0;
  if (!read(text, count)) return false;
  out = Duration(count);
  return true;
}
template <typename Clock>
bool read(std::string_view text, std::chrono::time_point<Clock, Duration>& out) {
  Duration since{};
  if (!read(text, since)) return false;
  out = std::chrono::time_point<Clock, Duration>(since);
  return true;
}
bool read(std::string_view text, Plan& out) {
  if (!read(take(text, ' '), out.made) || !read(take(text, ' '), out.saving)) return false;
  if (!read(take(text, ' '), out.why)) return false;
  while (!text.empty()) {
    std::string_view run = take(text, ',');
    Interval& into = out.runs.emplace_back();
    if (!read(take(run, ':'), into.begin) || !read(run, into.end)) return false;
  }
  return true;
}
template <typename T>
bool read(std::string_view text, std::optional<T>& out) {
  out.reset();
  return text == kAbsent || read(text, out.emplace());
}

}  // namespace

std::string text_of(const ActState& state) {
  std::string out;
  const auto add = [&](const char* name, const auto& field) {
    out += fmt::format("{}={}\n", name, write(field));
  };
  each_field_of_terms(state.terms, add);
  each_field_of_run(state, add);
  return out;
}

Result<ActState> read_state(std::string_view text) {
  std::map<std::string_view, std::string_view> lines;
  while (!text.empty()) {
    std::string_view line = take(text, '\n');
    const std::string_view name = take(line, '=');
    lines[name] = line;
  }
  ActState state;
  std::string wrong;
  const auto get = [&](const char* name, auto& field) {
    const auto found = lines.find(name);
    if (found == lines.end() || !wrong.empty() || read(found->second, field)) return;
    wrong = fmt::format("{} is {}", name, in_quotes(found->second));
  };
  each_field_of_terms(state.terms, get);
  each_field_of_run(state, get);
  if (!wrong.empty()) return fail(ErrorKind::malformed, wrong, "state of a run");
  return state;
}

}  // namespace lowtide::act
