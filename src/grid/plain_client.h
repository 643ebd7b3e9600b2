// What clients without accounts and issued forecasts share: a base address, the facts, and zones by
// data/provider_zones.csv. One thread an object.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "grid/ask.h"
#include "grid/client.h"

namespace lowtide::grid {

class PlainClient : public Client {
 public:
  PlainClient(ClientFacts facts, Access access, const Network& network, std::string data_dir)
      : facts_(std::move(facts)),
        access_(std::move(access)),
        network_(network),
        data_dir_(std::move(data_dir)) {}

  [[nodiscard]] const ClientFacts& facts() const override { return facts_; }
  // `NAME:ZONE` is the provider's ZONE as it stands; any other zone goes by the table.
  [[nodiscard]] Result<std::string> zone_for(const Place& place, Signal signal) override;
  [[nodiscard]] Result<std::vector<Batch>> forecast(const Question& question) override;
  [[nodiscard]] Result<std::vector<Batch>> forecasts_issued(const Question& question) override;

 protected:
  [[nodiscard]] Asked asked(const Question& question) const;
  // GET of the base address and `path`; what is secret is among `headers` and in the token.
  [[nodiscard]] host::HttpRequest get(
      const std::string& path, std::vector<std::pair<std::string, std::string>> headers = {}) const;
  // A batch of the question's zone and signal without points.
  [[nodiscard]] Batch batch(const Question& question) const;
  [[nodiscard]] Result<void> has(Signal signal, const Asked& asked) const;

  ClientFacts facts_;
  Access access_;
  Network network_;
  std::string data_dir_;
};

// An answer that is not what the provider documents.
[[nodiscard]] tl::unexpected<Error> strange(const Asked& asked, std::string what);

// The least interval of whole steps (since the epoch) that holds `over`.
[[nodiscard]] Interval widened(Interval over, Duration step);
// Points in order, with their spans, cut to `over`, in the batch; no batch without any.
[[nodiscard]] Result<std::vector<Batch>> finished(Batch batch, std::vector<Point> points,
                                                  Interval over, const Asked& asked);

// 2026-01-05T00:00Z.
[[nodiscard]] std::string to_minute(Utc t);

}  // namespace lowtide::grid
