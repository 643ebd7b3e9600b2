#include "sense/rapl.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <utility>

#include "host/unique_fd.h"
#include "sense/counter.h"
#include "sense/machine.h"
#include "sense/rapl_zones.h"

namespace lowtide::sense {
namespace {

constexpr Duration kPeriod = std::chrono::seconds(1);

// What no zone of its kind draws: a wrap that would need more is a reset. Three times the highest
// power limit the zone names, for limits are means over seconds and turbo goes above them; where it
// names none, more than any package (500 W, Xeon 6 and EPYC 9005, 2024) or a socket's DIMMs draw.
constexpr double kOverLimit = 3.0;
constexpr Power kLeastCeiling = watts(150);
constexpr Power kPackageCeiling = watts(1500);
constexpr Power kDramCeiling = watts(400);
constexpr Power kPsysCeiling = watts(4000);

Power ceiling(const RaplZone& zone) {
  if (zone.limit) return std::max(kOverLimit * *zone.limit, kLeastCeiling);
  if (zone.kind == ChannelKind::dram) return kDramCeiling;
  return zone.kind == ChannelKind::psys ? kPsysCeiling : kPackageCeiling;
}

ErrorTerm gain(double rel, std::string reference) {
  ErrorTerm term;
  term.kind = ErrorTermKind::gain;
  term.low_rel = rel;
  term.high_rel = rel;
  term.reference = std::move(reference);
  return term;
}

// docs/accuracy.md derives these.
std::vector<ErrorTerm> error_terms(const RaplZone& zone, bool amd) {
  std::vector<ErrorTerm> terms;
  if (zone.kind == ChannelKind::dram) {
    terms.push_back(gain(0.20, "Desrochers et al., MEMSYS 2016, doi:10.1145/2989081.2989088"));
  } else if (amd) {
    terms.push_back(gain(0.10, "Schoene et al., CLUSTER 2021, arXiv:2108.00808"));
  } else {
    terms.push_back(gain(0.05, "Khan et al., TOMPECS 3(2) 2018, doi:10.1145/3177754"));
  }
  // Each end of the run may be one update (1 ms) late.
  ErrorTerm edge;
  edge.kind = ErrorTermKind::offset;
  edge.low_once = zone.limit.value_or(watts(300)) * std::chrono::milliseconds(2);
  edge.high_once = edge.low_once;
  edge.reference = "RAPL energy status is updated about each 1 ms: Intel SDM vol. 3B";
  terms.push_back(edge);
  return terms;
}

// An energy_uj file, kept open between reads: a third of the cost of opening it each second, for
// days. A file that was replaced (no name is left) or whose driver was loaded anew is opened again.
class CounterFile {
 public:
  explicit CounterFile(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] Result<std::uint64_t> read() {
    std::array<char, 64> text;  // NOLINT: filled by pread()
    ssize_t got = named() ? pread(fd_.get(), text.data(), text.size(), 0) : -1;
    if (got < 0) {
      fd_.reset(open(path_.c_str(), O_RDONLY | O_CLOEXEC));
      got = fd_ ? pread(fd_.get(), text.data(), text.size(), 0) : -1;
    }
    if (got < 0) {
      fd_.reset();
      const auto why = host::read_file(path_);
      if (!why) return tl::unexpected(why.error());
      return fail(ErrorKind::temporary, "could not be read just now", path_);
    }
    std::uint64_t value = 0;
    const char* end = text.data() + got;
    const auto [stop, code] = std::from_chars(text.data(), end, value);
    if (code != std::errc() || (stop != end && *stop != '\n')) {
      return fail(ErrorKind::malformed, "is not a whole number of microjoules", path_);
    }
    return value;
  }

 private:
  [[nodiscard]] bool named() const {
    struct stat status{};
    return fd_ && fstat(fd_.get(), &status) == 0 && status.st_nlink > 0;
  }

  std::string path_;
  host::UniqueFd fd_;
};

class RaplMeter final : public Meter {
 public:
  RaplMeter(std::vector<RaplZone> zones, bool amd, const host::Clock& clock) : clock_(clock) {
    std::map<ChannelKind, int> count;
    for (RaplZone& zone : zones) {
      const CounterRules rules{joules(1e-6), zone.range_uj, ceiling(zone), kPeriod};
      channels_.push_back(channel(zone, count[zone.kind]++, amd));
      zones_.push_back({CounterFile(std::move(zone.energy_path)), CounterTrack(rules), false});
    }
  }

  [[nodiscard]] const std::vector<ChannelInfo>& describe() const override { return channels_; }
  [[nodiscard]] Duration period() const override { return kPeriod; }

  [[nodiscard]] Result<Batch> read() override {
    Batch batch;
    batch.readings.reserve(zones_.size());
    for (std::size_t i = 0; i < zones_.size(); ++i) read_zone(i, batch);
    return batch;
  }

  [[nodiscard]] std::string save() const override {
    std::string text;
    for (std::size_t i = 0; i < zones_.size(); ++i) {
      if (const auto& mark = zones_[i].track.mark()) text += write_mark(channels_[i].uuid, *mark);
    }
    return text;
  }

  void restore(std::string_view saved) override {
    const auto marks = read_marks(saved);
    for (std::size_t i = 0; i < zones_.size(); ++i) {
      const auto found = marks.find(channels_[i].uuid);
      if (found != marks.end()) zones_[i].track.restore(found->second);
    }
  }

 private:
  struct Zone {
    CounterFile file;
    CounterTrack track;
    bool failing;  // already said
  };

  static ChannelInfo channel(const RaplZone& zone, int number, bool amd) {
    ChannelInfo info;
    info.kind = zone.kind;
    info.id = zone.kind == ChannelKind::psys && number == 0
                  ? "psys"
                  : fmt::format("{}:{}", spell(zone.kind), number);
    info.name = zone.name;
    info.uuid = "rapl:" + zone.name;
    info.source = Source::rapl;
    info.in_total = zone.kind != ChannelKind::psys;
    info.errors = error_terms(zone, amd);
    if (!info.in_total) info.note = "the whole platform, packages and DRAM included: not added";
    if (!zone.range_uj) info.note = "no max_energy_range_uj: a wrap will be a gap";
    return info;
  }

  void read_zone(std::size_t i, Batch& batch) {
    Zone& zone = zones_[i];
    const BootTime before = clock_.boot();
    const auto raw = zone.file.read();
    const BootTime at = before + (clock_.boot() - before) / 2;
    if (!raw) {
      if (!zone.failing) batch.troubles.push_back({i, raw.error()});
      zone.failing = true;
      return;
    }
    zone.failing = false;
    const auto step = zone.track.step(*raw, at);
    if (!step) {
      batch.troubles.push_back({i, step.error()});
    } else if (*step) {
      const Power mean = (*step)->energy / (*step)->span.length();
      batch.readings.push_back({i, (*step)->span, (*step)->energy, mean, mean, (*step)->quality});
    }
  }

  const host::Clock& clock_;
  std::vector<ChannelInfo> channels_;
  std::vector<Zone> zones_;
};

}  // namespace

Result<std::unique_ptr<Meter>> open_rapl(const host::MachineFiles& files,
                                         const host::Clock& clock) {
  std::vector<RaplZone> zones = find_rapl_zones(files);
  if (zones.empty()) {
    return fail(ErrorKind::absent, "no RAPL zone here", files.path("/sys/class/powercap"));
  }
  std::optional<Error> denied;
  bool readable = false;
  for (const RaplZone& zone : zones) {
    const auto raw = CounterFile(zone.energy_path).read();
    if (raw || raw.error().kind != ErrorKind::denied) {
      readable = true;
    } else if (!denied) {
      denied = raw.error();
    }
  }
  if (!readable && denied) {
    denied->message = "only root may read it";
    denied->hint = "allow it until the next boot with: sudo chmod a+r " +
                   files.path("/sys/class/powercap") +
                   "/*/energy_uj (for good: docs/sources/rapl.md)";
    return tl::unexpected(*std::move(denied));
  }
  const bool amd = read_machine(files).cpu_vendor == "AuthenticAMD";
  return std::make_unique<RaplMeter>(std::move(zones), amd, clock);
}

}  // namespace lowtide::sense
