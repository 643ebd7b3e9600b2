// Intensity from generation by source: sum of energy x factor over sum of energy, of one interval.
//
// Factors are data (data/generation_factors.csv), one set, named in the series' model. What is
// negative counts as nothing generated. Storage that gives back is no source: it is left out of the
// sum, so it counts as the mean of the rest, and counts for coverage. Production-based: without
// imports and exports. Plain values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"
#include "base/words.h"

namespace lowtide::grid {

inline constexpr std::string_view kStorage = "storage";
// Of generation that the sources have to explain before a mix stands for it.
inline constexpr double kLeastShare = 0.9;

class Factors {
 public:
  // Errors: absent, malformed (file, line, field).
  [[nodiscard]] static Result<Factors> read(const std::string& data_dir, Scope scope);
  // Of a source such as "coal"; that of "unknown" for one that is not in the table.
  [[nodiscard]] Intensity of(std::string_view source) const;
  [[nodiscard]] const std::string& set() const { return set_; }  // "ipcc2014.1"

 private:
  std::string set_;
  std::map<std::string, Intensity, std::less<>> factors_;
};

class Mix {
 public:
  void add(std::string_view source, Energy energy, const Factors& factors);
  // Of generation, storage included; negative parts as zero.
  [[nodiscard]] Energy generated() const { return counted_ + storage_; }
  // Absent where nothing was generated.
  [[nodiscard]] std::optional<Intensity> intensity() const;

 private:
  Energy counted_;
  Energy storage_;
  Carbon carbon_;
};

}  // namespace lowtide::grid
