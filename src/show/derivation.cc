#include "show/derivation.h"

#include <algorithm>

#include "account/slots.h"
#include "series/merge_lives.h"
#include "show/derivation_steps.h"
#include "show/text.h"

namespace lowtide::show {
namespace {

using account::CarbonReport;
using account::ChannelCharge;
using account::ChargePiece;
using account::Embodied;
using account::EmbodiedItem;
using account::EnergyReport;
using account::EquivalentReport;
using account::find_signal;
using account::IntensityReport;
using account::Report;
using account::SciReport;
using account::SlotReport;

Section times(const Report& report) {
  Chapter chapter("times", "times");
  if (!report.duration) {
    chapter.say("duration", "nothing is on record yet");
    return chapter.take();
  }
  const Duration off = not_counted(report.run);
  const Duration whole = *report.duration + off;
  const Value duration = in_seconds("duration", *report.duration);
  Step& length =
      off == Duration::zero()
          ? chapter.state("begin to end", duration)
          : chapter.work("begin to end, without the time between lives", "{} - {}",
                         {in_seconds("begin to end", whole), in_seconds("between", off)}, duration);
  length.span = Interval{*report.run.begin, *report.run.begin + whole};
  chapter.work("time in which it ran", "{} - {}",
               {in_seconds("duration", *report.duration), in_seconds("paused", *report.paused)},
               in_seconds("active", *report.active));
  return chapter.take();
}

Section energy(const Report& report) {
  Chapter chapter("energy", "charges");
  const EnergyReport& energy = report.energy;
  if (!energy.it) {
    chapter.say("energy", "not known");
    return chapter.take();
  }
  std::vector<Value> channels;
  for (const ChannelCharge& channel : energy.channels) {
    if (channel.info.in_total && channel.device) {
      channels.push_back(in_kwh(channel.info.id, channel.charged));
    }
  }
  const Value it = in_kwh("IT energy", *energy.it);
  chapter.add_up("IT energy, by device", std::move(channels), it);
  chapter.add_up("IT energy, by state",
                 {in_kwh("active", *energy.active), in_kwh("idle charged", *energy.idle_charged),
                  in_kwh("paused", *energy.paused), in_kwh("waiting", *energy.waiting)},
                 it);
  const Value total = in_kwh("E", *energy.total);
  if (energy.pue) {
    chapter.work("energy of the facility", "{} x {}", {it, plain("PUE", *energy.pue)}, total).note =
        energy.pue_source;
  } else {
    chapter.work("energy", "{}", {it}, total).note = "PUE not included";
  }
  return chapter.take();
}

// The charges of the channels that a slot's energy is made of.
std::vector<Value> charged_in(const SlotReport& slot, const Report& report) {
  std::vector<Value> parts;
  for (const ChannelCharge& channel : report.energy.channels) {
    Value part = in_kwh(channel.info.id, {});
    bool read = false;
    for (const ChargePiece& piece : channel.pieces) {
      const Interval common = piece.span.meet(slot.span);
      if (common.empty()) continue;
      read = true;
      part.value +=
          as_kwh(piece.charged()) * (as_seconds(common.length()) / as_seconds(piece.span.length()));
    }
    if (read) parts.push_back(part);
  }
  return parts;
}

// The mean of the series over a slot, where it changes inside.
void add_slot_mean(const SlotReport& slot, const IntensitySeries& series, Chapter& chapter) {
  const IntensitySeries cut = series.slice(slot.span);
  if (cut.pieces().size() < 2) return;
  std::string formula = "(";
  std::vector<Value> inputs;
  for (const IntensityPiece& piece : cut.pieces()) {
    formula += inputs.empty() ? "{} x {}" : " + {} x {}";
    inputs.push_back(in_seconds("t", piece.span.length()));
    inputs.push_back(in_g_per_kwh("I", piece.value));
  }
  inputs.push_back(in_seconds("known", series.mean(slot.span).covered));
  chapter
      .work("intensity of the slot", formula + ") / {}", std::move(inputs),
            in_g_per_kwh("I", *slot.intensity))
      .span = slot.span;
}

void add_slot(const SlotReport& slot, const Report& report, const IntensitySeries& series,
              Chapter& chapter) {
  if (!slot.energy || !slot.intensity) {
    chapter.say("slot", slot.energy ? "no intensity: no carbon" : "no reading: no carbon").span =
        slot.span;
    return;
  }
  std::vector<Value> parts = charged_in(slot, report);
  if (parts.size() > 1) {
    chapter.add_up("energy of the slot", std::move(parts), in_kwh("E_slot", *slot.energy)).span =
        slot.span;
  }
  add_slot_mean(slot, series, chapter);
  chapter
      .work("carbon of the slot", "{} x {} x {}",
            {in_kwh("E_slot", *slot.energy), plain("PUE", report.energy.pue.value_or(1)),
             in_g_per_kwh("I", *slot.intensity)},
            in_grams("carbon", *slot.carbon))
      .span = slot.span;
}

Section slots(const RunRecord& record, const Report& report, bool all) {
  Chapter chapter("slots", "carbon");
  const IntensityUsed* headline = find_signal(record, record.options.headline);
  const std::size_t count = report.slots.size();
  std::vector<Value> carbon;
  for (std::size_t i = 0; i < count; ++i) {
    const SlotReport& slot = report.slots[i];
    if (slot.carbon) carbon.push_back(in_grams(fmt::format("slot {}", i + 1), *slot.carbon));
    if (shown(i, count, all) && headline != nullptr)
      add_slot(slot, report, headline->series, chapter);
  }
  if (report.carbon.operational) {
    chapter.add_up("operational carbon", elided(std::move(carbon), all),
                   in_grams("operational", *report.carbon.operational));
  } else {
    chapter.say("operational carbon", report.carbon.bounds_note);
  }
  return chapter.take();
}

// Which series, and the means that the report gives of it.
Section intensity(const Report& report) {
  Chapter chapter("intensity", "carbon");
  for (const IntensityReport& series : report.intensity) {
    const IntensityUsed& used = series.used;
    chapter.say(
        fmt::format("{} series", spell(used.signal)),
        fmt::format("{} (by {}) {} {}, {}, known for {:.4g} % of the time{}{}", used.zone,
                    used.resolved_by.empty() ? "the source" : used.resolved_by, used.source,
                    used.model, used.scope ? spell(*used.scope) : "scope not said",
                    series.coverage * 100, used.sha256.empty() ? "" : ", sha256 ", used.sha256));
    if (!series.headline || !series.energy_weighted) continue;
    Energy priced;
    for (const SlotReport& slot : report.slots) {
      if (slot.carbon) priced += *slot.energy;
    }
    chapter.work("mean weighted by energy", "{} / ({} x {})",
                 {in_grams("operational", *report.carbon.operational),
                  in_kwh("IT energy with an intensity", priced),
                  plain("PUE", report.energy.pue.value_or(1))},
                 in_g_per_kwh("I", *series.energy_weighted));
  }
  return chapter.take();
}

Section made(const Report& report) {
  Chapter chapter("embodied carbon M", "embodied-carbon-m");
  const Embodied& embodied = report.embodied;
  if (!embodied.value) {
    chapter.say("M", "not included");
    return chapter.take();
  }
  const auto work = [&](const EmbodiedItem& item, const char* side, Carbon te, Duration life,
                        Carbon share) -> Step& {
    return chapter.work(fmt::format("M of {}{}", item.origin, side), "{} x {} / {} x {} / {}",
                        {in_grams("TE", te),
                         {"held", as_hours(item.held), "h"},
                         {"life", as_hours(life), "h"},
                         plain("reserved", item.reserved),
                         plain("total", item.total)},
                        in_grams("M", share));
  };
  std::vector<Value> parts;
  for (const EmbodiedItem& item : embodied.items) {
    work(item, "", item.row.value, embodied.table.life, item.value).note = item.row.source;
    work(item, ", low", item.row.low, embodied.table.life_longest, item.low);
    work(item, ", high", item.row.high, embodied.table.life_shortest, item.high);
    parts.push_back(in_grams(item.origin, item.value));
  }
  if (parts.empty()) {
    chapter.state("M", in_grams("M", *embodied.value)).note = "given by --embodied";
  } else {
    chapter.add_up("M", std::move(parts), in_grams("M", *embodied.value)).note =
        embodied.table.life_source;
  }
  return chapter.take();
}

Section score(const Report& report) {
  Chapter chapter("carbon and " + report.sci.label, "carbon");
  const CarbonReport& carbon = report.carbon;
  if (carbon.total) {
    std::vector<Value> parts = {in_grams("operational", *carbon.operational)};
    if (carbon.embodied) parts.push_back(in_grams("M", *carbon.embodied));
    chapter.add_up("total", std::move(parts), in_grams("total", *carbon.total));
  }
  chapter.at("sci");
  const SciReport& sci = report.sci;
  if (!sci.value || !sci.i) {
    chapter.say(sci.label, with_note("not known", sci.note));
    return chapter.take();
  }
  chapter
      .work(fmt::format("{} per {}", sci.label, sci.r), "({} x {} + {}) / {}",
            {in_kwh("E", *sci.e), in_g_per_kwh("I", *sci.i),
             in_grams("M", sci.m.value_or(Carbon{})), plain("R", *sci.r_count)},
            in_grams("value", *sci.value))
      .note = sci.note;
  chapter.say("boundary and method", sci.methodology);
  return chapter.take();
}

Section equivalents(const Report& report) {
  Chapter chapter("equivalents", "equivalents");
  for (const EquivalentReport& row : report.equivalents) {
    chapter
        .work(row.name, "{} / {}",
              {in_grams("total", *report.carbon.total), in_grams("of one", row.factor)},
              plain("amount", row.amount))
        .note = fmt::format("{}; the factor is of {}", row.edition, gas_text(row.gas));
  }
  return chapter.take();
}

}  // namespace

Explanation explain(const RunRecord& record, const Report& report, bool all) {
  Explanation out;
  const auto add = [&](Section section) {
    if (!section.steps.empty()) out.sections.push_back(std::move(section));
  };
  add(times(report));
  for (std::size_t i = 0; i < report.energy.channels.size(); ++i) {
    add(explain_channel(record, report, i, all));
  }
  add(energy(report));
  add(slots(record, report, all));
  add(intensity(report));
  add(made(report));
  add(score(report));
  add(explain_bounds(record, report));
  add(equivalents(report));
  return out;
}

}  // namespace lowtide::show
