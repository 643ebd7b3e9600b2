// `lowtide export`: what the ledger holds of runs, as JSON that another tool can read.
#include <fmt/format.h>

#include "app/cli.h"
#include "app/ledger_access.h"

namespace lowtide::app {
namespace {

struct ExportFlags {
  std::vector<std::string> runs;
  std::string out;
};

Result<std::string> exported(record::Ledger& ledger, const std::vector<std::string>& wanted) {
  const auto runs = load_runs(ledger, wanted);
  if (!runs) return tl::unexpected(runs.error());
  std::string all;
  for (const RunRecord& run : *runs) {
    const auto line = ledger.find(run.id);
    if (!line) return tl::unexpected(line.error());
    const auto lives = ledger.lives_of(line->key);
    if (!lives) return tl::unexpected(lives.error());
    for (const std::int64_t life : *lives) {
      const auto text = ledger.export_json(life);
      if (!text) return text;
      all += (all.empty() ? "\n" : ",\n") + *text;
    }
  }
  return fmt::format(R"({{"schema":"lowtide.export/1","lowtide_version":"{}","runs":[{}]}})"
                     "\n",
                     LOWTIDE_VERSION, all);
}

int export_command(const ExportFlags& flags) {
  auto ledger = open_ledger();
  if (!ledger) return refuse(ledger.error());
  const auto text = exported(*ledger, flags.runs);
  if (!text) return refuse(text.error());
  return put_whole(*text, flags.out);
}

}  // namespace

void add_export(Cli& cli) {
  const auto flags = std::make_shared<ExportFlags>();
  CLI::App& out = add_command(cli, "export", "Write all that the ledger holds of runs as JSON",
                              flags, export_command);
  out.footer(
      "Energy, intensity with its source, events: lowtide.export/1. Carbon is in `lowtide "
      "report`.\n\n"
      "Examples:\n"
      "  lowtide export last --out run.json\n"
      "  lowtide export 7f3a 81bc | gzip");
  out.add_option("runs", flags->runs, "ids, `last`, unique prefixes, or names")
      ->type_name("RUN")
      ->required();
  out.add_option("-o,--out", flags->out, "write to this file, as a whole or not at all")
      ->type_name("FILE");
}

}  // namespace lowtide::app
