// What a file is, by its header and by what the user says of it: the column of the time, those of
// the values with unit, signal, scope and gas, and the columns that play no part.
//
// A flag comes before the form, the form before nothing: what neither says is Error usage with the
// flag to give. What is taken without having been said by the header itself is in `notes`. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "grid/client.h"
#include "grid/import_forms.h"
#include "grid/import_times.h"

namespace lowtide::grid {

inline constexpr const char* kImport = "import";  // the provider of what was imported

// What a user says of the files of one import.
struct ImportWish {
  ZoneId zone = {};  // empty: as the file says
  bool needs_zone = true;
  std::optional<Signal> signal = {};
  std::optional<Scope> scope = {};
  std::optional<Gas> gas = {};
  std::optional<ImportUnit> unit = {};
  std::string column = {};
  TimeWish times = {};
};

struct ImportColumn {
  std::string name;
  std::size_t at = 0;
  ImportUnit unit;
  SeriesKey key;  // zone and model come later
};

struct ImportHeader {
  static constexpr std::size_t kMostColumns = 2;
  std::string form;  // its name
  TimeRule rule = TimeRule::says;
  std::optional<std::size_t> time;
  std::optional<std::size_t> zone;
  std::optional<std::size_t> estimated;
  std::vector<ImportColumn> columns;  // one or two
  std::vector<std::string> ignored;
  std::vector<std::string> notes;
  std::size_t width = 0;  // fields of a row
};

// `path` names the file in errors; its name tells the scope where the form says so.
[[nodiscard]] Result<ImportHeader> read_header(const std::vector<std::string>& names,
                                               const std::string& path, const ImportWish& wish);

}  // namespace lowtide::grid
