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

host::HttpRequest only_if_changed(host::HttpRequest request, const KeptAnswer& before) {
  if (!before.etag.empty()) request.headers.emplace_back("If-None-Match", before.etag);
  if (!before.last_modified.empty()) {
    request.headers.emplace_back("If-Modified-Since", before.last_modified);
  }
  return request;
}

}  // namespace

Result<host::HttpAnswer> Conditional::send(const host::HttpRequest& request) {
  if (!may_be_kept(request)) return network_.send(request);
  const std::string name = name_of(request);
  const auto before = kept_.answer(name).value_or(std::nullopt);
  auto answer = network_.send(before ? only_if_changed(request, *before) : request);
  if (!answer) return answer;
  if (answer->status == 304 && before) {
    answer->status = 200;
    answer->body = before->body;
  } else if (worth_keeping(request, *answer)) {
    hear({name, {header(*answer, "etag"), header(*answer, "last-modified"), answer->body}});
  }
  return answer;
}

void Conditional::hear(Sound one) {
  bytes_ += one.answer.body.size();
  heard_.push_back(std::move(one));
  for (; bytes_ > KeptSeries::kAnswers; heard_.pop_front()) {
    bytes_ -= heard_.front().answer.body.size();
  }
}

void Conditional::keep() {
  const Utc now = host::SystemClock().utc();
  // One that cannot be kept is asked for whole next time.
  for (const Sound& one : heard_) static_cast<void>(kept_.keep_answer(one.name, one.answer, now));
  heard_.clear();
  bytes_ = 0;
}

}  // namespace lowtide::grid
