// `lowtide study FILE.toml --out DIR`: jobs laid over regions, windows, policies and starts.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "app/cli.h"
#include "app/ledger_access.h"
#include "app/paths.h"
#include "app/progress_line.h"
#include "app/say.h"
#include "app/study_beyond.h"
#include "app/study_journal.h"
#include "app/study_names.h"
#include "app/study_paper.h"
#include "app/study_recipe.h"
#include "app/study_scale.h"
#include "app/study_series.h"
#include "app/terminal.h"
#include "base/quote.h"
#include "grid/hash.h"
#include "host/files.h"
#include "host/threads.h"
#include "show/study_manifest.h"
#include "show/study_outputs.h"
#include "show/study_text.h"

namespace lowtide::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kManifest = "manifest.json";
constexpr const char* kJournal = ".study-journal";

struct StudyFlags {
  std::string file;
  std::string out;
  std::string data;
  bool force = false;
};

// A recipe, and what its manifest says was read and written before; empty where it is none.
struct Asked {
  StudyRecipe recipe;
  std::string name;  // of the recipe's file
  json before;
};

// A file, or by its name alone a recipe that comes with lowtide: "typical-2022".
std::string path_of(const std::string& file) {
  std::error_code trouble;
  if (file.find('/') != std::string::npos || fs::exists(file, trouble)) return file;
  std::string shipped = data_folder() + "/studies/" + file;
  if (!file.ends_with(".toml")) shipped += ".toml";
  return fs::exists(shipped, trouble) ? shipped : file;
}

bool is_manifest(const json& read) {
  return read.is_object() && read.value("schema", json()) == "lowtide.study/1" &&
         read.contains("recipe") && read["recipe"].is_object() &&
         read["recipe"].value("text", json()).is_string() && read.contains("regions") &&
         read["regions"].is_array() && read.contains("written") && read["written"].is_array();
}

Result<Asked> read_asked(const std::string& file) {
  const std::string path = path_of(file);
  const auto text = host::read_file(path);
  if (!text) {
    Error error = text.error();
    error.hint = "name a file, or a recipe that comes with lowtide: typical-2022, paper-2022, ..";
    return tl::unexpected(std::move(error));
  }
  Asked out;
  if (!text->starts_with('{')) {
    auto recipe = parse_study(*text, path);
    if (!recipe) return tl::unexpected(recipe.error());
    out.recipe = std::move(*recipe);
    out.name = fs::path(path).filename().string();
    return out;
  }
  out.before = json::parse(*text, nullptr, false);
  if (!is_manifest(out.before)) {
    return fail(ErrorKind::malformed, "this is no manifest of a study", path,
                "a study is a .toml, or the manifest.json that one wrote");
  }
  const json& recipe = out.before["recipe"];
  auto read = parse_study(recipe.value("text", ""), path);
  if (!read) return tl::unexpected(read.error());
  out.recipe = std::move(*read);
  out.name = recipe.value("name", "study.toml");
  return out;
}

// Was this very study written there?
bool holds_study(const std::string& folder, const StudyRecipe& recipe) {
  const auto manifest = host::read_file((fs::path(folder) / kManifest).string());
  if (!manifest) return false;
  const json read = json::parse(*manifest, nullptr, false);
  return is_manifest(read) && read["recipe"]["text"] == recipe.text;
}

// The folder is empty, or holds this study: nothing of another one is written over.
Result<void> check_folder(const StudyFlags& flags, const StudyRecipe& recipe) {
  if (flags.out.empty()) return fail(ErrorKind::usage, "no folder is named", "--out");
  std::error_code trouble;
  if (!fs::exists(flags.out, trouble) || flags.force) return {};
  if (!fs::is_directory(flags.out, trouble)) {
    return fail(ErrorKind::usage, "this is no folder", flags.out, "give another --out");
  }
  if (fs::is_empty(flags.out, trouble) || fs::exists(fs::path(flags.out) / kJournal, trouble)) {
    return {};
  }
  if (holds_study(flags.out, recipe)) return {};
  return fail(ErrorKind::usage, "something else lies in this folder", flags.out,
              "give another --out, or --force");
}

Result<study::Study> read_series(const StudyRecipe& recipe, const std::string& data) {
  ProgressLine line;
  return read_study(recipe, data, [&](std::size_t done, std::size_t all) {
    line.show(fmt::format("study: {} of {} series read", done, all));
  });
}

// Evaluates what the journal does not have, on all cores.
class Evaluating {
 public:
  Evaluating(const study::Study& study, StudyJournal& journal) : study_(study), journal_(journal) {
    std::set<std::pair<std::size_t, std::size_t>> done;
    for (const StudyJournal::Done& each : journal.done()) {
      if (!done.emplace(each.piece.region, each.piece.job).second) continue;
      cells_.insert(cells_.end(), each.cells.begin(), each.cells.end());
    }
    for (const study::Piece piece : study::pieces_of(study)) {
      if (done.count({piece.region, piece.job}) == 0) pieces_.push_back(piece);
    }
    kept_ = done.size();
  }

  [[nodiscard]] std::size_t kept() const { return kept_; }

  Result<std::vector<study::Cell>> run() {
    host::spread(pieces_.size(), [this](std::size_t i) {
      if (failed()) return;
      take(pieces_[i], study::evaluate(study_, pieces_[i]));
    });
    if (error_) return tl::unexpected(*error_);
    study::put_in_order(cells_);
    return std::move(cells_);
  }

 private:
  bool failed() {
    const std::lock_guard lock(mutex_);
    return error_.has_value();
  }
  void take(study::Piece piece, const std::vector<study::Cell>& cells) {
    const std::lock_guard lock(mutex_);
    if (auto added = journal_.add(piece, cells); !added && !error_) error_ = added.error();
    cells_.insert(cells_.end(), cells.begin(), cells.end());
    ++done_;
    line_.show(fmt::format("study: {} of {} jobs and regions{}", done_, pieces_.size(),
                           line_.about_left(done_, pieces_.size())));
  }

  const study::Study& study_;
  StudyJournal& journal_;
  std::vector<study::Piece> pieces_;
  std::size_t kept_ = 0;
  std::mutex mutex_;
  std::size_t done_ = 0;
  std::vector<study::Cell> cells_;
  std::optional<Error> error_;
  ProgressLine line_;
};

Result<void> add_figures(const StudyRecipe& recipe, const study::Study& study,
                         show::StudyView& view) {
  for (std::size_t job = 0; job < study.jobs.size(); ++job) {
    view.spreads.push_back(study::spread_of(study, job));
  }
  if (!recipe.months_of.empty()) {
    const auto job = named(study.jobs, recipe.months_of, "job", "[figures]");
    if (!job) return tl::unexpected(job.error());
    for (std::size_t region = 0; region < study.regions.size(); ++region) {
      view.months.push_back(study::months_of(study, *job, region));
    }
  }
  if (recipe.table_of.empty()) return {};
  const auto job = named(study.jobs, recipe.table_of, "job", "[figures]");
  const auto region = named(study.regions, recipe.table_in, "region", "[figures]");
  if (!job) return tl::unexpected(job.error());
  if (!region) return tl::unexpected(region.error());
  study::StartTableAsk ask;
  ask.job = *job;
  ask.region = *region;
  ask.first = recipe.table_from.value_or(study.begin);
  view.start_tables.push_back(study::starts_by_hour(study, ask));
  return {};
}

Result<std::vector<show::StudyWritten>> write_outputs(const std::string& folder,
                                                      const show::StudyView& view) {
  std::vector<show::StudyWritten> written;
  for (const show::StudyFile& output : show::study_outputs(view)) {
    const std::string path = (fs::path(folder) / output.name).string();
    std::error_code trouble;
    fs::create_directories(fs::path(path).parent_path(), trouble);
    if (auto done = write_file(path, output.text); !done) return tl::unexpected(done.error());
    written.push_back({output.name, grid::sha256_hex(output.text)});
  }
  return written;
}

// Of two lists of {file, sha256}: what differs, and what only one has.
std::vector<std::string> differing(const json& before, const json& now) {
  std::map<std::string, std::string> hashes;
  for (const json& each : before) hashes[each.value("file", "")] = each.value("sha256", "");
  std::vector<std::string> out;
  for (const json& each : now) {
    const auto found = hashes.find(each.value("file", ""));
    if (found == hashes.end() || found->second != each.value("sha256", "")) {
      out.push_back(each.value("file", ""));
    }
    if (found != hashes.end()) hashes.erase(found);
  }
  for (const auto& [file, hash] : hashes) out.push_back(file);
  return out;
}

// Regions of a list ("regions", "other") whose series is another one now.
std::vector<std::string> other_series(const json& before, const json& now, const char* list) {
  std::vector<std::string> out;
  const json was = before.value(list, json::array());
  for (std::size_t i = 0; i < now[list].size(); ++i) {
    const json then = i < was.size() ? was[i] : json::object();
    if (then.value("sha256", json()) == now[list][i].value("sha256", json())) continue;
    out.push_back(now[list][i].value("name", ""));
  }
  return out;
}

// Was the same made again?
int tell_again(const json& before, const std::string& manifest) {
  const json now = json::parse(manifest);
  std::vector<std::string> series = other_series(before, now, "regions");
  for (std::string& name : other_series(before, now, "other")) series.push_back(std::move(name));
  const auto files = differing(before["written"], now["written"]);
  if (series.empty() && files.empty()) {
    return put(fmt::format("again: {} files, the same bit for bit\n", now["written"].size()));
  }
  std::string text;
  for (const std::string& name : series) text += "again: another series: " + name + "\n";
  for (const std::string& name : files) text += "again: another file: " + name + "\n";
  const int status = put(text);
  return status != 0 ? status : 1;
}

// As anybody gives it, whatever their folders are called.
std::string command_of(const StudyRecipe& recipe, const std::string& name) {
  const bool files =
      std::any_of(recipe.regions.begin(), recipe.regions.end(),
                  [](const RegionRecipe& each) { return !each.series.files.empty(); });
  return "lowtide study " + name + (files ? " --data DATA" : "") + " --out DIR";
}

// All that is shown, but for the cells.
Result<show::StudyView> begin_view(const Asked& asked, const std::string& data,
                                   const study::Study& study) {
  show::StudyView view{study, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}};
  view.command = command_of(asked.recipe, asked.name);
  view.version = LOWTIDE_VERSION;
  if (const auto figures = add_figures(asked.recipe, study, view); !figures) {
    return tl::unexpected(figures.error());
  }
  if (const auto beyond = begin_beyond(asked.recipe, data, view); !beyond) {
    return tl::unexpected(beyond.error());
  }
  if (!asked.recipe.compare_paper) return view;
  auto paper = paper_figures(data_folder());
  if (!paper) return tl::unexpected(paper.error());
  view.paper = std::move(*paper);
  return view;
}

Result<std::vector<study::Cell>> evaluate_all(const study::Study& study, StudyJournal& journal) {
  Evaluating evaluating(study, journal);
  if (evaluating.kept() > 0) {
    say(fmt::format("study: goes on; {} of {} jobs and regions were done before\n",
                    evaluating.kept(), study.jobs.size() * study.regions.size()));
  }
  return evaluating.run();
}

// Fills the view and writes it; the manifest is the last file, and its text is given.
Result<std::string> carry_out(const StudyFlags& flags, const Asked& asked, show::StudyView& view) {
  const std::string& folder = flags.out;
  auto journal = StudyJournal::open((fs::path(folder) / kJournal).string(),
                                    study_hash(view.study, asked.recipe.text), flags.force);
  if (!journal) return tl::unexpected(journal.error());
  auto cells = evaluate_all(view.study, *journal);
  if (!cells) return tl::unexpected(cells.error());
  view.cells = std::move(*cells);
  view.means = study::means_of(view.cells);
  if (const auto looked = look_beyond(view); !looked) return tl::unexpected(looked.error());
  const auto written = write_outputs(folder, view);
  if (!written) return tl::unexpected(written.error());
  std::string manifest = show::study_manifest(view, {asked.name, asked.recipe.text}, *written);
  const auto done = write_file((fs::path(folder) / kManifest).string(), manifest);
  if (!done) return tl::unexpected(done.error());
  journal->remove();
  return manifest;
}

// [scale] instead of jobs and regions.
int scale_command(const StudyFlags& flags, const Asked& asked) {
  const auto made = make_scale({asked.recipe, asked.name, flags.data, flags.out});
  if (!made) return refuse(made.error());
  const int status = put(made->text);
  if (status != 0 || asked.before.is_null()) return status;
  return tell_again(asked.before, made->manifest);
}

int study_command(const StudyFlags& flags) {
  const auto asked = read_asked(flags.file);
  if (!asked) return refuse(asked.error());
  if (const auto folder = check_folder(flags, asked->recipe); !folder) {
    return refuse(folder.error());
  }
  if (asked->recipe.scale) return scale_command(flags, *asked);
  const auto study = read_series(asked->recipe, flags.data);
  if (!study) return refuse(study.error());
  auto view = begin_view(*asked, flags.data, *study);
  if (!view) return refuse(view.error());
  const auto manifest = carry_out(flags, *asked, *view);
  if (!manifest) return refuse(manifest.error());
  const int status = put(show::study_text(*view, flags.out, style_of(STDOUT_FILENO)));
  if (status != 0 || asked->before.is_null()) return status;
  return tell_again(asked->before, *manifest);
}

}  // namespace

void add_study(Cli& cli) {
  const auto flags = std::make_shared<StudyFlags>();
  CLI::App& command =
      add_command(cli, "study", "Lay jobs over regions, windows, policies and all starts", flags,
                  study_command);
  command
      .add_option("file", flags->file,
                  "what to lay over what: a file, a recipe by its name, or a manifest.json")
      ->required()
      ->type_name("FILE");
  command.add_option("--out", flags->out, "folder for tables, figures, page and manifest")
      ->required()
      ->type_name("DIR");
  command.add_option("--data", flags->data, "folder of the series (default: as the file says)")
      ->type_name("DIR");
  command.add_flag("--force", flags->force, "write over another study's folder");
  command.footer(
      "The paper's evaluation (Dodge et al. 2022) on any series and jobs: each job is begun at\n"
      "every start in every region, and Flexible Start, lowest slots and the exact plan are\n"
      "compared with starting at once. Cut off, it goes on where it was. With a manifest.json\n"
      "the same study is made again, and whether the files are the same is said (1: they are "
      "not).\n"
      "[beyond] in the file: other signals, machine states, money; [fleet]: many jobs on few\n"
      "machines; [scale] alone: what every start of every length and slack saves in every zone,\n"
      "as CSV or Parquet.\n"
      "Examples:\n"
      "  lowtide study typical-2022 --out typical\n"
      "  lowtide study paper-2022 --data ~/series --out paper\n"
      "  lowtide study scale-2022 --data ~/series --out scale\n"
      "  lowtide study paper/manifest.json --data ~/series --out again");
}

}  // namespace lowtide::app
