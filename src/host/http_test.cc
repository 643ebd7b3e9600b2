// Against a real server on the loopback that does wrong what a path says: rig/providers/faults.py.
#include "host/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>

#include <cstdio>
#include <fstream>

#include "host/child_for_test.h"
#include "host/retry.h"

namespace lowtide::host {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kKey = "k3y-of-a-user";

// A self-signed certificate for `localhost` alone.
void make_certificate(const TempFolder& folder) {
  const std::string command =
      "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext "
      "subjectAltName=DNS:localhost -keyout " +
      folder.path("key.pem") + " -out " + folder.path("cert.pem") + " >/dev/null 2>&1";
  ASSERT_EQ(std::system(command.c_str()), 0);  // NOLINT(concurrency-mt-unsafe,cert-env33-c)
}

class HttpTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                             "no_proxy", "SSL_CERT_FILE", "CURL_CA_BUNDLE"}) {
      unsetenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
    }
  }

  void start(bool with_tls = false) {
    if (with_tls) make_certificate(folder_);
    ASSERT_EQ(pipe(to_server_), 0);
    server_ = std::make_unique<Child>([&] {
      alarm(100);
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      dup2(to_server_[0], 0);
      const std::string out = folder_.path("ports");
      if (std::freopen(out.c_str(), "w", stdout) == nullptr) return 1;
      const std::string script = LOWTIDE_SOURCE_DIR "/rig/providers/faults.py";
      const std::string cert = folder_.path("cert.pem");
      const std::string key = folder_.path("key.pem");
      execl("/usr/bin/python3", "python3", script.c_str(), with_tls ? cert.c_str() : nullptr,
            key.c_str(), nullptr);
      return 1;
    });
    ASSERT_TRUE(
        eventually([&] { return folder_.has("ports") && folder_.read("ports").ends_with('\n'); }));
    std::ifstream(folder_.path("ports")) >> port_ >> tls_port_;
  }

  [[nodiscard]] std::string at(const std::string& path) const {
    return "http://127.0.0.1:" + port_ + path;
  }
  [[nodiscard]] std::string tls_at(const std::string& host) const {
    return "https://" + host + ":" + tls_port_ + "/hello";
  }
  Result<HttpAnswer> get(const std::string& url) {
    return http_->send({.url = url, .headers = {{"auth-token", kKey}}, .secrets = {kKey}});
  }
  // What went wrong, which is something.
  Error trouble(const std::string& url) {
    const auto answer = get(url);
    EXPECT_FALSE(answer) << url << " answered " << answer->status;
    return answer ? Error{} : answer.error();
  }

  TempFolder folder_;
  int to_server_[2] = {-1, -1};
  std::unique_ptr<Child> server_;
  std::string port_;
  std::string tls_port_;
  HttpLimits limits_{.connect = seconds(20), .whole = seconds(20), .stalled = seconds(20)};
  std::unique_ptr<Http> http_ = open_http(limits_);
};

TEST_F(HttpTest, a_request_arrives_with_its_headers_and_our_name) {
  start();
  const auto answer = http_->send({.url = at("/seen"),
                                   .headers = {{"auth-token", kKey}},
                                   .user = "ann",
                                   .password = "pass word"});
  ASSERT_TRUE(answer) << answer.error().line();
  EXPECT_EQ(answer->status, 200);
  EXPECT_THAT(
      answer->body,
      AllOf(HasSubstr(R"("auth-token": "k3y-of-a-user")"), HasSubstr(R"("user-agent": "lowtide/)"),
            HasSubstr(R"("authorization": "Basic YW5uOnBhc3Mgd29yZA==")"), HasSubstr("gzip")));
}

TEST_F(HttpTest, a_connection_is_used_again_and_nothing_of_the_last_request_stays) {
  start();
  const auto first = http_->send({.url = at("/connection"), .user = "ann", .password = "pass"});
  const auto seen = http_->send({.url = at("/seen")});
  const auto last = get(at("/connection"));
  ASSERT_TRUE(first && seen && last);
  EXPECT_EQ(first->body, "1");
  EXPECT_EQ(last->body, "1");
  EXPECT_THAT(seen->body, Not(HasSubstr("authorization")));
}

TEST_F(HttpTest, a_body_comes_unpacked_and_any_status_is_an_answer) {
  start();
  const auto packed = get(at("/gzip"));
  const auto missing = get(at("/nothing"));
  ASSERT_TRUE(packed && missing);
  EXPECT_EQ(packed->body, "unpacked");
  EXPECT_EQ(missing->status, 404);
}

TEST_F(HttpTest, a_server_that_never_answers_ends_at_the_limit) {
  start();
  http_ = open_http({.connect = seconds(20), .whole = milliseconds(300)});
  EXPECT_EQ(trouble(at("/hang")).kind, ErrorKind::temporary);
  EXPECT_EQ(trouble(at("/drip")).kind, ErrorKind::temporary);
  http_ = open_http({.connect = seconds(20), .whole = seconds(3600), .stalled = seconds(1)});
  EXPECT_THAT(trouble(at("/stall")).line(), HasSubstr("127.0.0.1"));
}

TEST_F(HttpTest, what_ends_in_the_middle_is_no_answer) {
  start();
  EXPECT_EQ(trouble(at("/cut")).kind, ErrorKind::temporary);
}

TEST_F(HttpTest, what_is_no_http_is_malformed) {
  start();
  const Error error = trouble(at("/garbage"));
  EXPECT_EQ(error.kind, ErrorKind::malformed) << error.line();
}

TEST_F(HttpTest, a_body_without_end_or_a_packed_bomb_is_refused) {
  start();
  limits_.body = 1 << 20;
  http_ = open_http(limits_);
  for (const char* path : {"/large", "/bomb"}) {
    const Error error = trouble(at(path));
    EXPECT_EQ(error.kind, ErrorKind::malformed);
    EXPECT_THAT(error.line(), HasSubstr("larger than 1048576 bytes"));
  }
}

TEST_F(HttpTest, redirects_stay_on_their_origin) {
  start();
  const auto near = get(at("/near"));
  ASSERT_TRUE(near);
  EXPECT_EQ(near->body, "hello");
  EXPECT_THAT(trouble(at("/loop")).line(), HasSubstr("too many redirects"));
}

TEST_F(HttpTest, a_key_does_not_follow_a_redirect_to_another_origin) {
  start();
  for (const std::string& to :
       {"http://localhost:" + port_ + "/hello", std::string("file:///etc/passwd"),
        "https://127.0.0.1:" + port_ + "/hello"}) {
    const Error error = trouble(at("/away?" + url_encode(to)));
    EXPECT_THAT(error.line(), HasSubstr("not followed")) << to;
  }
  EXPECT_EQ(get(at("/connection"))->body, "1");
}

TEST_F(HttpTest, a_proxy_of_the_environment_is_used) {
  start();
  setenv("http_proxy", at("").c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
  const auto answer = get("http://provider.invalid/series");
  ASSERT_TRUE(answer) << answer.error().line();
  EXPECT_EQ(answer->body, "by proxy: http://provider.invalid/series");
}

TEST_F(HttpTest, no_such_host_and_a_closed_port_are_temporary_and_name_the_host) {
  for (const std::string& host :
       {std::string("http://nowhere.invalid"), std::string("http://127.0.0.1:1")}) {
    const Error error = trouble(host + "/x?key=" + kKey);
    EXPECT_EQ(error.kind, ErrorKind::temporary);
    EXPECT_THAT(error.line(), AllOf(HasSubstr(host.substr(7)), Not(HasSubstr(kKey))));
  }
}

TEST_F(HttpTest, a_url_that_is_none_and_other_protocols_are_malformed) {
  for (const char* url : {"http://", "file:///etc/passwd", "ftp://127.0.0.1/x", ""}) {
    EXPECT_EQ(trouble(url).kind, ErrorKind::malformed) << url;
  }
  const auto split = http_->send({.url = "http://127.0.0.1:1/", .headers = {{"x", "a\r\nb"}}});
  ASSERT_FALSE(split);
  EXPECT_THAT(split.error().line(), HasSubstr("line break"));
}

TEST_F(HttpTest, a_certificate_must_be_known_and_must_match) {
  start(true);
  EXPECT_EQ(trouble(tls_at("localhost")).kind, ErrorKind::denied);  // known to nobody
  for (const char* name : {"SSL_CERT_FILE", "CURL_CA_BUNDLE"}) {
    setenv(name, folder_.path("cert.pem").c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
    const auto known = get(tls_at("localhost"));
    ASSERT_TRUE(known) << known.error().line();
    EXPECT_EQ(known->body, "hello");
    const Error error = trouble(tls_at("127.0.0.1"));  // is not what it is for
    EXPECT_EQ(error.kind, ErrorKind::denied);
    EXPECT_THAT(error.line(), AllOf(HasSubstr("127.0.0.1"), HasSubstr("certificate")));
    unsetenv(name);  // NOLINT(concurrency-mt-unsafe)
  }
}

TEST_F(HttpTest, busy_is_asked_again_when_it_says) {
  start();
  std::vector<Duration> waits;
  const Wait wait = [&](Duration d) {
    waits.push_back(d);
    return true;
  };
  const auto answer = send_again(*http_, {.url = at("/busy/2?Retry-After:%207")}, {}, wait);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "done");
  EXPECT_EQ(waits, std::vector<Duration>(2, seconds(7)));
}

TEST(Secrets, are_masked_as_they_are_and_as_they_stand_in_a_url) {
  EXPECT_EQ(without("k=a+b/c&k=a%2Bb%2Fc a", {"a+b/c", "a"}), "k=***&k=*** a");
  EXPECT_EQ(without("long-key long", {"long", "long-key"}), "*** ***");
  const auto all = secrets_of(
      {.headers = {{"Authorization", "Bearer t0ken"}}, .user = "ann", .password = "pass"});
  EXPECT_THAT(all, testing::UnorderedElementsAre("pass", "YW5uOnBhc3M", "t0ken"));
}

TEST(UrlEncode, leaves_what_is_plain) {
  EXPECT_EQ(url_encode("aZ-._~9+/ é"), "aZ-._~9%2B%2F%20%C3%A9");
}

}  // namespace
}  // namespace lowtide::host
