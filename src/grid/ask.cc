#include "grid/ask.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "base/quote.h"
#include "grid/table.h"

namespace lowtide::grid {
namespace {

constexpr std::size_t kLongestSaid = 200;                  // bytes
constexpr Duration kLongestStep = std::chrono::days(366);  // of a series by the year

// One line without control characters, and short.
std::string tidied(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
    if (!blank) out += c;
    if (blank && !out.empty() && out.back() != ' ') out += ' ';
  }
  if (out.size() > kLongestSaid) {
    std::size_t end = kLongestSaid;  // not through the middle of a character of UTF-8
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0U) == 0x80U) --end;
    out = out.substr(0, end) + "…";
  }
  return std::string(trim(out));
}

std::string words_of(const Json& value, int depth = 0);

std::string words_of_members(const Json& object, int depth) {
  std::string all;
  for (const char* key : {"title", "error", "code", "message", "msg", "detail"}) {
    const auto found = object.find(key);
    const std::string words = found == object.end() ? "" : words_of(*found, depth);
    if (words.empty() || all.find(words) != std::string::npos) continue;
    all += (all.empty() ? "" : ": ") + words;
  }
  return all;
}

// The words in a member of an error: itself, or within an object or a list of them.
std::string words_of(const Json& value, int depth) {
  if (value.is_string()) return value.get<std::string>();
  if (depth > 3) return {};
  if (value.is_object()) return words_of_members(value, depth + 1);
  return value.is_array() && !value.empty() ? words_of(value.front(), depth + 1) : "";
}

// The title of a page, or the text of an acknowledgement in XML.
std::string title_of(std::string_view markup) {
  for (const std::string name : {"title", "text"}) {
    const std::size_t begin = markup.find("<" + name + ">");
    const std::size_t end = markup.find("</" + name + ">", begin);
    if (begin == markup.npos || end == markup.npos) continue;
    return std::string(markup.substr(begin + name.size() + 2, end - begin - name.size() - 2));
  }
  return "a page of HTML";
}

bool looks_like_html(std::string_view body) { return trim(body).starts_with('<'); }

// "watttime.username and watttime.password".
std::string settings_of(const std::string& name) {
  const ClientKind* kind = find_client(name);
  std::string all;
  std::string_view left = kind == nullptr ? "" : kind->needs;
  while (!left.empty()) {
    const std::size_t space = std::min(left.find(' '), left.size());
    all += fmt::format("{}{}.{}", all.empty() ? "" : " and ", name, left.substr(0, space));
    left = trim(left.substr(space));
  }
  return all.empty() ? name + ".url" : all;
}

struct Verdict {
  ErrorKind kind;
  std::string hint;
};

Verdict judged(const host::HttpAnswer& answer, const Asked& asked) {
  const int status = answer.status;
  if (status == 403 && looks_like_html(answer.body)) {
    return {ErrorKind::denied,
            fmt::format("a page, so not of the provider itself: check {}.url", asked.name)};
  }
  if (status == 401 || status == 403) {
    return {ErrorKind::denied,
            fmt::format("check {}, and what your plan includes", settings_of(asked.name))};
  }
  if (status == 404) return {ErrorKind::absent, "check zone, signal and span"};
  if (status == 400 || status == 422) return {ErrorKind::malformed, "check zone, signal and span"};
  if (status == 429) return {ErrorKind::temporary, "it has had too many requests: try again later"};
  if (status >= 500) return {ErrorKind::temporary, "try again later"};
  return {ErrorKind::malformed, fmt::format("check {}.url", asked.name)};
}

tl::unexpected<Error> no_answer(const Asked& asked, const std::string& what) {
  return fail(ErrorKind::malformed, what, asked.line(),
              fmt::format("try again later, or check {}.url", asked.name));
}

std::string minute(Utc t) { return format_utc(t).substr(0, 16) + "Z"; }

}  // namespace

std::string Asked::line() const {
  std::string out = title;
  if (!zone.empty()) out += ", " + zone;
  if (over) out += fmt::format(", {} to {}", minute(over->begin), minute(over->end));
  return out;
}

std::string said_by(const host::HttpAnswer& answer) {
  if (looks_like_html(answer.body)) return tidied(title_of(answer.body));
  const Json json = Json::parse(answer.body, nullptr, false);
  const std::string words = json.is_discarded() ? "" : words_of(json);
  if (!words.empty()) return tidied(words);
  const std::string_view text = trim(answer.body);
  return tidied(text.substr(0, text.find('\n')));
}

Result<host::HttpAnswer> reach(const Network& network, const host::HttpRequest& request,
                               const Asked& asked) {
  auto answer = host::send_again(*network.http, request, network.retry, network.wait);
  if (answer) return answer;
  Error error = std::move(answer.error());
  error.message = error.where.empty() ? error.message : error.where + ": " + error.message;
  error.where = asked.line();
  return tl::unexpected(std::move(error));
}

Result<host::HttpAnswer> approved(Result<host::HttpAnswer> answer, const host::HttpRequest& request,
                                  const Asked& asked) {
  if (!answer || answer->status / 100 == 2 || answer->status == 304) return answer;
  const std::string said = host::without(said_by(*answer), host::secrets_of(request));
  auto [kind, hint] = judged(*answer, asked);
  return fail(kind, fmt::format("answered {}{}{}", answer->status, said.empty() ? "" : ": ", said),
              asked.line(), std::move(hint));
}

Result<Json> as_json(const Result<host::HttpAnswer>& answer, const Asked& asked) {
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status == 204) return Json();
  if (looks_like_html(answer->body)) return no_answer(asked, "answered with HTML and no data");
  Json json = Json::parse(answer->body, nullptr, false);
  if (json.is_discarded()) return no_answer(asked, "answered with text that is no JSON");
  return json;
}

Result<Json> ask_json(const Network& network, const host::HttpRequest& request,
                      const Asked& asked) {
  return as_json(approved(reach(network, request, asked), request, asked), asked);
}

Result<std::optional<double>> number_in(const Json& object, const char* key, const Asked& asked) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  if (found == object.end() || found->is_null()) return std::nullopt;
  if (found->is_number()) return found->get<double>();
  if (found->is_string()) {
    if (const auto number = read_number(trim(found->get_ref<const std::string&>()))) return number;
  }
  return no_answer(asked, fmt::format("{} is no number: {}", key, in_quotes(found->dump())));
}

Result<Utc> time_in(const Json& object, const char* key, const Asked& asked) {
  const std::string text = text_in(object, key);
  if (auto time = parse_utc(text)) return time;
  return no_answer(asked, fmt::format("{} is no time: {}", key, in_quotes(text)));
}

std::string text_in(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

Result<const Json*> array_in(const Json& object, const char* key, const Asked& asked) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  if (found != object.end() && found->is_array()) return &*found;
  return no_answer(asked, fmt::format("has no list {}", key));
}

Result<std::vector<Point>> in_order(std::vector<Point> points, const Asked& asked) {
  std::sort(points.begin(), points.end(), [](const Point& a, const Point& b) {
    return std::tie(a.span.begin, a.kind) < std::tie(b.span.begin, b.kind);
  });
  std::vector<Point> out;
  out.reserve(points.size());
  for (const Point& point : points) {
    if (out.empty() || out.back().span.begin != point.span.begin) {
      out.push_back(point);
    } else if (!out.back().value) {
      out.back() = point;
    } else if (point.value && point.value != out.back().value) {
      return no_answer(
          asked, fmt::format("has {:g} and {:g} g/kWh for {}", as_grams_per_kwh(*out.back().value),
                             as_grams_per_kwh(*point.value), minute(point.span.begin)));
    }
  }
  return out;
}

void fill_spans(std::vector<Point>& points, Duration usual) {
  std::map<Duration, int> counts;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const Utc before = points[i - 1].span.begin;
    if (points[i].span.begin > before + kLongestStep) continue;  // and no difference overflows
    ++counts[points[i].span.begin - before];
  }
  const auto most =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  const Duration step = most == counts.end() ? usual : most->first;
  for (std::size_t i = 0; i < points.size(); ++i) {
    Interval& span = points[i].span;
    if (span.empty()) span.end = span.begin + step;
    if (i + 1 < points.size()) span.end = std::min(span.end, points[i + 1].span.begin);
  }
}

std::vector<Point> cut(std::vector<Point> points, Interval over) {
  for (Point& point : points) point.span = point.span.meet(over);
  std::erase_if(points, [](const Point& point) { return point.span.empty(); });
  return points;
}

}  // namespace lowtide::grid
