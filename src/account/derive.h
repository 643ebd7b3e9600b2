// The derivation: what a run recorded -> what it caused. Pure and total: any record gives a report;
// what cannot be known from it is absent there, with the reason beside it.
//
//   charges (charge.h)  ->  slots (slots.h)  ->  bounds (bounds.h)  ->  SCI (sci.h)
#pragma once

#include <span>
#include <string>
#include <vector>

#include "account/embodied.h"
#include "account/report.h"
#include "base/result.h"
#include "series/run.h"

namespace lowtide::account {

// A row of data/equivalents.csv, of the edition that is wanted.
struct Equivalent {
  std::string name;
  Carbon factor;        // of one
  std::string edition;  // its year, and the source
  Gas gas = Gas::co2e;  // that the factor is of
};

struct Tables {
  std::vector<Equivalent> equivalents;
  EmbodiedTable embodied = {};
};

[[nodiscard]] Report derive(const RunRecord& record, const Tables& tables);

}  // namespace lowtide::account
