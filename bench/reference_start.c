/* The reference of the start-up benchmark: the least that a program can do which keeps a record of a
 * command in a database and runs it unchanged. Opens SQLite in WAL with lowtide's own settings,
 * makes its table when there is none, adds a row, runs the command, notes how it ended, closes.
 * Usage: reference_start DATABASE COMMAND [ARGUMENT...]. No metering, no second process, no table
 * read, no threads. */
#include <sqlite3.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int run(sqlite3* database, const char* sql) {
  char* why = NULL;
  if (sqlite3_exec(database, sql, NULL, NULL, &why) == SQLITE_OK) return 0;
  fprintf(stderr, "reference_start: %s\n", why != NULL ? why : "SQLite failed");
  sqlite3_free(why);
  return 1;
}

int main(int argc, char** argv) {
  if (argc < 3) return 125;
  sqlite3* database = NULL;
  if (sqlite3_open(argv[1], &database) != SQLITE_OK) return 125;
  sqlite3_busy_timeout(database, 2000);
  if (run(database,
          "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
          "CREATE TABLE IF NOT EXISTS run(key INTEGER PRIMARY KEY, command TEXT, status INTEGER);"
          "INSERT INTO run(command) VALUES('true');")) {
    return 125;
  }
  const pid_t pid = fork();
  if (pid < 0) return 125;
  if (pid == 0) {
    execvp(argv[2], argv + 2);
    _exit(127);
  }
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) return 125;
  if (run(database, "UPDATE run SET status=0 WHERE key=last_insert_rowid();")) return 125;
  sqlite3_close(database);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
