// One job laid over every start in many zones of the grid or regions of a cloud. Pure.
//
// A site is one of them, with the series that the job is laid over. lay_over() fills in what each
// start emits there; rank() adds the transfer, tells unlike series, and puts the sites in order.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "account/report.h"
#include "base/result.h"
#include "plan/profile.h"
#include "plan/region.h"
#include "plan/sweep.h"
#include "series/intensity_series.h"
#include "series/run.h"
#include "study/starts.h"

namespace lowtide::study {

struct Site {
  ZoneId zone;
  std::string region;  // "azure:westus2"; empty: a zone
  std::string name;
  std::string country;  // ISO 3166-1 alpha-2; empty: not known
  bool own = false;     // where the run was
  double pue = 1;
  std::string pue_source;       // empty: not included
  bool pue_is_average = false;  // of the provider, not of the region: +-0.05
  IntensityUsed used;           // without its series
  std::optional<int> year;      // that the intensity is of; absent: several, or not known
  std::optional<double> price;

  // By lay_over().
  Utc first;                // begin of the first start's slot
  std::size_t offered = 0;  // starts looked at; those that touch a gap have no result
  StartFigures figures;
  std::optional<Intensity> mean;  // of the grid, over the slots that were looked at
  std::vector<Carbon> by_start;   // only where it is asked for; NaN: no result

  // By rank(). The transfer is in all figures.
  Carbon transfer;
  bool eligible = true;  // by country and SKU; only the own site stays where it is not
  bool unlike = false;   // of another signal, scope or gas than the reference

  [[nodiscard]] const std::string& key() const { return region.empty() ? zone : region; }
};

// Where a start counts as better: by the mean of all starts, or by the lowest of them.
enum class RankBy { mean, lowest };

struct LeftOut {
  ZoneId zone;
  std::string region;
  std::string why;
};

struct Comparison {
  // What was asked.
  plan::Profile work;  // IT energy of each work slot
  Signal signal = Signal::average;
  Utc at;               // "now"
  bool coming = false;  // the starts of the coming days; else of a year, or of a whole series
  RankBy by = RankBy::mean;
  Energy transfer;
  std::string transfer_note;  // how it was made; empty: no transfer
  std::string price_source;   // the file; empty: no prices
  // What came of it, the best first.
  std::vector<Site> sites;
  std::vector<LeftOut> left_out;

  [[nodiscard]] const Site* own() const;
  [[nodiscard]] const Site* best() const;       // of those that may take the job
  [[nodiscard]] const Site* lowest() const;     // the one of the lowest start of all
  [[nodiscard]] const Site* reference() const;  // what the others' series are compared with
  [[nodiscard]] Energy energy() const;
  // The figure that decides.
  [[nodiscard]] Carbon figure(const Site& site) const {
    return by == RankBy::mean ? site.figures.all.mean : site.figures.all.min;
  }
};

// The run's energy by work slot: what was charged while it ran, pauses and waiting left out.
// Errors: those of plan::profile_of.
[[nodiscard]] Result<plan::Profile> profile_of(const account::Report& report);

// The job over the starts from `starts.begin` to `starts.end`, both edges of slots. Errors: absent,
// when the series is shorter than the job, or every start touches a gap.
[[nodiscard]] Result<void> lay_over(const IntensitySeries& series, Interval starts,
                                    const Comparison& asked, Site& site,
                                    const plan::SweepOptions& options = {});

// By country and SKU, keys as Site::key() in lower case; `transfer` of the rules is taken from the
// comparison.
void rank(Comparison& comparison, plan::RegionRules rules);

}  // namespace lowtide::study
