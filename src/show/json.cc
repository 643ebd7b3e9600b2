#include "show/json.h"

#include "show/json_values.h"
#include "show/repriced.h"

namespace lowtide::show {
namespace {

// The contract knows polled power by one word; which field it was is in the channel's note.
std::string_view source_text(Source source) {
  return spell(source == Source::nvml_instant ? Source::nvml_power : source);
}

using account::Report;

Json run_json(const Report& report) {
  const RunRecord& run = report.run;
  return {{"id", record_id(run)},
          {"name", text(run.name)},
          {"project", text(run.project)},
          {"parent", text(run.parent)},
          {"command", run.command},
          {"host", text(run.host)},
          {"state", spell(run.state)},
          {"exit_status", run.exit_status ? Json(*run.exit_status) : Json(nullptr)},
          {"submitted", format_utc(run.submitted)},
          {"begin", at(run.begin)},
          {"end", at(run.end)},
          {"duration_s", in_seconds(report.duration)},
          {"active_s", in_seconds(report.active)},
          {"paused_s", in_seconds(report.paused)},
          {"waiting_s", in_seconds(report.waiting)},
          {"lives", run.lives}};
}

Json channel_json(const account::ChannelCharge& channel) {
  const bool read = channel.device.has_value();
  const auto charge = [&](Energy e) { return read ? as_number(as_kwh(e)) : Json(nullptr); };
  return {{"channel", channel.info.id},
          {"kind", spell(channel.info.kind)},
          {"name", text(channel.info.name)},
          {"uuid", text(channel.info.uuid)},
          {"source", source_text(channel.info.source)},
          {"in_total", channel.info.in_total},
          {"device_kwh", in_kwh(channel.device)},
          {"job_kwh", charge(channel.job)},
          {"kwh", charge(channel.charged)},
          {"quality", spell(channel.quality)},
          {"coverage", as_number(channel.coverage)},
          {"low_kwh", in_kwh(channel.low)},
          {"high_kwh", in_kwh(channel.high)}};
}

Json energy_json(const account::EnergyReport& energy) {
  Json channels = Json::array();
  for (const account::ChannelCharge& channel : energy.channels) {
    channels.push_back(channel_json(channel));
  }
  return {{"boundary", word(energy.boundary)},
          {"total_kwh", in_kwh(energy.total)},
          {"it_kwh", in_kwh(energy.it)},
          {"pue", maybe(energy.pue)},
          {"pue_source", text(energy.pue_source)},
          {"active_kwh", in_kwh(energy.active)},
          {"paused_kwh", in_kwh(energy.paused)},
          {"waiting_kwh", in_kwh(energy.waiting)},
          {"idle_charged_kwh", in_kwh(energy.idle_charged)},
          {"idle_not_charged_kwh", in_kwh(energy.idle_not_charged)},
          {"modelled_share", maybe(energy.modelled_share)},
          {"by_channel", std::move(channels)}};
}

Json origins_json(const account::IntensityReport& intensity) {
  Json out = Json::array();
  for (std::size_t i = 0; i < intensity.used.origins.size(); ++i) {
    const IntensityOrigin& origin = intensity.used.origins[i];
    out.push_back(
        {{"source", text(origin.source)},
         {"model", text(origin.model)},
         {"kind", spell(origin.kind)},
         {"issued", origin.issued ? Json(format_utc(*origin.issued)) : Json(nullptr)},
         {"share", i < intensity.shares.size() ? as_number(intensity.shares[i]) : Json(nullptr)}});
  }
  return out;
}

Json intensity_json(const Report& report) {
  Json out = Json::array();
  for (const account::IntensityReport& intensity : report.intensity) {
    const IntensityUsed& used = intensity.used;
    out.push_back({{"zone", text(used.zone)},
                   {"asked", text(used.asked)},
                   {"resolved_by", text(used.resolved_by)},
                   {"signal", spell(used.signal)},
                   {"scope", word(used.scope)},
                   {"gas", spell(used.gas)},
                   {"source", text(used.source)},
                   {"model", text(used.model)},
                   {"step_s", used.step > Duration::zero() ? in_seconds(used.step) : Json(nullptr)},
                   {"mean_g_per_kwh", in_g_per_kwh(intensity.mean)},
                   {"energy_weighted_g_per_kwh", in_g_per_kwh(intensity.energy_weighted)},
                   {"coverage", as_number(intensity.coverage)},
                   {"fallback", used.fallback},
                   {"provisional", used.provisional},
                   {"series_sha256", text(used.sha256)},
                   {"origins", origins_json(intensity)}});
  }
  return out;
}

Json carbon_json(const account::CarbonReport& carbon) {
  return {{"signal", spell(carbon.signal)},
          {"gas", word(carbon.gas)},
          {"operational_g", in_grams(carbon.operational)},
          {"embodied_g", in_grams(carbon.embodied)},
          {"total_g", in_grams(carbon.total)},
          {"low_g", in_grams(carbon.low)},
          {"high_g", in_grams(carbon.high)},
          {"other_signal_g", in_grams(carbon.other_signal)},
          {"assumed", carbon.assumed}};
}

Json sci_json(const account::SciReport& sci) {
  return {{"value", in_grams(sci.value)},
          {"unit", sci.unit},
          {"r", sci.r},
          {"r_count", maybe(sci.r_count)},
          {"e_kwh", in_kwh(sci.e)},
          {"i_g_per_kwh", in_g_per_kwh(sci.i)},
          {"m_g", in_grams(sci.m)},
          {"boundary", word(sci.boundary)},
          {"methodology", sci.methodology},
          {"note", text(sci.note)}};
}

Json errors_json(const std::vector<account::ErrorReport>& errors) {
  Json out = Json::array();
  for (const account::ErrorReport& error : errors) {
    out.push_back({{"origin", error.origin},
                   {"kind", spell(error.kind)},
                   {"low_pct", in_percent(error.low_rel)},
                   {"high_pct", in_percent(error.high_rel)},
                   {"reference", text(error.reference)}});
  }
  return out;
}

Json slots_json(const Report& report) {
  Json out = Json::array();
  for (const account::SlotReport& slot : report.slots) {
    out.push_back({{"begin", format_utc(slot.span.begin)},
                   {"end", format_utc(slot.span.end)},
                   {"energy_kwh", in_kwh(slot.energy)},
                   {"intensity_g_per_kwh", in_g_per_kwh(slot.intensity)},
                   {"carbon_g", in_grams(slot.carbon)},
                   {"state", spell(slot.state)},
                   {"quality", spell(slot.quality)},
                   {"source", text(slot.source)},
                   {"origin", slot.origin ? Json(*slot.origin) : Json(nullptr)}});
  }
  return out;
}

Json samples_json(const Report& report) {
  Json out = Json::array();
  for (const Sample& sample : report.samples) {
    if (sample.channel >= report.energy.channels.size() || sample.span.empty()) continue;
    out.push_back({{"channel", report.energy.channels[sample.channel].info.id},
                   {"begin", format_utc(sample.span.begin)},
                   {"end", format_utc(sample.span.end)},
                   {"energy_j", as_number(as_joules(sample.energy))},
                   {"min_w", as_number(as_watts(sample.min))},
                   {"mean_w", as_number(as_watts(sample.energy / sample.span.length()))},
                   {"max_w", as_number(as_watts(sample.max))}});
  }
  return out;
}

Json equivalents_json(const std::vector<account::EquivalentReport>& equivalents) {
  Json out = Json::array();
  for (const account::EquivalentReport& row : equivalents) {
    out.push_back(
        {{"name", row.name},
         {"amount", as_number(row.amount)},
         {"factor_g", as_number(as_grams(row.factor))},
         {"edition",
          text(row.edition.empty() ? "" : row.edition + ", g " + std::string(spell(row.gas)))}});
  }
  return out;
}

Json complete_json(const Report& report) {
  if (!report.complete) return nullptr;
  const account::Completion& whole = *report.complete;
  return {{"asked", whole.asked},
          {"share", as_number(whole.share)},
          {"factor", as_number(whole.factor)},
          {"quality", "modelled"},
          {"duration_s", in_seconds(whole.duration)},
          {"active_s", in_seconds(whole.active)},
          {"energy",
           {{"boundary", word(report.energy.boundary)},
            {"total_kwh", in_kwh(whole.total)},
            {"it_kwh", in_kwh(whole.it)},
            {"low_kwh", in_kwh(whole.total_low)},
            {"high_kwh", in_kwh(whole.total_high)},
            {"modelled_share", maybe(whole.modelled_share)}}},
          {"carbon", carbon_json(whole.carbon)},
          {"sci", sci_json(whole.sci)},
          {"errors", errors_json(whole.errors)},
          {"equivalents", equivalents_json(whole.equivalents)}};
}

Json report_object(const Report& report, JsonOptions options) {
  Json events = Json::array();
  for (const Event& event : report.run.events) {
    events.push_back(
        {{"time", format_utc(event.time)}, {"kind", event.kind}, {"detail", text(event.detail)}});
  }
  Json out = {{"schema", "lowtide.report/1"},         {"run", run_json(report)},
              {"energy", energy_json(report.energy)}, {"intensity", intensity_json(report)},
              {"carbon", carbon_json(report.carbon)}, {"sci", sci_json(report.sci)},
              {"errors", errors_json(report.errors)}, {"slots", slots_json(report)}};
  if (options.samples) out["samples"] = samples_json(report);
  out["complete"] = complete_json(report);
  if (options.before != nullptr) out["repriced"] = repriced_json(*options.before, report);
  out["equivalents"] = equivalents_json(report.equivalents);
  out["events"] = std::move(events);
  out["provenance"] = {{"lowtide_version", text(report.run.lowtide_version)},
                       {"methodology", account::kMethodology},
                       {"sources", report.sources}};
  return out;
}

Json figures_json(const account::Sum& sum) {
  Json states = Json::object();
  for (const auto& [state, count] : sum.states) states[std::string(spell(state))] = count;
  return {{"runs", sum.runs},
          {"states", std::move(states)},
          {"duration_s", in_seconds(sum.duration)},
          {"active_s", in_seconds(sum.active)},
          {"paused_s", in_seconds(sum.paused)},
          {"waiting_s", in_seconds(sum.waiting)},
          {"energy",
           {{"boundary", word(sum.boundary)},
            {"total_kwh", in_kwh(sum.total)},
            {"it_kwh", in_kwh(sum.it)},
            {"low_kwh", in_kwh(sum.total_low)},
            {"high_kwh", in_kwh(sum.total_high)},
            {"modelled_share", maybe(sum.modelled_share)}}},
          {"carbon",
           {{"signal", spell(sum.signal)},
            {"scope", word(sum.scope)},
            {"gas", word(sum.gas)},
            {"operational_g", in_grams(sum.operational)},
            {"embodied_g", in_grams(sum.embodied)},
            {"total_g", in_grams(sum.total_carbon)},
            {"low_g", in_grams(sum.low)},
            {"high_g", in_grams(sum.high)},
            {"other_signal_g", in_grams(sum.other_signal)}}},
          {"note", text(sum.note)}};
}

Json sum_json(const account::Sum& sum) {
  Json out = figures_json(sum);
  out["left_out"] = sum.left_out;
  Json& phases = out["phases"] = Json::object();
  for (std::size_t i = 0; i < sum.phases.size(); ++i) {
    const auto name = spell(static_cast<account::Phase>(i));
    phases[std::string(name)] = figures_json(sum.phases[i]);
  }
  return out;
}

}  // namespace

std::string report_json(const Report& report, JsonOptions options) {
  return dump(report_object(report, options));
}

std::string reports_json(std::span<const Report> reports, const account::Sum& sum,
                         JsonOptions options) {
  Json runs = Json::array();
  for (const Report& report : reports) runs.push_back(report_object(report, options));
  return dump({{"schema", "lowtide.reports/1"}, {"runs", std::move(runs)}, {"sum", sum_json(sum)}});
}

std::string runs_json(std::span<const Report> reports) {
  Json runs = Json::array();
  for (const Report& report : reports) {
    Json run = run_json(report);
    run["total_kwh"] = in_kwh(report.energy.total);
    run["boundary"] = word(report.energy.boundary);
    run["total_g"] = in_grams(report.carbon.total);
    run["sci"] = {{"value", in_grams(report.sci.value)}, {"unit", report.sci.unit}};
    runs.push_back(std::move(run));
  }
  return dump({{"schema", "lowtide.runs/1"}, {"runs", std::move(runs)}});
}

}  // namespace lowtide::show
