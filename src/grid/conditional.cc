#include "grid/conditional.h"

#include <string>
#include <utility>

#include "grid/hash.h"
#include "host/clock.h"

namespace lowtide::grid {
namespace {

std::string header(const host::HttpAnswer& answer, std::string_view name) {
  const auto found = answer.headers.find(name);
  return found == answer.headers.end() ? std::string() : found->second;
}

bool may_be_kept(const host::HttpRequest& request) {
  return request.method == "GET" && request.user.empty() && request.password.empty();
}

// Names the question without what is secret in it.
std::string name_of(const host::HttpRequest& request) {
  return sha256_hex(host::without(request.url, host::secrets_of(request)));
}

bool worth_keeping(const host::HttpRequest& request, const host::HttpAnswer& answer) {
  const bool has_mark = answer.headers.contains("etag") || answer.headers.contains("last-modified");
  if (answer.status != 200 || !has_mark || answer.body.size() > KeptSeries::kAnswer) return false;
  if (header(answer, "cache-control").find("no-store") != std::string::npos) return false;
  return host::without(answer.body, host::secrets_of(request)) == answer.body;
}

}  // namespace

Result<host::HttpAnswer> Conditional::send(const host::HttpRequest& request) {
  if (!may_be_kept(request)) return network_.send(request);
  const std::string name = name_of(request);
  auto before = kept_.answer(name);
  host::HttpRequest asked = request;
  if (before && *before) {
    const auto& [etag, last_modified, body] = **before;
    if (!etag.empty()) asked.headers.emplace_back("If-None-Match", etag);
    if (!last_modified.empty()) asked.headers.emplace_back("If-Modified-Since", last_modified);
  }
  auto answer = network_.send(asked);
  if (!answer) return answer;
  if (answer->status == 304 && before && *before) {
    answer->status = 200;
    answer->body = std::move((*before)->body);
  } else if (worth_keeping(request, *answer)) {
    bytes_ += answer->body.size();
    heard_.push_back(
        {name, {header(*answer, "etag"), header(*answer, "last-modified"), answer->body}});
    for (; bytes_ > KeptSeries::kAnswers; heard_.pop_front()) {
      bytes_ -= heard_.front().answer.body.size();
    }
  }
  return answer;
}

void Conditional::keep() {
  const Utc now = host::SystemClock().utc();
  // One that cannot be kept is asked for whole next time.
  for (const Sound& one : heard_) static_cast<void>(kept_.keep_answer(one.name, one.answer, now));
  heard_.clear();
  bytes_ = 0;
}

}  // namespace lowtide::grid
