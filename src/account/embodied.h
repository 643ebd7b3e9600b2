// M of the SCI: the run's share of what it took to make the hardware.
//
// M = TE x (time held / expected life) x (reserved / total), per SCI 1.1.0 (ISO/IEC 21031:2024).
// TE of a server and of a GPU come from data/embodied.csv, by way of Tables: public figures that
// differ, so M carries wide bounds and is always marked as assumed. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "series/run.h"

namespace lowtide::account {

// Embodied carbon (TE) of one device, cradle to gate, with the range that published figures span.
struct EmbodiedRow {
  std::string name;  // a word in the GPU's own name; empty: a server, or any other GPU
  Carbon value;
  Carbon low;
  Carbon high;
  std::string source;
  bool unconfirmed = false;  // as others quote it: not read in the maker's own document
};

// data/embodied.csv.
struct EmbodiedTable {
  std::optional<EmbodiedRow> server;
  std::vector<EmbodiedRow> gpus;  // the first that fits is taken
  Duration life{};                // expected; zero: there is no table
  Duration life_shortest{};
  Duration life_longest{};
  std::string life_source;
  // A machine that shows fewer logical CPUs than this is taken as a part of a server that has them:
  // most such machines are virtual, and a whole server must not be charged to a 2-CPU guest.
  double server_cpus = 0;
};

inline constexpr double kHoursPerYear = 8760;  // SCI 1.1.0: 4 years are 35,040 h
[[nodiscard]] double as_years(Duration life);

// What of one device's making the run is charged: row x held / life x reserved / total.
struct EmbodiedItem {
  std::string origin;  // "server", or a channel's id
  EmbodiedRow row;
  double reserved = 1;
  double total = 1;
  Carbon value;
  Carbon low;   // row.low over the longest life
  Carbon high;  // row.high over the shortest
  Duration held{};
};

struct Embodied {
  std::optional<Carbon> value;  // absent: not included, or not known
  Carbon low;
  Carbon high;
  EmbodiedTable table;              // its life; the rows are in the items
  std::vector<EmbodiedItem> items;  // none where M was given in grams
  std::vector<std::string> assumed;
  std::vector<std::string> sources;
};

// `held` is the time of the run, running and paused; a life of it may have had less of a device.
[[nodiscard]] Embodied embodied(const RunRecord& record, Duration held, const EmbodiedTable& table);

}  // namespace lowtide::account
