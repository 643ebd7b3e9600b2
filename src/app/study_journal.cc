#include "app/study_journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string_view>

#include "app/result_cache.h"
#include "app/say.h"
#include "grid/hash.h"
#include "grid/table.h"
#include "host/files.h"

namespace lowtide::app {
namespace {

using nlohmann::json;

// NaN is null in JSON.
double number(const json& value) { return value.is_null() ? std::nan("") : value.get<double>(); }

json to_json(const study::Cell& cell) {
  return json::array({cell.window, static_cast<int>(cell.policy), cell.resume, cell.rule,
                      cell.starts, cell.dropped, cell.mean_of_pct, cell.ratio_pct,
                      cell.resumes_per_hour, cell.worse, as_grams(cell.baseline),
                      as_grams(cell.cost)});
}

study::Cell to_cell(study::Piece piece, const json& from) {
  study::Cell cell;
  cell.region = piece.region;
  cell.job = piece.job;
  cell.window = from.at(0);
  cell.policy = static_cast<study::StudyPolicy>(from.at(1).get<int>());
  cell.resume = from.at(2);
  cell.rule = from.at(3);
  cell.starts = from.at(4);
  cell.dropped = from.at(5);
  cell.mean_of_pct = number(from.at(6));
  cell.ratio_pct = number(from.at(7));
  cell.resumes_per_hour = number(from.at(8));
  cell.worse = number(from.at(9));
  cell.baseline = grams(number(from.at(10)));
  cell.cost = grams(number(from.at(11)));
  return cell;
}

std::optional<StudyJournal::Done> read_line(std::string_view line) {
  try {
    const json read = json::parse(line);
    StudyJournal::Done done{{read.at("region"), read.at("job")}, {}};
    for (const json& cell : read.at("cells")) done.cells.push_back(to_cell(done.piece, cell));
    return done;
  } catch (const json::exception&) {
    return std::nullopt;  // cut off
  }
}

std::string first_line(const std::string& hash) {
  return json{{"schema", "lowtide.study-journal/1"}, {"study", hash}}.dump() + "\n";
}

}  // namespace

Result<StudyJournal> StudyJournal::open(const std::string& path, const std::string& hash,
                                        bool force) {
  StudyJournal out;
  out.path_ = path;
  const std::string first = first_line(hash);
  std::string whole = first;
  const auto text = host::read_file(path);
  if (text && !text->starts_with(first) && !force) {
    return fail(ErrorKind::usage,
                "a study that is not done yet lies in this folder, another one or of other series",
                path, "give another --out, or --force");
  }
  if (text && text->starts_with(first)) {
    std::string_view rest = std::string_view(*text).substr(first.size());
    while (!rest.empty()) {
      const std::string_view line = grid::take_line(rest);
      auto done = read_line(line);
      if (!done) break;
      out.done_.push_back(std::move(*done));
      whole.append(line).push_back('\n');
    }
  }
  if (const auto kept = replace_file(path, whole); !kept) return tl::unexpected(kept.error());
  out.file_ = host::UniqueFd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  if (out.file_) return out;
  return fail(ErrorKind::temporary, std::strerror(errno), path);
}

Result<void> StudyJournal::add(study::Piece piece, const std::vector<study::Cell>& cells) {
  json line{{"region", piece.region}, {"job", piece.job}, {"cells", json::array()}};
  for (const study::Cell& cell : cells) line["cells"].push_back(to_json(cell));
  const std::string text = line.dump() + "\n";
  const auto written = ::write(file_.get(), text.data(), text.size());
  if (written == static_cast<ssize_t>(text.size())) return {};
  return fail(ErrorKind::temporary, std::strerror(errno), path_,
              "what is done so far is kept: make room and give the same command again");
}

void StudyJournal::remove() {
  file_ = host::UniqueFd();
  std::remove(path_.c_str());
}

std::string study_hash(const study::Study& study, const std::string& recipe) {
  grid::Sha256 hash;
  const auto add = [&](const auto& values) {
    const auto bytes = std::as_bytes(std::span(values));
    hash.add({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  };
  hash.add(program_hash());
  hash.add(recipe);
  for (const study::StudyRegion& region : study.regions) add(region.intensity);
  for (const study::StudyJob& job : study.jobs) add(job.work);
  return hash.hex();
}

}  // namespace lowtide::app
