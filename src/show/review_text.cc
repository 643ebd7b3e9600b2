#include "show/review_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "show/facts.h"
#include "show/phrases.h"
#include "show/plan_verdict.h"
#include "show/table.h"

namespace lowtide::show {
namespace {

using study::Finding;
using study::Judged;

void add_paragraph(const std::string& text, Ink ink, const Style& style, std::string& out) {
  for (const std::string& line : wrap(text, columns(style) - 1, 0)) {
    out += " " + paint(line, ink, style) + "\n";
  }
}

std::string head_text(const ReviewView& view) {
  const IntensityUsed& used = view.decides.used;
  return joined({view.name.empty() ? "run " + view.run : escape(view.name) + " · run " + view.run,
                 escape(used.zone), signal_phrase(used), source_phrase(used),
                 "as of " + local_time(view.read_at).substr(0, 16)},
                " · ");
}

std::string zoned(Utc t) { return zoned_time(t).substr(0, 16) + zoned_time(t).substr(19); }

std::string window_text(const ReviewView& view) {
  std::vector<std::string> parts{"submitted " + zoned(view.submitted),
                                 "due " + moment_text(view.deadline, view.submitted)};
  if (!view.ran.empty()) {
    parts.push_back("ran from " + moment_text(view.ran.front().begin, view.submitted) + " to " +
                    moment_text(view.ran.back().end, view.submitted));
  }
  if (view.resumes > 0)
    parts.push_back(fmt::format("{} resume{}", view.resumes, view.resumes > 1 ? "s" : ""));
  return joined(parts, ", ");
}

std::string work_text(const ReviewView& view) {
  const std::string energy = text_of(Figure<Energy>{view.energy, {}, {}}).brief();
  return fmt::format("work of {}, {} · {}", format_duration(view.length), energy,
                     view.pue ? fmt::format("PUE {:.4g}", *view.pue) : "PUE not included");
}

// "-10.8 %" is less carbon.
std::string change_text(const std::optional<double>& saving) {
  if (!saving) return "-";
  const double change = -*saving * 100;
  return std::abs(change) < 0.05 ? "0 %" : fmt::format("{:+.1f} %", change);
}

std::string carbon_or(const std::optional<Carbon>& carbon) {
  return carbon ? carbon_brief(*carbon) : "not known";
}

// One unit and as many decimals for figures that stand in one column: those of the largest.
class Column {
 public:
  explicit Column(const std::vector<std::optional<Carbon>>& figures) {
    Carbon largest;
    for (const auto& figure : figures) {
      if (figure) largest = std::max(largest, size_of(*figure));
    }
    whole_ = text_of(Figure<Carbon>{largest, {}, {}});
  }
  [[nodiscard]] std::string of(const std::optional<Carbon>& carbon) const {
    return carbon ? part_text(whole_, *carbon) : "not known";
  }
  // "+20 g": what it is over or under.
  [[nodiscard]] std::string with_sign(const std::optional<Carbon>& carbon) const {
    if (!carbon) return "not known";
    const std::string size = part_text(whole_, size_of(*carbon));
    if (size == part_text(whole_, Carbon{})) return size;
    return (*carbon > Carbon{} ? "+" : "-") + size;
  }

 private:
  static Carbon size_of(Carbon carbon) { return std::max(carbon, -carbon); }
  FigureText whole_;
};

// Against starting at once.
std::string against_now(const study::Review& review, const std::optional<Carbon>& carbon) {
  if (!carbon || !review.now.carbon || *review.now.carbon <= Carbon{}) return "-";
  return change_text(1 - *carbon / *review.now.carbon);
}

void add_costs(const study::Review& review, const Column& column, Table& table) {
  const auto& actual = review.actual.carbon;
  const auto& hindsight = review.hindsight.carbon;
  table.add({"at once", column.of(review.now.carbon), "-"});
  table.add({"as it ran", column.of(actual), against_now(review, actual)});
  table.add({"best in hindsight", column.of(hindsight), against_now(review, hindsight)});
}

std::vector<std::optional<Carbon>> costs_of(const study::Review& review) {
  return {review.now.carbon, review.actual.carbon, review.hindsight.carbon};
}

Table cost_table() {
  return Table(
      {{"", false, 0, false}, {"carbon", true, 0, false}, {"against at once", true, 0, false}});
}

std::string costs_text(const ReviewView& view, const Style& style) {
  Table table = cost_table();
  if (view.promise) {  // of the job as it was expected, so that it may be of another size
    table.add({"promised", carbon_or(view.promise->cost), change_text(view.promise->saving)});
  }
  add_costs(view.decides.review, Column(costs_of(view.decides.review)), table);
  return table.text(style);
}

struct Part {
  const char* name;
  const Judged& judged;
  const char* meaning;
};

std::vector<Part> parts_of(const study::Review& review) {
  return {{"policy", review.policy, "gate, replanning, the world"},
          {"forecast", review.forecast, "hours that were not known"},
          {"charges", review.charges, "what a resume really took"},
          {"revision", review.revision, "values published anew"}};
}

// Why the best in hindsight was not reached.
std::string regret_text(const study::Review& review, const Style& style) {
  std::string out;
  if (!review.regret) {
    add_paragraph("The best in hindsight is not known: " + escape(review.hindsight.why_not) + ".",
                  Ink::warn, style, out);
    return out;
  }
  const std::vector<Part> parts = parts_of(review);
  std::vector<std::optional<Carbon>> figures{review.regret};
  for (const Part& part : parts) figures.push_back(part.judged.carbon);
  const Column column(figures);
  Table table({{"over the best in hindsight", false, 0, false},
               {column.with_sign(review.regret), true, 0, false},
               {"", false, 0, true}});
  for (const Part& part : parts) {
    const bool known = part.judged.carbon.has_value();
    table.add({std::string("  ") + part.name, column.with_sign(part.judged.carbon),
               known ? part.meaning : escape(part.judged.why_not)});
  }
  return table.text(style);
}

std::string range_text(const ReviewOn& on) {
  if (!on.range) return "bounds not known";
  const auto percent = [&](Carbon end) { return on.share(end).value_or(0) * 100; };
  return fmt::format("{:.1f} to {:.1f} %{}", percent(on.range->low), percent(on.range->high),
                     on.basis == BoundsBasis::pooled ? ", assumed" : "");
}

// How long after its deadline the job ended; the clock's minute counts.
std::optional<Duration> late_by(const ReviewView& view) {
  if (view.ran.empty() || view.state == RunState::cancelled) return std::nullopt;
  const Duration late = view.ran.back().end - view.deadline;
  return late > Duration::zero() ? std::optional(late) : std::nullopt;
}

std::string late_sentence(const ReviewView& view) {
  const auto late = late_by(view);
  if (!late) return {};
  return fmt::format("It ended {} after its deadline.", format_duration(*late));
}

// What was promised and what came, in points of starting at once.
std::string promise_text(const ReviewView& view) {
  const auto came = view.decides.share(view.decides.review.saved());
  if (!view.promise || !view.promise->saving || !came) return {};
  const double points = (*came - *view.promise->saving) * 100;
  const std::string by =
      view.promise->issued
          ? " by the forecast of " + moment_text(*view.promise->issued, view.submitted)
          : "";
  const std::string promised =
      "promised " + less_text(*view.promise->saving) + by + ", came to " + less_text(*came);
  if (std::abs(points) < 0.05) {
    return (late_by(view) ? "Of carbon it kept its promise: " : "It kept its promise: ") +
           promised + ".";
  }
  return fmt::format("{}: {:.1f} points {}.", "It " + promised, std::abs(points),
                     points > 0 ? "better" : "worse");
}

std::string beside_text(const ReviewView& view) {
  const ReviewOn& on = view.decides;
  const auto beside = on.beside_plan();
  if (!beside || std::abs(as_grams(*beside)) <= 1e-6 * std::abs(as_grams(*on.emitted))) return {};
  return fmt::format(
      "The run's report has {}, {} {} than a plan's whole slots: parts of slots, {}and what a "
      "resume took where its time is not known; they are not in the rows above.",
      carbon_brief(*on.emitted), carbon_brief(*beside > Carbon{} ? *beside : -*beside),
      *beside > Carbon{} ? "more" : "less", view.while_paused ? "" : "idle, pauses, ");
}

std::string charges_text(const ReviewView& view) {
  std::string paused;
  if (view.while_paused) {
    paused = fmt::format("While it was paused it was charged {}.", power_text(*view.while_paused));
  }
  if (!view.resume_took) return paused;
  const auto energy = [](Energy e) { return text_of(Figure<Energy>{e, {}, {}}).brief(); };
  std::string text =
      fmt::format("A resume took {} ({} seen", energy(*view.resume_took), view.pauses_seen);
  if (view.planned) text += ", " + energy(view.planned->resume) + " planned";
  return text + ")." + (paused.empty() ? "" : " ") + paused;
}

std::string other_text(const ReviewView& view) {
  const Signal signal =
      view.decides.used.signal == Signal::average ? Signal::marginal : Signal::average;
  if (!view.other) return fmt::format("On {}: not known, {}.", spell(signal), view.other_note);
  return fmt::format("On {} ({}): {} as it ran, {} at once: {}.", spell(signal),
                     source_phrase(view.other->used), carbon_or(view.other->review.actual.carbon),
                     carbon_or(view.other->review.now.carbon), review_verdict(*view.other));
}

std::vector<std::string> remarks(const ReviewView& view) {
  std::vector<std::string> all{late_sentence(view), promise_text(view), charges_text(view),
                               beside_text(view), other_text(view)};
  all.push_back("Bounds: " + escape(view.decides.range_note) + ".");
  all.push_back(review_caveat(view.decides.used.signal));
  for (const std::string& note : view.notes) all.push_back("Note: " + escape(note) + ".");
  std::erase(all, std::string());
  return all;
}

std::string sum_head(const ReviewSum& sum) {
  const std::string boundary = sum.boundary ? std::string(spell(*sum.boundary)) : "";
  return fmt::format(
      "{} run{} · {}", sum.runs.size(), sum.runs.size() > 1 ? "s" : "",
      joined({std::string(spell(sum.signal)), sum.scope ? std::string(spell(*sum.scope)) : "",
              gas_text(sum.gas), boundary},
             ", "));
}

std::string sum_text(const ReviewSum& sum, const Style& style) {
  std::string out = paint(sum_head(sum), Ink::bold, style) + "\n";
  Table table = cost_table();
  add_costs(sum.review, Column(costs_of(sum.review)), table);
  out += table.text(style) + regret_text(sum.review, style);
  ReviewOn on;
  on.used.signal = sum.signal;
  on.review = sum.review;
  on.finding = sum.finding;
  on.range = sum.range;
  std::string text = "Together: " + review_verdict(on) + ".";
  if (sum.promised) text += " Promised were " + carbon_brief(*sum.promised) + " less.";
  add_paragraph(text, sum.finding == Finding::less ? Ink::good : Ink::warn, style, out);
  add_paragraph(review_caveat(sum.signal), Ink::plain, style, out);
  return out;
}

std::string runs_text(const ProjectReview& project, const Style& style) {
  Table table({{"run", false, 0, false},
               {"name", false, 0, true},
               {"signal", false, 1, false},
               {"as it ran", true, 0, false},
               {"against at once", true, 0, false},
               {"promised", true, 0, false},
               {"over the best", true, 2, false}});
  for (const ReviewView& view : project.runs) {
    const study::Review& review = view.decides.review;
    table.add({view.run, escape(view.name), std::string(spell(view.decides.used.signal)),
               carbon_or(review.actual.carbon), against_now(review, review.actual.carbon),
               view.promise ? change_text(view.promise->saving) : "-",
               Column({review.regret}).with_sign(review.regret)});
  }
  return project.runs.empty() ? std::string() : table.text(style);
}

}  // namespace

std::string review_verdict(const ReviewOn& on) {
  const auto share = on.share(on.review.saved());
  if (!share) {
    return "what it came to is not known: " +
           (on.review.actual.carbon ? on.review.now.why_not : on.review.actual.why_not);
  }
  const std::string percent = fmt::format("{:.1f} %", std::abs(*share) * 100);
  switch (on.finding) {
    case Finding::none:
      return "the same as at once";
    case Finding::within_error:
      return fmt::format("{} than at once ({}): within its error, so neither less nor more",
                         less_text(*share), range_text(on));
    case Finding::less:
      return fmt::format("{} {} than at once ({})", percent,
                         on.used.signal == Signal::average ? "attributed less" : "less",
                         range_text(on));
    case Finding::more:
      return fmt::format("{} {} than at once ({})", percent,
                         on.used.signal == Signal::average ? "attributed more" : "more",
                         range_text(on));
  }
  return {};
}

std::string review_caveat(Signal signal) {
  return signal == Signal::marginal
             ? "One more job does not move the grid's margin; a thousand do."
             : "An average says what is attributed to the job, not what is avoided.";
}

std::string review_text(const ReviewView& view, const Style& style) {
  std::string out;
  for (const std::string& line : wrap(head_text(view), columns(style), 1)) {
    out += paint(line, Ink::bold, style) + "\n";
  }
  add_paragraph(window_text(view), Ink::plain, style, out);
  add_paragraph(work_text(view), Ink::plain, style, out);
  out += "\n" + costs_text(view, style) + "\n" + regret_text(view.decides.review, style) + "\n";
  const bool less = view.decides.finding == Finding::less;
  add_paragraph("Verdict: " + review_verdict(view.decides) + ".", less ? Ink::good : Ink::warn,
                style, out);
  for (const std::string& text : remarks(view)) add_paragraph(text, Ink::plain, style, out);
  return out;
}

std::string review_text(const ProjectReview& project, const Style& style) {
  std::string out = paint("project " + escape(project.project), Ink::bold, style) + "\n" +
                    runs_text(project, style);
  for (const ReviewSum& sum : project.sums) out += "\n" + sum_text(sum, style);
  if (project.sums.empty()) {
    add_paragraph("No run of it can be reviewed.", Ink::warn, style, out);
  }
  if (project.sums.size() > 1) {
    add_paragraph("Unlike signals and boundaries are not added up.", Ink::plain, style, out);
  }
  for (const NotReviewed& one : project.left_out) {
    const std::string name = one.name.empty() ? "" : " (" + escape(one.name) + ")";
    add_paragraph("Not in it: " + one.run + name + ": " + escape(one.why) + ".", Ink::dim, style,
                  out);
  }
  return out;
}

}  // namespace lowtide::show
