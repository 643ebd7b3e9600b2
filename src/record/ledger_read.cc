#include <algorithm>
#include <utility>

#include "base/names.h"
#include "base/quote.h"
#include "record/ledger.h"
#include "record/ledger_text.h"

namespace lowtide::record {
namespace {

template <typename Each>
Result<void> for_each_row(Result<Statement>& statement, Each each) {
  if (!statement) return tl::unexpected(statement.error());
  while (true) {
    const auto row = statement->step();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return {};
    each(*statement);
  }
}

template <typename Enum>
Enum word_or(const Statement& row, int column, Enum otherwise) {
  return read_word<Enum>(row.text(column)).value_or(otherwise);
}

// The state of a record that a plan moves is that of its act, where that says more than its lives.
constexpr std::string_view kLineColumns =
    "SELECT key,iif(life_of='',id,life_of) AS record,name,project,"
    "coalesce((SELECT standing FROM act WHERE standing IN ('waiting','paused','cancelled') AND"
    " act.run=(SELECT whole.key FROM run AS whole"
    " WHERE whole.id=iif(run.life_of='',run.id,run.life_of))),state),submitted_ns FROM run ";

// One row of each record: the run whose further lives the others are, else the life begun first.
constexpr std::string_view kFirstLife =
    "(life_of='' OR (NOT EXISTS(SELECT 1 FROM run AS other WHERE other.id=run.life_of)"
    " AND key=(SELECT other.key FROM run AS other WHERE other.life_of<>''"
    " AND other.life_of=run.life_of ORDER BY other.submitted_ns,other.key LIMIT 1)))";

RunLine line_of(const Statement& row) {
  return {row.integer(0),
          row.text(1),
          row.text(2),
          row.text(3),
          word_or(row, 4, RunState::interrupted),
          row.utc(5),
          0};
}

void bind_texts(Statement& statement, const std::vector<std::string>& texts) {
  if (texts.size() == 1) statement.bind(texts[0]);
  if (texts.size() == 2) statement.bind(texts[0], texts[1]);
}

Result<std::vector<RunLine>> lines(Database& database, const std::string& rest,
                                   const std::vector<std::string>& texts) {
  auto statement = database.prepare(std::string(kLineColumns) + rest);
  if (!statement) return tl::unexpected(statement.error());
  bind_texts(*statement, texts);
  std::vector<RunLine> found;
  const auto done =
      for_each_row(statement, [&](const Statement& row) { found.push_back(line_of(row)); });
  if (!done) return tl::unexpected(done.error());
  return found;
}

Result<RunRecord> load_row(Database& database, std::int64_t key) {
  auto statement = database.prepare(
      "SELECT id,name,project,parent,command,host,state,exit_status,exit_note,submitted_ns,"
      "begin_ns,end_ns,lives,lowtide_version,tags,counts,machine,options,life_of FROM run "
      "WHERE key=?");
  if (!statement) return tl::unexpected(statement.error());
  const auto row = statement->bind(key).step();
  if (!row) return tl::unexpected(row.error());
  if (!*row) return fail(ErrorKind::absent, "no such run", database.path());
  RunRecord run;
  run.id = statement->text(0);
  run.name = statement->text(1);
  run.project = statement->text(2);
  run.parent = statement->text(3);
  map_from_text(statement->text(4), run.command);
  run.host = statement->text(5);
  run.state = word_or(*statement, 6, RunState::interrupted);
  if (!statement->is_null(7)) run.exit_status = static_cast<int>(statement->integer(7));
  run.exit_note = statement->text(8);
  run.submitted = statement->utc(9);
  run.begin = statement->maybe_utc(10);
  run.end = statement->maybe_utc(11);
  run.lives = static_cast<int>(statement->integer(12));
  run.lowtide_version = statement->text(13);
  map_from_text(statement->text(14), run.tags);
  map_from_text(statement->text(15), run.counts);
  from_text(statement->text(16), run.machine);
  from_text(statement->text(17), run.options);
  run.life_of = statement->text(18);
  return run;
}

Result<void> load_channels(Database& database, std::int64_t key, RunRecord& run) {
  auto statement = database.prepare(
      "SELECT id,kind,name,uuid,source,in_total,idle_w,errors,note,limit_w FROM channel WHERE run=?"
      " ORDER BY channel");
  if (statement) statement->bind(key);
  return for_each_row(statement, [&](const Statement& row) {
    ChannelInfo channel;
    channel.id = row.text(0);
    channel.kind = word_or(row, 1, ChannelKind::node);
    channel.name = row.text(2);
    channel.uuid = row.text(3);
    channel.source = word_or(row, 4, Source::model);
    channel.in_total = row.integer(5) != 0;
    if (const auto idle = row.maybe_real(6)) channel.idle_power = watts(*idle);
    from_text(row.text(7), channel.errors);
    channel.note = row.text(8);
    if (const auto limit = row.maybe_real(9)) channel.limit = watts(*limit);
    run.channels.push_back(std::move(channel));
  });
}

template <typename T>
std::optional<T> maybe_from_text(const Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  T value;
  from_text(row.text(column), value);
  return value;
}

Result<void> load_slots(Database& database, std::int64_t key, RunRecord& run) {
  auto slots = database.prepare(
      "SELECT channel,begin_ns,end_ns,state,device_j,covered_ns,lowest_w,quality,device_use,"
      "second_path FROM slot WHERE run=? ORDER BY begin_ns,channel");
  if (slots) slots->bind(key);
  auto done = for_each_row(slots, [&](const Statement& row) {
    run.slots.push_back({static_cast<std::size_t>(row.integer(0)),
                         {row.utc(1), row.utc(2)},
                         word_or(row, 3, RunState::running),
                         joules(row.real(4)),
                         row.duration(5),
                         watts(row.real(6)),
                         word_or(row, 7, Quality::gap),
                         maybe_from_text<DeviceUse>(row, 8),
                         maybe_from_text<SecondPath>(row, 9)});
  });
  if (!done) return done;
  auto use = database.prepare(
      "SELECT begin_ns,end_ns,state,job_cpu_ns,machine_cpu_ns FROM use WHERE run=?"
      " ORDER BY begin_ns");
  if (use) use->bind(key);
  return for_each_row(use, [&](const Statement& row) {
    run.use.push_back({{row.utc(0), row.utc(1)},
                       word_or(row, 2, RunState::running),
                       row.duration(3),
                       row.duration(4)});
  });
}

Result<void> load_samples(Database& database, std::int64_t key, RunRecord& run) {
  auto statement = database.prepare(
      "SELECT channel,begin_ns,end_ns,energy_j,min_w,max_w,quality FROM sample WHERE run=?"
      " ORDER BY channel,begin_ns");
  if (statement) statement->bind(key);
  return for_each_row(statement, [&](const Statement& row) {
    run.samples.push_back({static_cast<std::size_t>(row.integer(0)),
                           {row.utc(1), row.utc(2)},
                           joules(row.real(3)),
                           watts(row.real(4)),
                           watts(row.real(5)),
                           word_or(row, 6, Quality::gap)});
  });
}

Result<IntensitySeries> load_pieces(Database& database, std::int64_t key, std::size_t series) {
  auto statement = database.prepare(
      "SELECT begin_ns,end_ns,g_per_kwh,quality,origin FROM intensity_piece WHERE run=? AND "
      "series=?"
      " ORDER BY begin_ns");
  if (statement) statement->bind(key, series);
  std::vector<IntensityPiece> pieces;
  const auto done = for_each_row(statement, [&](const Statement& row) {
    pieces.push_back({{row.utc(0), row.utc(1)},
                      grams_per_kwh(row.real(2)),
                      word_or(row, 3, Quality::gap),
                      static_cast<std::uint32_t>(row.integer(4))});
  });
  if (!done) return tl::unexpected(done.error());
  return IntensitySeries::from(std::move(pieces));
}

Result<void> load_intensity(Database& database, std::int64_t key, RunRecord& run) {
  auto statement = database.prepare(
      "SELECT zone,signal,source,sha256,about FROM intensity WHERE run=? ORDER BY series");
  if (statement) statement->bind(key);
  const auto done = for_each_row(statement, [&](const Statement& row) {
    IntensityUsed used;
    used.zone = row.text(0);
    used.signal = word_or(row, 1, Signal::average);
    used.source = row.text(2);
    used.sha256 = row.text(3);
    from_text(row.text(4), used);
    run.intensity.push_back(std::move(used));
  });
  if (!done) return done;
  for (std::size_t i = 0; i < run.intensity.size(); ++i) {
    auto pieces = load_pieces(database, key, i);
    if (!pieces) return tl::unexpected(pieces.error());
    run.intensity[i].series = std::move(*pieces);
  }
  return {};
}

Result<void> load_events(Database& database, std::int64_t key, RunRecord& run) {
  auto statement =
      database.prepare("SELECT time_ns,kind,detail FROM event WHERE run=? ORDER BY time_ns");
  if (statement) statement->bind(key);
  return for_each_row(statement, [&](const Statement& row) {
    run.events.push_back({row.utc(0), row.text(1), row.text(2)});
  });
}

struct Condition {
  std::string sql;
  std::vector<std::string> texts;
};

Condition condition_of(const RunFilter& filter) {
  Condition where{"WHERE " + std::string(kFirstLife), {}};
  const auto add = [&](const std::string& condition, const std::string& value) {
    where.texts.push_back(value);
    where.sql += " AND " + condition + "?" + std::to_string(where.texts.size());
  };
  if (!filter.project.empty()) add("project=", filter.project);
  if (!filter.tag_key.empty()) {
    // The value is compared as text. A row whose tags are no JSON has none.
    add("EXISTS(SELECT 1 FROM json_each(iif(json_valid(tags),tags,'{}'))"
        " WHERE json_each.key||'='||json_each.value=",
        filter.tag_key + "=" + filter.tag_value);
    where.sql += ")";
  }
  if (filter.since) {
    where.sql += " AND submitted_ns>=" + std::to_string(filter.since->time_since_epoch().count());
  }
  return where;
}

}  // namespace

Result<RunRecord> Ledger::load(std::int64_t key, bool with_samples) {
  auto run = load_row(database_, key);
  if (!run) return run;
  for (const auto part : {load_channels, load_slots, load_intensity, load_events}) {
    if (auto done = part(database_, key, *run); !done) return tl::unexpected(done.error());
  }
  if (with_samples) {
    if (auto done = load_samples(database_, key, *run); !done) {
      return tl::unexpected(done.error());
    }
  }
  return run;
}

// `last`, an exact id or a unique prefix of one; several lines when the prefix fits several.
Result<std::vector<RunLine>> Ledger::by_id(const std::string& text) {
  if (text == "last") return lines(database_, "ORDER BY submitted_ns DESC, key DESC LIMIT 1", {});
  auto exact =
      lines(database_, "WHERE id=?1 OR (life_of<>'' AND life_of=?1) GROUP BY record", {text});
  if (!exact || !exact->empty() || text.empty()) return exact;
  // A range, which the index of the ids answers; no id has a byte of 0xff.
  return lines(database_,
               "WHERE (id>=?1 AND id<?2) OR (life_of<>'' AND life_of>=?1 AND life_of<?2)"
               " GROUP BY record LIMIT 9",
               {text, text + "\xff"});
}

Result<std::vector<RunLine>> Ledger::by_name(const std::string& text) {
  if (text.empty()) return std::vector<RunLine>{};
  return lines(database_,
               "WHERE name=?1 GROUP BY record ORDER BY max(submitted_ns) DESC, max(key) DESC",
               {text});
}

Result<RunLine> Ledger::find(std::string_view wanted) {
  const std::string text(wanted);
  auto found = by_id(text);
  if (!found) return tl::unexpected(found.error());
  if (found->size() == 1) return found->front();
  auto named = by_name(text);
  if (!named) return tl::unexpected(named.error());
  if (!named->empty()) {
    named->front().namesakes = static_cast<std::int64_t>(named->size());
    return named->front();
  }
  if (found->size() > 1) {
    std::string near;
    for (const RunLine& line : *found) near += " " + line.id;
    return fail(ErrorKind::usage, "'" + text + "' fits several runs:" + near, "RUN",
                "give more of the id");
  }
  RunFilter recent;
  recent.newest = 1000;
  std::vector<std::string> names;
  for (const RunLine& line : list(recent).value_or(std::vector<RunLine>{})) {
    names.insert(names.end(), {line.id, line.name});
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string near;
  for (const std::string& name : nearest_names(text, names, 3)) near += " " + in_quotes(name);
  return fail(ErrorKind::usage, "no run has the id, the prefix or the name " + in_quotes(text),
              "RUN", (near.empty() ? "" : "nearest:" + near + "; ") + "`lowtide runs` lists them");
}

Result<std::vector<RunLine>> Ledger::list(const RunFilter& filter) {
  const Condition where = condition_of(filter);
  std::string rest = where.sql + " ORDER BY submitted_ns DESC,key DESC";
  if (filter.newest) rest += " LIMIT " + std::to_string(*filter.newest);
  auto found = lines(database_, rest, where.texts);
  if (found) std::reverse(found->begin(), found->end());
  return found;
}

Result<std::int64_t> Ledger::count(const RunFilter& filter) {
  const Condition where = condition_of(filter);
  auto statement = database_.prepare("SELECT count(*) FROM run " + where.sql);
  if (!statement) return tl::unexpected(statement.error());
  bind_texts(*statement, where.texts);
  const auto row = statement->step();
  if (!row) return tl::unexpected(row.error());
  return statement->integer(0);
}

Result<std::int64_t> Ledger::count_runs() {
  return database_.integer(("SELECT count(*) FROM run WHERE " + std::string(kFirstLife)).c_str());
}

Result<std::vector<RunLine>> Ledger::unfinished() {
  return lines(database_, "WHERE state IN ('running','waiting','paused') ORDER BY key", {});
}

Result<std::vector<RunLine>> Ledger::open_records() {
  return lines(database_,
               "WHERE state IN ('running','waiting','paused') OR"
               " key IN (SELECT act.run FROM act WHERE standing IN ('waiting','paused'))"
               " ORDER BY key",
               {});
}

Result<bool> Ledger::any_act_open() {
  const auto count = database_.integer(
      "SELECT EXISTS(SELECT 1 FROM act WHERE standing IN ('waiting','runs','paused'))");
  if (!count) return tl::unexpected(count.error());
  return *count != 0;
}

Result<std::vector<RunLine>> Ledger::watched(const std::string& subject, const std::string& host) {
  return lines(database_,
               "WHERE json_valid(options) AND json_extract(options,'$.subject')=?1 AND host=?2"
               " ORDER BY submitted_ns DESC, key DESC LIMIT 3",
               {subject, host});
}

Result<Keeper> Ledger::keeper(std::int64_t key) {
  auto statement = database_.prepare(
      "SELECT boot_id,job_pid,job_start,meter_pid,meter_start,supervisor_pid,supervisor_start,"
      "anchor_utc_ns,anchor_boot_ns,saved,saved_at_ns,saved_job_cpu_ns,saved_machine_cpu_ns FROM "
      "keeper WHERE run=?");
  if (!statement) return tl::unexpected(statement.error());
  const auto row = statement->bind(key).step();
  if (!row) return tl::unexpected(row.error());
  if (!*row) return fail(ErrorKind::absent, "nobody keeps this run", database_.path());
  return Keeper{statement->text(0),
                static_cast<int>(statement->integer(1)),
                statement->integer(2),
                static_cast<int>(statement->integer(3)),
                statement->integer(4),
                static_cast<int>(statement->integer(5)),
                statement->integer(6),
                statement->utc(7),
                BootTime(statement->duration(8)),
                statement->text(9),
                BootTime(statement->duration(10)),
                statement->duration(11),
                statement->duration(12)};
}

Result<std::string> Ledger::host_of(std::int64_t key) {
  auto statement = database_.prepare("SELECT host FROM run WHERE key=?");
  if (!statement) return tl::unexpected(statement.error());
  const auto row = statement->bind(key).step();
  if (!row) return tl::unexpected(row.error());
  return *row ? statement->text(0) : std::string();
}

}  // namespace lowtide::record
