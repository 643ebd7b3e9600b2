#include "account/embodied.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "series/merge_lives.h"

namespace lowtide::account {
namespace {

const EmbodiedRow* gpu_row(const EmbodiedTable& table, std::string_view name) {
  const auto found =
      std::find_if(table.gpus.begin(), table.gpus.end(), [&](const EmbodiedRow& row) {
        return name.find(row.name) != std::string_view::npos;  // the empty one is in any
      });
  return found == table.gpus.end() ? nullptr : &*found;
}

void add(EmbodiedItem item, Embodied& sum) {
  const double part = as_seconds(item.held) * item.reserved / item.total;
  item.value = item.row.value * (part / as_seconds(sum.table.life));
  item.low = item.row.low * (part / as_seconds(sum.table.life_longest));
  item.high = item.row.high * (part / as_seconds(sum.table.life_shortest));
  sum.value = sum.value.value_or(Carbon{}) + item.value;
  sum.low += item.low;
  sum.high += item.high;
  auto& sources = sum.sources;
  for (const std::string& source : {item.row.source, sum.table.life_source}) {
    const bool there = std::find(sources.begin(), sources.end(), source) != sources.end();
    if (!there && !source.empty()) sources.push_back(source);
  }
  sum.items.push_back(std::move(item));
}

// "held 0.5 h of its 4 years".
std::string held_text(Duration held, const Embodied& sum) {
  return fmt::format("held {:.4g} h of its {:g} years", as_hours(held), as_years(sum.table.life));
}

void add_server(const MachineShare& machine, const EmbodiedRow& row, Duration held, Embodied& sum) {
  const double cpus = std::max(machine.cpus, sum.table.server_cpus);
  sum.assumed.push_back(fmt::format("embodied: {:g} of {:g} CPUs of a server of {:g} kg CO2e, {}",
                                    machine.cpus_reserved, cpus, as_grams(row.value) / 1000,
                                    held_text(held, sum)));
  add({"server", row, machine.cpus_reserved, cpus, {}, {}, {}, held}, sum);
}

void add_gpu(const ChannelInfo& channel, const EmbodiedRow& row, Duration held, Embodied& sum) {
  sum.assumed.push_back(fmt::format("embodied: {} ({}) of {:g} kg CO2e, {}{}", channel.id,
                                    channel.name, as_grams(row.value) / 1000, held_text(held, sum),
                                    row.unconfirmed ? ", a figure not confirmed" : ""));
  add({channel.id, row, 1, 1, {}, {}, {}, held}, sum);
}

Embodied automatic(const RunRecord& record, Duration held, const EmbodiedTable& table) {
  Embodied sum;
  sum.table = table;
  sum.table.gpus.clear();
  if (table.life <= Duration::zero()) {
    sum.assumed.emplace_back("embodied: left out, the table of it could not be read");
    return sum;
  }
  for (std::size_t i = 0; i <= record.others.size(); ++i) {
    const MachineShare& machine = machine_of(record, i);
    if (!table.server || machine.cpus_reserved <= 0) continue;
    add_server(machine, *table.server, held - time_away(record, machine.away), sum);
  }
  for (const ChannelInfo& channel : record.channels) {
    if (channel.kind != ChannelKind::gpu || !channel.in_total) continue;
    if (const EmbodiedRow* row = gpu_row(table, channel.name)) {
      add_gpu(channel, *row, held - time_away(record, channel.away), sum);
    }
  }
  return sum;
}

}  // namespace

double as_years(Duration life) { return as_hours(life) / kHoursPerYear; }

Embodied embodied(const RunRecord& record, Duration held, const EmbodiedTable& table) {
  const std::string& option = record.options.embodied;
  if (option == "none") return {};
  if (option == "auto") return automatic(record, held, table);
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
