// A job's profile: any bytes give a job or an error that names the file; energy is kept.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "app/plan_job.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lowtide;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto job = app::parse_profile(text, "p.csv");
  if (!job) {
    if (job.error().line().find("p.csv") == std::string::npos) std::abort();
    return 0;
  }
  const auto slots = static_cast<std::int64_t>(job->work.size());
  const bool fits = job->length > kSlot * (slots - 1) && job->length <= kSlot * slots;
  if (!fits || !(job->energy > Energy{})) std::abort();
  return 0;
}
