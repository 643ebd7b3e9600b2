#include "grid/kept_provider.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "grid/client.h"
#include "grid/hash.h"
#include "grid/import_header.h"

namespace lowtide::grid {
namespace {

// A reader waits no longer for a writer: the run goes on with what it has.
constexpr Duration kPatience = std::chrono::milliseconds(20);

Duration covered(const std::vector<KeptPoint>& points) {
  Duration sum{};
  for (const KeptPoint& point : points) sum += point.span.length();
  return sum;
}

// No provider's step is cut in two there (grid/fetch.h).
Interval whole_hours(Interval span) {
  return {std::chrono::floor<std::chrono::hours>(span.begin),
          std::chrono::ceil<std::chrono::hours>(span.end)};
}

Duration usual_step(const std::vector<KeptPoint>& points) {
  std::map<Duration, int> counts;
  for (const KeptPoint& point : points) ++counts[point.span.length()];
  const auto best =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return best == counts.end() ? Duration{} : best->first;
}

struct Piece {
  KeptPoint point;
  std::string model;
};

// What one model says within a span; its step is that of whole values, before they were cut.
struct OfModel {
  std::string model;
  std::vector<KeptPoint> points;
  Duration step{};
  std::size_t age = 0;  // the newest has the most
};

class Kept final : public Provider {
 public:
  Kept(std::string_view provider, KeptWish wish, IntensityUsed base)
      : provider_(provider), wish_(std::move(wish)), used_(std::move(base)) {
    used_.source = provider_;
    used_.provisional = true;
    used_.error_reference = fmt::format("{} does not say how wrong it may be",
                                        is_import() ? "an imported file" : provider_);
  }

  const IntensityUsed& describe() const override { return used_; }

  Result<IntensityUsed> fetch(Interval over) override {
    notes_.clear();
    IntensityUsed used = used_;
    note_trouble();
    const auto key = find_key();
    if (!key) {
      note_nothing();
      return used;
    }
    used.scope = key->scope;
    used.gas = key->gas;
    const auto pieces = choose(*key, over, used.step);
    if (!pieces) return tl::unexpected(pieces.error());
    return filled(std::move(used), *pieces, over);
  }

  std::vector<std::string> notes() const override { return notes_; }

 private:
  // A provider is asked; a file has to be imported by somebody.
  void note_nothing() {
    if (!is_import()) return;
    notes_.push_back(fmt::format("no {} file of {} is imported (lowtide grid import)",
                                 spell(used_.signal), used_.zone));
  }

  // Opened when there is one; tried again each time until then.
  KeptSeries* cache() {
    if (!cache_) {
      auto opened = KeptSeries::open_to_read(wish_.cache_path);
      trouble_ = opened || opened.error().kind == ErrorKind::absent ? "" : opened.error().line();
      if (opened) {
        cache_.emplace(std::move(*opened));
        cache_->wait_for_locks(kPatience);
      }
    }
    return cache_ ? &*cache_ : nullptr;
  }

  // Why there may be nothing new.
  void note_trouble() {
    KeptSeries* kept = cache();
    if (!trouble_.empty()) notes_.push_back(trouble_);
    if (kept == nullptr) return;
    const auto asked = kept->noted(asked_note(provider_, used_.zone, used_.signal));
    if (!asked || !*asked || (*asked)->value == "ok") return;
    notes_.push_back(fmt::format("{}, {}, {}: {} (asked at {})", provider_, used_.zone,
                                 spell(used_.signal), (*asked)->value, format_utc((*asked)->at)));
  }

  [[nodiscard]] bool is_import() const { return provider_ == kImport; }

  // What the provider calls the zone; who imports names it himself.
  std::optional<std::string> zone_of(KeptSeries& kept) const {
    if (is_import()) return used_.zone;
    const auto note = kept.noted(
        zone_note(provider_, wish_.place.empty() ? used_.zone : wish_.place, used_.signal));
    if (!note || !*note) return std::nullopt;
    return (*note)->value;
  }

  // The series in the wished scope, else the one there is; its model is left open.
  std::optional<SeriesKey> find_key() {
    KeptSeries* kept = cache();
    if (kept == nullptr) return std::nullopt;
    const auto zone = zone_of(*kept);
    if (!zone) return std::nullopt;
    const auto keys = kept->keys(provider_, *zone, used_.signal);
    if (!keys || keys->empty()) return std::nullopt;
    const auto wished = std::find_if(
        keys->begin(), keys->end(), [&](const SeriesKey& key) { return key.scope == wish_.scope; });
    SeriesKey key = wished == keys->end() ? keys->front() : *wished;
    key.model.clear();
    return key;
  }

  Result<std::vector<Piece>> choose(SeriesKey key, Interval over, Duration& step) {
    const auto models = cache_->models(key, over);
    if (!models) return tl::unexpected(models.error());
    std::vector<OfModel> all;
    for (const std::string& model : *models) {
      key.model = model;
      auto points = cache_->read(key, whole_hours(over), wish_.as_of);
      if (!points) return tl::unexpected(points.error());
      const Duration whole = usual_step(*points);
      all.push_back({model, within(std::move(*points), over), whole, all.size()});
    }
    // The one that covers most comes first, the newest among equals.
    std::sort(all.begin(), all.end(), [](const OfModel& a, const OfModel& b) {
      const Duration of_a = covered(a.points);
      const Duration of_b = covered(b.points);
      return of_a != of_b ? of_a > of_b : a.age > b.age;
    });
    if (!all.empty()) step = all.front().step;
    return joined(all, over);
  }

  static std::vector<KeptPoint> within(std::vector<KeptPoint> points, Interval over) {
    for (KeptPoint& point : points) point.span = point.span.meet(over);
    std::erase_if(points, [](const KeptPoint& point) { return point.span.empty(); });
    return points;
  }

  std::vector<Piece> joined(const std::vector<OfModel>& all, Interval over) {
    std::vector<Piece> pieces;
    for (const auto& [model, points, step, age] : all) {
      if (points.empty()) continue;
      if (!pieces.empty() && !wish_.mix_models) {
        notes_.push_back(fmt::format(
            "{} changed its model from {} to {} within the run: only one is used; "
            "--mix-models takes both",
            provider_, std::min(model, all.front().model), std::max(model, all.front().model)));
        break;
      }
      add_where_free(model, points, over, pieces);
    }
    return pieces;
  }

  static void add_where_free(const std::string& model, const std::vector<KeptPoint>& points,
                             Interval over, std::vector<Piece>& pieces) {
    std::vector<Interval> taken;
    taken.reserve(pieces.size());
    for (const Piece& piece : pieces) taken.push_back(piece.point.span);
    taken = united(std::move(taken));
    for (const KeptPoint& point : points) {
      for (const Interval part : rest_of(point.span.meet(over), taken)) {
        pieces.push_back({point, model});
        pieces.back().point.span = part;
      }
    }
    std::sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) {
      return a.point.span.begin < b.point.span.begin;
    });
  }

  Result<IntensityUsed> filled(IntensityUsed used, const std::vector<Piece>& pieces,
                               Interval over) const {
    std::vector<IntensityPiece> out;
    std::vector<KeptPoint> points;
    out.reserve(pieces.size());
    bool final = true;
    for (const Piece& piece : pieces) {
      const IntensityOrigin origin{provider_, piece.model, piece.point.kind, piece.point.issued};
      auto at = std::find(used.origins.begin(), used.origins.end(), origin);
      if (at == used.origins.end()) at = used.origins.insert(at, origin);
      const bool is_history = piece.point.kind == IntensityKind::history;
      final = final && is_history;
      out.push_back({piece.point.span, piece.point.value,
                     is_history ? Quality::measured : Quality::modelled,
                     static_cast<std::uint32_t>(at - used.origins.begin())});
      points.push_back(piece.point);
    }
    if (!out.empty()) used.model = out.empty() ? "" : used.origins.front().model;
    used.provisional = !final || covered(points) < over.length();
    auto series = IntensitySeries::from(std::move(out));
    if (!series) return tl::unexpected(series.error());
    used.series = std::move(*series);
    used.sha256 = sha256_hex(series_text(used.series));
    return used;
  }

  std::string provider_;
  KeptWish wish_;
  IntensityUsed used_;
  std::optional<KeptSeries> cache_;
  std::string trouble_;  // why there is none that can be read
  std::vector<std::string> notes_;
};

}  // namespace

std::unique_ptr<Provider> open_kept(std::string_view provider, KeptWish wish, IntensityUsed base) {
  return std::make_unique<Kept>(provider, std::move(wish), std::move(base));
}

const std::string& place_key(const Place& place) {
  return place.region.empty() ? place.zone : place.region;
}

std::string zone_note(std::string_view provider, const std::string& place, Signal signal) {
  return fmt::format("zone {} {} {}", provider, spell(signal), place);
}

std::string asked_note(std::string_view provider, const ZoneId& zone, Signal signal) {
  return fmt::format("asked {} {} {}", provider, spell(signal), zone);
}

std::string series_text(const IntensitySeries& series) {
  std::string text;
  for (const IntensityPiece& piece : series.pieces()) {
    fmt::format_to(std::back_inserter(text), "{},{},{}\n", format_utc(piece.span.begin),
                   format_utc(piece.span.end), as_grams_per_kwh(piece.value));
  }
  return text;
}

}  // namespace lowtide::grid
