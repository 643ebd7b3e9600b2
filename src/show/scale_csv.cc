#include "show/scale_csv.h"

#include <cmath>

#include "show/csv_field.h"

namespace lowtide::show {
namespace {

// "12.34". Tens of millions of them are written: without a general formatter.
void append_hundredths(std::string& out, float percent) {
  if (std::isnan(percent)) return;
  long hundredths = std::lround(static_cast<double>(percent) * 100);
  if (hundredths < 0) {
    out += '-';
    hundredths = -hundredths;
  }
  char digits[24];  // NOLINT(modernize-avoid-c-arrays): a place for digits, filled from its end
  char* at = digits + sizeof digits;
  for (int place = 0; place < 3 || hundredths > 0; ++place, hundredths /= 10) {
    if (place == 2) *--at = '.';
    *--at = static_cast<char>('0' + hundredths % 10);
  }
  out.append(at, digits + sizeof digits);
}

std::string minute(Utc t) {
  constexpr std::size_t kToMinute = 16;  // "2022-01-01T00:00"
  return format_utc(t).substr(0, kToMinute) + "Z";
}

}  // namespace

std::vector<std::string> scale_names(const study::ScaleAxes& axes) {
  std::vector<std::string> out;
  for (const study::ScaleColumn& column : study::columns_of(axes)) {
    std::string name(spell(column.policy));
    name += "_" + axes.lengths[column.length].name + "_" + axes.slacks[column.slack].name + "_pct";
    out.push_back(std::move(name));
  }
  return out;
}

std::string scale_csv_head(const study::ScaleAxes& axes) {
  std::string out = "zone,start";
  for (const std::string& name : scale_names(axes)) out += "," + name;
  return out + "\n";
}

std::string scale_csv(const ScaleRows& rows) {
  std::string out;
  constexpr std::size_t kCell = 6;  // "12.34,"
  constexpr std::size_t kNames = 40;
  out.reserve(rows.starts.size() * (rows.saving_pct.size() * kCell + kNames));
  const std::string zone = csv_quoted(csv_text(rows.zone));
  for (std::size_t t = 0; t < rows.starts.size(); ++t) {
    out += zone;
    out += ',';
    out += minute(rows.starts[t]);
    for (const std::vector<float>& column : rows.saving_pct) {
      out += ',';
      append_hundredths(out, column[t]);
    }
    out += '\n';
  }
  return out;
}

}  // namespace lowtide::show
