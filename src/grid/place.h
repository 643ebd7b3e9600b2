// Where the electricity comes from: location -> zone, country, PUE.
//
// A location is a zone key (`US-CAL-CISO`, `FR`, `egrid:CAMX`), a cloud region (`azure:westus2`,
// `aws:us-east-1`, `gcp:europe-north1`), `LAT,LON` in degrees, or `local:NAME` for a zone of one's
// own, or a zone as a provider names it (`watttime:CAISO_NORTH`). Without one the place is assumed
// from the machine and marked so (docs/adr/0011-place.md). Facts come from the tables of
// share/lowtide and, for time zones, the machine's tzdata. Pure functions of files and arguments:
// no environment, no network, no state; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/words.h"
#include "host/files.h"

namespace lowtide::grid {

struct Coordinates {  // degrees, north and east positive
  double lat = 0;
  double lon = 0;
};

struct Place {
  std::string asked;          // as the user wrote it; empty when nothing was
  ZoneId zone;                // Electricity Maps key, country, `namespace:NAME`, or "world"
  std::string name;           // "California ISO", "France"; the zone itself when it has no name
  std::string country;        // ISO 3166-1 alpha-2; empty: not known
  std::optional<double> pue;  // of the cloud region; absent: not known
  std::string pue_source;
  bool pue_is_average = false;  // the provider's average, not the region's own: +-0.05
  std::string resolved_by;      // "zone", "region azure:westus2", "time zone Europe/Paris", ..
  bool assumed = false;         // nobody asked for this place
  std::vector<std::string> notes;
  std::string region;             // "azure:westus2"; empty: no cloud region
  std::optional<Coordinates> at;  // as asked, or of the cloud region
  std::string watttime_region;    // of the cloud region, marginal; empty: not known
};

// What the machine says of its place, as plain values that `app` collected.
struct Surroundings {
  std::string tz_environment;    // value of TZ; empty when unset
  std::string localtime_target;  // where the link /etc/localtime points; empty when no link
  std::string etc_timezone;      // content of /etc/timezone
  host::MachineFiles machine{};  // for the DMI strings
  std::string zoneinfo = "/usr/share/zoneinfo";
  std::string cluster_place = {};  // that the user has set for this Slurm cluster
  std::string cluster = {};        // its name
  std::string cloud_region = {};   // "aws:us-east-1": what the metadata service said
  std::string kube_region = {};    // label topology.kubernetes.io/region of the node
};

// Errors: malformed (unknown zone or region, with the nearest names; coordinates out of range);
// absent (the tables cannot be read).
[[nodiscard]] Result<Place> find_place(std::string_view location, const std::string& data_dir);

// The regions of a cloud (`azure`, `aws`, `gcp`), in the order of the table. Errors: usage, with
// the providers there are; absent; malformed.
[[nodiscard]] Result<std::vector<Place>> places_of_provider(std::string_view provider,
                                                            const std::string& data_dir);

// The place when nobody names one: of the cluster, by the cloud's metadata, of the Kubernetes node,
// by the time zone; at worst `world`, never an error.
[[nodiscard]] Place assume_place(const Surroundings& around, const std::string& data_dir);

// "AWS", "Azure", "Google Cloud", .. when the DMI strings say that this is a machine of a cloud.
[[nodiscard]] std::optional<std::string> cloud_of(const host::MachineFiles& machine);

// All zone keys with an intensity, sorted.
[[nodiscard]] Result<std::vector<std::string>> known_zones(const std::string& data_dir);

}  // namespace lowtide::grid
