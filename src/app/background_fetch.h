// What a run asks of the network, in a process of its own that the run never waits for.
//
// `lowtide fetch-for-run` is started before the job where a provider is in force (or the place can
// only be told by the cloud's metadata service) and what is kept does not serve: it asks, keeps
// what it is told, says through a pipe that its first round is done, asks again each hour while the
// run goes on, and ends with it. A provider that failed is left alone for a while.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/run_request.h"
#include "app/settings.h"
#include "base/time.h"
#include "host/unique_fd.h"

namespace lowtide::app {

class BackgroundFetch {
 public:
  // Nothing is started where no provider is in force; where what is kept serves, it begins an hour
  // later, if the run still goes on.
  static BackgroundFetch start(const RunRequest& request, Settings& settings);

  // Until the first round is done, `at_most` at the longest.
  void wait(Duration at_most);
  [[nodiscard]] bool started() const { return done_.get() >= 0; }

 private:
  host::UniqueFd done_;  // readable when the first round is done, or the process has ended
};

// The process itself; `words` as start() wrote them.
[[nodiscard]] int fetch_for_run(const std::vector<std::string>& words);

// What the metadata service said of this machine since it booted; empty: nothing (yet).
[[nodiscard]] std::string kept_cloud_region();

}  // namespace lowtide::app
