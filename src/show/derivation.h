// The derivation of a report by hand: readings, charges, slots, factors and bounds, step by step.
//
// A step is a formula of docs/methods.md with the run's own numbers put in: whoever computes it
// from the inputs gets the result, and the results are the report's figures (derivation_test.cc
// does so for any run). Results are copied from the report, inputs from its pieces, the record and
// the series. Units are in the values; times are UTC. Pure values; show/explain.h prints them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "account/report.h"
#include "series/run.h"

namespace lowtide::show {

struct Value {
  std::string name;
  double value = 0;
  std::string unit;  // empty: a number
};

struct Step {
  std::string what;           // "charge of cpu:0"
  std::string anchor;         // of docs/methods.md: "charges"
  std::string formula;        // "{} x {}", filled with the names or the numbers of `inputs`
  std::vector<Value> inputs;  // none: a plain figure, or words
  std::optional<Value> result;
  std::string note;              // where a figure is from; what is not known, and why
  std::optional<Interval> span;  // of a slot, of readings
};

struct Section {
  std::string title;
  std::vector<Step> steps;
};

struct Explanation {
  std::vector<Section> sections;
};

// `report` is derive(record, ..). Of many slots the first and the last are worked, and what lies
// between is one figure; with `all` each of them is.
[[nodiscard]] Explanation explain(const RunRecord& record, const account::Report& report, bool all);

}  // namespace lowtide::show
