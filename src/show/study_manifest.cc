#include "show/study_manifest.h"

#include "show/json_values.h"
#include "show/scale_view.h"

namespace lowtide::show {
namespace {

Json of_files(const std::vector<study::SourceFile>& files) {
  Json out = Json::array();
  for (const study::SourceFile& file : files) {
    out.push_back({{"file", file.name}, {"sha256", file.sha256}});
  }
  return out;
}

Json of_region(const study::StudyRegion& region) {
  return {{"name", region.name},
          {"zone", region.used.zone},
          {"group", text(region.group)},
          {"begin", at(region.begin)},
          {"signal", spell(region.used.signal)},
          {"scope", word(region.used.scope)},
          {"gas", spell(region.used.gas)},
          {"source", region.used.source},
          {"model", text(region.used.model)},
          {"step_s", as_seconds(region.used.step)},
          {"coverage_pct", region.coverage * 100},
          {"licence", text(region.used.licence)},
          {"non_commercial", region.non_commercial},
          {"notes", region.notes},
          {"sha256", text(region.used.sha256)},
          {"files", of_files(region.files)}};
}

Json of_job(const study::StudyJob& job) {
  return {{"name", job.name},
          {"title", job.title},
          {"gpus", job.gpus > 0 ? Json(job.gpus) : Json(nullptr)},
          {"slots", job.work.size()},
          {"kwh", as_kwh(job.energy())},
          {"profile", job.flat() ? "flat" : "by slot"},
          {"source", job.source}};
}

Json of_rule(const study::StartRule& rule) {
  Json out{{"name", rule.name}, {"every_s", nullptr}, {"days", nullptr}, {"hours", nullptr}};
  if (rule.every > Duration{}) out["every_s"] = as_seconds(rule.every);
  if (!rule.days_of_month.empty()) out["days"] = rule.days_of_month;
  if (!rule.hours.empty()) out["hours"] = rule.hours;
  out["offset_s"] = as_seconds(rule.offset);
  return out;
}

Json head_of(const study::Study& study, const std::string& command, const std::string& version) {
  Json out{{"schema", "lowtide.study/1"},
           {"name", study.name},
           {"title", study.title},
           {"lowtide_version", version},
           {"command", command},
           {"begin", at(study.begin)},
           {"slots", nullptr},
           {"slot_s", as_seconds(study.slot)}};
  for (const char* list :
       {"regions", "other", "jobs", "windows", "policies", "resumes_s", "starts"}) {
    out[list] = Json::array();
  }
  for (const auto& region : study.regions) out["regions"].push_back(of_region(region));
  return out;
}

std::string finish(Json out, const StudyRecipeText& recipe,
                   const std::vector<StudyWritten>& written) {
  out["written"] = of_files(written);
  out["recipe"] = {{"name", recipe.name}, {"text", recipe.text}};
  return dump(out);
}

Json names_of(const std::vector<study::ScaleTime>& times) {
  Json out = Json::array();
  for (const study::ScaleTime& each : times) out.push_back(each.name);
  return out;
}

}  // namespace

std::string study_manifest(const StudyView& view, const StudyRecipeText& recipe,
                           const std::vector<StudyWritten>& written) {
  const study::Study& study = view.study;
  Json out = head_of(study, view.command, view.version);
  out["slots"] = study.regions.front().intensity.size();
  for (const auto& region : view.other) out["other"].push_back(of_region(region));
  for (const auto& job : study.jobs) out["jobs"].push_back(of_job(job));
  for (const auto& window : study.windows) out["windows"].push_back(window.name);
  for (const auto policy : study.policies) out["policies"].push_back(spell(policy));
  for (const Duration resume : study.resumes) out["resumes_s"].push_back(as_seconds(resume));
  for (const auto& rule : study.rules) out["starts"].push_back(of_rule(rule));
  out["averaging"] = {"mean of percents", "ratio of sums"};
  out["scale"] = nullptr;
  return finish(std::move(out), recipe, written);
}

std::string scale_manifest(const ScaleView& view, const StudyRecipeText& recipe,
                           const std::vector<StudyWritten>& written) {
  Json out = head_of(view.study, view.command, view.version);
  out["slots"] = view.starts;
  for (const auto policy : study::kScalePolicies) out["policies"].push_back(spell(policy));
  out["averaging"] = Json::array();
  out["scale"] = {{"file", view.file},
                  {"lengths", names_of(view.axes.lengths)},
                  {"slacks", names_of(view.axes.slacks)},
                  {"cells", view.cells()},
                  {"known", view.known}};
  return finish(std::move(out), recipe, written);
}

}  // namespace lowtide::show
