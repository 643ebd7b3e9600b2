// The kept series: cache.db, in which every answer of a provider is kept, with its revisions.
//
// By provider, zone, signal, scope, gas and model version. A value that changes is kept beside the
// one before, with the time at which each was learnt, so that a figure can be derived again as it
// was known then. Forecasts are kept by the time they were issued. What was asked and when is kept
// too: a span without values that was asked is not asked again, and a fetch that was cut off goes
// on where it stopped. Bounded in size: the months that nobody has read for the longest go first
// (a run's own series is in the ledger and needs none of this). docs/formats/cache.md.
// Spans are kept in whole seconds, the time at which something was learnt in milliseconds.
// Refused: a file a series (no transaction over several), values in blobs (no revision of one).
// Several processes share it, one thread an object. On a network file system without WAL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "grid/client.h"
#include "host/sqlite.h"

namespace lowtide::grid {

struct KeptPoint {
  Interval span;
  Intensity value;
  IntensityKind kind = IntensityKind::history;
  Utc known;                  // when it was learnt
  std::optional<Utc> issued;  // of a forecast
  bool operator==(const KeptPoint&) const = default;
};

// One revision of a value that was kept.
struct Revision {
  Interval span;
  Intensity before;
  Intensity after;
  Utc known_before;
  Utc known_after;
};

struct KeptLine {  // one series in a listing
  SeriesKey key;
  Interval span;  // from its first value to the end of its last
  std::int64_t values = 0;
  std::int64_t forecasts = 0;  // issues
  std::int64_t revisions = 0;
};

// What a provider was asked for. The gas of the key plays no part; an empty model is the newest.
struct AskedSpan {
  SeriesKey key;
  Interval over;
  bool forecasts = false;  // those issued within `over`
};

// An answer of a provider that may be asked for again only if it has changed.
struct KeptAnswer {
  std::string etag;  // as it came; empty: it has none
  std::string last_modified;
  std::string body;
};

struct PutResult {
  std::int64_t added = 0;
  std::int64_t revised = 0;
  std::int64_t equal = 0;
};

class KeptSeries {
 public:
  static constexpr int kSchema = 1;
  static constexpr std::size_t kAnswer = std::size_t{1} << 20;   // bytes of one kept answer
  static constexpr std::size_t kAnswers = std::size_t{8} << 20;  // of all
  // Errors: denied, temporary, malformed (not a cache, or of a newer lowtide: never touched).
  [[nodiscard]] static Result<KeptSeries> open(const std::string& path);
  // Error absent: none yet.
  [[nodiscard]] static Result<KeptSeries> open_to_read(const std::string& path);
  [[nodiscard]] static Result<KeptSeries> in_memory();

  // One transaction: what an answer brought (several batches where the model changes within), and
  // that it was asked for. Points without a value are left out: they are what is missing.
  [[nodiscard]] Result<PutResult> put(std::span<const Batch> batches, const AskedSpan& asked,
                                      Utc known);
  // The same of one batch, of the newest model.
  [[nodiscard]] Result<PutResult> put(const Batch& batch, Interval asked, Utc known);

  // The values over `over`, in order, none overlapping: history before estimated before the newest
  // forecast, finer steps before coarser, the newest value of each, as known at `as_of`. An empty
  // key.model: the newest model alone; models() has the others.
  [[nodiscard]] Result<std::vector<KeptPoint>> read(const SeriesKey& key, Interval over,
                                                    std::optional<Utc> as_of = std::nullopt);
  // The newest forecast issued at or before `at`, over `over`; for plans as of then.
  [[nodiscard]] Result<std::vector<KeptPoint>> forecast(const SeriesKey& key, Interval over,
                                                        Utc at);
  [[nodiscard]] Result<std::vector<Revision>> revisions(const SeriesKey& key, Interval over);
  // The models of a series that has values within `over`, the newest (by name) last.
  [[nodiscard]] Result<std::vector<std::string>> models(const SeriesKey& key, Interval over);
  // The series of a provider's zone, models left out, each once.
  [[nodiscard]] Result<std::vector<SeriesKey>> keys(const std::string& provider,
                                                    const std::string& zone, Signal signal);
  // What of asked.over should be asked at `now`: what was never asked, and what was asked longer
  // than `again` ago at a time at which its values could still change (sooner than `settles`
  // after).
  struct Freshness {
    Utc now;
    Duration settles{};
    Duration again{};
  };
  [[nodiscard]] Result<std::vector<Interval>> to_ask(const AskedSpan& asked,
                                                     const Freshness& fresh);
  [[nodiscard]] Result<std::vector<KeptLine>> list();

  // Facts that are worth keeping a while: the zone of a place, what a metadata service said, that
  // a provider failed. Nothing secret goes in here.
  [[nodiscard]] Result<void> note(const std::string& key, const std::string& value, Utc now);
  struct Note {
    std::string value;
    Utc at;
  };
  [[nodiscard]] Result<std::optional<Note>> noted(const std::string& key);

  // Answers by the name of their question (grid/conditional.h): the newest, up to kAnswers. One
  // longer than kAnswer is not kept, which is no error.
  [[nodiscard]] Result<std::optional<KeptAnswer>> answer(const std::string& name);
  [[nodiscard]] Result<void> keep_answer(const std::string& name, const KeptAnswer& answer,
                                         Utc now);

  // Removes the kept answers, then what has not been read for the longest until the file is at most
  // `bytes`. The bytes that it gave back.
  [[nodiscard]] Result<std::int64_t> shrink(std::int64_t bytes);
  void wait_for_locks(Duration at_most);  // 5 s unless said otherwise
  [[nodiscard]] const std::string& path() const { return database_.path(); }

 private:
  explicit KeptSeries(host::Database database);
  // Notes that the months within `over` were read today; once a day, and never at any cost.
  void mark_read(std::int64_t series, Interval over);

  host::Database database_;
  Duration patience_ = std::chrono::seconds(5);
};

}  // namespace lowtide::grid
