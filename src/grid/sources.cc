#include "grid/sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/quote.h"
#include "grid/annual.h"
#include "grid/client.h"
#include "grid/constant.h"
#include "grid/csv_series.h"
#include "grid/import_header.h"
#include "grid/kept_provider.h"
#include "grid/ordered.h"
#include "grid/table.h"
#include "grid/typical.h"

namespace lowtide::grid {
namespace {

constexpr std::string_view kFile = "file:";

IntensityUsed base_of(const SourceRequest& request) {
  IntensityUsed base;
  base.zone = request.place.zone;
  base.asked = request.place.asked;
  base.resolved_by = request.place.resolved_by;
  base.place_assumed = request.place.assumed;
  base.signal = request.signal;
  return base;
}

// The typical year of the zone, else the annual mean with the reason.
Result<std::unique_ptr<Provider>> open_shipped(const SourceRequest& request) {
  const std::string& zone = request.place.zone;
  if (request.signal == Signal::marginal) {
    return fail(ErrorKind::absent,
                fmt::format("no marginal source is configured or known for {}", zone),
                "--signal marginal", "give --intensity file:PATH or use --signal average");
  }
  IntensityUsed base = base_of(request);
  if (zone.starts_with("local:")) {
    return fail(ErrorKind::absent, fmt::format("nothing is shipped for {}", zone), {},
                "give --intensity file:PATH or 475g/kWh");
  }
  auto typical = open_typical(request.data_dir, base);
  if (typical || typical.error().kind != ErrorKind::absent) return typical;
  base.fallback = true;
  auto annual = open_annual(request.data_dir, request.place.country, std::move(base));
  if (annual || annual.error().kind != ErrorKind::absent) return annual;
  return typical;  // the first reason is the better one
}

}  // namespace

namespace {

bool is_source(std::string_view word) {
  return word == "typical" || word == kImport || word.starts_with(kFile) ||
         looks_like_constant(word) || find_client(word) != nullptr;
}

Error no_source(std::string_view word) {
  std::vector<std::string> names{"typical"};
  for (const ClientKind& kind : client_kinds()) names.emplace_back(kind.name);
  return {
      ErrorKind::usage,
      "unknown intensity source " + in_quotes(word),
      {},
      fmt::format("give typical, file:PATH, import, a number such as 475g/kWh or a provider: {}",
                  fmt::join(names.begin() + 1, names.end(), ", "))};
}

bool serves(const ClientKind& kind, Signal signal) {
  return signal == Signal::average ? kind.average : kind.marginal;
}

using Opened = Result<std::unique_ptr<Provider>>;

Opened open_one(std::string_view word, const SourceRequest& request) {
  if (word == "typical") return open_shipped(request);
  if (word.starts_with(kFile))
    return open_csv_series(std::string(word.substr(kFile.size())), base_of(request));
  const ClientKind* kind = find_client(word);
  if (kind != nullptr && !serves(*kind, request.signal)) {
    return fail(ErrorKind::absent,
                fmt::format("{} has no {} intensity", kind->title, spell(request.signal)));
  }
  if (kind != nullptr || word == kImport) {
    return open_kept(word,
                     {request.cache_path, request.scope, request.mix_models, request.as_of,
                      place_key(request.place)},
                     base_of(request));
  }
  const auto stated = parse_constant(word);
  if (!stated) return tl::unexpected(stated.error());
  return make_constant(*stated, base_of(request));
}

bool is_provider(const std::string& word) { return find_client(word) != nullptr; }

// Members that cannot have this signal are passed over, unless none is left.
Opened open_list(const std::vector<std::string>& words, const SourceRequest& request) {
  std::vector<std::unique_ptr<Provider>> sources;
  std::optional<Error> first;
  for (const std::string& word : words) {
    auto opened = open_one(word, request);
    if (opened) {
      sources.push_back(std::move(*opened));
    } else if (opened.error().kind != ErrorKind::absent) {
      return opened;
    } else if (!first) {
      first = opened.error();
    }
  }
  if (sources.empty()) return tl::unexpected(*first);
  return make_ordered(std::move(sources));
}

}  // namespace

Result<std::vector<std::string>> parse_sources(std::string_view spec) {
  std::vector<std::string> words;
  while (true) {
    const std::size_t comma = std::min(spec.find(','), spec.size());
    const std::string word(trim(spec.substr(0, comma)));
    if (is_source(word)) {
      words.push_back(word);
    } else if (!words.empty() && words.back().starts_with(kFile)) {
      words.back() += "," + std::string(spec.substr(0, comma));
    } else {
      return tl::unexpected(no_source(word));
    }
    if (comma == spec.size()) return words;
    spec.remove_prefix(comma + 1);
  }
}

std::vector<std::string> providers_in(std::string_view spec) {
  auto words = parse_sources(spec);
  if (!words) return {};
  std::erase_if(*words, [](const std::string& word) { return !is_provider(word); });
  return std::move(*words);
}

Result<std::unique_ptr<Provider>> open_source(const SourceRequest& request) {
  const std::string_view spec = trim(request.spec);
  if (spec.empty()) return open_shipped(request);
  auto words = parse_sources(spec);
  if (!words) return tl::unexpected(words.error());
  const bool network = std::any_of(words->begin(), words->end(), is_provider);
  const bool has_typical = std::find(words->begin(), words->end(), "typical") != words->end();
  if (network && request.allow_fallback && !has_typical) words->emplace_back("typical");
  if (words->size() == 1 && !network) return open_one(words->front(), request);
  return open_list(*words, request);
}

}  // namespace lowtide::grid
