#include "app/plan_window.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "plan/exact.h"
#include "show/text.h"

namespace lowtide::app {
namespace {

using Series = std::vector<Intensity>;

// Work times slack up to which an end is looked for: a fraction of a second.
constexpr std::size_t kMostSlots = 200'000'000;

// "2021-03-01 14:00Z".
std::string short_utc(Utc t) {
  const std::string text = format_utc(t);
  return text.substr(0, 10) + " " + text.substr(11, 5) + "Z";
}

// The holes of the window as the user has to look for them in the series.
std::string holes_text(const Series& intensity, Utc begin) {
  constexpr std::size_t kShown = 3;
  std::vector<Interval> holes;
  for (std::size_t i = 0; i < intensity.size(); ++i) {
    if (!plan::is_known(intensity[i]))
      holes.push_back({begin + slots_long(i), begin + slots_long(i + 1)});
  }
  holes = united(holes);
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, holes.size()); ++i) {
    text += fmt::format("{}{} to {}", i > 0 ? ", " : "", short_utc(holes[i].begin),
                        short_utc(holes[i].end));
  }
  return holes.size() > kShown ? text + fmt::format(" and {} more", holes.size() - kShown) : text;
}

// Forbidden hours come back each day, so what does not fit into this much slack never does.
std::size_t most_slack(std::size_t work) {
  constexpr std::size_t kSlotsOfDay = std::chrono::days(1) / kSlot;
  return std::min<std::size_t>(work * kSlotsOfDay, kLongestWindow / kSlot);
}

// The first stretch that is free for the whole of the work.
std::optional<std::size_t> first_stretch(const std::vector<bool>& forbidden, std::size_t work) {
  std::size_t free = 0;
  for (std::size_t i = 0; i < forbidden.size(); ++i) {
    free = forbidden[i] ? 0 : free + 1;
    if (free == work) return i + 1 - work;
  }
  return std::nullopt;
}

// The least slack, in slots, with which there is a plan; absent: not found.
std::optional<std::size_t> least_slack(const PlanRequest& request, Utc begin) {
  const std::vector<Energy>& work = request.source.job.work;
  const std::size_t most = most_slack(work.size());
  const auto forbidden = forbidden_slots(request, begin, work.size() + most);
  if (!request.pausable) return first_stretch(forbidden, work.size());
  for (std::size_t slack = 1; slack / 2 < most && slack < kMostSlots / work.size(); slack *= 2) {
    // What is legal does not hang on the intensity.
    const Series flat(work.size() + std::min(slack, most), grams_per_kwh(1));
    plan::Problem problem{flat, work, request.charges, forbidden};
    problem.forbidden.resize(flat.size());
    const auto costs = plan::exact_for_each_slack(problem);
    const auto legal = std::find_if(costs.begin(), costs.end(),
                                    [](Carbon cost) { return !std::isnan(as_grams(cost)); });
    if (legal != costs.end()) return static_cast<std::size_t>(legal - costs.begin());
  }
  return std::nullopt;
}

}  // namespace

Interval window_of(const PlanRequest& request) {
  const Utc begin = slot_begin(request.at);
  const auto slack = static_cast<std::size_t>(request.slack / kSlot);
  return {begin, begin + slots_long(request.source.job.work.size() + slack)};
}

Result<void> check_whole(const Series& intensity, const IntensityUsed& used, Interval window) {
  if (std::all_of(intensity.begin(), intensity.end(), plan::is_known)) return {};
  return fail(ErrorKind::absent,
              fmt::format("no intensity for {}; the window is {} to {}",
                          holes_text(intensity, window.begin), short_utc(window.begin),
                          short_utc(window.end)),
              used.model.empty() ? used.source : used.model,
              "complete the series, or choose another --at or a shorter window");
}

std::vector<bool> forbidden_slots(const PlanRequest& request, Utc begin, std::size_t count) {
  constexpr int kSlotMinutes = static_cast<int>(kSlot / std::chrono::minutes(1));
  const std::vector<DayHours>& hours = request.forbidden;
  if (hours.empty()) return {};
  std::vector<bool> out(count + 1);
  for (std::size_t i = 0; i <= count; ++i) {
    const int minute = show::local_minute(begin + slots_long(i));
    out[i] = std::any_of(hours.begin(), hours.end(),
                         [&](const DayHours& h) { return h.meets(minute, minute + kSlotMinutes); });
  }
  // A job that begins inside of slot 0 ends so much later; what does not fit into its last slot
  // runs on into the next one.
  const show::PlanJob& job = request.source.job;
  const Duration spare = slots_long(job.work.size()) - job.length;
  if (request.at - slot_begin(request.at) > spare) {
    for (std::size_t i = 0; i < count; ++i) out[i] = out[i] || out[i + 1];
  }
  out.resize(count);
  return out;
}

std::vector<Interval> runs_of(const show::PlanView& view, const plan::Slots& chosen) {
  if (chosen.empty()) return {};
  std::vector<Interval> runs;
  for (const std::size_t slot : chosen) {
    const Utc begin = view.window.begin + slots_long(slot);
    runs.push_back({slot == 0 ? view.at : begin, begin + kSlot});
  }
  runs = united(runs);
  const Duration late = chosen.front() == 0 ? view.at - view.window.begin : Duration::zero();
  runs.back().end += late - (slots_long(view.job.work.size()) - view.job.length);
  return runs;
}

Error no_plan(const PlanRequest& request, const Error& why) {
  if (request.forbidden.empty()) {
    return {ErrorKind::no_plan, why.message, "plan", "choose another --policy"};
  }
  const Utc begin = slot_begin(request.at);
  const auto slack = least_slack(request, begin);
  if (!slack) {
    return {ErrorKind::no_plan, why.message, "plan",
            request.pausable ? "allow more hours of the day"
                             : "allow more hours of the day, or --pausable"};
  }
  const Duration needed = request.source.job.length + slots_long(*slack);
  return {ErrorKind::no_plan,
          fmt::format("{}; the earliest end is {}", why.message,
                      show::local_time(begin + needed).substr(0, 16)),
          "plan", fmt::format("give --finish-within {} or more", spell_duration(needed))};
}

}  // namespace lowtide::app
