#include "grid/metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "grid/table.h"

namespace lowtide::grid {
namespace {

using host::HttpAnswer;
using host::HttpRequest;

Result<std::string> text_of(Result<HttpAnswer> answer, const std::string& where) {
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status != 200) {
    const bool refused = answer->status >= 400 && answer->status < 500;
    return fail(refused ? ErrorKind::absent : ErrorKind::temporary,
                fmt::format("the metadata service answers {}", answer->status), where,
                "give --location");
  }
  return std::string(trim(answer->body));
}

// AWS may refuse requests without a session's token.
Result<std::string> ask_aws(const MetadataUrls& urls, host::Http& http) {
  HttpRequest token{"PUT", urls.aws + "/latest/api/token"};
  token.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "60"}};
  const auto session = text_of(http.send(token), "AWS");
  if (!session) return session;
  HttpRequest region{"GET", urls.aws + "/latest/meta-data/placement/region"};
  region.headers = {{"X-aws-ec2-metadata-token", *session}};
  region.secrets = {*session};
  return text_of(http.send(region), "AWS");
}

Result<std::string> ask_azure(const MetadataUrls& urls, host::Http& http) {
  HttpRequest region{
      "GET", urls.azure + "/metadata/instance/compute/location?api-version=2021-02-01&format=text"};
  region.headers = {{"Metadata", "true"}};
  return text_of(http.send(region), "Azure");
}

// "projects/123/zones/europe-north1-a": the zone without its last letter.
Result<std::string> ask_gcp(const MetadataUrls& urls, host::Http& http) {
  HttpRequest zone{"GET", urls.gcp + "/computeMetadata/v1/instance/zone"};
  zone.headers = {{"Metadata-Flavor", "Google"}};
  auto text = text_of(http.send(zone), "Google Cloud");
  if (!text) return text;
  const std::string name = text->substr(text->rfind('/') + 1);
  return name.substr(0, name.rfind('-'));
}

struct Service {
  std::string_view cloud;
  std::string_view prefix;
  Result<std::string> (*ask)(const MetadataUrls&, host::Http&);
};
constexpr std::array<Service, 3> kServices{
    {{"AWS", "aws", ask_aws}, {"Azure", "azure", ask_azure}, {"Google Cloud", "gcp", ask_gcp}}};

bool is_region(const std::string& text) {
  const auto part_of_name = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; };
  return !text.empty() && text.size() <= 40 && std::all_of(text.begin(), text.end(), part_of_name);
}

}  // namespace

Result<std::string> region_by_metadata(std::string_view cloud, const MetadataUrls& urls,
                                       host::Http& http) {
  const auto* service = std::find_if(kServices.begin(), kServices.end(),
                                     [&](const Service& s) { return s.cloud == cloud; });
  if (service == kServices.end()) {
    return fail(ErrorKind::absent, "no metadata service is known for this cloud",
                std::string(cloud), "give --location");
  }
  const auto region = service->ask(urls, http);
  if (!region) return region;
  if (is_region(*region)) return fmt::format("{}:{}", service->prefix, *region);
  return fail(ErrorKind::malformed, "the metadata service names no region", std::string(cloud),
              "give --location");
}

}  // namespace lowtide::grid
