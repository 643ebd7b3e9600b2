#include "grid/sources.h"

#include <fmt/format.h>

#include <utility>

#include "base/quote.h"
#include "grid/annual.h"
#include "grid/constant.h"
#include "grid/csv_series.h"
#include "grid/table.h"
#include "grid/typical.h"

namespace lowtide::grid {
namespace {

constexpr std::string_view kFile = "file:";

IntensityUsed base_of(const SourceRequest& request) {
  IntensityUsed base;
  base.zone = request.place.zone;
  base.asked = request.place.asked;
  base.resolved_by = request.place.resolved_by;
  base.place_assumed = request.place.assumed;
  base.signal = request.signal;
  return base;
}

// The typical year of the zone, else the annual mean with the reason.
Result<std::unique_ptr<Provider>> open_shipped(const SourceRequest& request) {
  const std::string& zone = request.place.zone;
  if (request.signal == Signal::marginal) {
    return fail(ErrorKind::absent,
                fmt::format("no marginal source is configured or known for {}", zone),
                "--signal marginal", "give --intensity file:PATH or use --signal average");
  }
  IntensityUsed base = base_of(request);
  if (zone.starts_with("local:")) {
    return fail(ErrorKind::absent, fmt::format("nothing is shipped for {}", zone), {},
                "give --intensity file:PATH or 475g/kWh");
  }
  auto typical = open_typical(request.data_dir, base);
  if (typical || typical.error().kind != ErrorKind::absent) return typical;
  base.fallback = true;
  auto annual = open_annual(request.data_dir, request.place.country, std::move(base));
  if (annual || annual.error().kind != ErrorKind::absent) return annual;
  return typical;  // the first reason is the better one
}

}  // namespace

Result<std::unique_ptr<Provider>> open_source(const SourceRequest& request) {
  const std::string_view spec = trim(request.spec);
  if (spec.empty() || spec == "typical") return open_shipped(request);
  if (spec.starts_with(kFile)) {
    return open_csv_series(std::string(spec.substr(kFile.size())), base_of(request));
  }
  if (!looks_like_constant(spec)) {
    return fail(ErrorKind::usage, "unknown intensity source " + in_quotes(spec), {},
                "give typical, file:PATH or a number such as 475g/kWh");
  }
  const auto stated = parse_constant(spec);
  if (!stated) return tl::unexpected(stated.error());
  return make_constant(*stated, base_of(request));
}

}  // namespace lowtide::grid
