#include "show/plan_text.h"

#include <fmt/format.h>

#include <cmath>

#include "show/facts.h"
#include "show/phrases.h"
#include "show/plan_chart.h"
#include "show/plan_regions.h"
#include "show/plan_verdict.h"
#include "show/table.h"

namespace lowtide::show {
namespace {

using plan::Outcome;
using plan::Policy;

void add_paragraph(const std::string& text, Ink ink, const Style& style, std::string& out) {
  for (const std::string& line : wrap(text, columns(style) - 1, 0)) {
    out += " " + paint(line, ink, style) + "\n";
  }
}

std::string energy_text(Energy energy) { return text_of(Figure<Energy>{energy, {}, {}}).brief(); }

// A resume's energy as time of the job's mean power.
std::string minutes_text(Energy energy, Power mean) {
  const double minutes = as_joules(energy) / as_watts(mean) / 60;
  if (minutes < 1) return fmt::format("{:.2g} s", minutes * 60);
  return minutes < 90 ? fmt::format("{:.3g} min", minutes) : fmt::format("{:.3g} h", minutes / 60);
}

std::string head_text(const PlanView& view) {
  std::vector<std::string> phrases{escape(view.used.zone), signal_phrase(view.used),
                                   source_phrase(view.used), place_phrase(view.used)};
  if (view.used.fallback) phrases.emplace_back("a fallback");
  return joined(phrases, " · ");
}

std::string job_text(const PlanView& view) {
  const PlanJob& job = view.job;
  std::vector<std::string> phrases{
      fmt::format("job of {}, {}", format_duration(job.length), energy_text(job.energy)),
      escape(job.from), job.name.empty() ? "" : escape(job.name)};
  phrases.push_back(view.pue ? fmt::format("PUE {:.4g}", *view.pue) : "PUE not included");
  return joined(phrases, " · ");
}

std::string window_text(const PlanView& view) {
  const Utc latest =
      view.at + view.job.length + kSlot * static_cast<std::int64_t>(view.slack_slots());
  return fmt::format("from {} on, done by {} at the latest ({})",
                     zoned_time(view.at).substr(0, 16) + zoned_time(view.at).substr(19),
                     moment_text(latest, view.at), escape(view.window_asked));
}

std::string name_of(Policy policy) {
  switch (policy) {
    case Policy::flexible_start:
      return "flexible start";
    case Policy::lowest_slots:
      return "lowest slots";
    default:
      return std::string(spell(policy));
  }
}

// Against another policy: "-10.8 %" is less carbon.
std::string change_text(const std::optional<double>& saving) {
  if (!saving) return "-";
  const double change = -*saving * 100;
  return std::abs(change) < 0.05 ? "0 %" : fmt::format("{:+.1f} %", change);
}

std::vector<std::string> row(const PlanView& view, const Outcome& out) {
  const bool is_best = !view.agree_asked && out.policy == view.decision.best;
  std::vector<std::string> cells{(is_best ? "* " : "  ") + name_of(out.policy)};
  if (out.slots.empty()) {
    cells.resize(8, "-");
    return cells;
  }
  const TimedOutcome& timed = view.timed_of(out.policy);
  const bool is_now = out.policy == Policy::now;
  const FigureText carbon = text_of(Figure<Carbon>{out.cost.total(), {}, {}});
  cells.push_back(carbon.brief());
  cells.push_back(out.cost.charge > Carbon{} ? part_text(carbon, out.cost.charge) : "-");
  cells.push_back(is_now ? "-" : change_text(out.saving_vs_now));
  cells.push_back(out.policy <= Policy::flexible_start ? "-"
                                                       : change_text(out.saving_vs_flexible_start));
  cells.push_back(std::to_string(out.cost.resumes));
  cells.push_back(out.extra_money ? money_text(*out.extra_money, view.currency) : "-");
  cells.push_back(out.money_per_tonne ? money_text(*out.money_per_tonne, view.currency) : "-");
  cells.push_back(local_time(timed.runs.front().begin).substr(5, 11));
  cells.push_back(local_time(timed.runs.back().end).substr(5, 11));
  return cells;
}

bool is_shown(const PlanView& view, Policy policy) {
  return view.pausable || policy <= Policy::flexible_start || policy == view.decision.best;
}

std::string table_text(const PlanView& view, const Style& style) {
  const bool priced = view.price_per_hour.has_value();
  std::vector<Table::Column> head{{"", false, 0, false},
                                  {"carbon", true, 0, false},
                                  {"of it charges", true, 4, false},
                                  {"against now", true, 0, false},
                                  {"flexible", true, 0, false},
                                  {"resumes", true, 0, false}};
  if (priced) head.insert(head.end(), {{"money", true, 0, false}, {"a tonne", true, 0, false}});
  head.insert(head.end(), {{"begin", true, 2, false}, {"end", true, 1, false}});
  Table table(head);
  for (const Outcome& out : view.decision.outcomes) {
    if (!is_shown(view, out.policy)) continue;
    auto cells = row(view, out);
    cells.resize(10, "-");
    if (!priced) cells.erase(cells.begin() + 6, cells.begin() + 8);
    table.add(std::move(cells));
  }
  return table.text(style);
}

std::string resume_text(const PlanView& view) {
  const plan::Charges& charges = view.charges;
  const Power mean = view.job.mean_power();
  if (view.resume_assumed) {
    return fmt::format("A resume is taken to cost {} of mean power ({}; not measured).",
                       minutes_text(charges.resume, mean), energy_text(charges.resume));
  }
  std::vector<std::string> parts;
  if (charges.resume > Energy{}) {
    parts.push_back(fmt::format("{} ({} of mean power)", energy_text(charges.resume),
                                minutes_text(charges.resume, mean)));
  }
  if (charges.pause > Energy{}) parts.push_back(energy_text(charges.pause) + " for its pause");
  if (charges.restore_slots > 0) {
    const Duration time = kSlot * static_cast<std::int64_t>(charges.restore_slots);
    parts.push_back(fmt::format("{} to restore, {}", format_duration(time),
                                energy_text(charges.restore_power * time)));
  }
  return parts.empty() ? "A resume is said to cost nothing."
                       : "A resume costs " + joined(parts, " and ") + ".";
}

std::string pays_text(const PlanView& view) {
  if (view.decision.of(Policy::flexible_start).slots.empty()) return {};
  const auto& even = view.decision.break_even_resume;
  if (!even) return "Pausing would not pay if it were free.";
  if (!std::isfinite(as_joules(*even))) return {};  // a note says it
  const std::string most = minutes_text(*even, view.job.mean_power());
  const bool more = view.charges.restore_slots > 0 || view.charges.pause > Energy{};
  return more ? fmt::format("Beside that, pausing pays up to {} of mean power a resume.", most)
              : fmt::format("Pausing pays up to {} of it.", most);
}

std::string pausing_text(const PlanView& view) {
  if (view.pausable) {
    std::string text = joined({resume_text(view), pays_text(view)}, " ");
    const plan::Charges& charges = view.charges;
    const auto least = [&](const char* what, std::size_t slots) {
      if (slots > 1) text += fmt::format(" No {} under {} min.", what, slots * 5);
    };
    least("run", charges.min_run);
    least("pause", charges.min_pause);
    return text;
  }
  const auto& more = view.decision.of(Policy::exact).saving_vs_flexible_start;
  if (!more || *more < 0.005) return {};
  return fmt::format("If it may be paused (--pausable): {} than flexible start, a resume at {}.",
                     less_text(*more),
                     minutes_text(view.charges.resume, view.job.mean_power()) + " of mean power");
}

std::string machine_text(const PlanView& view) {
  const plan::Charges& charges = view.charges;
  switch (charges.machine) {
    case plan::Machine::stays_on:
      return "The machine stays on: power is counted above idle, which no plan changes.";
    case plan::Machine::released:
      return "The machine is given back while the job waits.";
    case plan::Machine::held:
      break;
  }
  const std::string embodied = view.hold_known
                                   ? carbon_brief(charges.hold_per_hour) + " an hour embodied"
                                   : std::string("embodied carbon not known");
  return fmt::format("The machine is held while the job waits: {} idle, {}.",
                     power_text(charges.idle_power), embodied);
}

std::string answer_text(const std::optional<bool>& better) {
  if (!better) return "not known";
  return *better ? "yes" : "no";
}

std::string sign_text(const PlanView& view) {
  const SignTest& sign = view.sign;
  const bool marginal = view.used.signal == Signal::marginal;
  std::string text = fmt::format(
      "Better on {}: {}. On {}: {} ({}).", marginal ? "marginal" : "average",
      answer_text(marginal ? sign.marginal : sign.average), marginal ? "average" : "marginal",
      answer_text(marginal ? sign.average : sign.marginal), escape(sign.other_source));
  if (marginal || view.agree_asked) {
    text += " One more job does not move the grid's margin; a thousand do.";
  }
  if (!marginal || view.agree_asked) {
    text += " An average says what is attributed to the job, not what is avoided.";
  }
  return text;
}

std::string pareto_text(const PlanView& view) {
  const auto both = [](const AgreedPlan& plan) {
    return fmt::format("{} on marginal with {} on average",
                       change_text(plan.plan.saving_on_marginal),
                       change_text(plan.plan.saving_on_average));
  };
  if (view.pareto.size() == 1) return "Best on both signals at once: " + both(view.pareto[0]) + ".";
  return fmt::format("{} plans of which none is better on both signals, from {} to {} (--json).",
                     view.pareto.size(), both(view.pareto.front()), both(view.pareto.back()));
}

// What is to be known of the figures, each its own paragraph.
std::vector<std::string> assumptions(const PlanView& view) {
  std::vector<std::string> all;
  for (const Outcome& out : view.decision.outcomes) {
    if (!is_shown(view, out.policy) || out.why_not.empty()) continue;
    all.push_back(fmt::format("{} cannot be carried out: {}.", name_of(out.policy), out.why_not));
  }
  all.push_back(pausing_text(view));
  std::string machine = machine_text(view);
  if (!view.forbidden_hours.empty()) {
    machine += " Not in " + joined(view.forbidden_hours, ", ") + " (local time).";
  }
  all.push_back(machine + fmt::format(" No plan is under {}.", carbon_brief(view.decision.bound)));
  all.push_back(sign_text(view));
  if (!view.pareto.empty()) all.push_back(pareto_text(view));
  if (view.decision.best != Policy::now) {
    const bool average = view.used.signal == Signal::average;
    all.push_back((average ? "Bounds of what is less: " : "Bounds of a saving: ") +
                  view.bounds_note + ".");
  }
  for (const std::string& note : view.notes) all.push_back("Note: " + escape(note) + ".");
  std::erase(all, std::string());
  return all;
}

std::string command_lines(const PlanView& view, const Style& style) {
  std::string out;
  const bool works = !view.command_today.empty();
  if (!works) add_paragraph("From then on this would do it:", Ink::dim, style, out);
  return out + " " + paint(escape(view.command), works ? Ink::bold : Ink::dim, style) + "\n";
}

}  // namespace

std::string plan_text(const PlanView& view, const Style& style) {
  std::string out;
  for (const std::string& line : wrap(head_text(view), columns(style), 1)) {
    out += paint(line, Ink::bold, style) + "\n";
  }
  add_paragraph(job_text(view), Ink::plain, style, out);
  add_paragraph(window_text(view), Ink::plain, style, out);
  out += plan_chart(view, style) + table_text(view, style);
  for (const std::string& text : assumptions(view)) add_paragraph(text, Ink::plain, style, out);
  out += plan_regions_text(view, style);
  const bool shifts = view.verdict == Verdict::shift;
  add_paragraph("Verdict: " + verdict_text(view) + ".", shifts ? Ink::good : Ink::warn, style, out);
  if (!view.job.run.empty() && !view.regions_asked) {
    add_paragraph("Other regions: lowtide compare " + view.job.run, Ink::dim, style, out);
  }
  return out + command_lines(view, style);
}

}  // namespace lowtide::show
