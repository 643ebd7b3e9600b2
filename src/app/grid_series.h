// The commands of `lowtide grid` on series: fetch and show a provider's, export, forecast.
#pragma once

#include <string>
#include <vector>

#include "app/cli.h"
#include "app/settings.h"
#include "base/result.h"
#include "base/time.h"
#include "grid/place.h"
#include "show/kept_view.h"

namespace lowtide::app {

void add_grid_fetch(Cli& cli, CLI::App& grid);
void add_grid_export(Cli& cli, CLI::App& grid);
void add_grid_show(Cli& cli, CLI::App& grid);
void add_grid_forecast(Cli& cli, CLI::App& grid);
void add_grid_score(Cli& cli, CLI::App& grid);

// --from and --to, with what stands in for them. Error usage where they are no times or no span.
[[nodiscard]] Result<Interval> span_of_flags(const std::string& from, const std::string& to,
                                             Interval otherwise);
// --signal of these two commands: one, or both.
[[nodiscard]] Result<std::vector<Signal>> signals_of(const std::string& text);

// What is kept of a series over `over`; its models, revisions and values. Of an empty zone:
// nothing.
[[nodiscard]] Result<show::KeptView> kept_view(grid::KeptSeries& kept, const grid::SeriesKey& key,
                                               Interval over);

}  // namespace lowtide::app
