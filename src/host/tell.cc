#include "host/tell.h"

#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "host/detached.h"
#include "host/http.h"
#include "host/retry.h"

namespace lowtide::host {
namespace {

constexpr HttpLimits kLimits{.connect = std::chrono::seconds(10),
                             .whole = std::chrono::seconds(20),
                             .body = std::size_t{1} << 20};

std::string find_program(const std::string& name) {
  const char* const path = getenv("PATH");  // NOLINT(concurrency-mt-unsafe): one thread
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::string file = (folder.empty() ? "." : folder) + "/" + name;
    if (access(file.c_str(), X_OK) == 0) return file;
  }
  return {};
}

// What is no UTF-8 in a name is replaced.
std::string json_of(const News& news) {
  const nlohmann::ordered_json body = {
      {"run", news.run}, {"name", news.name}, {"what", news.what}, {"time", format_utc(news.time)}};
  return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void post(const std::string& url, const News& news) {
  const auto http = open_http(kLimits);
  HttpRequest request{.method = "POST", .url = url};
  request.headers = {{"Content-Type", "application/json"}};
  request.body = json_of(news);
  static_cast<void>(send_again(*http, request, {}, sleep_for()));
}

tl::unexpected<Error> no_process() {
  return fail(ErrorKind::temporary, "no process could be begun", {}, "the notice is not sent");
}

Result<void> show_on_desktop(const News& news) {
  const std::string program = find_program("notify-send");
  if (program.empty()) {
    return fail(ErrorKind::absent, "there is no notify-send on PATH", "notice",
                "install libnotify-bin, or set a URL that is to be told");
  }
  const std::string& title = news.name.empty() ? news.run : news.name;
  const Detached shown{{program, "--app-name=lowtide", "--", "lowtide: " + title, news.what}};
  return start_detached(shown) ? Result<void>() : no_process();
}

}  // namespace

Result<NoticeTo> parse_notice_to(std::string_view text) {
  using Kind = NoticeTo::Kind;
  if (text == "none") return NoticeTo{};
  if (text == "desktop") return NoticeTo{Kind::desktop};
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (text.starts_with(scheme) && text.size() > scheme.size()) {
      return NoticeTo{Kind::webhook, std::string(text)};
    }
  }
  return fail(ErrorKind::usage, "this is nobody who could be told", "notice",
              "none, desktop, or a URL that begins with https:// or http://");
}

Result<void> tell(const NoticeTo& to, const News& news) {
  if (to.kind == NoticeTo::Kind::none) return {};
  if (to.kind == NoticeTo::Kind::desktop) return show_on_desktop(news);
  return run_detached([&] { post(to.url, news); }) ? Result<void>() : no_process();
}

}  // namespace lowtide::host
