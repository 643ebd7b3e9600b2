#include "app/run_command.h"

#include <utility>

#include "app/background_fetch.h"
#include "app/lives.h"
#include "app/run_life.h"
#include "app/say.h"
#include "app/shift_request.h"
#include "app/shift_run.h"
#include "host/job.h"

namespace lowtide::app {
namespace {

constexpr int kRefused = 125;

Result<RunRequest> request_of(RunFlags flags, Settings& settings) {
  const auto first = continued(flags, settings);
  if (!first) return tl::unexpected(first.error());
  auto request = make_request(flags, settings);
  if (!request) return request;
  if (*first) join_record(**first, flags, settings, *request);
  RunRecord& run = request->record;
  if (!run.life_of.empty()) {
    run.events.push_back(
        {run.submitted, "life", "kept as " + run.id + ", a life of run " + run.life_of});
  }
  return request;
}

}  // namespace

int run_command(const RunFlags& flags, Settings& settings, const host::Inherited& inherited) {
  auto request = request_of(flags, settings);
  if (!request) {
    complain(request.error());
    return kRefused;
  }
  if (const std::string flag = needs_a_window(flags.shift); !flag.empty()) {
    complain({ErrorKind::usage, "there is no window to move the job in", flag,
              "add --start-within 24h or --finish-within 2x"});
    return kRefused;
  }
  if (flags.shift.wanted()) return shifted_run(flags, *request, settings, inherited);
  for (const std::string& text : settings.warnings()) warn(text);
  BackgroundFetch fetch = BackgroundFetch::start(*request, settings);
  host::Board& board = host::Board::map();
  const host::Supervised outcome = run_life(*request, fetch, inherited, board);
  return outcome.started ? outcome.status : not_started(*request, outcome.exec_errno);
}

}  // namespace lowtide::app
