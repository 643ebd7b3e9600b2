// A door to the network that follows a script, for tests of clients. Not part of the program.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "grid/client.h"
#include "host/http.h"

namespace lowtide::grid {

// Each request must be the next of the script: "GET URL", whole. What was sent is kept.
class ScriptedHttp final : public host::Http {
 public:
  void expect(std::string request, int status, std::string body = {},
              std::map<std::string, std::string, std::less<>> headers = {}) {
    script_.emplace_back(std::move(request),
                         host::HttpAnswer{status, std::move(headers), std::move(body)});
  }
  void expect_trouble(std::string request, Error error) {
    script_.emplace_back(std::move(request), tl::unexpected(std::move(error)));
  }

  Result<host::HttpAnswer> send(const host::HttpRequest& request) override {
    sent.push_back(request);
    const std::string line = request.method + " " + request.url;
    if (script_.empty()) {
      ADD_FAILURE() << "not in the script: " << line;
      return fail(ErrorKind::internal, "not in the script");
    }
    auto [wanted, answer] = std::move(script_.front());
    script_.pop_front();
    EXPECT_EQ(line, wanted);
    return answer;
  }

  // To be looked at when all has been said.
  [[nodiscard]] bool done() const { return script_.empty(); }
  // A network of it that never waits; `waited` has what it would have waited.
  [[nodiscard]] Network network() {
    return {this, {}, [this](Duration d) {
              waited.push_back(d);
              return true;
            }};
  }

  std::vector<host::HttpRequest> sent;
  std::vector<Duration> waited;

 private:
  std::deque<std::pair<std::string, Result<host::HttpAnswer>>> script_;
};

}  // namespace lowtide::grid
