#include "grid/mix.h"

#include <algorithm>

#include "grid/table.h"

namespace lowtide::grid {

Result<Factors> Factors::read(const std::string& data_dir, Scope scope) {
  const std::string path = data_dir + "/generation_factors.csv";
  const auto table = Table::read(
      path, {"fuel", "set", scope == Scope::direct ? "direct_g_per_kwh" : "lifecycle_g_per_kwh"});
  if (!table) return tl::unexpected(table.error());
  Factors out;
  for (std::size_t row = 0; row < table->size(); ++row) {
    const auto value = table->number(row, 2);
    if (!value) return tl::unexpected(value.error());
    out.factors_[table->cell(row, 0)] = grams_per_kwh(*value);
    if (row > 0 && table->cell(row, 1) != out.set_) {
      return fail(ErrorKind::malformed, "a second set of factors", table->where(row, 1),
                  "keep one set in the file");
    }
    out.set_ = table->cell(row, 1);
  }
  if (out.factors_.count("unknown") == 0) {
    return fail(ErrorKind::malformed, "no factor of 'unknown'", path, "add its row");
  }
  return out;
}

Intensity Factors::of(std::string_view source) const {
  const auto found = factors_.find(source);
  return (found == factors_.end() ? factors_.find("unknown") : found)->second;
}

void Mix::add(std::string_view source, Energy energy, const Factors& factors) {
  energy = std::max(energy, Energy{});
  if (source == kStorage) {
    storage_ += energy;
    return;
  }
  counted_ += energy;
  carbon_ = carbon_ + energy * factors.of(source);
}

std::optional<Intensity> Mix::intensity() const {
  if (counted_ <= Energy{}) return std::nullopt;
  return carbon_ / counted_;
}

}  // namespace lowtide::grid
