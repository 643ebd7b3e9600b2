#include "app/plan_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "account/derive.h"
#include "app/ledger_access.h"
#include "app/plan_values.h"
#include "app/tables.h"
#include "base/quote.h"
#include "grid/table.h"
#include "host/files.h"
#include "plan/profile.h"
#include "show/text.h"

namespace lowtide::app {
namespace {

using Pieces = std::vector<EnergyPiece>;

// The times of a profile count from here.
constexpr Utc kStart{};

Duration length_of(const Pieces& pieces) {
  Duration sum{};
  for (const EnergyPiece& piece : pieces) sum += piece.span.length();
  return sum;
}

Result<show::PlanJob> job_of(const Pieces& pieces, const std::string& from) {
  auto work = plan::profile_of(pieces);
  if (!work) {
    if (work.error().where.empty()) work.error().where = from;
    return tl::unexpected(work.error());
  }
  show::PlanJob job;
  job.from = from;
  job.length = length_of(pieces);
  job.work = std::move(*work);
  for (const Energy energy : job.work) job.energy += energy;
  return job;
}

// Zero or more.
Result<double> amount(const grid::Table& rows, std::size_t row, std::size_t column) {
  auto value = rows.number(row, column);
  if (value && *value < 0) {
    value = fail(ErrorKind::malformed, in_quotes(rows.cell(row, column)) + " is below zero",
                 rows.where(row, column));
  }
  return value;
}

Result<Pieces> slot_pieces(const grid::Table& rows) {
  Pieces pieces;
  double next = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto slot = amount(rows, i, 0);
    if (!slot) return tl::unexpected(slot.error());
    if (i == 0) next = *slot;  // it may count from 1
    if (*slot != next || (i == 0 && next > 1)) {
      return fail(
          ErrorKind::malformed,
          fmt::format("slot {} where {:g} was expected", rows.cell(i, 0), i == 0 ? 0 : next),
          rows.where(i, 0), "slots count up by one, from 0 or 1");
    }
    ++next;
    const auto energy = amount(rows, i, 1);
    if (!energy) return tl::unexpected(energy.error());
    const Utc begin = pieces.empty() ? kStart : pieces.back().span.end;
    pieces.push_back({{begin, begin + kSlot}, kwh(*energy)});
  }
  return pieces;
}

// Each row's time; they rise.
Result<std::vector<Utc>> row_times(const grid::Table& rows) {
  std::vector<Utc> times;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto elapsed = amount(rows, i, 0);
    if (!elapsed) return tl::unexpected(elapsed.error());
    if (*elapsed > as_seconds(kLongestWindow)) {
      return fail(ErrorKind::malformed, "is over 366 days", rows.where(i, 0));
    }
    times.push_back(kStart + seconds(*elapsed));
    if (i > 0 && times[i] <= times[i - 1]) {
      return fail(ErrorKind::malformed, "the time does not rise", rows.where(i, 0));
    }
  }
  return times;
}

// When each row's energy has been used: up to the row, or, where the first one is at 0, from it to
// the next. The first of a profile that begins with 0,0 is only where the time begins: no row.
struct RowEnds {
  std::size_t first = 0;
  std::vector<Utc> ends;  // of row first + i
};
Result<RowEnds> row_ends(const grid::Table& rows) {
  auto times = row_times(rows);
  if (!times) return tl::unexpected(times.error());
  if (times->front() != kStart) return RowEnds{0, std::move(*times)};
  const bool one = times->size() == 1;
  if (!one && rows.number(0, 1).value_or(1) == 0) {
    return RowEnds{1, {times->begin() + 1, times->end()}};
  }
  if (one) {
    return fail(ErrorKind::malformed, "one row at 0 does not say how long it lasts",
                rows.where(0, 0), "add the row at which the job ends");
  }
  const Duration last = times->back() - (*times)[times->size() - 2];
  times->push_back(times->back() + last);
  return RowEnds{0, {times->begin() + 1, times->end()}};
}

Result<Pieces> elapsed_pieces(const grid::Table& rows) {
  const auto ends = row_ends(rows);
  if (!ends) return tl::unexpected(ends.error());
  Pieces pieces;
  for (std::size_t i = 0; i < ends->ends.size(); ++i) {
    const auto energy = amount(rows, ends->first + i, 1);
    if (!energy) return tl::unexpected(energy.error());
    const Utc begin = pieces.empty() ? kStart : pieces.back().span.end;
    pieces.push_back({{begin, ends->ends[i]}, joules(*energy)});
  }
  return pieces;
}

Result<JobSource> job_of_power(const std::string& duration, const std::string& power) {
  const auto length = parse_length(duration);
  if (!length) return tl::unexpected(in_flag(length.error(), "--duration"));
  if (*length <= Duration::zero()) return fail(ErrorKind::usage, "is nothing", "--duration");
  const auto mean = parse_power(power);
  if (!mean) return tl::unexpected(in_flag(mean.error(), "--power"));
  if (*mean <= Power{}) {
    return fail(ErrorKind::usage, "a job without energy has nothing to plan", "--power");
  }
  auto work = plan::flat_profile(*mean, *length);
  if (!work) return tl::unexpected(in_flag(work.error(), "--power"));
  JobSource source;
  source.job.from = show::power_text(*mean) + " throughout";
  source.job.work = std::move(*work);
  source.job.length = *length;
  source.job.energy = *mean * *length;
  return source;
}

Result<JobSource> job_of_file(const std::string& path) {
  const auto text = host::read_file(path);
  if (!text) return tl::unexpected(text.error());
  auto job = parse_profile(*text, path);
  if (!job) return tl::unexpected(job.error());
  JobSource source;
  source.job = std::move(*job);
  source.job.from = "file " + path;
  return source;
}

// What is to be said of a run that stands for one to come.
std::vector<std::string> doubts(const account::Report& report, Duration unread) {
  std::vector<std::string> notes;
  if (report.run.state != RunState::finished) {
    notes.push_back(fmt::format("the run is {}: what is planned is as long as it has run",
                                spell(report.run.state)));
  }
  if (unread > Duration::zero()) {
    notes.push_back(
        fmt::format("{} of the run have no reading and are left out", format_duration(unread)));
  }
  if (report.energy.modelled_share.value_or(0) > 0) {
    notes.push_back(fmt::format("{} of the run's energy is modelled",
                                show::percent(*report.energy.modelled_share)));
  }
  return notes;
}

std::size_t gpus_of(const account::Report& report) {
  const auto count =
      std::count_if(report.energy.channels.begin(), report.energy.channels.end(),
                    [](const account::ChannelCharge& channel) {
                      return channel.info.in_total && channel.info.kind == ChannelKind::gpu;
                    });
  return static_cast<std::size_t>(count);
}

// What the run's machine draws and costs while it is held: as it was while the run was paused, else
// what it was charged of idle; a GPU's idle power is not known.
void add_holding(const account::Report& report, JobSource& source) {
  source.idle = drawn_while_paused(report);
  if (!source.idle && report.active && *report.active > Duration::zero() &&
      report.energy.idle_charged && gpus_of(report) == 0) {
    source.idle = *report.energy.idle_charged / *report.active;
  }
  if (report.duration && *report.duration > Duration::zero() && report.embodied.value) {
    source.hold_per_hour = *report.embodied.value / as_hours(*report.duration);
  }
}

// The energy of the time in which the job ran; `unread` is the time of which none is known.
Pieces running_pieces(const account::Report& report, Duration& unread) {
  Pieces pieces;
  for (const account::SlotReport& slot : report.slots) {
    if (slot.state != RunState::running) continue;
    if (slot.energy) pieces.push_back({slot.span, *slot.energy});
    if (!slot.energy) unread += slot.span.length();
  }
  return pieces;
}

Result<JobSource> job_of_run(const std::string& wanted, plan::Machine machine) {
  auto ledger = open_ledger();
  if (!ledger) return tl::unexpected(ledger.error());
  auto run = load_run(*ledger, wanted, false);
  if (!run) return tl::unexpected(run.error());
  JobSource source;
  add_holding(account::derive(*run, shipped_tables()), source);
  if (machine == plan::Machine::stays_on) run->options.idle = IdleRule::none;
  const account::Report report = account::derive(*run, shipped_tables());
  Duration unread{};
  auto job = job_of(running_pieces(report, unread), "run " + record_id(*run));
  if (!job) {
    return fail(ErrorKind::absent, "the run has no energy on record to plan with",
                "--like " + wanted, "give --duration and --power");
  }
  source.job = std::move(*job);
  source.job.run = record_id(*run);
  source.job.name = run->name;
  source.job.gpus = gpus_of(report);
  source.command = run->command;
  source.location = run->options.location;
  source.signal = run->options.headline;
  source.pue = run->options.pue;
  source.pue_source = run->options.pue_source;
  source.notes = doubts(report, unread);
  if (machine == plan::Machine::stays_on && source.job.gpus > 0) {
    source.notes.emplace_back("a GPU's energy is counted with its idle power");
  }
  return source;
}

}  // namespace

Result<show::PlanJob> parse_profile(const std::string& text, const std::string& name) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  std::string_view body = text;
  if (body.starts_with(kByteOrderMark)) body.remove_prefix(kByteOrderMark.size());
  std::string_view rest = body;
  const std::string_view header = grid::trim(grid::take_line(rest));
  const bool by_slot = header == "slot,kwh";
  if (!by_slot && header != "elapsed_s,energy_j") {
    return fail(ErrorKind::malformed, "the header is neither elapsed_s,energy_j nor slot,kwh",
                name + ":1");
  }
  const auto rows = by_slot ? grid::Table::parse(body, name, {"slot", "kwh"})
                            : grid::Table::parse(body, name, {"elapsed_s", "energy_j"});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() == 0) return fail(ErrorKind::malformed, "no data rows", name);
  const auto pieces = by_slot ? slot_pieces(*rows) : elapsed_pieces(*rows);
  if (!pieces) return tl::unexpected(pieces.error());
  return job_of(*pieces, name);
}

std::optional<Power> drawn_while_paused(const account::Report& report) {
  constexpr Duration kLeast = std::chrono::seconds(10);
  if (!report.paused || *report.paused < kLeast || !report.energy.paused) return std::nullopt;
  if (*report.energy.paused <= Energy{}) return std::nullopt;
  return *report.energy.paused / *report.paused;
}

Result<JobSource> planned_job(const JobWanted& wanted) {
  if (wanted.like) return job_of_run(*wanted.like, wanted.machine);
  if (wanted.profile) return job_of_file(*wanted.profile);
  if (wanted.duration && wanted.power) return job_of_power(*wanted.duration, *wanted.power);
  return fail(ErrorKind::usage, "there is no job to plan", "plan",
              "give --like RUN, --profile FILE, or --duration D with --power W");
}

}  // namespace lowtide::app
