// The kept series for people and as JSON: what `grid fetch` brought, what `grid show` draws.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "grid/fetch.h"
#include "grid/kept_facts.h"
#include "show/text.h"

namespace lowtide::show {

// A kept series over `over`; an empty zone in the key: nothing is kept.
struct KeptView {
  std::string title;  // "WattTime"
  std::string licence;
  grid::SeriesKey key;
  std::vector<std::string> models;  // all there are over it; the one shown is in the key
  Interval over;
  std::vector<grid::KeptPoint> points;
  std::vector<grid::Revision> revisions;
};

// A value that may still be replaced, or is not there where time is over.
[[nodiscard]] bool provisional(const KeptView& view, Utc now);

// One source and signal of a fetch: what it did, then what is kept over the span.
[[nodiscard]] std::string fetched_text(const KeptView& view, const grid::Fetched& fetched, Utc now,
                                       const Style& style);
// lowtide.import/1: an array, a series each.
struct FetchedView {
  KeptView view;
  grid::Fetched fetched;
};
[[nodiscard]] std::string fetched_json(std::span<const FetchedView> all, Utc now);
// "uk 3 of 27 chunks, about 12 s left": one line without its end.
[[nodiscard]] std::string progress_text(const std::string& what, std::size_t done,
                                        std::size_t chunks, Duration elapsed);

// Each series' facts: span, steps, coverage, gaps, revisions, models.
[[nodiscard]] std::string kept_text(const KeptView& view, const Style& style);
// As a chart over the whole width; the typical year beneath it where there is one.
[[nodiscard]] std::string kept_chart(const KeptView& view, const Style& style);
[[nodiscard]] std::string typical_chart(const IntensityUsed& typical, Interval over,
                                        const Style& style);
// A row a local day, a column a local hour.
[[nodiscard]] std::string kept_heat(const KeptView& view, const Style& style);
// lowtide.kept/1.
[[nodiscard]] std::string kept_json(const std::string& zone, Interval over,
                                    std::span<const KeptView> views);

}  // namespace lowtide::show
