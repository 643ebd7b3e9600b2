#include "app/scale_file.h"

namespace lowtide::app {
namespace {

std::vector<show::ParquetColumn> parquet_columns(const study::ScaleAxes& axes) {
  std::vector<show::ParquetColumn> out = {{"zone", show::ParquetKind::text},
                                          {"start", show::ParquetKind::time}};
  for (std::string& name : show::scale_names(axes)) out.push_back({std::move(name)});
  return out;
}

}  // namespace

Result<ScaleFile> ScaleFile::open(const std::string& path, const study::ScaleAxes& axes) {
  auto seen = std::make_unique<Seen>();
  auto file = host::NewFile::open(path, [to = seen.get()](std::string_view bytes) {
    to->sha256.add(bytes);
    to->bytes += bytes.size();
  });
  if (!file) return tl::unexpected(file.error());
  ScaleFile out(std::move(*file), std::move(seen));
  if (path.ends_with(".parquet")) out.parquet_.emplace(parquet_columns(axes));
  const auto begun = out.file_.add(out.parquet_ ? std::string(show::ParquetFile::begin())
                                                : show::scale_csv_head(axes));
  if (!begun) return tl::unexpected(begun.error());
  return out;
}

ScaleFile::Part ScaleFile::encode(const show::ScaleRows& rows) const {
  if (!parquet_) return show::scale_csv(rows);
  show::ParquetGroup group(rows.starts.size());
  group.add_text(rows.zone);
  group.add_times(rows.starts);
  for (const std::vector<float>& column : rows.saving_pct) group.add_values(column);
  return group;
}

Result<void> ScaleFile::add(const Part& part) {
  if (const auto* text = std::get_if<std::string>(&part)) return file_.add(*text);
  return file_.add(parquet_->add(std::get<show::ParquetGroup>(part)));
}

Result<ScaleFile::Written> ScaleFile::finish(const Facts& facts) {
  if (parquet_) {
    const auto done = file_.add(parquet_->end(facts, std::string("lowtide ") + LOWTIDE_VERSION));
    if (!done) return tl::unexpected(done.error());
  }
  if (const auto done = file_.finish(); !done) return tl::unexpected(done.error());
  return Written{seen_->sha256.hex(), seen_->bytes};
}

}  // namespace lowtide::app
