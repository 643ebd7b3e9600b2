// Simulated weeks: a random job under the controller, minute by minute, with forecasts that err and
// faults by seed. Not part of the program.
#pragma once

#include <cmath>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "act/controller.h"
#include "act/way_on.h"

namespace lowtide::act {

struct WeekOf {
  Manner manner = Manner::freeze;
  int length = 300;  // minutes
  int said = 300;    // what the controller is told
  int slack = 600;
  std::size_t restore_slots = 0;
  double resume_kwh = 0.1;
  double error = 0;    // of the forecast: half the width of its factor
  bool tells = false;  // the job says each 10 minutes how far it is
  bool lies = false;   // its plans are of no use: any run at any time, most after the deadline
  bool faults = false;
};
inline constexpr double kKwhPerSlot = 0.5;
inline constexpr int kLongest = 14 * 24 * 60;

// A day and a week of it, with noise.
inline std::vector<Intensity> made_intensity(std::mt19937_64& random) {
  std::vector<Intensity> out;
  std::uniform_real_distribution<double> noise(-60, 60);
  for (int slot = 0; slot < kLongest / 5; ++slot) {
    const double day = 2 * M_PI * slot / 288;
    out.push_back(grams_per_kwh(
        std::max(0.0, 300 + 120 * std::sin(day) + 70 * std::cos(2 * day + 1) + noise(random))));
  }
  return out;
}

class Week {
 public:
  Week(const WeekOf& setup, std::uint64_t seed)
      : set_(setup), random_(seed), seed_(seed), truth_(made_intensity(random_)) {
    terms_.manner = set_.manner;
    deadline_ = set_.length + set_.slack;
    terms_.deadline = Utc(std::chrono::minutes(deadline_));
    if (set_.faults) terms_.margin = std::chrono::minutes(2);
    work_ = saved_ = set_.length;
    known_ = must_ = set_.said >= set_.length;
  }

  // Empty: all promises were kept.
  std::string run() {
    auto begun = begin(terms_, std::chrono::minutes(set_.said), resume_takes(), moment());
    if (!begun) return begun.error().line();
    take(std::move(*begun));
    for (; minute_ < kLongest && !over_ && wrong_.empty(); ++minute_) one_minute();
    if (!over_ && wrong_.empty()) wrong_ = "never done";
    if (wrong_.empty()) check_end();
    return wrong_;
  }

  [[nodiscard]] Carbon carbon() const { return carbon_; }
  [[nodiscard]] int pauses() const { return pauses_; }
  [[nodiscard]] int deaths() const { return deaths_; }
  [[nodiscard]] std::span<const Intensity> truth() const { return truth_; }
  [[nodiscard]] plan::Charges charges() const {
    plan::Charges charges;
    charges.resume = kwh(set_.resume_kwh);
    charges.restore_slots = set_.restore_slots;
    charges.min_pause = set_.manner == Manner::checkpoint ? 2 : 1;  // saving may take 30 s
    charges.restore_power = kwh(kKwhPerSlot) / kSlot;
    return charges;
  }

 private:
  enum class Job { none, runs, frozen };

  [[nodiscard]] bool chance(double p) {
    return set_.faults && std::uniform_real_distribution<double>(0, 1)(random_) < p;
  }
  [[nodiscard]] int between(int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random_);
  }
  [[nodiscard]] Duration resume_takes() const {
    return kSlot * static_cast<Duration::rep>(set_.restore_slots);
  }
  [[nodiscard]] int wall() const { return minute_ + wall_off_; }
  [[nodiscard]] Moment moment() const {
    const auto at = [](int minutes) { return std::chrono::minutes(minutes); };
    return {Utc(at(wall())), BootTime(at(minute_ - booted_)), at(awake_)};
  }
  // Minutes, if it goes on at once.
  [[nodiscard]] int needs() const {
    const int restoring = static_cast<int>(5 * set_.restore_slots);
    return work_ + restore_ + (job_ == Job::none && lives_ > 0 ? restoring : 0);
  }

  void take(Step step) {
    mem_ = std::move(step.state);
    for (Command& command : step.commands) queue_.emplace_back(std::move(command), *mem_);
    const auto in = next_in(*mem_, moment());
    call_at_ = in ? std::optional(moment().boot + *in) : std::nullopt;
  }
  void hear(const Event& event) {
    if (!mem_) return;
    take(step(*mem_, event, moment()));
    obey();
  }
  void obey() {
    while (!queue_.empty()) {
      const auto [command, state] = std::move(queue_.front());
      queue_.pop_front();
      std::visit([&](const auto& c) { done(c, state); }, command);
      if (chance(0.002) && (job_ != Job::frozen || waker_)) controller_dies();
    }
  }
  void answer(const Event& event) {
    if (mem_) take(step(*mem_, event, moment()));
  }

  void done(const commands::Write& write, const ActState& state) {
    if (chance(0.05)) {
      if (job_ == Job::none) delay_ += 2;
      return answer(events::WriteFailed{write.number});
    }
    disk_ = state;
    unwatched_ = 0;
    answer(events::Written{write.number});
  }
  void done(const commands::Arm& arm, const ActState& /*state*/) {
    if (chance(0.05)) return answer(events::ArmFailed{arm.number});
    waker_ = arm.at;
    answer(events::Armed{arm.number});
  }
  void done(const commands::Disarm& /*c*/, const ActState& /*state*/) { waker_.reset(); }
  void done(const commands::Freeze& /*c*/, const ActState& /*state*/) {
    if (job_ != Job::runs) return answer(events::FreezeFailed{});
    if (disk_ && disk_->phase != Phase::pausing) wrong_ = "frozen before it was written";
    job_ = Job::frozen;
    if (chance(0.05)) return answer(events::FreezeFailed{});
    ++pauses_;
    answer(events::Frozen{});
  }
  void done(const commands::Thaw& /*c*/, const ActState& /*state*/) {
    thaw();
    answer(events::Thawed{});
  }
  void done(const commands::Signal& /*c*/, const ActState& /*state*/) {
    if (chance(0.03)) return answer(events::NotCaught{});
    answer(events::Signalled{});
    if (chance(0.05) || job_ != Job::runs) return;  // it goes on
    ++pauses_;
    saved_ = work_;
    restore_ = 0;
    end_life(75);
  }
  void done(const commands::Start& /*c*/, const ActState& /*state*/) {
    if (job_ != Job::none) wrong_ = "started twice";
    job_ = Job::runs;
    restore_ = ++lives_ > 1 ? static_cast<int>(5 * set_.restore_slots) : 0;
    resumes_ = lives_ > 1;
    answer(events::Started{});
  }
  void done(const commands::End& /*c*/, const ActState& /*state*/) { wrong_ = "ended unasked"; }
  void done(const commands::MakePlan& /*c*/, const ActState& /*state*/) {
    if (provider_down_) return answer(events::NoPlan{});
    if (set_.lies) return answer(events::PlanCame{lie()});
    const int slot = wall() / 5;
    const int end = static_cast<int>((mem_->terms.deadline - mem_->terms.margin - Utc{}) / kSlot);
    const std::vector<Intensity> said = forecast(slot, std::max(slot, end));
    const auto plan = way_on(*mem_, {moment().utc, said, kwh(kKwhPerSlot), charges()});
    if (plan) return answer(events::PlanCame{*plan});
    answer(events::NoPlan{});
  }
  void done(const commands::Say& /*c*/, const ActState& /*state*/) {}

  [[nodiscard]] std::vector<Intensity> forecast(int from, int to) const {
    std::vector<Intensity> said;
    std::mt19937_64 errs(seed_ * 1000003 + static_cast<std::uint64_t>(from) / 12);
    std::uniform_real_distribution<double> factor(1 - set_.error, 1 + set_.error);
    for (int slot = from; slot < to; ++slot) {
      const auto at = static_cast<std::size_t>(std::clamp(slot, 0, kLongest / 5 - 1));
      said.push_back(truth_[at] * factor(errs));
    }
    return said;
  }

  [[nodiscard]] Plan lie() {
    Plan plan{moment().utc, {}, 0.9, PlanWhy::cheaper};
    for (int at = wall() + between(-30, 90); at < deadline_ + 600; at += between(30, 900)) {
      plan.runs.push_back({Utc(std::chrono::minutes(at)), {}});
      at += between(1, 120);
      plan.runs.back().end = Utc(std::chrono::minutes(at));
    }
    return plan;
  }

  void thaw() {
    resumes_ = resumes_ || job_ == Job::frozen;
    if (job_ == Job::frozen) job_ = Job::runs;
  }
  void end_life(int status) {
    job_ = Job::none;
    status_ = status;
    hear(events::JobEnded{status, work_ == 0});
    over_ = work_ == 0 && (!mem_ || is_over(mem_->phase));
  }
  void controller_dies() {
    ++deaths_;
    mem_.reset();
    queue_.clear();
    call_at_.reset();
    waker_.reset();
    if (job_ == Job::frozen) thaw();
    back_at_ = minute_ + between(1, 40);
  }
  void reboot() {
    const int lost = job_ == Job::none ? 0 : saved_ - work_ + restore_;
    controller_dies();
    if (job_ != Job::none) {
      delay_ += lost + static_cast<int>(5 * set_.restore_slots);
      job_ = Job::none;
      status_.reset();
      work_ = saved_;
      restore_ = unwatched_ = 0;
    }
    booted_ = minute_;
    awake_ = 0;
  }
  void recover_now() {
    Seen seen;
    seen.job = job_ == Job::runs ? Body::runs : Body::none;
    seen.lives = lives_;
    seen.status = status_;
    seen.finished = work_ == 0;
    seen.unwatched = std::chrono::minutes(unwatched_);
    if (!disk_) return take(*begin(terms_, std::nullopt, resume_takes(), moment()));
    take(recover(*disk_, seen, moment()));
    obey();
    over_ = mem_ && is_over(mem_->phase);
  }

  void faults() {
    if (!mem_ && minute_ >= back_at_) recover_now();
    if (chance(0.002) && disk_ && mem_) controller_dies();
    if (set_.manner == Manner::checkpoint && chance(0.0003) && disk_) reboot();
    if (mem_ && waker_ && chance(0.003)) {
      waker_.reset();
      hear(events::WakerDied{job_ == Job::frozen});
    }
    if (chance(0.0005)) {
      const int step = between(-30, 30);
      wall_off_ += step;
      delay_ += std::max(step, 0);
      hear(events::Tick{});
    }
    if (chance(provider_down_ ? 0.004 : 0.002)) {
      provider_down_ = !provider_down_;
      if (!provider_down_) hear(events::ForecastCame{});
    }
    if (chance(0.0005)) sleep_ = between(30, 180);
  }

  void one_minute() {
    if (sleep_ > 0) {
      ++delay_;
      if (--sleep_ == 0) hear(events::Tick{});
      return;
    }
    if (waker_ && job_ == Job::frozen && moment().boot > *waker_) {
      waker_.reset();
      thaw();
      hear(events::WakerDied{false});
    }
    if (mem_ && call_at_ && moment().boot >= *call_at_) hear(events::Tick{});
    obey();
    if (set_.faults) faults();
    if (job_ == Job::frozen && !waker_) wrong_ = "frozen without a waker";
    if (!mem_ && job_ == Job::none) ++delay_;
    ++awake_;
    if (job_ == Job::runs) work_a_minute();
  }

  void work_a_minute() {
    const Intensity c = truth_[static_cast<std::size_t>(minute_ / 5)];
    carbon_ += kwh(kKwhPerSlot / 5) * c;
    ++unwatched_;
    if (restore_ > 0) {
      --restore_;
      return;
    }
    if (std::exchange(resumes_, false)) carbon_ += kwh(set_.resume_kwh) * c;
    --work_;
    ++minute_;  // the end of this minute
    if (set_.tells && work_ % 10 == 0 && work_ > 0) tell();
    if (work_ == 0) end_life(0);
    --minute_;
  }
  void tell() {
    constexpr double kEarly = 0.05;  // below, its word does not count yet
    const double done = 1.0 - static_cast<double>(work_) / set_.length;
    hear(events::Progress{done});
    if (known_ || !mem_ || done < kEarly) return;
    known_ = true;
    must_ = wall() + needs() + 2 <= deadline_;
  }

  void check_end() {
    if (work_ != 0) wrong_ = "done before its work was";
    if (job_ != Job::none || waker_) wrong_ = "something is left behind";
    if (mem_ && mem_->lives != lives_) wrong_ = "a life is lost or doubled";
    if (must_ && wall() > deadline_ + delay_) {
      wrong_ = "ended " + std::to_string(wall() - deadline_ - delay_) + " minutes late";
    }
  }

  WeekOf set_;
  std::mt19937_64 random_;
  std::uint64_t seed_;
  std::vector<Intensity> truth_;
  Terms terms_;
  int deadline_ = 0;

  std::optional<ActState> mem_;
  std::optional<ActState> disk_;
  std::deque<std::pair<Command, ActState>> queue_;
  std::optional<BootTime> call_at_;
  std::optional<BootTime> waker_;
  int back_at_ = 0;

  Job job_ = Job::none;
  int work_ = 0;
  int saved_ = 0;
  int restore_ = 0;
  int lives_ = 0;
  int unwatched_ = 0;
  bool resumes_ = false;
  std::optional<int> status_;
  int minute_ = 0;
  int wall_off_ = 0;
  int booted_ = 0;
  int awake_ = 0;
  int sleep_ = 0;
  bool provider_down_ = false;
  bool over_ = false;

  bool known_ = false;  // the controller was told the true length
  bool must_ = false;   // the deadline could be met then
  int delay_ = 0;       // minutes that faults took since the beginning
  Carbon carbon_;
  int pauses_ = 0;
  int deaths_ = 0;
  std::string wrong_;
};

}  // namespace lowtide::act
