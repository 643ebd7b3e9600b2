// Any bytes as an intensity file: an error or a series whose pieces are in order, never a crash.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "grid/csv_series.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = lowtide::grid::parse_csv_series(text, "fuzz.csv");
  if (!parsed) {
    if (parsed.error().where.find("fuzz.csv") == std::string::npos) std::abort();
    return 0;
  }
  lowtide::Utc last = lowtide::Utc::min();
  for (const lowtide::IntensityPiece& piece : parsed->series.pieces()) {
    const bool sound = piece.span.begin >= last && !piece.span.empty() &&
                       piece.span.length() <= parsed->step &&
                       lowtide::as_grams_per_kwh(piece.value) >= 0;
    if (!sound) std::abort();
    last = piece.span.end;
  }
  return 0;
}
