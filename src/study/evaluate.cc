#include "study/evaluate.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>

#include "plan/sweep.h"

namespace lowtide::study {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// What one policy with one charge makes of every start of a window.
struct Made {
  StudyPolicy policy;
  std::size_t resume;
  std::span<const Carbon> cost;
  std::span<const std::uint32_t> resumes;  // empty: not known
};

// The starts that a rule picks; costs of the exact plan are only made for these.
using Picked = std::vector<std::vector<std::size_t>>;

Picked picked_by(const Study& study, std::size_t region) {
  Picked out(study.rules.size());
  for (std::size_t t = 0; t < study.regions[region].intensity.size(); ++t) {
    const Utc begin = study.at(region, t);
    for (std::size_t rule = 0; rule < out.size(); ++rule) {
      if (study.rules[rule].holds(begin)) out[rule].push_back(t);
    }
  }
  return out;
}

std::vector<std::size_t> union_of(const Picked& picked) {
  std::vector<std::size_t> out;
  for (const auto& starts : picked) {
    std::vector<std::size_t> both;
    std::set_union(out.begin(), out.end(), starts.begin(), starts.end(), std::back_inserter(both));
    out = std::move(both);
  }
  return out;
}

// The figures of a cell's starts, added one by one.
class Sums {
 public:
  void add(Carbon baseline, Carbon cost) {
    const double now = as_grams(baseline);
    const double then = as_grams(cost);
    if (std::isnan(now) || std::isnan(then)) {
      ++dropped_;
      return;
    }
    ++starts_;
    baseline_ += now;
    cost_ += then;
    pct_ += now > 0 ? 100 * (1 - then / now) : 0;
    worse_ += then > now * (1 + kEqual) ? 1 : 0;
  }
  void add_resumes(std::uint32_t resumes) { resumes_ += resumes; }

  void put_into(Cell& cell, bool resumes_known, double window_hours) const {
    const auto count = static_cast<double>(starts_);
    cell.starts = starts_;
    cell.dropped = dropped_;
    cell.mean_of_pct = pct_ / count;
    cell.ratio_pct = baseline_ > 0 ? 100 * (1 - cost_ / baseline_) : starts_ > 0 ? 0 : kNaN;
    cell.resumes_per_hour = resumes_known ? resumes_ / count / window_hours : kNaN;
    cell.worse = worse_ / count;
    cell.baseline = grams(baseline_ / count);
    cell.cost = grams(cost_ / count);
  }

 private:
  static constexpr double kEqual = 2e-5;  // what the kernels round to

  std::size_t starts_ = 0;
  std::size_t dropped_ = 0;
  double baseline_ = 0;
  double cost_ = 0;
  double pct_ = 0;
  double resumes_ = 0;
  double worse_ = 0;
};

// All windows of one piece.
class Evaluation {
 public:
  Evaluation(const Study& study, Piece piece)
      : study_(study),
        piece_(piece),
        intensity_(study.regions[piece.region].intensity),
        job_(study.jobs[piece.job]),
        flat_(job_.flat()),
        picked_(picked_by(study, piece.region)),
        baseline_(plan::baseline_for_all(intensity_, job_.work)) {
    for (const StudyWindow& window : study.windows) {
      slacks_.push_back(window.slots(job_.work.size(), study.slot));
    }
    if (wants(StudyPolicy::lowest_slots)) ranked_.emplace(intensity_);
    if (wants(StudyPolicy::flexible_start)) {
      flexible_ = plan::flexible_start_for_all(baseline_, slacks_);
    }
    if (wants(StudyPolicy::exact)) make_exact();
  }

  std::vector<Cell> cells() {
    for (std::size_t window = 0; window < slacks_.size(); ++window) {
      for (const StudyPolicy policy : study_.policies) add(window, policy);
    }
    return std::move(cells_);
  }

 private:
  [[nodiscard]] bool wants(StudyPolicy policy) const {
    return std::find(study_.policies.begin(), study_.policies.end(), policy) !=
           study_.policies.end();
  }
  [[nodiscard]] Energy charge(std::size_t resume) const {
    const double slots = static_cast<double>(study_.resumes[resume].count()) /
                         static_cast<double>(study_.slot.count());
    return job_.energy() * (slots / static_cast<double>(job_.work.size()));
  }

  // Of every start where all are asked for and the profile is flat, else of those that are picked.
  void make_exact() {
    const std::vector<std::size_t> starts = union_of(picked_);
    constexpr std::size_t kFew = 20;  // the flat kernel makes so many starts in the time of one
    const bool sweep = flat_ && starts.size() * kFew > baseline_.size();
    for (std::size_t resume = 0; resume < study_.resumes.size(); ++resume) {
      exact_.push_back(sweep ? exact_of_all(resume) : exact_of(starts, resume));
    }
  }
  [[nodiscard]] std::vector<std::vector<Carbon>> exact_of_all(std::size_t resume) const {
    std::vector<std::vector<Carbon>> out;
    for (const std::size_t slack : slacks_) {
      const plan::FlatWork work{job_.work.front(), job_.work.size(), charge(resume)};
      out.push_back(plan::flat_exact_for_all(intensity_, work, slack));
    }
    return out;
  }
  [[nodiscard]] std::vector<std::vector<Carbon>> exact_of(const std::vector<std::size_t>& starts,
                                                          std::size_t resume) const {
    const auto made =
        plan::exact_for_starts(intensity_, {job_.work, charge(resume), slacks_, starts});
    std::vector<std::vector<Carbon>> out(slacks_.size());
    for (std::size_t window = 0; window < slacks_.size(); ++window) {
      out[window].assign(baseline_.size(), grams(kNaN));
      for (std::size_t k = 0; k < starts.size(); ++k) {
        if (starts[k] < baseline_.size()) out[window][starts[k]] = made[window][k];
      }
    }
    return out;
  }

  void add(std::size_t window, StudyPolicy policy) {
    switch (policy) {
      case StudyPolicy::flexible_start:
        return add_all(window, {policy, 0, flexible_[window], {}});
      case StudyPolicy::lowest_slots:
        return add_lowest(window);
      case StudyPolicy::exact:
        for (std::size_t resume = 0; resume < study_.resumes.size(); ++resume) {
          add_all(window, {policy, resume, exact_[resume][window], {}});
        }
    }
  }

  void add_lowest(std::size_t window) {
    const std::size_t slack = slacks_[window];
    const plan::LowestSlots made = flat_ ? plan::flat_lowest_slots_with_resumes_for_all(
                                               *ranked_, job_.work.front(), job_.work.size(), slack)
                                         : plan::lowest_slots_for_all(*ranked_, job_.work, slack);
    std::vector<Carbon> cost(made.carbon.size());
    for (std::size_t resume = 0; resume < study_.resumes.size(); ++resume) {
      const Energy more = charge(resume);
      for (std::size_t t = 0; t < cost.size(); ++t) {
        cost[t] = made.carbon[t] + more * made.at_resumes[t];
      }
      add_all(window, {StudyPolicy::lowest_slots, resume, cost, made.resumes});
    }
  }

  void add_all(std::size_t window, const Made& made) {
    for (std::size_t rule = 0; rule < picked_.size(); ++rule) {
      Cell cell{piece_.region, piece_.job, window, made.policy, made.resume, rule};
      sum_up(picked_[rule], made, window, cell);
      cells_.push_back(cell);
    }
  }

  void sum_up(const std::vector<std::size_t>& starts, const Made& made, std::size_t window,
              Cell& cell) const {
    Sums sums;
    const Carbon none = grams(kNaN);
    for (const std::size_t t : starts) {
      const bool inside = t < made.cost.size();
      sums.add(inside ? baseline_[t] : none, inside ? made.cost[t] : none);
      if (inside && !made.resumes.empty()) sums.add_resumes(made.resumes[t]);
    }
    const std::size_t slots = job_.work.size() + slacks_[window];
    const double hours = std::chrono::duration<double, std::ratio<3600>>(study_.slot).count() *
                         static_cast<double>(slots);
    // A flexible start never goes on.
    const bool known = !made.resumes.empty() || made.policy == StudyPolicy::flexible_start;
    sums.put_into(cell, known, hours);
  }

  const Study& study_;
  Piece piece_;
  std::span<const Intensity> intensity_;
  const StudyJob& job_;
  bool flat_;
  Picked picked_;
  std::vector<Carbon> baseline_;
  std::vector<std::size_t> slacks_;
  std::vector<std::vector<Carbon>> flexible_;
  std::optional<plan::RankedSeries> ranked_;
  std::vector<std::vector<std::vector<Carbon>>> exact_;  // by resume and window
  std::vector<Cell> cells_;
};

void add_to(MeanCell& mean, const Cell& cell) {
  ++mean.regions;
  mean.starts += static_cast<double>(cell.starts);
  mean.of.dropped += cell.dropped;
  mean.of.mean_of_pct += cell.mean_of_pct;
  mean.of.ratio_pct += cell.ratio_pct;
  mean.of.resumes_per_hour += cell.resumes_per_hour;
  mean.of.worse += cell.worse;
  mean.of.baseline += cell.baseline;
  mean.of.cost += cell.cost;
}

void divide(MeanCell& mean) {
  const auto count = static_cast<double>(mean.regions);
  mean.starts /= count;
  mean.of.mean_of_pct /= count;
  mean.of.ratio_pct /= count;
  mean.of.resumes_per_hour /= count;
  mean.of.worse /= count;
  mean.of.baseline = mean.of.baseline * (1 / count);
  mean.of.cost = mean.of.cost * (1 / count);
}

}  // namespace

std::vector<Piece> pieces_of(const Study& study) {
  std::vector<std::size_t> jobs(study.jobs.size());
  for (std::size_t job = 0; job < jobs.size(); ++job) jobs[job] = job;
  std::sort(jobs.begin(), jobs.end(), [&](std::size_t a, std::size_t b) {
    const std::size_t of_a = study.jobs[a].work.size();
    const std::size_t of_b = study.jobs[b].work.size();
    return of_a != of_b ? of_a > of_b : a < b;
  });
  std::vector<Piece> out;
  for (const std::size_t job : jobs) {
    for (std::size_t region = 0; region < study.regions.size(); ++region) {
      out.push_back({region, job});
    }
  }
  return out;
}

std::vector<Cell> evaluate(const Study& study, Piece piece) {
  return Evaluation(study, piece).cells();
}

void put_in_order(std::vector<Cell>& cells) {
  const auto place = [](const Cell& cell) {
    return std::tuple(cell.job, cell.region, cell.window, cell.policy, cell.resume, cell.rule);
  };
  std::sort(cells.begin(), cells.end(),
            [&](const Cell& a, const Cell& b) { return place(a) < place(b); });
}

std::vector<MeanCell> means_of(const std::vector<Cell>& cells) {
  using Key = std::tuple<std::size_t, std::size_t, StudyPolicy, std::size_t, std::size_t>;
  std::map<Key, std::size_t> places;
  std::vector<MeanCell> out;
  for (const Cell& cell : cells) {
    if (cell.starts == 0) continue;
    const Key key{cell.job, cell.window, cell.policy, cell.resume, cell.rule};
    const auto [place, added] = places.try_emplace(key, out.size());
    if (added) {
      Cell empty{0, cell.job, cell.window, cell.policy, cell.resume, cell.rule};
      out.push_back({empty, 0, 0});
    }
    add_to(out[place->second], cell);
  }
  for (MeanCell& mean : out) divide(mean);
  return out;
}

}  // namespace lowtide::study
