// `lowtide grid`: the intensity series. `grid zones` lists what the shipped tables know; fetch,
// import, show, export and forecast are in files of their own.
#include <unistd.h>

#include "app/cli.h"
#include "app/grid_import.h"
#include "app/grid_series.h"
#include "app/ledger_access.h"
#include "app/paths.h"
#include "app/terminal.h"
#include "grid/zones.h"
#include "show/zones.h"

namespace lowtide::app {
namespace {

struct GridFlags {
  std::string text;
  bool json = false;
};

int zones_command(const GridFlags& flags) {
  auto zones = grid::list_zones(data_folder());
  if (zones && !flags.text.empty()) {
    zones = grid::zones_that_fit(std::move(*zones), flags.text);
    if (!zones) zones.error().hint += "; `lowtide grid zones` lists all";
  }
  if (!zones) return refuse(zones.error());
  return put(flags.json ? show::zones_json(*zones)
                        : show::zones_text(*zones, style_of(STDOUT_FILENO)));
}

}  // namespace

void add_grid(Cli& cli) {
  const auto flags = std::make_shared<GridFlags>();
  CLI::App& grid = *cli.app.add_subcommand("grid", "Look up carbon intensity");
  grid.require_subcommand(1);
  grid.footer(
      "Examples:\n"
      "  lowtide grid zones germany\n"
      "  lowtide grid fetch GB --source uk\n"
      "  lowtide grid import FR_2022_hourly.csv.gz --zone FR\n"
      "  lowtide grid show GB\n"
      "  lowtide grid export GB --intensity uk --out gb.csv\n"
      "  lowtide grid forecast GB");
  CLI::App& zones =
      *grid.add_subcommand("zones", "List the zones that are known and which intensity each has");
  zones.callback([&cli, flags] { cli.action = [flags] { return zones_command(*flags); }; });
  zones
      .add_option("text", flags->text,
                  "only those whose key, name or country has a word that begins so")
      ->type_name("TEXT");
  zones.add_flag("--json", flags->json, "as JSON (lowtide.zones/1)");
  zones.footer(
      "A place for --location. Where a zone has a typical year, a run without a series of its own\n"
      "takes it, hour by hour; else the annual mean of the zone, its country or the world.\n"
      "Examples:\n"
      "  lowtide grid zones\n"
      "  lowtide grid zones \"new south\"\n"
      "  lowtide grid zones US --json");
  add_grid_fetch(cli, grid);
  add_grid_import(cli, grid);
  add_grid_show(cli, grid);
  add_grid_export(cli, grid);
  add_grid_forecast(cli, grid);
  add_grid_score(cli, grid);
}

}  // namespace lowtide::app
