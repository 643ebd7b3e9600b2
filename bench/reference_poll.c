/* The reference of the footprint benchmark: the least that a program can do which keeps the energy
 * of a machine. Once a second it reads the energy counter of each GPU and each file named, and each
 * 5 seconds writes a row for each into SQLite in WAL. One thread, no model, no slots, no job.
 * Usage: reference_poll DATABASE SECONDS FILE...   Needs libnvidia-ml.so.1. Values: mJ and uJ. */
#include <dlfcn.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { most_sources = 64 };

typedef int (*Init)(void);
typedef int (*Count)(unsigned*);
typedef int (*Handle)(unsigned, void**);
typedef int (*EnergyOf)(void*, unsigned long long*);

static int die(const char* what) {
  fprintf(stderr, "reference_poll: %s\n", what);
  return 1;
}

static long long read_file(int fd) {
  char text[32] = "";
  const ssize_t got = pread(fd, text, sizeof text - 1, 0);
  return got > 0 ? atoll(text) : 0;
}

static int write_rows(sqlite3* database, sqlite3_stmt* insert, const long long* values, int count) {
  if (sqlite3_exec(database, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK) return 1;
  for (int i = 0; i < count; ++i) {
    sqlite3_bind_int64(insert, 1, time(NULL));
    sqlite3_bind_int(insert, 2, i);
    sqlite3_bind_int64(insert, 3, values[i]);
    if (sqlite3_step(insert) != SQLITE_DONE) return 1;
    sqlite3_reset(insert);
  }
  return sqlite3_exec(database, "COMMIT", NULL, NULL, NULL) != SQLITE_OK;
}

int main(int argc, char** argv) {
  if (argc < 3) return die("usage: reference_poll DATABASE SECONDS FILE...");
  void* nvml = dlopen("libnvidia-ml.so.1", RTLD_NOW);
  if (nvml == NULL) return die("no libnvidia-ml.so.1");
  Init init = (Init)dlsym(nvml, "nvmlInit_v2");
  Count count = (Count)dlsym(nvml, "nvmlDeviceGetCount_v2");
  Handle handle = (Handle)dlsym(nvml, "nvmlDeviceGetHandleByIndex_v2");
  EnergyOf energy = (EnergyOf)dlsym(nvml, "nvmlDeviceGetTotalEnergyConsumption");
  unsigned gpus = 0;
  if (!init || !count || !handle || !energy || init() != 0 || count(&gpus) != 0) {
    return die("NVML does not answer");
  }
  void* devices[most_sources];
  for (unsigned i = 0; i < gpus && i < most_sources; ++i) handle(i, &devices[i]);
  int files[most_sources];
  const int file_count = argc - 3;
  for (int i = 0; i < file_count; ++i) files[i] = open(argv[3 + i], O_RDONLY | O_CLOEXEC);
  sqlite3* database = NULL;
  sqlite3_stmt* insert = NULL;
  if (sqlite3_open(argv[1], &database) != SQLITE_OK ||
      sqlite3_exec(database,
                   "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                   "CREATE TABLE IF NOT EXISTS sample(time INTEGER, source INTEGER, value INTEGER)",
                   NULL, NULL, NULL) != SQLITE_OK ||
      sqlite3_prepare_v2(database, "INSERT INTO sample VALUES(?,?,?)", -1, &insert, NULL)) {
    return die("the database does not open");
  }
  long long values[2 * most_sources] = {0};
  const int seconds = atoi(argv[2]);
  for (int second = 0; second < seconds; ++second) {
    for (unsigned i = 0; i < gpus; ++i) energy(devices[i], (unsigned long long*)&values[i]);
    for (int i = 0; i < file_count; ++i) values[gpus + (unsigned)i] = read_file(files[i]);
    if (second % 5 == 4 && write_rows(database, insert, values, (int)gpus + file_count) != 0) {
      return die("the database takes no rows");
    }
    sleep(1);
  }
  sqlite3_finalize(insert);
  sqlite3_close(database);
  return 0;
}
