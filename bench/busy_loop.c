/* A CPU-bound job: counts how often it gets through a fixed piece of arithmetic in SECONDS.
 *
 *   busy_loop SECONDS FILE    writes "rounds R cpu_s C switches N" (context switches of its own) */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static volatile uint64_t sink;

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const double until = now() + atof(argv[1]);
  uint64_t rounds = 0;
  uint64_t x = 88172645463325252U;
  do {
    for (int i = 0; i < 100000; ++i) {
      x ^= x << 13;
      x ^= x >> 7;
      x ^= x << 17;
    }
    ++rounds;
  } while (now() < until);
  sink = x;
  struct rusage use;
  getrusage(RUSAGE_SELF, &use);
  FILE* const out = fopen(argv[2], "w");
  if (out == NULL) return 1;
  const double cpu = (double)use.ru_utime.tv_sec + (double)use.ru_utime.tv_usec * 1e-6 +
                     (double)use.ru_stime.tv_sec + (double)use.ru_stime.tv_usec * 1e-6;
  fprintf(out, "rounds %llu cpu_s %.6f switches %ld\n", (unsigned long long)rounds, cpu,
          use.ru_nvcsw + use.ru_nivcsw);
  return fclose(out) == 0 ? 0 : 1;
}
