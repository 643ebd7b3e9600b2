// explore [DEPTH] [MOST]: all that can happen to a run, to a depth (`make explore`).
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "explorer.h"

int main(int argc, char** argv) {
  using namespace lowtide::act;
  const int depth = argc > 1 ? std::atoi(argv[1]) : 12;
  const std::size_t most = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 4'000'000'000U;
  const Brain brain;
  const auto begin = std::chrono::steady_clock::now();
  const Exploration found = explore(all_begins(), brain, depth, most);
  const double took =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf("%zu states, all to depth %d, %.1f s, %.0f states/s; at most %zu waited\n",
              found.states, found.depth, took, static_cast<double>(found.states) / took,
              found.most_waiting);
  if (found.wrong.empty()) return 0;
  std::fputs(shown(found, brain).c_str(), stdout);
  return 1;
}
