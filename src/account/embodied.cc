#include "account/embodied.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

namespace lowtide::account {
namespace {

const EmbodiedRow& row_named(std::string_view device) {
  return *std::find_if(kEmbodied.begin(), kEmbodied.end(),
                       [&](const EmbodiedRow& row) { return row.device == device; });
}

const EmbodiedRow& gpu_row(std::string_view name) {
  const auto found = std::find_if(kEmbodied.begin(), kEmbodied.end(), [&](const EmbodiedRow& row) {
    return row.device != "server" && row.device != "gpu" &&
           name.find(row.device) != std::string_view::npos;
  });
  return found == kEmbodied.end() ? row_named("gpu") : *found;
}

Carbon share_of(const EmbodiedRow& row, Duration held, double part) {
  return row.value * (as_seconds(held) / as_seconds(kLife) * part);
}

// The share of a device's making that a time of holding it is charged.
void add_share(const EmbodiedRow& row, Duration held, double part, Embodied& sum) {
  const double seconds_held = as_seconds(held);
  sum.value = sum.value.value_or(Carbon{}) + share_of(row, held, part);
  sum.low += row.low * (seconds_held / as_seconds(kLifeLongest) * part);
  sum.high += row.high * (seconds_held / as_seconds(kLifeShortest) * part);
  const std::string source(row.source);
  if (std::find(sum.sources.begin(), sum.sources.end(), source) == sum.sources.end()) {
    sum.sources.push_back(source);
  }
}

Embodied automatic(const RunRecord& record, Duration held) {
  Embodied sum;
  const MachineShare& machine = record.machine;
  if (machine.cpus_reserved > 0) {
    const double cpus = std::max(machine.cpus, kServerCpus);
    const EmbodiedRow& server = row_named("server");
    add_share(server, held, machine.cpus_reserved / cpus, sum);
    sum.assumed.push_back(
        fmt::format("embodied: {:g} of {:g} CPUs of a server of {:g} kg CO2e over 4 years",
                    machine.cpus_reserved, cpus, as_grams(server.value) / 1000));
  }
  for (const ChannelInfo& channel : record.channels) {
    if (channel.kind != ChannelKind::gpu || !channel.in_total) continue;
    const EmbodiedRow& gpu = gpu_row(channel.name);
    add_share(gpu, held, 1, sum);
    sum.assumed.push_back(fmt::format("embodied: {} ({}) of {:g} kg CO2e over 4 years{}",
                                      channel.id, channel.name, as_grams(gpu.value) / 1000,
                                      gpu.unconfirmed ? ", a figure not confirmed" : ""));
  }
  return sum;
}

}  // namespace

Carbon embodied_of_gpu(std::string_view name, Duration held) {
  return share_of(gpu_row(name), held, 1);
}

Embodied embodied(const RunRecord& record, Duration held) {
  const std::string& option = record.options.embodied;
  if (option == "none") return {};
  if (option == "auto") return automatic(record, held);
  double given = 0;
  const char* end = option.data() + option.size();
  const auto [stop, error] = std::from_chars(option.data(), end, given);
  const std::string_view unit(stop, static_cast<std::size_t>(end - stop));
  if (error != std::errc{} || given < 0 || !(unit.empty() || unit == "g")) return {};
  Embodied sum;
  sum.value = sum.low = sum.high = grams(given);
  sum.sources.emplace_back("--embodied");
  return sum;
}

}  // namespace lowtide::account
