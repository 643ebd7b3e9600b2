// The commands that read the ledger: runs, show, report. Each returns its exit status.
#pragma once

#include <string>
#include <vector>

#include "app/settings.h"

namespace lowtide::app {

struct RunsFlags {
  std::string project;
  std::string tag;
  std::string since;
  bool json = false;
};
struct ShowFlags {
  std::string run;
  bool json = false;
};
struct ReportFlags {
  std::vector<std::string> runs;
  std::string project;
  std::string format = "text";
  std::string out;
  bool samples = false;
  bool mixed_boundary = false;
};

[[nodiscard]] int runs_command(const RunsFlags& flags);
[[nodiscard]] int show_command(const ShowFlags& flags);
[[nodiscard]] int report_command(const ReportFlags& flags);

// The exit status of an error of these commands (contract section 2).
[[nodiscard]] int status_of(const Error& error);

}  // namespace lowtide::app
