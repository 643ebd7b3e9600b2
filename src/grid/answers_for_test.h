// For tests of clients: questions, and answers as lines. Not part of the program.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/words.h"
#include "grid/client.h"
#include "grid/http_for_test.h"
#include "grid/test_files.h"

namespace lowtide::grid {

inline Utc at(std::string_view text) { return *parse_utc(text); }

inline Question asking(std::string zone, std::string_view from, std::string_view to) {
  Question question;
  question.zone = std::move(zone);
  question.over = {at(from), at(to)};
  return question;
}

// "01-05T12:00 30m 176 history"; "-" for a value that is absent.
inline std::vector<std::string> lines(const std::vector<Batch>& batches) {
  std::vector<std::string> out;
  for (const Batch& batch : batches) {
    for (const Point& point : batch.points) {
      const auto minutes =
          std::chrono::duration_cast<std::chrono::minutes>(point.span.length()).count();
      const std::string value =
          point.value ? fmt::format("{:.6g}", as_grams_per_kwh(*point.value)) : "-";
      out.push_back(fmt::format("{} {}m {} {}", format_utc(point.span.begin).substr(5, 11), minutes,
                                value, spell(point.kind)));
    }
  }
  return out;
}

inline std::vector<std::string> lines(const Result<std::vector<Batch>>& batches) {
  return batches ? lines(*batches) : std::vector<std::string>{batches.error().line()};
}

inline Place place_of(std::string zone, std::string country = {}) {
  Place place;
  place.zone = std::move(zone);
  place.country = std::move(country);
  return place;
}

// "FR 10YFR-RTE------C", or the error.
inline std::string zone_of(Client& client, const Place& place, Signal signal = Signal::average) {
  const auto zone = client.zone_for(place, signal);
  return zone ? *zone : zone.error().line();
}

}  // namespace lowtide::grid
