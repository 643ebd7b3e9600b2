// The words of a measurement that every layer shares, with their spelling in JSON and the ledger.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace lowtide {

using ZoneId = std::string;  // the Electricity Maps key, or `namespace:NAME`

enum class ChannelKind { gpu, cpu, dram, node, psys };

// How a joule is known, from best to worst; the worst of the parts is that of the whole.
//   measured  a counter or a power reading covered the time
//   bridged   a counter's difference over a time in which no lowtide watched
//   spread    a counter's difference over missed ticks: the energy is right, its shape is not known
//   modelled  computed from a table and the use of the device
//   filled    a gap filled by a named rule
//   gap       nothing is known
enum class Quality { measured, bridged, spread, modelled, filled, gap };

enum class Signal { average, marginal };
enum class Scope { direct, lifecycle };
enum class Gas { co2, co2e };

// How the intensity of a time is known, from best to worst.
//   history    a provider's value of what was
//   stated     given by the user: a file, a number
//   estimated  a provider filled it, and may replace it
//   forecast   said by a provider before its time
//   typical    the shipped typical year
//   annual     the mean of a year
enum class IntensityKind { history, stated, estimated, forecast, typical, annual };

enum class RunState {
  waiting, running, paused, finished, failed, killed, interrupted, cancelled
};

// Where a channel's figures come from.
enum class Source { nvml_counter, nvml_instant, nvml_power, rapl, model };

// Kinds of error: contract section 3.
enum class ErrorTermKind { gain, offset, alias, attribution, model, intensity, gap };

template <typename Enum>
struct Spelling;  // specialised below: a constexpr array of pairs

#define LOWTIDE_SPELL(Enum, ...)                                                        \
  template <>                                                                           \
  struct Spelling<Enum> {                                                               \
    static constexpr auto table = std::to_array<std::pair<Enum, std::string_view>>({__VA_ARGS__}); \
  }

LOWTIDE_SPELL(ChannelKind, {ChannelKind::gpu, "gpu"}, {ChannelKind::cpu, "cpu"},
              {ChannelKind::dram, "dram"}, {ChannelKind::node, "node"},
              {ChannelKind::psys, "psys"});
LOWTIDE_SPELL(Quality, {Quality::measured, "measured"}, {Quality::bridged, "bridged"},
              {Quality::spread, "spread"}, {Quality::modelled, "modelled"},
              {Quality::filled, "filled"}, {Quality::gap, "gap"});
LOWTIDE_SPELL(Signal, {Signal::average, "average"}, {Signal::marginal, "marginal"});
LOWTIDE_SPELL(Scope, {Scope::direct, "direct"}, {Scope::lifecycle, "lifecycle"});
LOWTIDE_SPELL(Gas, {Gas::co2, "co2"}, {Gas::co2e, "co2e"});
LOWTIDE_SPELL(IntensityKind, {IntensityKind::history, "history"},
              {IntensityKind::stated, "stated"}, {IntensityKind::estimated, "estimated"},
              {IntensityKind::forecast, "forecast"}, {IntensityKind::typical, "typical"},
              {IntensityKind::annual, "annual"});
LOWTIDE_SPELL(RunState, {RunState::waiting, "waiting"}, {RunState::running, "running"},
              {RunState::paused, "paused"}, {RunState::finished, "finished"},
              {RunState::failed, "failed"}, {RunState::killed, "killed"},
              {RunState::interrupted, "interrupted"}, {RunState::cancelled, "cancelled"});
LOWTIDE_SPELL(Source, {Source::nvml_counter, "nvml-counter"},
              {Source::nvml_instant, "nvml-instant"}, {Source::nvml_power, "nvml-power"},
              {Source::rapl, "rapl"}, {Source::model, "model"});
LOWTIDE_SPELL(ErrorTermKind, {ErrorTermKind::gain, "gain"}, {ErrorTermKind::offset, "offset"},
              {ErrorTermKind::alias, "alias"}, {ErrorTermKind::attribution, "attribution"},
              {ErrorTermKind::model, "model"}, {ErrorTermKind::intensity, "intensity"},
              {ErrorTermKind::gap, "gap"});
#undef LOWTIDE_SPELL

template <typename Enum>
constexpr std::string_view spell(Enum value) {
  for (const auto& [known, text] : Spelling<Enum>::table) {
    if (known == value) return text;
  }
  return "?";
}

template <typename Enum>
constexpr std::optional<Enum> read_word(std::string_view text) {
  for (const auto& [known, word] : Spelling<Enum>::table) {
    if (word == text) return known;
  }
  return std::nullopt;
}

}  // namespace lowtide
