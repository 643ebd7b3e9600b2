// The score of forecasts as JSON: lowtide.score/1.
#include "show/json_values.h"
#include "show/score_view.h"

namespace lowtide::show {
namespace {

using study::JobScore;
using study::ModelScore;
using study::Spread;

Json spread_json(const Spread& spread) {
  return {{"value", as_number(spread.value)},
          {"low", as_number(spread.low)},
          {"high", as_number(spread.high)}};
}

Json job_json(const JobScore& job) {
  return {{"job_s", as_seconds(job.job)},
          {"policy", spell(job.policy)},
          {"gated", job.gated},
          {"starts", job.starts},
          {"oracle_saving", as_number(job.oracle)},
          {"saving", spread_json(job.saving)},
          {"kept", spread_json(job.kept)},
          {"worse_than_now", as_number(job.worse)}};
}

Json model_json(const ModelScore& model) {
  Json hours = Json::array();
  for (const double value : model.mae_by_hour) hours.push_back(as_number(value));
  Json jobs = Json::array();
  for (const JobScore& job : model.jobs) jobs.push_back(job_json(job));
  return {{"forecaster", model.name},
          {"title", model.title},
          {"baseline", model.baseline},
          {"mae", spread_json(model.mae)},
          {"mae_by_hour", std::move(hours)},
          {"against_best_baseline", spread_json(model.against_baseline)},
          {"rank_correlation", as_number(model.rank)},
          {"coverage", spread_json(model.coverage)},
          {"pinball", spread_json(model.pinball)},
          {"jobs", std::move(jobs)}};
}

}  // namespace

std::string score_json(const ScoreView& view) {
  const IntensityUsed& used = view.used;
  Json models = Json::array();
  for (const ModelScore& model : view.score.models) models.push_back(model_json(model));
  return dump({{"schema", "lowtide.score/1"},
               {"zone", text(used.zone)},
               {"signal", spell(used.signal)},
               {"scope", word(used.scope)},
               {"gas", spell(used.gas)},
               {"source", text(used.source)},
               {"source_model", text(used.model)},
               {"begin", format_utc(view.over.begin)},
               {"end", format_utc(view.over.end)},
               {"known_from", format_utc(view.past.begin)},
               {"coverage", view.coverage},
               {"step_s", as_seconds(view.step)},
               {"mean_g_per_kwh", as_number(view.score.mean)},
               {"forecasts", view.score.forecasts},
               {"level_pct", as_number(view.ask.level * 100)},
               {"slack_s", as_seconds(view.ask.slack)},
               {"resume_s", as_seconds(view.ask.resume)},
               {"between_starts_s", as_seconds(view.ask.between_starts)},
               {"gate_quantile", view.ask.gate},
               {"best_baseline", text(view.score.best_baseline)},
               {"climatology_pinball", spread_json(view.score.climatology_pinball)},
               {"models", std::move(models)},
               {"notes", view.notes}});
}

}  // namespace lowtide::show
