#include "app/score_cache.h"

#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "app/result_cache.h"
#include "grid/hash.h"

// How a score is written: as CBOR, in which a number that is none stays so.
namespace nlohmann {

template <>
struct adl_serializer<lowtide::Duration> {
  static void to_json(json& to, const lowtide::Duration& from) { to = from.count(); }
  static void from_json(const json& from, lowtide::Duration& to) {
    to = lowtide::Duration(from.get<std::int64_t>());
  }
};

}  // namespace nlohmann

namespace lowtide::study {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Spread, value, low, high)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(JobScore, job, policy, gated, starts, oracle, saving, kept,
                                   worse)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ModelScore, name, title, baseline, mae_by_hour, mae, rank,
                                   coverage, pinball, against_baseline, jobs)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Score, mean, forecasts, best_baseline, climatology_pinball,
                                   models)

}  // namespace lowtide::study

namespace lowtide::app {
namespace {

constexpr const char* kKind = "score";

}  // namespace

std::string score_hash(const study::ScoreAsk& ask,
                       std::span<const forecast::ForecasterKind* const> kinds) {
  grid::Sha256 hash;
  hash.add(program_hash());
  const auto bytes = std::as_bytes(ask.past.values);
  hash.add({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  for (const forecast::ForecasterKind* kind : kinds) hash.add(kind->name);
  for (const Duration job : ask.jobs) hash.add(fmt::format("{} ", job.count()));
  hash.add(fmt::format("{} {} {} {} {} {} {} {} {}", ask.past.step.count(),
                       format_utc(ask.past.begin), format_utc(ask.begin), format_utc(ask.end),
                       ask.level, ask.slack.count(), ask.resume.count(), ask.between_starts.count(),
                       ask.gate));
  return hash.hex();
}

std::optional<study::Score> kept_score(const std::string& hash) {
  const auto bytes = kept_result(kKind, hash);
  if (!bytes) return std::nullopt;
  const auto read = nlohmann::json::from_cbor(*bytes, true, false);
  if (read.is_discarded()) return std::nullopt;
  try {
    return read.get<study::Score>();
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

void keep_score(const std::string& hash, const study::Score& score) {
  const std::vector<std::uint8_t> bytes = nlohmann::json::to_cbor(nlohmann::json(score));
  keep_result(kKind, hash, {bytes.begin(), bytes.end()});
}

}  // namespace lowtide::app
