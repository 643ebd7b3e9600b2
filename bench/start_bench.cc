// How long `lowtide run -- true` takes, against a C program that opens SQLite and runs `true`.
//
// Usage: start_bench LOWTIDE REFERENCE FOLDER [ROUNDS]. All candidates run once a round, one after
// the other, so that a machine that is slow for a while is slow for all of them. "warm": the ledger
// is there and holds the rows of the rounds before; "cold": folder and database are made anew each
// time (files are in the page cache in both: a real cold start measures the disk).
#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "timed.h"

namespace lowtide::bench {
namespace {

namespace fs = std::filesystem;

struct Candidate {
  std::string name;
  std::vector<std::string> command;
  bool cold = false;
  std::vector<double> wall_ms;
  std::vector<double> cpu_ms;
};

void run_round(std::vector<Candidate>& candidates, const fs::path& folder, bool kept) {
  for (Candidate& candidate : candidates) {
    const fs::path home = folder / (candidate.cold ? "cold" : "warm");
    if (candidate.cold) fs::remove_all(home);
    fs::create_directories(candidate.cold ? folder : home);
    setenv("LOWTIDE_HOME", home.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): one thread
    const Timed timed = run_timed(candidate.command);
    if (timed.status != 0) {
      fmt::print(stderr, "bench: '{}' failed (wait status {})\n", candidate.name, timed.status);
      std::exit(1);
    }
    if (!kept) continue;
    candidate.wall_ms.push_back(timed.wall_ms);
    candidate.cpu_ms.push_back(timed.cpu_ms);
  }
}

// A port that takes connections and says nothing, as LOWTIDE_UK_URL.
int listen_and_never_answer() {
  const int silent = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  if (silent < 0 || bind(silent, plain, size) != 0 || listen(silent, 64) != 0 ||
      getsockname(silent, plain, &size) != 0) {
    fmt::print(stderr, "bench: no port on loopback\n");
    std::exit(1);
  }
  const std::string url = fmt::format("http://127.0.0.1:{}", ntohs(address.sin_port));
  setenv("LOWTIDE_UK_URL", url.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): one thread
  return silent;
}

int measure(const std::vector<std::string>& words) {
  const std::string& lowtide = words[1];
  const std::string& reference = words[2];
  const fs::path folder = words[3];
  const int rounds = words.size() > 4 ? std::max(1, std::atoi(words[4].c_str())) : 40;
  fs::remove_all(folder);
  fs::create_directories(folder);
  const int silent = listen_and_never_answer();
  const std::string cold_database = folder / "reference_cold.db";
  const std::vector<std::string> constant{lowtide,    "run", "--quiet", "--intensity",
                                          "475g/kWh", "--",  "true"};
  std::vector<Candidate> all{
      {"true alone", {"true"}, false, {}, {}},
      {"reference (SQLite in WAL, fork, true), warm",
       {reference, folder / "reference.db", "true"},
       false,
       {},
       {}},
      {"lowtide run, 475g/kWh, warm", constant, false, {}, {}},
      {"lowtide run, typical year, warm", {lowtide, "run", "--quiet", "--", "true"}, false, {}, {}},
      {"lowtide run, a provider that never answers, warm",
       {lowtide, "run", "--quiet", "--location", "GB", "--intensity", "uk", "--", "true"},
       false,
       {},
       {}},
      {"reference, cold", {reference, cold_database, "true"}, true, {}, {}},
      {"lowtide run, 475g/kWh, cold", constant, true, {}, {}},
  };
  for (int i = -2; i < rounds; ++i) {
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(cold_database + suffix);
    run_round(all, folder, i >= 0);
  }
  fmt::print("start-up of `run -- true`, wall-clock time\n");
  for (const Candidate& candidate : all) print_spread(candidate.name, candidate.wall_ms, "ms");
  print_ratio("warm", median(all[2].wall_ms), "the reference", median(all[1].wall_ms), 3);
  print_ratio("warm, typical year", median(all[3].wall_ms), "the reference", median(all[1].wall_ms),
              3);
  print_ratio("warm, a provider that never answers", median(all[4].wall_ms), "475g/kWh",
              median(all[2].wall_ms), 1);
  print_ratio("cold", median(all[6].wall_ms), "the cold reference", median(all[5].wall_ms), 3);
  fmt::print("start-up of `run -- true`, CPU time of all processes\n");
  for (const Candidate& candidate : all) print_spread(candidate.name, candidate.cpu_ms, "ms");
  close(silent);
  fs::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace lowtide::bench

int main(int argc, char** argv) {
  if (argc < 4) {
    fmt::print(stderr, "usage: start_bench LOWTIDE REFERENCE FOLDER [ROUNDS]\n");
    return 2;
  }
  return lowtide::bench::measure({argv, argv + argc});
}
