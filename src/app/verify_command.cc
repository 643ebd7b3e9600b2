// `lowtide verify REPORT.json`: each figure of a report, derived again from the ledger.
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "app/cli.h"
#include "app/ledger_access.h"
#include "app/terminal.h"
#include "app/verify.h"
#include "host/files.h"
#include "show/verified.h"

namespace lowtide::app {
namespace {

using nlohmann::json;

constexpr int kNo = 1;

struct VerifyFlags {
  std::string file;
  bool json = false;
};

Result<json> read_report(const std::string& path) {
  const auto text = host::read_file(path == "-" ? "/dev/stdin" : path);
  if (!text) return tl::unexpected(text.error());
  json told = json::parse(*text, nullptr, false);
  const std::string schema = told.is_object() ? told.value("schema", std::string()) : std::string();
  if (schema == "lowtide.report/1" || schema == "lowtide.reports/1") return told;
  return fail(ErrorKind::malformed, "is no lowtide.report/1 and no lowtide.reports/1", path,
              "make one with: lowtide report RUN --format json --out FILE");
}

int verify_command(const VerifyFlags& flags) {
  const auto told = read_report(flags.file);
  if (!told) return refuse(told.error());
  auto ledger = open_ledger();
  if (!ledger) return refuse(ledger.error());
  std::vector<Verified> all;
  if ((*told)["schema"] == "lowtide.reports/1") {
    auto verified = verify_reports(*ledger, *told);
    if (!verified) return refuse(verified.error());
    all = std::move(*verified);
  } else {
    auto verified = verify_report(*ledger, *told);
    if (!verified) return refuse(verified.error());
    all.push_back(std::move(*verified));
  }
  const int printed = put(flags.json ? show::verified_json(all)
                                     : show::verified_text(all, style_of(STDOUT_FILENO)));
  return printed != 0 ? printed : show::all_hold(all) ? 0 : kNo;
}

}  // namespace

void add_verify(Cli& cli) {
  const auto flags = std::make_shared<VerifyFlags>();
  CLI::App& verify = add_command(cli, "verify", "Derive every figure of a report again, offline",
                                 flags, verify_command);
  verify.add_option("report", flags->file, "a report as JSON; - reads standard input")
      ->type_name("REPORT.json")
      ->required();
  verify.add_flag("--json", flags->json, "as JSON (lowtide.verify/1)");
  verify.footer(
      "Exit status: 0 all of it holds, 1 a figure differs, 3 the file is no report, 4 the ledger\n"
      "does not have the run.\n"
      "Examples:\n"
      "  lowtide report last --format json --out r.json && lowtide verify r.json");
}

}  // namespace lowtide::app
