#include "app/review_basis.h"

#include <nlohmann/json.hpp>

#include "act/state_text.h"

namespace lowtide::app {
namespace {

using nlohmann::json;

// An object, empty where the text is none.
json object_of(const std::string& text) {
  json read = json::parse(text, nullptr, false);
  return read.is_object() ? read : json::object();
}

json part_of(const json& whole, const char* key) {
  const auto found = whole.find(key);
  return found != whole.end() && found->is_object() ? *found : json::object();
}

std::optional<double> number(const json& from, const char* key) {
  const auto found = from.find(key);
  if (found == from.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

std::string words(const json& from, const char* key) {
  const auto found = from.find(key);
  return found != from.end() && found->is_string() ? found->get<std::string>() : std::string();
}

template <typename Enum>
std::optional<Enum> word(const json& from, const char* key) {
  return read_word<Enum>(words(from, key));
}

std::optional<Utc> time(const json& from, const char* key) {
  const auto read = parse_utc(words(from, key));
  return read ? std::optional(*read) : std::nullopt;
}

std::size_t count(const json& from, const char* key, std::size_t otherwise) {
  const double value = number(from, key).value_or(static_cast<double>(otherwise));
  return value >= 0 && value < 1e6 ? static_cast<std::size_t>(value) : otherwise;
}

std::optional<plan::Charges> charges_of(const json& basis) {
  const json from = part_of(basis, "charges");
  if (from.empty()) return std::nullopt;
  const auto amount = [&](const char* key) { return number(from, key).value_or(0); };
  plan::Charges charges;
  charges.resume = joules(amount("resume_j"));
  charges.pause = joules(amount("pause_j"));
  charges.restore_slots = count(from, "restore_slots", 0);
  charges.restore_power = watts(amount("restore_w"));
  charges.min_run = count(from, "min_run", 1);
  charges.min_pause = count(from, "min_pause", 1);
  charges.machine = word<plan::Machine>(from, "machine").value_or(plan::Machine::stays_on);
  charges.idle_power = watts(amount("idle_w"));
  charges.hold_per_hour = grams(amount("hold_g_per_h"));
  return charges;
}

std::vector<std::string> texts(const json& from, const char* key) {
  const auto found = from.find(key);
  std::vector<std::string> all;
  if (found == from.end() || !found->is_array()) return all;
  for (const json& one : *found) {
    if (one.is_string()) all.push_back(one.get<std::string>());
  }
  return all;
}

void add_assumed(const json& basis, ReviewBasis& out) {
  const json charges = part_of(basis, "charges");
  const auto power = number(charges, "assumed_w");
  if (power && *power > 0) out.assumed = watts(*power);
  for (const std::string& name : texts(charges, "of_mean")) {
    if (name == "resume") out.of_mean.resume = true;
    if (name == "pause") out.of_mean.pause = true;
    if (name == "restore") out.of_mean.restore = true;
  }
}

// Where the hours to come were from: the forecast that was issued last, else the first origin.
json newest_origin(const json& basis) {
  const auto origins = basis.find("origins");
  if (origins == basis.end() || !origins->is_array()) return basis;
  json newest = json::object();
  for (const json& one : *origins) {
    if (!one.is_object()) continue;
    if (newest.empty() || time(one, "issued") > time(newest, "issued")) newest = one;
  }
  return newest;
}

show::ReviewPromise promise_of(const record::KeptPlan& plan, const json& basis) {
  show::ReviewPromise promise;
  promise.made = plan.made;
  promise.saving = plan.saving;
  promise.cost = plan.cost;
  promise.cost_now = plan.cost_now;
  promise.why = plan.why;
  const json gate = part_of(basis, "gate");
  promise.gate = words(gate, "verdict");
  const auto low = number(gate, "low");
  const auto high = number(gate, "high");
  if (low && high) promise.bounds = show::SavingBounds{*low, *high};
  promise.source = words(basis, "source");
  promise.model = words(basis, "model");
  const json came = newest_origin(basis);
  promise.kind = words(came, "kind");
  promise.issued = time(came, "issued");
  return promise;
}

// What the act itself says of the run.
void add_act(const record::Act& act, ReviewBasis& out) {
  if (out.forbidden.empty()) out.forbidden = texts(object_of(act.about), "not");
  const auto state = act::read_state(act.state);
  if (!state) return;
  if (!out.deadline && state->terms.deadline != Utc{}) out.deadline = state->terms.deadline;
  if (out.manner == act::Manner::none) out.manner = state->terms.manner;
}

}  // namespace

std::optional<plan::Charges> charges_at(const ReviewBasis& basis, Power mean) {
  if (!basis.charges || !basis.assumed) return basis.charges;
  return plan::rescaled(*basis.charges, basis.of_mean, mean / *basis.assumed);
}

ReviewBasis read_basis(const record::Act& act, const std::vector<record::KeptPlan>& plans) {
  ReviewBasis out;
  if (!plans.empty()) {
    const json basis = object_of(plans.front().basis);
    out.signal = word<Signal>(basis, "signal");
    out.deadline = time(basis, "deadline");
    out.manner = word<act::Manner>(basis, "manner").value_or(act::Manner::none);
    out.charges = charges_of(basis);
    add_assumed(basis, out);
    out.forbidden = texts(basis, "not");
    out.promise = promise_of(plans.front(), basis);
  }
  add_act(act, out);
  return out;
}

}  // namespace lowtide::app
