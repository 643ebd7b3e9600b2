// A door to the network that asks "only if it has changed".
//
// What was answered with an ETag or a Last-Modified is kept in cache.db, once its reader has said
// that it was sound, and asked for again with If-None-Match or If-Modified-Since. A 304 is given to
// the client as the answer that was kept, so that no client knows of it. Only a GET without a
// password is kept, only a 200 that does not forbid it, and none whose text holds a secret of the
// request. What cannot be kept or read is asked for whole. RFC 9110, section 13; RFC 9111, section
// 5.2.2.5 (no-store). One thread an object.
// Refused: noting the ETag alone and taking a 304 for "nothing new": a page of several answers
// would lose the later ones, and a series that was removed from the cache would never come back.
#pragma once

#include <cstddef>
#include <deque>
#include <string>

#include "grid/kept_series.h"
#include "host/http.h"

namespace lowtide::grid {

class Conditional final : public host::Http {
 public:
  // Both outlive it.
  Conditional(host::Http& network, KeptSeries& kept) : network_(network), kept_(kept) {}
  // Errors: those of the network.
  [[nodiscard]] Result<host::HttpAnswer> send(const host::HttpRequest& request) override;
  // What was answered since the last call made sense: it is kept, the newest 8 MiB of it.
  void keep();

 private:
  struct Sound {
    std::string name;
    KeptAnswer answer;
  };
  void hear(Sound one);

  host::Http& network_;
  KeptSeries& kept_;
  std::deque<Sound> heard_;
  std::size_t bytes_ = 0;  // of heard_
};

}  // namespace lowtide::grid
