// What lowtide asks of the network on its own: for a run while it goes on, and to complete one.
//
// Each call brings one span of one provider into the kept series, in the provider's own chunks, and
// notes how it went, so that many short runs ask once and a dead provider is left alone.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "app/settings.h"
#include "base/result.h"
#include "base/time.h"
#include "grid/client.h"
#include "grid/conditional.h"
#include "grid/fetch.h"
#include "grid/kept_series.h"
#include "grid/place.h"
#include "host/http.h"
#include "host/retry.h"

namespace lowtide::app {

class Asking {
 public:
  // How long a dead provider may take: nobody waits, or somebody reads.
  enum class Patience { background, report };

  // `kept` outlives it. `wait` between two tries; false ends them.
  Asking(Settings& settings, grid::KeptSeries& kept, Patience patience,
         host::Wait wait = host::sleep_for());

  // What of `span` is not final, or everything with `again`. Errors: those of grid::Client.
  [[nodiscard]] Result<void> history(const std::string& provider, const grid::Place& place,
                                     Signal signal, Interval span, bool again = false);
  // The newest; none where the provider has none, which is no error.
  [[nodiscard]] Result<void> forecast(const std::string& provider, const grid::Place& place,
                                      Signal signal, Interval span);

 private:
  [[nodiscard]] Result<void> bring(const std::string& provider, const grid::Place& place,
                                   Signal signal, Interval span, const grid::FetchWish& wish);
  [[nodiscard]] Result<grid::Client*> client(const std::string& provider);
  [[nodiscard]] Result<grid::Question> question(grid::Client& client, const grid::Place& place,
                                                Signal signal, Interval span);

  Settings& settings_;
  grid::KeptSeries& kept_;
  Patience patience_;
  std::string data_;
  std::unique_ptr<host::Http> http_;
  grid::Conditional conditional_;
  grid::Network network_;
  std::map<std::string, std::unique_ptr<grid::Client>> clients_;
};

}  // namespace lowtide::app
