// Against a real server on the loopback, and a notify-send of the test's own.
#include "host/tell.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>

#include <chrono>

#include "host/child_for_test.h"

namespace lowtide::host {
namespace {

using testing::HasSubstr;
using testing::Not;
using Kind = NoticeTo::Kind;

// Answers after `slow` seconds; each request goes into a file of its own, the port into `port`.
constexpr const char* kServer = R"(
import http.server, pathlib, sys, time
folder, slow = pathlib.Path(sys.argv[1]), float(sys.argv[2])
class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        said = self.path.encode() + b"\n" + self.headers["Content-Type"].encode() + b"\n" + body
        (folder / "part").write_bytes(said)
        (folder / "part").rename(folder / "seen")
        time.sleep(slow)
        self.send_response(204)
        self.end_headers()
server = http.server.HTTPServer(("127.0.0.1", 0), Hook)
(folder / "part").write_text(str(server.server_port))
(folder / "part").rename(folder / "port")
server.serve_forever()
)";

class Server {
 public:
  explicit Server(const char* slow)
      : child_([this, slow] {
          alarm(100);
          prctl(PR_SET_PDEATHSIG, SIGKILL);
          dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
          execl("/usr/bin/python3", "python3", "-c", kServer, folder_.root().c_str(), slow,
                nullptr);
          return 1;
        }) {}

  // Empty when it does not come up.
  [[nodiscard]] std::string url(const std::string& path) const {
    if (!eventually([&] { return folder_.has("port"); })) return {};
    return "http://127.0.0.1:" + folder_.read("port") + path;
  }
  // What came: path, type and body, a line each.
  [[nodiscard]] std::string seen() const {
    return eventually([&] { return folder_.has("seen"); }) ? folder_.read("seen") : "nothing";
  }

 private:
  TempFolder folder_;
  Child child_;
};

News some_news() {
  return {"7f3a", "digits", "the job runs on; nothing to do", *parse_utc("2026-12-01T03:05Z")};
}

class Tell : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"http_proxy", "all_proxy", "ALL_PROXY"}) {
      unsetenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
    }
  }
};

TEST_F(Tell, a_webhook_gets_run_name_what_and_time) {
  const Server server("0");
  ASSERT_TRUE(tell({Kind::webhook, server.url("/hook?key=k3y")}, some_news()));
  EXPECT_EQ(server.seen(),
            "/hook?key=k3y\napplication/json\n"
            R"({"run":"7f3a","name":"digits","what":"the job runs on; nothing to do",)"
            R"("time":"2026-12-01T03:05:00.000Z"})");
}

TEST_F(Tell, a_name_that_is_no_text_makes_no_broken_json) {
  const Server server("0");
  News news = some_news();
  news.name = "a\"b\\c\n\xff";
  ASSERT_TRUE(tell({Kind::webhook, server.url("/")}, news));
  EXPECT_THAT(server.seen(), HasSubstr(R"("name":"a\"b\\c\n)"
                                       "\xEF\xBF\xBD\""));
}

TEST_F(Tell, a_server_that_never_answers_holds_nothing_up_and_gets_nothing_of_ours) {
  const Server server("90");
  const std::string url = server.url("/");
  int ours[2];
  ASSERT_EQ(pipe(ours), 0);
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(tell({Kind::webhook, url}, some_news()));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_THAT(server.seen(), HasSubstr("7f3a"));
  close(ours[1]);
  char byte = 0;
  EXPECT_EQ(read(ours[0], &byte, 1), 0) << "the other end is still open somewhere";
  close(ours[0]);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), 0) << "only the server is our child, and it runs";
}

TEST_F(Tell, nobody_there_is_nobodys_trouble) {
  EXPECT_TRUE(tell({Kind::webhook, "http://127.0.0.1:1/"}, some_news()));
  EXPECT_TRUE(tell({}, some_news()));
}

// PATH as the test wants it.
class PathIs {
 public:
  explicit PathIs(const std::string& path) : before_(getenv("PATH")) {
    setenv("PATH", path.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): one thread
  }
  PathIs(const PathIs&) = delete;
  PathIs& operator=(const PathIs&) = delete;
  ~PathIs() { setenv("PATH", before_.c_str(), 1); }  // NOLINT(concurrency-mt-unsafe)

 private:
  std::string before_;
};

TEST_F(Tell, a_desktop_is_told_by_notify_send) {
  const TempFolder folder;
  const std::string program =
      folder.write("notify-send", "#!/bin/sh\nfor word; do echo \"$word\"; done > \"" +
                                      folder.path("part") + "\"\n/bin/mv \"" + folder.path("part") +
                                      "\" \"" + folder.path("seen") + "\"\n");
  std::filesystem::permissions(program, std::filesystem::perms(0755));
  const PathIs path("/nowhere:" + folder.root());
  News news = some_news();
  news.name = "-digits";
  ASSERT_TRUE(tell({Kind::desktop}, news));
  ASSERT_TRUE(eventually([&] { return folder.has("seen"); }));
  EXPECT_EQ(folder.read("seen"),
            "--app-name=lowtide\n--\nlowtide: -digits\nthe job runs on; nothing to do\n");
}

TEST_F(Tell, a_desktop_without_notify_send_is_absent_and_says_what_to_install) {
  const PathIs path("/nowhere");
  const auto told = tell({Kind::desktop}, some_news());
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().kind, ErrorKind::absent);
  EXPECT_THAT(told.error().line(), HasSubstr("libnotify-bin"));
}

TEST_F(Tell, the_setting_is_one_of_three) {
  EXPECT_EQ(parse_notice_to("none").value_or(NoticeTo{Kind::desktop}), NoticeTo{});
  EXPECT_EQ(parse_notice_to("desktop").value_or(NoticeTo{}).kind, Kind::desktop);
  for (const char* url : {"http://127.0.0.1:8080/hook", "https://ntfy.sh/me"}) {
    EXPECT_EQ(parse_notice_to(url).value_or(NoticeTo{}), (NoticeTo{Kind::webhook, url}));
  }
  for (const char* text : {"", "ftp://k3y.example", "https://", "k3y", "file:///etc/passwd"}) {
    const auto to = parse_notice_to(text);
    ASSERT_FALSE(to) << text;
    EXPECT_EQ(to.error().kind, ErrorKind::usage);
    EXPECT_THAT(to.error().line(), Not(HasSubstr("k3y"))) << "it may be a key";
  }
}

}  // namespace
}  // namespace lowtide::host
