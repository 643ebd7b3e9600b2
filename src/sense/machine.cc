#include "sense/machine.h"

#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>

namespace lowtide::sense {
namespace {

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string_view next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::optional<long long> number(std::string_view text) {
  long long value = 0;
  const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || stop == text.data()) return std::nullopt;
  return value;
}

std::optional<int> small_number(std::string_view text) {
  const auto value = number(text);
  if (!value || *value < 0 || *value > 1'000'000) return std::nullopt;
  return static_cast<int>(*value);
}

void read_cpu_field(std::string_view key, std::string_view value, MachineFacts& facts) {
  struct Number {
    std::string_view key;
    std::optional<int> MachineFacts::* fact;
  };
  constexpr std::array kNumbers = std::to_array<Number>({
      {"cpu family", &MachineFacts::cpu_family},
      {"model", &MachineFacts::cpu_number},
      {"siblings", &MachineFacts::threads_per_socket},
      {"cpu cores", &MachineFacts::cores_per_socket},
  });
  for (const Number& number : kNumbers) {
    if (key == number.key) facts.*number.fact = small_number(value);
  }
  if (key == "processor") facts.logical_cpus = facts.logical_cpus.value_or(0) + 1;
  if (key == "model name" && facts.cpu_model.empty()) facts.cpu_model = value;
  if (key == "vendor_id" && facts.cpu_vendor.empty()) facts.cpu_vendor = value;
  if (key == "flags") {
    facts.virtual_machine = value.find(" hypervisor") != std::string_view::npos;
  }
}

void read_cpuinfo(std::string_view text, MachineFacts& facts) {
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    read_cpu_field(trim(line.substr(0, colon)), trim(line.substr(colon + 1)), facts);
  }
}

std::optional<double> read_memory_gb(std::string_view text) {
  constexpr double kKbPerGb = 1024.0 * 1024.0;
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    constexpr std::string_view kKey = "MemTotal:";
    if (!line.starts_with(kKey)) continue;
    const auto kb = number(trim(line.substr(kKey.size())));
    if (kb && *kb > 0) return static_cast<double>(*kb) / kKbPerGb;
  }
  return std::nullopt;
}

// "cpu0 ..", "cpu1 ..": one line a CPU that is online.
std::optional<int> count_cpus(std::string_view stat) {
  int count = 0;
  while (!stat.empty()) {
    const std::string_view line = next_line(stat);
    if (line.size() > 3 && line.starts_with("cpu") && line[3] >= '0' && line[3] <= '9') ++count;
  }
  return count > 0 ? std::optional(count) : std::nullopt;
}

}  // namespace

MachineFacts read_machine(const host::MachineFiles& files) {
  MachineFacts facts;
  if (const auto text = files.read("/proc/cpuinfo")) read_cpuinfo(*text, facts);
  if (const auto text = files.read("/proc/meminfo")) facts.memory_gb = read_memory_gb(*text);
  if (!facts.logical_cpus) {
    if (const auto text = files.read("/proc/stat")) facts.logical_cpus = count_cpus(*text);
  }
  return facts;
}

Result<Duration> read_busy_time(const host::MachineFiles& files) {
  const auto text = files.read("/proc/stat");
  if (!text) return tl::unexpected(text.error());
  std::string_view rest = *text;
  std::string_view line = next_line(rest);
  const auto malformed = [&] {
    return fail(ErrorKind::malformed, "its first line is not 'cpu user nice system ..'",
                files.path("/proc/stat"));
  };
  if (!line.starts_with("cpu ")) return malformed();
  line = trim(line.substr(4));

  // user nice system idle iowait irq softirq steal guest guest_nice
  constexpr std::array<bool, 7> kBusy = {true, true, true, false, false, true, true};
  std::int64_t ticks = 0;
  for (const bool busy : kBusy) {
    const auto value = number(line);
    if (!value) return malformed();
    if (busy) ticks += *value;
    const std::size_t blank = line.find(' ');
    line = blank == std::string_view::npos ? std::string_view() : trim(line.substr(blank));
  }
  static const long ticks_per_second = sysconf(_SC_CLK_TCK);
  return std::chrono::nanoseconds(std::chrono::seconds(1)) / ticks_per_second * ticks;
}

}  // namespace lowtide::sense
