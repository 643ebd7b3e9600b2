// explore [DEPTH] [MOST]: all that can happen to a run, to a depth (`make explore`).
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "explorer.h"

int main(int argc, char** argv) {
  using namespace lowtide::act;
  const int depth = argc > 1 ? std::atoi(argv[1]) : 12;
  const std::size_t most = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 4'000'000'000U;
  const Brain brain;
  const std::clock_t begin = std::clock();
  const Exploration found = explore(all_begins(), brain, depth, most);
  const double took = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  std::printf(
      "%zu states, all to depth %d, %.1f s of CPU time, %.0f states/s; at most %zu waited\n",
      found.states, found.depth, took, static_cast<double>(found.states) / took,
      found.most_waiting);
  if (found.wrong.empty()) return 0;
  std::fputs(shown(found, brain).c_str(), stdout);
  return 1;
}
