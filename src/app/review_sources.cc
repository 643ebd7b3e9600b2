#include "app/review_sources.h"

#include <algorithm>
#include <utility>

#include "act/state.h"
#include "app/plan_job.h"
#include "app/provider_access.h"
#include "app/repricing.h"
#include "grid/kept_provider.h"
#include "grid/revised.h"
#include "grid/sources.h"

namespace lowtide::app {
namespace {

using Pieces = std::vector<EnergyPiece>;

// What of `whole` is in none of `parts`; both are united.
std::vector<Interval> without(const std::vector<Interval>& whole,
                              const std::vector<Interval>& parts) {
  std::vector<Interval> left;
  for (const Interval& one : whole) {
    const auto rest = rest_of(one, parts);
    left.insert(left.end(), rest.begin(), rest.end());
  }
  return left;
}

// The stretches in which the job ran, whether or not all of it was read.
std::vector<Interval> stretches_of(const account::Report& report, const Pauses& pauses) {
  std::vector<Interval> ran;
  for (const account::SlotReport& slot : report.slots) {
    if (slot.state == RunState::running) ran.push_back(slot.span);
  }
  return without(united(std::move(ran)), pauses.spans);
}

// What of the run's energy was used within `spans`, which are united.
Pieces pieces_within(const account::Report& report, const std::vector<Interval>& spans) {
  Pieces pieces;
  for (const account::SlotReport& slot : report.slots) {
    if (slot.state != RunState::running || !slot.energy) continue;
    for (const Interval& span : spans) {
      const Interval part = slot.span.meet(span);
      if (part.empty()) continue;
      const double share = as_seconds(part.length()) / as_seconds(slot.span.length());
      pieces.push_back({part, *slot.energy * share});
    }
  }
  return pieces;
}

Energy energy_of(const Pieces& pieces) {
  Energy sum;
  for (const EnergyPiece& piece : pieces) sum += piece.energy;
  return sum;
}

// Where a resume kept the job from its work: the head of the stretch in which it was learnt.
std::optional<Interval> resuming(const record::Learnt& learnt,
                                 const std::vector<Interval>& stretches) {
  if (!learnt.resume_takes || *learnt.resume_takes <= Duration::zero()) return std::nullopt;
  for (std::size_t i = 1; i < stretches.size(); ++i) {
    const Interval& stretch = stretches[i];
    if (learnt.when < stretch.begin || learnt.when > stretch.end) continue;
    return Interval{stretch.begin, stretch.begin + *learnt.resume_takes}.meet(stretch);
  }
  return std::nullopt;
}

// What one resume took: as it was learnt, else as the meter has it.
std::optional<Energy> taken(const account::Report& report, const record::Learnt& learnt,
                            const std::optional<Interval>& head) {
  if (learnt.resume_energy) return learnt.resume_energy;
  if (!head) return std::nullopt;
  const Pieces pieces = pieces_within(report, {*head});
  return pieces.empty() ? std::nullopt : std::optional(energy_of(pieces));
}

// Where the provider keeps its values of this zone; absent: nothing of it is kept.
std::optional<grid::SeriesKey> key_of(grid::KeptSeries& kept, const IntensityUsed& used,
                                      const IntensityOrigin& origin, const grid::Place& place) {
  const auto zone = kept.noted(grid::zone_note(origin.source, grid::place_key(place), used.signal));
  if (!zone || !*zone) return std::nullopt;
  const auto keys = kept.keys(origin.source, (*zone)->value, used.signal);
  if (!keys) return std::nullopt;
  for (grid::SeriesKey key : *keys) {
    if (key.scope != used.scope || key.gas != used.gas) continue;
    key.model = origin.model;
    return key;
  }
  return std::nullopt;
}

// Each provider and model of the series once.
std::vector<IntensityOrigin> published_by(const IntensityUsed& used) {
  std::vector<IntensityOrigin> all;
  for (const IntensityOrigin& origin : used.origins) {
    if (grid::providers_in(origin.source).empty()) continue;
    const bool twice = std::any_of(all.begin(), all.end(), [&](const IntensityOrigin& other) {
      return other.source == origin.source && other.model == origin.model;
    });
    if (!twice) all.push_back(origin);
  }
  return all;
}

Duration length_of(const Pieces& pieces) {
  Duration sum{};
  for (const EnergyPiece& piece : pieces) sum += piece.span.length();
  return sum;
}

// With the gaps of the meter, in which the job ran on: at the mean power of what was read. Of the
// time before the first reading and behind the last nobody says that it ran.
Pieces bridged(const Pieces& read, const std::vector<Interval>& working) {
  if (read.empty()) return read;
  const Interval whole{read.front().span.begin, read.back().span.end};
  const Power mean = energy_of(read) / length_of(read);
  std::vector<Interval> seen;
  for (const EnergyPiece& piece : read) seen.push_back(piece.span);
  Pieces all = read;
  for (const Interval& gap : without(working, united(std::move(seen)))) {
    const Interval part = gap.meet(whole);
    if (!part.empty()) all.push_back({part, mean * part.length(), Quality::modelled});
  }
  std::sort(all.begin(), all.end(),
            [](const EnergyPiece& a, const EnergyPiece& b) { return a.span.begin < b.span.begin; });
  return all;
}

// What the resumes took; where they kept the job from its work, united. A thaw of which nothing
// else was learnt took nothing: nothing is read back, and nothing done again.
std::vector<Interval> take_resumes(const account::Report& report, const Pauses& pauses,
                                   const std::vector<Interval>& stretches, RanJob& job) {
  std::vector<Interval> heads;
  Energy took;
  for (const record::Learnt& one : pauses.lessons) {
    const auto head = resuming(one, stretches);
    if (head) heads.push_back(*head);
    const auto energy = taken(report, one, head);
    if (!energy) continue;
    took += *energy;
    ++job.resumes_seen;
  }
  if (pauses.thaws && job.resumes_seen == 0 && !stretches.empty()) {
    job.resumes_seen = stretches.size() - 1;
  }
  if (job.resumes_seen > 0) job.resume_took = took / static_cast<double>(job.resumes_seen);
  return united(std::move(heads));
}

}  // namespace

std::vector<Interval> paused_in(std::span<const record::Transition> transitions, Utc end) {
  std::vector<Interval> spans;
  std::optional<Utc> since;
  for (const record::Transition& one : transitions) {
    const auto phase = read_word<act::Phase>(one.phase);
    const bool paused = phase == act::Phase::paused || phase == act::Phase::resuming;
    if (paused && !since) since = one.time;
    if (!paused && since) spans.push_back({*std::exchange(since, std::nullopt), one.time});
  }
  if (since) spans.push_back({*since, end});
  return united(std::move(spans));
}

Result<RanJob> ran_job(const account::Report& report, const Pauses& pauses) {
  const std::vector<Interval> stretches = stretches_of(report, pauses);
  RanJob job;
  const std::vector<Interval> heads = take_resumes(report, pauses, stretches, job);
  const std::vector<Interval> working = without(stretches, heads);
  const Pieces read = pieces_within(report, working);
  const Pieces pieces = bridged(read, working);
  for (const EnergyPiece& piece : pieces) {
    job.ran.push_back(piece.span);
    job.length += piece.span.length();
  }
  job.unread = job.length - length_of(read);
  job.ran = united(std::move(job.ran));
  job.energy = energy_of(pieces);
  auto work = plan::profile_of(pieces);
  if (!work) return tl::unexpected(work.error());
  job.work = std::move(*work);
  job.while_paused = drawn_while_paused(report);
  return job;
}

IntensityUsed known_today(const RunRecord& run, const IntensityUsed& used, Interval over,
                          Settings& settings, std::vector<std::string>& said) {
  auto today = read_again(run, used, over, settings, said);
  if (today) return std::move(*today);
  said.push_back("the " + std::string(spell(used.signal)) +
                 " source cannot be read again, so that its hours outside the run are not known: " +
                 today.error().line());
  return used;
}

Result<IntensitySeries> first_published(const RunRecord& run, const IntensityUsed& today,
                                        Interval over) {
  const std::vector<IntensityOrigin> origins = published_by(today);
  if (origins.empty()) {
    return fail(ErrorKind::absent, "no provider publishes this series anew", today.source);
  }
  auto kept = grid::KeptSeries::open_to_read(cache_path());
  if (!kept) return tl::unexpected(kept.error());
  std::vector<grid::Revision> revisions;
  for (const IntensityOrigin& origin : origins) {
    const auto key = key_of(*kept, today, origin, place_of(run, today));
    if (!key) {
      return fail(ErrorKind::absent, "the values first published are not kept", origin.source);
    }
    const auto more = kept->revisions(*key, over);
    if (!more) return tl::unexpected(more.error());
    revisions.insert(revisions.end(), more->begin(), more->end());
  }
  return grid::as_first_published(today.series, revisions);
}

}  // namespace lowtide::app
