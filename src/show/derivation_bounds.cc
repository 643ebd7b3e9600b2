// Bounds, term by term: what each contributes, what one cause adds up to, and the two ends.
#include <algorithm>
#include <map>

#include "account/bounds.h"
#include "account/slots.h"
#include "show/derivation_steps.h"
#include "show/facts.h"

namespace lowtide::show {
namespace {

using account::CarbonReport;
using account::ChannelCharge;
using account::ChargePiece;
using account::combine;
using account::ErrorPart;
using account::find_signal;
using account::HalfWidths;
using account::IntensityReport;
using account::kPueHalfWidth;
using account::Report;
using account::SlotReport;

// One end of everything: the same formulas with the low or the high half of each term.
struct Side {
  const char* name;
  double ErrorTerm::* rel;
  Power ErrorTerm::* power;
  Energy ErrorTerm::* once;
  Energy ErrorPart::* energy;
  Carbon ErrorPart::* carbon;
};
constexpr Side kLow{
    "low",           &ErrorTerm::low_rel,   &ErrorTerm::low_power, &ErrorTerm::low_once,
    &ErrorPart::low, &ErrorPart::low_carbon};
constexpr Side kHigh{
    "high",           &ErrorTerm::high_rel,   &ErrorTerm::high_power, &ErrorTerm::high_once,
    &ErrorPart::high, &ErrorPart::high_carbon};

struct Context {
  const Report& report;
  const Side& side;
  Intensity highest;  // of the headline series
  Chapter& chapter;
  [[nodiscard]] bool high() const;
  [[nodiscard]] Value pue() const { return plain("PUE", report.energy.pue.value_or(1)); }
  [[nodiscard]] std::string named(const std::string& what) const {
    return fmt::format("{}, {}", what, side.name);
  }
};

bool Context::high() const { return &side == &kHigh; }

void add_term(const Context& context, const ChannelCharge& channel, const ErrorTerm& term,
              const ErrorPart& part) {
  const Side& side = context.side;
  std::string formula = "({} x {}";
  std::vector<Value> inputs = {plain("rel", term.*side.rel), in_kwh("charged", channel.charged)};
  if (term.*side.power > Power{} || term.*side.once > Energy{}) {
    formula += " + ({} x {} / 3600000 J/kWh + {}) x {} / {}";
    inputs.push_back(in_watts("offset", term.*side.power));
    inputs.push_back(in_seconds("covered", channel.covered));
    inputs.push_back(in_kwh("once", term.*side.once));
    inputs.push_back(in_kwh("charged", channel.charged));
    inputs.push_back(in_kwh("E_device", *channel.device));
  }
  inputs.push_back(context.pue());
  context.chapter
      .work(context.named(fmt::format("{} {}", channel.info.id, spell(term.kind))),
            formula + ") x {}", std::move(inputs), in_kwh("width", part.*side.energy))
      .note = term.reference;
}

// Of a GPU that others held too: the ends of each piece's bracket.
void add_sharing(const Context& context, const ChannelCharge& channel, const ErrorPart& part) {
  Energy open;
  for (const ChargePiece& piece : channel.pieces) {
    if (piece.sharing) open += context.high() ? piece.sharing->high : piece.sharing->low;
  }
  context.chapter
      .work(context.named(channel.info.id + " attribution"), "{} x {}",
            {in_kwh("left open", open), context.pue()}, in_kwh("width", part.*context.side.energy))
      .note = "from the run's part of its dynamic energy to all of it, at least 30 % of the charge";
}

// Where the idle power is not given: everything by CPU time, against the charge as made.
void add_attribution(const Context& context, const ChannelCharge& channel, const ErrorPart& part) {
  const bool high = context.high();
  Energy other;
  Energy charged;
  for (const ChargePiece& piece : channel.pieces) {
    const Energy without_idle =
        piece.use_seen ? piece.device * piece.job_share() : piece.idle_charged;
    if ((without_idle > piece.charged()) != high) continue;
    other += without_idle;
    charged += piece.charged();
  }
  const Value by_use = in_kwh("E_device x share", other);
  const Value made = in_kwh("charged", charged);
  context.chapter
      .work(context.named(channel.info.id + " attribution"), "({} - {}) x {}",
            {high ? by_use : made, high ? made : by_use, context.pue()},
            in_kwh("width", part.*context.side.energy))
      .note = "over the pieces that differ in this direction, as if P_idle were 0";
}

void add_gap(const Context& context, const ChannelCharge& channel, const ErrorPart& part) {
  Power highest;
  for (const ChargePiece& piece : channel.pieces) {
    highest = std::max(highest, piece.charged() / piece.covered);
  }
  context.chapter.work(
      context.named(channel.info.id + " gap"), "{} x {} / 3600000 J/kWh x {}",
      {in_watts("highest power", highest), in_seconds("missing", channel.missing), context.pue()},
      in_kwh("width", part.*context.side.energy));
}

// A channel's parts are in the order of its terms, then attribution, then gap (channel_errors()).
void add_channel(const Context& context, const ChannelCharge& channel) {
  auto term = channel.info.errors.begin();
  for (const ErrorPart& part : context.report.parts) {
    if (part.origin != channel.info.id) continue;
    const bool told = part.*context.side.energy > Energy{};
    if (part.cause.ends_with(" attribution")) {
      const bool gpu = channel.info.kind == ChannelKind::gpu;
      if (told) (gpu ? add_sharing : add_attribution)(context, channel, part);
    } else if (part.cause.ends_with(" gap")) {
      if (told) add_gap(context, channel, part);
    } else {
      const auto of_this_kind = [&](const ErrorTerm& candidate) {
        return part.cause.ends_with(" " + std::string(spell(candidate.kind)));
      };
      term = std::find_if(term, channel.info.errors.end(), of_this_kind);
      if (term == channel.info.errors.end()) return;
      if (told) add_term(context, channel, *term, part);
      ++term;
    }
  }
}

void add_pue(const Context& context, const ErrorPart& part) {
  context.chapter
      .work(context.named("PUE"), "{} x {}",
            {plain("+-", kPueHalfWidth), in_kwh("IT energy", *context.report.energy.it)},
            in_kwh("width", part.*context.side.energy))
      .note = context.report.energy.pue_source;
}

void add_intensity(const Context& context, const ErrorPart& part) {
  const IntensityUsed& used = headline(context.report)->used;
  const double rel = context.high() ? *used.error_high_rel : *used.error_low_rel;
  context.chapter
      .work(context.named("intensity"), "{} x {}",
            {plain("rel", rel), in_grams("operational", *context.report.carbon.operational)},
            in_grams("width", part.*context.side.carbon))
      .note = used.error_reference;
}

void add_embodied(const Context& context, const ErrorPart& part) {
  const account::Embodied& embodied = context.report.embodied;
  const Value made = in_grams("M", *embodied.value);
  const Value end =
      context.high() ? in_grams("M high", embodied.high) : in_grams("M low", embodied.low);
  context.chapter.work(context.named("embodied"), "{} - {}",
                       {context.high() ? end : made, context.high() ? made : end},
                       in_grams("width", part.*context.side.carbon));
}

void add_intensity_gap(const Context& context, const ErrorPart& part) {
  Energy unpriced;
  for (const SlotReport& slot : context.report.slots) {
    if (slot.energy && !slot.intensity) unpriced += *slot.energy;
  }
  context.chapter.work(context.named("intensity gap"), "{} x {} x {}",
                       {in_kwh("energy without an intensity", unpriced), context.pue(),
                        in_g_per_kwh("highest", context.highest)},
                       in_grams("width", part.*context.side.carbon));
}

// The parts that are no channel's: of energy (PUE) and of carbon alone.
void add_other(const Context& context, const ErrorPart& part) {
  if (part.origin == "pue") add_pue(context, part);
  if (part.origin == "intensity") add_intensity(context, part);
  if (part.origin == "embodied") add_embodied(context, part);
  if (part.cause == "intensity gap" && context.high()) add_intensity_gap(context, part);
}

// Parts of one cause add up; what they come to, by cause.
struct Cause {
  std::string name;
  Energy energy;
  Carbon carbon;
};

std::vector<Cause> causes(const Context& context) {
  std::map<std::string, std::vector<const ErrorPart*>> parts;
  for (const ErrorPart& part : context.report.parts) parts[part.cause].push_back(&part);
  std::vector<Cause> all;
  for (const auto& [name, of_it] : parts) {
    Cause cause{name, {}, {}};
    std::vector<Value> energies;
    for (const ErrorPart* part : of_it) {
      cause.energy += part->*context.side.energy;
      cause.carbon += part->*context.side.carbon;
      energies.push_back(in_kwh(part->origin, part->*context.side.energy));
    }
    if (cause.energy <= Energy{} && cause.carbon <= Carbon{}) continue;
    if (of_it.size() > 1) {
      context.chapter.add_up(context.named("one cause: " + name), std::move(energies),
                             in_kwh(name, cause.energy));
    }
    all.push_back(std::move(cause));
  }
  return all;
}

// The root of the squares.
void add_half_width(const Context& context, const std::vector<Cause>& all, Value half) {
  std::string formula;
  std::vector<Value> inputs;
  const auto add = [&](const char* square, std::initializer_list<Value> values) {
    formula += (formula.empty() ? "sqrt(" : " + ") + std::string(square);
    inputs.insert(inputs.end(), values);
  };
  for (const Cause& cause : all) {
    const bool of_energy = cause.energy > Energy{};
    if (half.unit == "kWh") {
      if (of_energy) add("{}^2", {in_kwh(cause.name, cause.energy)});
    } else if (of_energy) {  // carried to carbon by the mean intensity
      const Intensity mean = *headline(context.report)->energy_weighted;
      add("({} x {})^2", {in_kwh(cause.name, cause.energy), in_g_per_kwh("I", mean)});
    } else {
      add("{}^2", {in_grams(cause.name, cause.carbon)});
    }
  }
  if (inputs.empty()) return;
  context.chapter.work(context.named("half-width"), formula + ")", std::move(inputs),
                       std::move(half));
}

void add_end(const Context& context, const Value& value, Value half, double end) {
  const Value result{context.side.name, end, value.unit};
  const bool high = context.high();
  context.chapter.work(fmt::format("{} end of {}", context.side.name, value.name),
                       high ? "{} + {}" : "max(0, {} - {})", {value, std::move(half)}, result);
}

void add_side(const Context& context) {
  const Report& report = context.report;
  for (const ChannelCharge& channel : report.energy.channels) {
    if (channel.info.in_total && channel.device) add_channel(context, channel);
  }
  for (const ErrorPart& part : report.parts) add_other(context, part);
  const std::vector<Cause> all = causes(context);
  const HalfWidths widths = combine(report.parts);
  const bool high = context.high();
  const Value energy = in_kwh("half-width", high ? widths.high : widths.low);
  add_half_width(context, all, energy);
  add_end(context, in_kwh("E", *report.energy.total), energy,
          as_kwh(high ? *report.energy.total_high : *report.energy.total_low));
  const CarbonReport& carbon = report.carbon;
  if (!carbon.low) return;
  const Value grams = in_grams("half-width", high ? widths.high_carbon : widths.low_carbon);
  add_half_width(context, all, grams);
  add_end(context, in_grams("total", *carbon.total), grams,
          as_grams(high ? *carbon.high : *carbon.low));
}

}  // namespace

Section explain_bounds(const RunRecord& record, const Report& report) {
  Chapter chapter("bounds (95 % half-widths)", "bounds");
  if (!report.energy.total) return chapter.take();
  Intensity highest;
  if (const IntensityUsed* used = find_signal(record, record.options.headline)) {
    for (const IntensityPiece& piece : used->series.pieces())
      highest = std::max(highest, piece.value);
  }
  add_side({report, kLow, highest, chapter});
  add_side({report, kHigh, highest, chapter});
  if (!report.carbon.low) chapter.say("bounds of the carbon", report.carbon.bounds_note);
  return chapter.take();
}

}  // namespace lowtide::show
