// A run priced again with what is known today.
//
// A run whose intensity is provisional (forecast, estimated, typical for want of a provider's
// value, or not there yet) is completed: the new series replaces the old in the ledger, which keeps
// the old one, with an event that says both figures. `--reprice` looks the same up for any run and
// stores nothing.
#pragma once

#include <string>
#include <vector>

#include "app/settings.h"
#include "base/result.h"
#include "grid/place.h"
#include "record/ledger.h"
#include "series/run.h"

namespace lowtide::app {

struct NewPrice {
  std::vector<IntensityUsed> now;  // by series, as the run has them
  bool changed = false;            // by their hashes
  std::vector<std::string> said;   // what could not be asked, one line each
};

// What is asked of the network first: nothing, what is not final, or what is final too.
enum class AskFirst { nothing, unsettled, all };

// One row of the ledger. Nothing is stored.
[[nodiscard]] NewPrice price_again(const RunRecord& row, Settings& settings, AskFirst ask);

// Where a series of the row is of.
[[nodiscard]] grid::Place place_of(const RunRecord& row, const IntensityUsed& used);

// One of the row's series over any interval, from the source that it was made by, as that has it
// today; a provider is asked first for what is not final. Errors: those of grid::open_source() and
// Provider::fetch().
[[nodiscard]] Result<IntensityUsed> read_again(const RunRecord& row, const IntensityUsed& used,
                                               Interval over, Settings& settings,
                                               std::vector<std::string>& said);

// The record of `key` as it is and as it would be with today's prices.
struct PricedRecord {
  RunRecord before;
  RunRecord now;
};
[[nodiscard]] Result<PricedRecord> record_priced_again(record::Ledger& ledger, std::int64_t key,
                                                       bool samples);

// All provisional rows of these records (an id each), or of the whole ledger, as far as more is
// known by now. How many rows were priced anew; lines about what is still missing are in `said`.
struct Completed {
  int rows = 0;
  int still_provisional = 0;
  std::vector<std::string> said;
};
[[nodiscard]] Completed complete_provisional(Settings& settings,
                                             const std::vector<std::int64_t>& keys, AskFirst ask);

// Before a report: completes what of the named runs is provisional, and says in a line what it did
// and could not do. Never an error: the report then says that it is provisional.
void complete_for_report(record::Ledger& ledger, const std::vector<std::string>& wanted);

// After a fetch: by what is kept now, all that is provisional. "2 runs completed, 1 still
// provisional"; empty where there was none.
[[nodiscard]] std::string complete_by_kept(Settings& settings);

}  // namespace lowtide::app
