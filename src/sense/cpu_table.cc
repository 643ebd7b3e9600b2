#include "sense/cpu_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace lowtide::sense {
namespace {

// Watts at full load of a vCPU about which nothing is known: the mean of Cloud Carbon Footprint's
// AWS coefficients, from SPECpower_ssj2008 (methodology, 2023). The median over the 615 server CPUs
// of data/cpu_tdp.csv with a core count is 3.9 W a thread, 2.0 to 9.7 W for nine in ten of them:
// that is the bound.
constexpr Power kVcpu = watts(3.5);
constexpr double kVcpuLow = 0.5;
constexpr double kVcpuHigh = 1.8;

// Rows that nobody has compared with the maker's own figure yet.
constexpr std::string_view kFromMemory = "memory";
constexpr std::string_view kUnconfirmed = " (assumed: a figure from memory, not confirmed)";

constexpr double kLeastBound = 0.5;  // no model is said to be better than this

std::string lower(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) continue;  // zero-width blanks and trademark signs
    out += static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
  }
  return out;
}

void erase_all(std::string& text, std::string_view what) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    text.erase(at, what.size());
  }
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (true) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return words;
    text.remove_prefix(begin);
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

bool is_noise(const std::string& word) {
  constexpr std::array<std::string_view, 6> kNoise = {"cpu",     "processor", "x-series",
                                                      "extreme", "edition",   "gen"};
  if (std::find(kNoise.begin(), kNoise.end(), word) != kNoise.end()) return true;
  // "64-core", "eight-core", "64-cores", "12th"
  return word.ends_with("-core") || word.ends_with("-cores") ||
         (word.size() <= 4 && word.ends_with("th") && word[0] >= '0' && word[0] <= '9');
}

// The fields of one CSV line as they stand there, quotes and all. The table is read at the start of
// every job (docs/performance.md): nothing is copied that nobody asks for.
void csv_fields(std::string_view line, std::vector<std::string_view>& fields) {
  fields.clear();
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;  // a doubled quote closes and opens again
    if (line[i] != ',' || quoted) continue;
    fields.push_back(line.substr(begin, i - begin));
    begin = i + 1;
  }
  fields.push_back(line.substr(begin));
}

// A field without its quotes (RFC 4180).
std::string plain(std::string_view field) {
  if (!field.starts_with('"')) return std::string(field);
  std::string out;
  for (std::size_t i = 1; i < field.size(); ++i) {
    if (field[i] == '"') {
      ++i;  // a second quote stands for one; anything else ends the field
      if (i == field.size() || field[i] != '"') break;
    }
    out += field[i];
  }
  return out;
}

std::optional<double> positive(std::string_view text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!(value > 0) || value > 1e5) return std::nullopt;
  return value;
}

// The first two words of a name, "amd epyc": the least that two CPUs of a family have in common.
std::string_view maker_and_line(std::string_view name) {
  const std::size_t first = name.find(' ');
  return first == std::string_view::npos ? name : name.substr(0, name.find(' ', first + 1));
}

constexpr std::string_view kMedian = "family:";

// `start` in lower case.
bool may_concern(std::string_view name, std::string_view start) {
  if (name.starts_with('"')) name.remove_prefix(1);
  if (name.starts_with(kMedian)) name.remove_prefix(kMedian.size());
  if (name.size() < start.size()) return false;
  const auto same = [](char small, char any) {
    return small == (any >= 'A' && any <= 'Z' ? static_cast<char>(any - 'A' + 'a') : any);
  };
  return std::equal(start.begin(), start.end(), name.begin(), same);
}

// Where the columns are; one that is not there is past the end of every row.
struct Columns {
  std::size_t name, vendor, family, cores, tdp, status;

  static Columns of(const std::vector<std::string_view>& header) {
    const auto at = [&](std::string_view column) {
      const auto found = std::find_if(header.begin(), header.end(), [&](std::string_view field) {
        return plain(field) == column;
      });
      return static_cast<std::size_t>(found - header.begin());
    };
    const std::size_t none = header.size();
    return {at("name"),
            at("vendor"),
            at("family"),
            at("cores"),
            at("tdp_w") != none ? at("tdp_w") : at("tdp"),
            at("status")};
  }
};

std::string_view field(const std::vector<std::string_view>& row, std::size_t column) {
  return column < row.size() ? row[column] : std::string_view();
}

// Whether a line is worth taking apart: most rows are of other makers, and where the name comes
// first one look at it is enough.
bool is_worth(std::string_view line, const std::optional<Columns>& columns,
              std::string_view start) {
  if (line.empty() || line.front() == '#') return false;
  return !columns || columns->name != 0 || may_concern(line, start);
}

std::string_view take_row(std::string_view& csv) {
  const std::size_t end = csv.find('\n');
  std::string_view line = csv.substr(0, end);
  csv.remove_prefix(end == std::string_view::npos ? csv.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool is_median(const CpuRow& row) { return row.name.starts_with(kMedian); }

// How many hardware threads share one core, from what the machine or else its maker is known for.
double threads_per_core(const CpuRow& row, const MachineFacts& facts) {
  const bool bare = !facts.virtual_machine;
  if (bare && facts.threads_per_socket && facts.cores_per_socket && *facts.cores_per_socket > 0) {
    return static_cast<double>(*facts.threads_per_socket) / *facts.cores_per_socket;
  }
  if (row.vendor == "IBM") return 4;  // POWER9 SMT4
  return row.vendor == "Intel" || row.vendor == "AMD" ? 2 : 1;
}

std::optional<double> threads_of(const CpuRow& row, const MachineFacts& facts) {
  if (!facts.virtual_machine && facts.threads_per_socket && *facts.threads_per_socket > 0) {
    return *facts.threads_per_socket;
  }
  if (!row.cores) return std::nullopt;
  return *row.cores * threads_per_core(row, facts);
}

ThreadPower known_model(const CpuRow& row, double threads, const MachineFacts& facts) {
  ThreadPower power;
  power.full = row.tdp / threads;
  power.tdp = row.tdp;
  power.threads = threads;
  power.row = row.name;
  // In a virtual machine a vCPU may be a whole core rather than a thread.
  if (facts.virtual_machine) power.high_rel = 1.0;
  power.how = fmt::format("{:.2f} W = TDP {:.0f} W / {:.0f} threads of {}, cpu_tdp.csv{}",
                          as_watts(power.full), as_watts(row.tdp), threads, row.name,
                          row.unconfirmed ? kUnconfirmed : "");
  return power;
}

// By every model of a family whose cores are known; absent when there is none.
std::optional<ThreadPower> known_family(const std::vector<CpuRow>& table, const std::string& family,
                                        const MachineFacts& facts) {
  std::vector<double> per_thread;  // W
  bool unconfirmed = false;
  for (const CpuRow& row : table) {
    if (family.empty() || row.family != family || is_median(row) || !row.cores) continue;
    per_thread.push_back(as_watts(row.tdp) / (*row.cores * threads_per_core(row, facts)));
    unconfirmed |= row.unconfirmed;
  }
  if (per_thread.empty()) return std::nullopt;
  std::sort(per_thread.begin(), per_thread.end());
  const auto quantile = [&](double q) {
    return per_thread[static_cast<std::size_t>(
        std::lround(q * static_cast<double>(per_thread.size() - 1)))];
  };
  ThreadPower power;
  const double median = quantile(0.5);
  power.full = watts(median);
  power.row = family;
  power.low_rel = std::max(kLeastBound, 1 - quantile(0.05) / median);
  power.high_rel = std::max(facts.virtual_machine ? 1.0 : kLeastBound, quantile(0.95) / median - 1);
  power.how = fmt::format("{:.2f} W = median TDP per thread of {} models of {}, cpu_tdp.csv{}",
                          median, per_thread.size(), family, unconfirmed ? kUnconfirmed : "");
  return power;
}

ThreadPower unknown_cpu(const std::string& model) {
  return {kVcpu, kVcpuLow, kVcpuHigh,
          fmt::format("{:.2f} W, the mean per vCPU of Cloud Carbon Footprint (2023), for {}",
                      as_watts(kVcpu), model.empty() ? "a CPU without a name" : model)};
}

// AMD's server generations by the first and last digit of the model, cloud SKUs (7R13) included.
std::string epyc_family(const std::string& key) {
  constexpr std::string_view kEpyc = "amd epyc ";
  if (!key.starts_with(kEpyc)) return {};
  std::string model = key.substr(kEpyc.size());
  model = model.substr(0, model.find(' '));
  while (!model.empty() && (model.back() < '0' || model.back() > '9')) model.pop_back();
  if (model.size() != 4 || model[0] < '3' || model[0] > '9') return {};
  return fmt::format("EPYC {}00{} Series", model[0], model[3]);
}

// The generation behind a masked "AMD EPYC", by cpuid family and model (AMD's revision guides).
std::string epyc_family(int family, int model) {
  struct Generation {
    int family, first, last;
    const char* name;
  };
  constexpr std::array<Generation, 5> kGenerations = {{{0x17, 0x00, 0x0f, "EPYC 7001 Series"},
                                                       {0x17, 0x30, 0x3f, "EPYC 7002 Series"},
                                                       {0x19, 0x00, 0x0f, "EPYC 7003 Series"},
                                                       {0x19, 0x10, 0x1f, "EPYC 9004 Series"},
                                                       {0x1a, 0x00, 0x1f, "EPYC 9005 Series"}}};
  for (const Generation& g : kGenerations) {
    if (family == g.family && model >= g.first && model <= g.last) return g.name;
  }
  return {};
}

bool has_family(const std::vector<CpuRow>& table, const std::string& family) {
  return !family.empty() && std::any_of(table.begin(), table.end(),
                                        [&](const CpuRow& row) { return row.family == family; });
}

// "intel xeon platinum 8259cl" begins with "intel xeon platinum", whole words only.
bool names_family(const std::string& key, const CpuRow& row) {
  const std::string start = lower(row.vendor + " " + row.family);
  if (!key.starts_with(start)) return false;
  return key.size() == start.size() || key[start.size()] == ' ' || key[start.size()] == '-';
}

const CpuRow* find_model(const std::vector<CpuRow>& table, const std::string& cpu_model) {
  const std::string key = normalise_cpu_name(cpu_model);
  // To normalise 1,400 names costs more than to look for the model's number in them first.
  const std::string number = key.substr(key.rfind(' ') + 1);
  const auto row = std::find_if(table.begin(), table.end(), [&](const CpuRow& candidate) {
    return !is_median(candidate) && lower(candidate.name).find(number) != std::string::npos &&
           normalise_cpu_name(candidate.name) == key;
  });
  return row != table.end() ? &*row : nullptr;
}

const CpuRow* find_median(const std::vector<CpuRow>& table, const std::string& family) {
  const auto row = std::find_if(table.begin(), table.end(), [&](const CpuRow& candidate) {
    return is_median(candidate) && candidate.family == family;
  });
  return row != table.end() ? &*row : nullptr;
}

}  // namespace

std::string normalise_cpu_name(std::string_view name) {
  std::string text = lower(name);
  for (const std::string_view sign : {"(r)", "(tm)", "(c)"}) erase_all(text, sign);
  text = text.substr(0, text.find('@'));
  text = text.substr(0, text.find(" with "));
  text = text.substr(0, text.find('('));
  std::string out;
  const std::vector<std::string> words = words_of(text);
  for (std::size_t i = 0; i < words.size(); ++i) {
    // The first Xeon E5 end in a stepping: "E5-2690 0".
    if (is_noise(words[i]) || (words[i] == "0" && i + 1 == words.size())) continue;
    if (!out.empty()) out += ' ';
    out += words[i];
  }
  return out;
}

Result<std::vector<CpuRow>> parse_cpu_table(std::string_view csv, const std::string& where,
                                            std::string_view like) {
  const std::string key = normalise_cpu_name(like);
  const std::string_view start = maker_and_line(key);
  std::vector<CpuRow> table;
  std::vector<std::string_view> fields;
  std::optional<Columns> columns;
  int line_number = 0;
  while (!csv.empty()) {
    const std::string_view line = take_row(csv);
    ++line_number;
    if (!is_worth(line, columns, start)) continue;
    csv_fields(line, fields);
    if (!columns) {
      columns = Columns::of(fields);
      if (std::max(columns->name, columns->tdp) < fields.size()) continue;
      return fail(ErrorKind::malformed, "no columns name and tdp_w in the header",
                  fmt::format("{}:{}", where, line_number));
    }
    if (!may_concern(field(fields, columns->name), start)) continue;
    const auto tdp = positive(plain(field(fields, columns->tdp)));
    if (!tdp) continue;
    table.push_back({plain(field(fields, columns->name)), plain(field(fields, columns->family)),
                     plain(field(fields, columns->vendor)),
                     positive(plain(field(fields, columns->cores))), watts(*tdp),
                     plain(field(fields, columns->status)) == kFromMemory});
  }
  return table;
}

std::string cpu_family_of(const std::vector<CpuRow>& table, const MachineFacts& facts) {
  const std::string key = normalise_cpu_name(facts.cpu_model);
  if (std::string family = epyc_family(key); has_family(table, family)) return family;
  if (key == "amd epyc" && facts.cpu_family && facts.cpu_number) {
    std::string family = epyc_family(*facts.cpu_family, *facts.cpu_number);
    if (has_family(table, family)) return family;
  }
  std::string best;
  for (const CpuRow& row : table) {
    if (row.family.size() > best.size() && names_family(key, row)) best = row.family;
  }
  return best;
}

ThreadPower thread_power(const std::vector<CpuRow>& table, const MachineFacts& facts) {
  const CpuRow* row = find_model(table, facts.cpu_model);
  const auto threads = row != nullptr ? threads_of(*row, facts) : std::nullopt;
  if (threads) return known_model(*row, *threads, facts);
  const std::string family = row != nullptr ? row->family : cpu_family_of(table, facts);
  if (const auto power = known_family(table, family, facts)) return *power;
  // A family without core counts on bare metal: its median over the threads of the socket.
  const CpuRow* median = find_median(table, family);
  const auto median_threads = median != nullptr ? threads_of(*median, facts) : std::nullopt;
  return median_threads ? known_model(*median, *median_threads, facts)
                        : unknown_cpu(facts.cpu_model);
}

}  // namespace lowtide::sense
