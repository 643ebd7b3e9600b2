// The region of a cloud's machine, asked of the metadata service on its link-local address.
//
// AWS (IMDSv2: a token first), Azure and Google Cloud, as each documents it (read November 2026).
// Asked only where the DMI strings name that cloud (grid/place.h), never through a proxy, and never
// by what meters a run: `grid fetch` and a run's background fetch ask, the answer is kept.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "host/http.h"

namespace lowtide::grid {

// Where the services are asked; tests have their own.
struct MetadataUrls {
  std::string aws = "http://169.254.169.254";
  std::string azure = "http://169.254.169.254";
  std::string gcp = "http://metadata.google.internal";
};

// `cloud` as cloud_of() has it: "AWS", "Azure", "Google Cloud". The region as a place:
// "aws:us-east-1". Errors: absent (another cloud, a service that is switched off), temporary,
// malformed (an answer that is no region).
[[nodiscard]] Result<std::string> region_by_metadata(std::string_view cloud,
                                                     const MetadataUrls& urls, host::Http& http);

}  // namespace lowtide::grid
